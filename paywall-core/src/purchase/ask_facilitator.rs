//! What the loop asks facilitators.

use super::effect::{Effect, Unless};
use super::facts::time_left;
use super::machine::{Purchase, Step};
use super::order::Settings;
use super::record::Open;
use super::state::{State, Target, Verified};
use crate::facilitator::{Call, Endpoint};
use crate::limits;
use crate::refusal::Refusal;

impl<S: Settings> Purchase<'_, S> {
    pub(super) fn verify(&mut self, then: Verified) -> Step {
        let at = self.memory.facilitator;
        let left = time_left(self.order.deadline, self.now);
        let spare = left.and_then(|left| left.checked_sub(limits::SHORTEST_SETTLE_MS));
        // What `/settle` needs is kept for it, and half of the rest for the next facilitator.
        let more = at + 1 < self.order.facilitators.len();
        let own = spare.map(|spare| if more { spare / 2 } else { spare });
        let Some(timeout_ms) = own.filter(|own| *own >= limits::SHORTEST_CALL_MS) else {
            return match then {
                Verified::Look => self.late(),
                Verified::Submit => self.not_taken("no time left for /verify".into(), false),
            };
        };
        let call = Call {
            endpoint: Endpoint::Verify,
            facilitator: self.order.facilitators[at].url.clone(),
            body: self.order.body.clone(),
            timeout_ms,
            connect_timeout_ms: timeout_ms,
        };
        let unless = match self.order.own_key || self.memory.verified.is_some() {
            true => Unless::Never,
            false => Unless::BudgetSpent,
        };
        Step::Ask(Effect::Facilitator { call, unless }, State::Verify(at, then))
    }

    pub(super) fn settle(&self, open: Open, timeout_ms: u64) -> Step {
        let at = self.memory.facilitator;
        // A facilitator that cannot be reached leaves the next one enough to settle in.
        let spare = timeout_ms.saturating_sub(limits::SHORTEST_SETTLE_MS);
        let more = at + 1 < self.order.facilitators.len() && spare >= limits::SHORTEST_CALL_MS;
        let connect_timeout_ms = if more { spare.min(limits::CONNECT_MS) } else { timeout_ms };
        let call = Call {
            endpoint: Endpoint::Settle,
            facilitator: open.facilitator,
            body: open.body,
            timeout_ms,
            connect_timeout_ms,
        };
        Step::Ask(Effect::Facilitator { call, unless: Unless::Never }, State::Settle)
    }

    pub(super) fn ask_again(&mut self, target: Target) -> Step {
        let Some(held) = &self.memory.held else { return self.recall() };
        let open = match target {
            Target::Open => self.memory.target.clone().or_else(|| held.account.open.clone()),
            Target::Closed(at) => held.account.closed.get(at).map(|closed| closed.reopened()),
        };
        let Some(open) = open else { return self.recall() };
        self.memory.target = Some(open.clone());
        // What the chain needs is kept for it.
        let reserve = match self.settings.nodes(&open.bill.network) {
            Some(_) => limits::EVIDENCE_MS,
            None => 0,
        };
        let left = time_left(self.order.deadline, self.now);
        let left = left.and_then(|left| left.checked_sub(reserve));
        match left.filter(|left| *left >= limits::SHORTEST_CALL_MS) {
            Some(timeout_ms) => {
                let call = Call {
                    endpoint: Endpoint::Settle,
                    facilitator: open.facilitator,
                    body: open.body,
                    timeout_ms,
                    connect_timeout_ms: timeout_ms,
                };
                let effect = Effect::Facilitator { call, unless: Unless::BreakerOpen };
                Step::Ask(effect, State::Again(target))
            }
            None => match target {
                Target::Open => self.evidence(target),
                Target::Closed(_) => self.refuse(Refusal::GivenUp),
            },
        }
    }
}
