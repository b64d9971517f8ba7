//! How a facilitator is set up.

use std::fmt;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// How a facilitator is set up.
#[derive(Clone)]
pub struct Options {
    /// The chain's time in Unix seconds.
    pub clock: Arc<dyn Fn() -> u64 + Send + Sync>,
}

impl Default for Options {
    /// The machine's clock.
    fn default() -> Self {
        Options { clock: Arc::new(unix_now) }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options").field("now", &(self.clock)()).finish()
    }
}

/// The machine's clock in Unix seconds.
pub(crate) fn unix_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
