//! What is judged.

use super::distribution::{Behaviour, Distribution};
use super::facts::Facts;
use super::function::FunctionVersion;
use super::place::Place;

/// What is judged.
pub(super) struct Subject<'a> {
    pub(super) id: &'a str,
    pub(super) distribution: &'a Distribution,
    pub(super) function: &'a FunctionVersion,
    pub(super) facts: &'a Facts,
    /// The keys of the priced objects.
    pub(super) keys: &'a [&'a str],
    /// Where the gated behaviours fetch them.
    pub(super) goods: Vec<Place>,
}

impl Subject<'_> {
    pub(super) fn gated(&self) -> impl Iterator<Item = &Behaviour> {
        self.distribution.behaviours().filter(|behaviour| self.function.gates(behaviour))
    }
}
