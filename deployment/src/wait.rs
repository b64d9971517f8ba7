//! Waiting, and showing that it is waited.

use std::env;
use std::time::{Duration, Instant};

use indicatif::ProgressBar;

/// So long, or as long as `PAYWALL_POLL_MS` says.
pub(crate) fn usual(usual: Duration) -> Duration {
    let named = env::var("PAYWALL_POLL_MS").ok().and_then(|text| text.parse().ok());
    named.map_or(usual, Duration::from_millis)
}

/// Waits so long.
pub(crate) async fn moment(long: Duration) {
    tokio::time::sleep(usual(long)).await;
}

/// What is waited for ends by then: a new distribution takes minutes, a failed one may take an hour.
pub(crate) struct Limit(Instant);

impl Limit {
    /// Two hours.
    pub(crate) fn new() -> Self {
        Limit(Instant::now() + Duration::from_secs(2 * 3600))
    }

    /// Whether it has been waited long enough.
    pub(crate) fn is_over(&self) -> bool {
        Instant::now() >= self.0
    }
}

/// Moves while something takes minutes; shown on terminals only.
pub(crate) struct Spinner(ProgressBar);

impl Spinner {
    pub(crate) fn new(what: &str) -> Self {
        let bar = ProgressBar::new_spinner().with_prefix(what.to_owned());
        bar.enable_steady_tick(Duration::from_millis(200));
        Spinner(bar)
    }

    pub(crate) fn say(&self, status: &str) {
        self.0.set_message(format!("{}: {status}", self.0.prefix()));
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
