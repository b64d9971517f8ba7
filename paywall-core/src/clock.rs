//! Time as the walk sees it: handed in, never read.

use serde::{Deserialize, Serialize};

/// Microseconds since the Unix epoch.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, Serialize,
)]
#[serde(transparent)]
pub struct Micros(pub u64);

impl Micros {
    /// From whole seconds.
    pub const fn from_secs(seconds: u64) -> Self {
        Micros(seconds * 1_000_000)
    }

    /// From milliseconds, as `Lambda-Runtime-Deadline-Ms` counts.
    pub const fn from_millis(millis: u64) -> Self {
        Micros(millis.saturating_mul(1_000))
    }

    /// Whole seconds, as blocks count.
    pub const fn secs(self) -> u64 {
        self.0 / 1_000_000
    }

    /// Milliseconds from `earlier` until now, 0 if the clock went back.
    pub const fn millis_since(self, earlier: Micros) -> u64 {
        self.0.saturating_sub(earlier.0) / 1_000
    }
}
