//! The function: what touches the clock, the environment, the network and the Lambda Runtime API.
//! Every decision is made by [`paywall_core`].

pub mod io;
pub mod start;
