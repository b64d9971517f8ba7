//! The small facts that the loop decides by, and the words that it ends with.

use price_table::Dialect;

use super::change::Opened;
use super::decide::{Looked, Presented};
use super::machine::{Done, Purchase, Step};
use super::order::Settings;
use super::record::{Account, AccountKind, Open};
use crate::clock::Micros;
use crate::limits;
use crate::log::{Alarm, Words};
use crate::refusal::Refusal;
use crate::scheme::identity::PaymentId;
use crate::verdict::Reader;

/// Milliseconds for a call, or `None` if it is too late to begin one.
pub(super) fn time_left(deadline: Micros, now: Micros) -> Option<u64> {
    let left = deadline.millis_since(now).checked_sub(limits::DEADLINE_MARGIN_MS);
    left.filter(|left| *left >= limits::SHORTEST_CALL_MS)
}

/// How long after its window a payment may be held.
pub(super) fn hold_seconds(has_node: bool) -> u64 {
    if has_node { limits::NODE_RELEASE_SECONDS } else { limits::RELEASE_SECONDS }
}

impl<S: Settings> Purchase<'_, S> {
    pub(super) fn refuse(&self, refusal: Refusal) -> Step {
        Step::Done(Done::Refused(refusal))
    }

    pub(super) fn done(&self, opened: Opened, outcome: &'static str) -> Step {
        Step::Done(Done::Granted(opened, outcome))
    }

    pub(super) fn store_failed(&mut self, why: String) -> Step {
        self.note(why);
        match self.memory.sent {
            true => self.uncertain(String::new()),
            false => self.refuse(Refusal::StoreUnavailable),
        }
    }

    /// Ends while a payment may be under way.
    pub(super) fn uncertain(&mut self, why: String) -> Step {
        if !why.is_empty() {
            self.note(why);
        }
        let held = self.memory.held.as_ref().and_then(|held| held.account.open.as_ref());
        let (own, until) = match self.memory.target.as_ref().or(held) {
            Some(open) => (open.mark == self.order.mark, self.open_until(open)),
            None => (true, self.holds_until(self.order.ends)),
        };
        self.alarm(Alarm::PaymentUnknown, self.memory.sent);
        self.refuse(self.unknown_of(own, until))
    }

    pub(super) fn late(&mut self) -> Step {
        self.note("no time left for /settle".into());
        self.refuse(Refusal::FacilitatorUnavailable)
    }

    pub(super) fn used(&self) -> Refusal {
        Refusal::AlreadyUsed { independent: self.memory.kind == AccountKind::Payment }
    }

    pub(super) fn unknown_of(&self, own: bool, until: u64) -> Refusal {
        match own {
            true => {
                let independent = self.memory.kind == AccountKind::Payment;
                Refusal::SettlementUnknown { until, independent }
            }
            false => Refusal::EarlierPaymentUnknown { until },
        }
    }

    pub(super) fn note(&mut self, why: String) {
        self.notes.detail = Some(Words::said(&why));
    }

    /// Calls somebody, if so. The first reason is the nearest.
    pub(super) fn alarm(&mut self, why: Alarm, so: bool) {
        if so {
            self.notes.alarm.get_or_insert(why);
        }
    }

    /// Until when a payment may hold its payer, in seconds.
    pub(super) fn open_until(&self, open: &Open) -> u64 {
        let looks = self.settings.nodes(&open.bill.network).is_some();
        let evm = matches!(open.mark.payment, PaymentId::Eip3009 { .. });
        open.ends + hold_seconds(looks && evm)
    }

    pub(super) fn holds_until(&self, ends: u64) -> u64 {
        ends + hold_seconds(self.memory.looked != Looked::NoNode)
    }

    pub(super) fn is_proven(&self) -> bool {
        self.order.own_key || self.memory.verified.is_some()
    }

    /// Whether the facilitator that is next must verify the payment before it settles it.
    pub(super) fn must_verify(&self) -> bool {
        let choice = &self.order.facilitators[self.memory.facilitator];
        match &self.memory.verified {
            Some(url) => choice.verify_first && *url != choice.url,
            None => choice.verify_first || !self.order.own_key,
        }
    }

    /// Whether the outcome of a `/settle` would be known in time.
    pub(super) fn can_settle(&self) -> bool {
        time_left(self.order.deadline, self.now)
            .is_some_and(|left| left >= limits::SHORTEST_SETTLE_MS)
    }

    pub(super) fn has_timed(&self, account: &Account) -> bool {
        account.sales.iter().any(|sale| sale.is_needed_whole(self.now))
    }

    pub(super) fn presented(&self) -> Presented<'_> {
        Presented {
            mark: &self.order.mark,
            network: &self.order.bill.network,
            own_key: self.order.own_key,
            proven: self.is_proven(),
            origins: &self.order.origins,
            terms_hold: self.order.terms.is_ok(),
            may_be_forgotten: self.memory.bound
                && self.now.secs() > self.order.ends + limits::RELEASE_SECONDS,
            looked: self.memory.looked,
            kind: self.memory.kind,
            epoch: self.order.sells.epoch,
            holder: &self.order.request,
            may_be_sent: self.memory.sent || self.memory.took,
            now: self.now,
        }
    }

    pub(super) fn reader<'r>(&'r self, facilitator: &'r str) -> Reader<'r> {
        let (dialect, vouched): (Dialect, &[price_table::Text]) =
            self.settings.dialect(facilitator);
        Reader { dialect, url: facilitator, vouched }
    }

    pub(super) fn my_open(&self) -> Open {
        let order = &self.order;
        Open {
            mark: order.mark.clone(),
            own_key: order.own_key,
            bill: order.bill.clone(),
            ends: order.ends,
            sells: order.sells,
            origin: order.origins[0],
            holder: order.request.clone(),
            lease: order.deadline,
            sent_at: self.now,
            facilitator: order.facilitators[self.memory.facilitator].url.clone(),
            body: order.body.clone(),
            look: self.memory.look,
            searched: None,
            contradicted: false,
            hint: None,
        }
    }
}
