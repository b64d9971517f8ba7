//! Circuit breakers: a facilitator that gives no verdicts is left alone for a while, so that a dead
//! one costs nothing after a few tries.
//!
//! One per facilitator and sandbox. Closed: it is asked. After [`limits::BREAKER_FAILURES`] failures
//! in a row it is open: not asked for [`limits::BREAKER_MS`], and each time that the one probe which
//! is let through then fails, for twice as long, up to [`limits::BREAKER_MOST_MS`].

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};

use crate::clock::Micros;
use crate::limits;

/// The breakers of a sandbox, by the facilitators' base URLs.
#[derive(Debug, Default)]
pub struct Breakers(Mutex<HashMap<String, Breaker>>);

#[derive(Clone, Copy, Debug, Default)]
struct Breaker {
    /// Failures in a row.
    failures: u32,
    /// When the next probe may go; for 0 the breaker is closed.
    probe_at: Micros,
    /// How long it stays open.
    wait_ms: u64,
}

impl Breakers {
    /// Whether a facilitator is to be asked.
    pub fn allows(&self, url: &str, now: Micros) -> bool {
        self.lock().get(url).is_none_or(|breaker| breaker.probe_at <= now)
    }

    /// The facilitators to ask, in the seller's order, as indices of `urls`. Where none is to be
    /// asked, the one whose probe is due first, so that nobody is locked out.
    pub fn order(&self, urls: &[&str], now: Micros) -> Vec<usize> {
        let allowed: Vec<_> = (0..urls.len()).filter(|at| self.allows(urls[*at], now)).collect();
        if !allowed.is_empty() {
            return allowed;
        }
        let breakers = self.lock();
        let due = |at: &usize| breakers.get(urls[*at]).map(|breaker| breaker.probe_at);
        (0..urls.len()).min_by_key(due).into_iter().collect()
    }

    /// Says that a facilitator is being asked: a probe is one request, not several at once.
    pub fn asked(&self, url: &str, now: Micros) {
        if let Some(breaker) = self.lock().get_mut(url)
            && breaker.failures >= limits::BREAKER_FAILURES
        {
            breaker.open(now);
        }
    }

    /// Says how that ended: whether with a verdict, of whatever kind.
    pub fn answered(&self, url: &str, verdict: bool, now: Micros) {
        let mut breakers = self.lock();
        if verdict {
            breakers.remove(url);
            return;
        }
        let breaker = breakers.entry(url.to_owned()).or_default();
        breaker.failures = breaker.failures.saturating_add(1);
        if breaker.failures >= limits::BREAKER_FAILURES {
            breaker.wait_ms = match breaker.wait_ms {
                0 => limits::BREAKER_MS,
                wait_ms => (wait_ms * 2).min(limits::BREAKER_MOST_MS),
            };
            breaker.open(now);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Breaker>> {
        // Poisoned, it still holds numbers and times.
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Breaker {
    fn open(&mut self, now: Micros) {
        self.probe_at = Micros(now.0 + self.wait_ms * 1_000);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "https://a.example";
    const B: &str = "https://b.example";

    fn at(millis: u64) -> Micros {
        Micros::from_millis(1_700_000_000_000 + millis)
    }

    fn fail(breakers: &Breakers, url: &str, times: u32, now: Micros) {
        for _ in 0..times {
            breakers.asked(url, now);
            breakers.answered(url, false, now);
        }
    }

    #[test]
    fn a_few_failures_in_a_row_open_it_and_a_verdict_closes_it() {
        let breakers = Breakers::default();
        fail(&breakers, A, limits::BREAKER_FAILURES - 1, at(0));
        assert_eq!(breakers.order(&[A, B], at(0)), [0, 1]);
        breakers.answered(A, true, at(0));
        fail(&breakers, A, limits::BREAKER_FAILURES - 1, at(0));
        assert!(breakers.allows(A, at(0)));
        fail(&breakers, A, 1, at(0));
        assert_eq!(breakers.order(&[A, B], at(0)), [1]);
    }

    #[test]
    fn one_probe_after_a_while_and_then_twice_as_long() {
        let breakers = Breakers::default();
        fail(&breakers, A, limits::BREAKER_FAILURES, at(0));
        let mut now = 0;
        for wait in [30_000, 60_000, 120_000, 240_000, 300_000, 300_000] {
            assert!(!breakers.allows(A, at(now + wait - 1)), "{wait}");
            now += wait;
            assert_eq!(breakers.order(&[A, B], at(now)), [0, 1], "{wait}");
            breakers.asked(A, at(now));
            assert!(!breakers.allows(A, at(now)), "the probe is under way");
            breakers.answered(A, false, at(now));
        }
        breakers.answered(A, true, at(now));
        fail(&breakers, A, limits::BREAKER_FAILURES, at(now));
        assert!(breakers.allows(A, at(now + limits::BREAKER_MS)));
    }

    #[test]
    fn nobody_is_locked_out() {
        let breakers = Breakers::default();
        fail(&breakers, A, limits::BREAKER_FAILURES, at(0));
        fail(&breakers, B, limits::BREAKER_FAILURES, at(1));
        assert_eq!(breakers.order(&[A, B], at(2)), [0]);
        assert_eq!(breakers.order(&[B], at(2)), [0]);
        assert_eq!(breakers.order(&[A, B], at(limits::BREAKER_MS)), [0]);
        assert_eq!(breakers.order(&[A, B], at(limits::BREAKER_MS + 1)), [0, 1]);
    }
}
