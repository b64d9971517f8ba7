//! Deploys, attaches, checks, rolls back and takes down a site.
//!
//! What AWS is asked goes through one trait, [`control_plane::ControlPlane`]; what may be sold, and whether anything leads
//! round the function, `ship` decides. Each command here is a sequence of both that may end anywhere and be run again.

pub mod account;
mod alarms;
pub mod attach;
mod bucket_name;
mod buckets;
pub mod check;
mod consent;
mod content;
pub mod control_plane;
pub mod deploy;
pub mod destroy;
mod distribution;
mod end;
mod error;
mod expect;
mod gates;
mod limits;
mod live;
mod open;
mod options;
mod owned;
mod owner;
pub mod package;
pub mod publish;
mod regional;
mod regions;
mod reseal;
pub mod rollback;
mod seal;
mod secrets;
mod site;
mod stacks;
pub mod status;
pub mod switch;
mod switch_rule;
mod talk;
mod version;
mod wait;
mod watch;
pub mod watch_owned;

pub use end::{End, Ended};
pub use error::Error;
