//! Stage 9's plan: which facilitators are asked, in which order, for how long.
//!
//! One deadline holds for everything: the invocation's own, less a margin. The next facilitator is
//! asked only while it is certain that nothing was submitted.

use price_table::{Offer, VerifyPolicy};

use crate::clock::Micros;
use crate::limits;
use crate::paywall::Paywall;

/// The facilitators that are left to ask, the next one first. Never empty when made.
#[derive(Clone, Debug)]
pub(crate) struct Plan(Vec<Choice>);

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    /// The base URL.
    pub(crate) url: String,
    /// Whether it demands to verify what it is to settle.
    pub(crate) verify_first: bool,
}

impl Plan {
    /// The facilitators of an offer, without those that a breaker keeps from being asked.
    pub(crate) fn of(offer: &Offer, paywall: &Paywall<'_>, now: Micros) -> Self {
        let mut choices: Vec<Choice> = vec![];
        for facilitator in offer.facilitators.iter() {
            let url = paywall.facilitator_url(facilitator);
            // In a rehearsal one stands for all.
            if choices.iter().all(|choice| choice.url != url) {
                let verify_first = facilitator.verify == VerifyPolicy::First;
                choices.push(Choice { url, verify_first });
            }
        }
        let urls: Vec<_> = choices.iter().map(|choice| choice.url.as_str()).collect();
        let order = paywall.breakers.order(&urls, now);
        Plan(order.into_iter().map(|at| choices[at].clone()).collect())
    }

    /// Whom to ask.
    pub(crate) fn next(&self) -> &Choice {
        &self.0[0]
    }

    /// Goes on to another facilitator; false if there is none.
    pub(crate) fn fail_over(&mut self) -> bool {
        let more = self.0.len() > 1;
        if more {
            self.0.remove(0);
        }
        more
    }

    /// Milliseconds for connecting, of `timeout_ms` for all of a `/settle`: a facilitator that cannot
    /// be reached leaves the next one enough to settle in.
    pub(crate) fn connect_ms(&self, timeout_ms: u64) -> u64 {
        let spare = timeout_ms.saturating_sub(limits::SHORTEST_SETTLE_MS);
        match self.0.len() > 1 && spare >= limits::SHORTEST_CALL_MS {
            true => spare.min(limits::CONNECT_MS),
            false => timeout_ms,
        }
    }

    /// Milliseconds for a `/verify`, of `left_ms` for everything; `None` if it is too late for one.
    /// What `/settle` needs is kept for it, and half of the rest for the next facilitator.
    pub(crate) fn verify_ms(&self, left_ms: u64) -> Option<u64> {
        let spare = left_ms.checked_sub(limits::SHORTEST_SETTLE_MS)?;
        let own = if self.0.len() > 1 { spare / 2 } else { spare };
        (own >= limits::SHORTEST_CALL_MS).then_some(own)
    }
}

/// Milliseconds for a call, or `None` if it is too late to begin one.
pub(crate) fn time_left(deadline: Micros, now: Micros) -> Option<u64> {
    let left = deadline.millis_since(now).checked_sub(limits::DEADLINE_MARGIN_MS);
    left.filter(|left| *left >= limits::SHORTEST_CALL_MS)
}

/// When the last call must have ended, or `None` if it is too late to begin one.
pub(crate) fn calls_end(deadline: Micros, now: Micros) -> Option<Micros> {
    let left = time_left(deadline, now)?;
    Some(Micros(now.0 + left * 1_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(count: usize) -> Plan {
        let choice = |at| Choice { url: format!("https://{at}.example"), verify_first: false };
        Plan((0..count).map(choice).collect())
    }

    #[test]
    fn the_next_facilitator_is_left_enough_to_settle_in() {
        for left in [0, 1_000, 2_000, 2_149, 2_150, 4_600, 29_600] {
            assert_eq!(plan(1).connect_ms(left), left);
            let connect = plan(2).connect_ms(left);
            assert!(connect <= limits::CONNECT_MS.max(left.min(2_149)), "{left}");
            if left >= limits::SHORTEST_SETTLE_MS + limits::SHORTEST_CALL_MS {
                assert!(left - connect >= limits::SHORTEST_SETTLE_MS, "{left}");
            }
            for facilitators in [1, 2] {
                let verify = plan(facilitators).verify_ms(left).unwrap_or_default();
                assert!(verify == 0 || left - verify >= limits::SHORTEST_SETTLE_MS, "{left}");
            }
        }
    }

    #[test]
    fn facilitators_are_asked_in_order_and_once() {
        let mut plan = plan(3);
        assert_eq!(plan.next().url, "https://0.example");
        assert!(plan.fail_over() && plan.fail_over());
        assert_eq!(plan.next().url, "https://2.example");
        assert!(!plan.fail_over());
        assert_eq!(plan.next().url, "https://2.example");
    }
}
