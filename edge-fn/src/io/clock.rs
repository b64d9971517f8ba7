//! The wall clock.

use std::time::{SystemTime, UNIX_EPOCH};

use paywall_core::clock::Micros;

/// Now. A clock before 1970 reads as 1970: every authorization is then not yet valid.
pub fn now() -> Micros {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Micros(u64::try_from(since.as_micros()).unwrap_or(u64::MAX))
}
