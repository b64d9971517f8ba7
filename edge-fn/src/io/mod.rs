//! The effects: the only module that touches clock, environment, network and the Runtime API.

pub mod clock;
pub mod drive;
pub mod http;
pub mod runtime;
pub mod settings;
