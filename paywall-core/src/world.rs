//! What a purchase needs from outside: time, facilitators, nodes of chains, and records.
//!
//! In the function it blocks; a simulator, a fuzzer and the tests bring worlds of their own, or drive a
//! [`crate::sale::Selling`] step by step.

use crate::clock::Micros;
pub use crate::log::Phases;
use crate::purchase::{Effect, Heard};

/// The outside.
pub trait World {
    /// The wall clock.
    fn now(&self) -> Micros;

    /// Does it, and says where the time went.
    fn run(&self, effect: &Effect) -> (Heard, Phases);
}
