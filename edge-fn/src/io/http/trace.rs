//! Where the time of a call goes, and whether a byte of it went out.
//!
//! A call runs on one thread, from the first look at the pool to the last byte of the answer, so
//! the layers of its connection leave their marks in that thread's own trace.

use std::cell::Cell;
use std::time::Instant;

use paywall_core::world::Phases;

thread_local! {
    static CURRENT: Cell<Trace> = const { Cell::new(Trace::NONE) };
}

/// The marks of one call; `None` is what did not happen.
#[derive(Clone, Copy, Debug)]
pub struct Trace {
    began: Option<Instant>,
    resolved: Option<Instant>,
    connected: Option<Instant>,
    secured: Option<Instant>,
    wrote: Option<Instant>,
    heard: Option<Instant>,
}

/// What a layer of the connection did.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mark {
    /// The host's addresses are known.
    Resolved,
    /// TCP is connected.
    Connected,
    /// TLS is negotiated, where it is spoken; the connection can carry HTTP.
    Secured,
    /// Bytes of HTTP were handed to the connection.
    Wrote,
    /// Bytes of the answer came.
    Heard,
}

impl Trace {
    const NONE: Trace = Trace {
        began: None,
        resolved: None,
        connected: None,
        secured: None,
        wrote: None,
        heard: None,
    };

    /// Begins the trace of a call on this thread.
    pub(super) fn begin() {
        CURRENT.set(Trace { began: Some(Instant::now()), ..Trace::NONE });
    }

    pub(super) fn mark(mark: Mark) {
        let mut trace = CURRENT.get();
        let now = Some(Instant::now());
        match mark {
            Mark::Resolved => trace.resolved = now,
            Mark::Connected => trace.connected = now,
            Mark::Secured => trace.secured = now,
            Mark::Wrote => trace.wrote = now,
            // The first byte ends the wait.
            Mark::Heard => trace.heard = trace.heard.or(now),
        }
        CURRENT.set(trace);
    }

    /// The trace of this thread's call as it is now.
    pub(super) fn current() -> Self {
        CURRENT.get()
    }

    /// Whether a byte of HTTP may have gone out.
    pub(super) fn sent(&self) -> bool {
        self.wrote.is_some()
    }

    /// Whether a byte of the answer came.
    pub(super) fn answered(&self) -> bool {
        self.heard.is_some()
    }

    /// Whether the call made a connection of its own.
    pub(super) fn connected(&self) -> bool {
        self.connected.is_some()
    }

    /// The phases that were entered; the last of them ends now.
    pub(super) fn phases(&self) -> Phases {
        let kept = self.sent() && !self.connected();
        let mut clock = Laps { from: self.began, end: Instant::now() };
        let mut lap = |until, skipped| if skipped { None } else { clock.lap(until) };
        Phases {
            dns: lap(self.resolved, kept),
            connect: lap(self.connected, kept),
            tls: lap(self.secured, kept),
            send: lap(self.wrote, false),
            wait: lap(self.heard, false),
            read: lap(None, false),
        }
    }
}

/// A stopwatch over marks: a lap without a mark lasts until the end, and there is none after it.
struct Laps {
    from: Option<Instant>,
    end: Instant,
}

impl Laps {
    fn lap(&mut self, until: Option<Instant>) -> Option<u64> {
        let from = self.from?;
        self.from = until;
        let took = until.unwrap_or(self.end).saturating_duration_since(from);
        u64::try_from(took.as_millis()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn at(base: Instant, ms: u64) -> Option<Instant> {
        Some(base - Duration::from_millis(ms))
    }

    #[test]
    fn the_phase_in_which_it_broke_off_has_the_rest() {
        let now = Instant::now();
        let resolved =
            Trace { began: at(now, 1_000), resolved: at(now, 900), ..Trace::NONE }.phases();
        assert_eq!(resolved.dns, Some(100));
        assert!(resolved.connect >= Some(900));
        assert_eq!((resolved.tls, resolved.send, resolved.wait, resolved.read), Default::default());
    }

    #[test]
    fn a_whole_call_and_one_on_a_kept_connection() {
        let now = Instant::now();
        let whole = Trace {
            began: at(now, 1_000),
            resolved: at(now, 990),
            connected: at(now, 970),
            secured: at(now, 940),
            wrote: at(now, 900),
            heard: at(now, 500),
        };
        let Phases { dns, connect, tls, send, wait, read } = whole.phases();
        assert_eq!([dns, connect, tls, send, wait], [10, 20, 30, 40, 400].map(Some));
        assert!(read >= Some(500));

        let kept = Trace { resolved: None, connected: None, secured: None, ..whole }.phases();
        assert_eq!((kept.dns, kept.connect, kept.tls), (None, None, None));
        assert_eq!(kept.send, Some(100));
    }
}
