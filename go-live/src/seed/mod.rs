//! `paywall seed-listings`: the first sale of each object, by which catalogues learn of it.
//!
//! ```text
//! command   what one asks for, and the order of it
//! plan      which objects, and what they cost
//! record    what was sent and what was bought, across runs
//! ```

mod command;
mod plan;
mod record;

pub use command::{Arguments, run};
