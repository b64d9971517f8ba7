//! The loop of a sale: what each answer leads to. Each function is a state by its name, and hears the answer to what that state asked.

use super::change::{Opened, To};
use super::decide::{Decision, Looked, decide};
use super::effect::Heard;
use super::evidence::{Finding, Search};
use super::facts::time_left;
use super::look;
use super::machine::{Purchase, Step};
use super::order::{Order, Settings, transfer};
use super::reason;
use super::record::{AccountKind, Learnt, Open, Why};
use super::state::{Begun, Doubt, Settled, Target, Then, Verified};
use super::swap::{Held, Swapped};
use crate::facilitator::{Endpoint, Outcome};
use crate::hex;
use crate::limits;
use crate::log::Alarm;
use crate::node::Said;
use crate::receipt::Receipt;
use crate::refusal::Refusal;
use crate::scheme::identity::PaymentId;
use crate::store::{Failed, Reply};
use crate::verdict::{self, Grounds, Sending, Settlement, Verification};

impl<S: Settings> Purchase<'_, S> {
    // START: what nothing stands against goes the short way. Else the payment may be known, and good
    // though its window has closed or the price has changed.
    pub(super) fn start(&mut self) -> Step {
        let sends = self.can_settle() && !self.order.closed;
        let at_once = self.order.terms.is_ok() && !self.must_verify() && sends;
        if at_once { self.look() } else { self.recall() }
    }

    // RECALL
    pub(super) fn recalled(
        &mut self,
        bound: Result<Reply, Failed>,
        found: Result<Reply, Failed>,
    ) -> Step {
        self.memory.recalled = true;
        let (binding, held) = match (self.read_binding(bound), self.read_account(found)) {
            (Ok(binding), Ok(held)) => (binding, held),
            (Err(why), _) | (_, Err(why)) => return self.store_failed(why),
        };
        let known = held.account.knows(&self.order.mark);
        match binding {
            Some(binding) if binding.mark() == self.order.mark => {
                if binding.subject != self.order.subject {
                    return self.refuse(self.used());
                }
                self.memory.bound = true;
                self.memory.verified.get_or_insert_default();
                // Both were read at the same time: what is bound may have come into the account since.
                match known && binding.account == self.memory.kind {
                    true => self.decide(held),
                    false => self.recall_other(binding.account),
                }
            }
            _ if known => self.decide(held),
            // Whoever cannot prove to be the payer learns nothing of what is here.
            Some(_) if self.is_proven() => self.refuse(self.used()),
            _ => self.unknown(&held),
        }
    }

    // Nothing is known of the payment.
    pub(super) fn unknown(&mut self, held: &Held) -> Step {
        if let Err(refusal) = &self.order.terms {
            return self.refuse(refusal.clone());
        }
        let owes = held.account.is_owing() || self.has_timed(&held.account);
        match self.memory.looked {
            // Nor is a new payment shown to a facilitator, which could settle it: one that is off least of all.
            _ if self.order.closed && !(owes && self.is_proven()) => self.refuse(Refusal::Closed),
            _ if !self.is_proven() => self.verify(Verified::Look),
            _ if self.must_verify() && !self.order.closed => self.verify(Verified::Look),
            Looked::Spent if self.order.memory => {
                // Another sandbox may know it, for as long as it can be sent.
                let until = self.order.ends + limits::RELEASE_SECONDS;
                self.refuse(self.unknown_of(true, until))
            }
            Looked::Spent => self.refuse(self.used()),
            Looked::Poor if !owes => self.refuse(Refusal::InsufficientBalance),
            Looked::NotYet => self.look(),
            _ => self.begin(),
        }
    }

    // VERIFY
    pub(super) fn verified(&mut self, at: usize, then: Verified, heard: Heard) -> Step {
        let Heard::Facilitator(outcome) = heard else {
            return self.refuse(Refusal::VerificationBusy);
        };
        let url = self.order.facilitators[at].url.clone();
        let expected = self.order.bill.expected(&self.order.mark.payment);
        let reader = self.reader(&url);
        let verification = reader.verification(&outcome, &expected);
        self.notes.operator = reader.operator(Endpoint::Verify, &outcome);
        match (verification, then) {
            (Verification::Valid, _) => {
                self.memory.verified = Some(url);
                match then {
                    Verified::Look if self.memory.looked == Looked::NotYet => self.look(),
                    Verified::Look => self.begin(),
                    Verified::Submit => self.submit(),
                }
            }
            (Verification::Refused(code), Verified::Look) => self.refuse(Refusal::Refused(code)),
            // Nothing of it was sent, and nobody else can have.
            (Verification::Refused(code), Verified::Submit) => self.close(Why::Refused, code),
            (Verification::Unclear(why), Verified::Look) => {
                self.note(why);
                self.refuse(Refusal::VerificationUnclear)
            }
            (Verification::Unavailable(why), Verified::Look) => {
                self.note(why);
                match at + 1 < self.order.facilitators.len() {
                    true => {
                        self.memory.facilitator = at + 1;
                        self.verify(then)
                    }
                    false => self.refuse(Refusal::FacilitatorUnavailable),
                }
            }
            (Verification::Unavailable(why) | Verification::Unclear(why), Verified::Submit) => {
                self.not_taken(why, false)
            }
        }
    }

    // LOOK
    pub(super) fn looked(&mut self, said: &[Said]) -> Step {
        let Some((chain_id, transfer)) = transfer(&self.order.mark, &self.order.bill) else {
            return self.begin();
        };
        match look::read(said, chain_id, &transfer, self.now) {
            Ok((looked, look)) => (self.memory.looked, self.memory.look) = (looked, look),
            Err(why) => {
                self.note(why);
                self.memory.looked = Looked::Silent;
            }
        }
        let plain = matches!(self.memory.looked, Looked::Unspent | Looked::Silent);
        if plain && !self.memory.recalled { self.begin() } else { self.recall() }
    }

    // BEGIN
    pub(super) fn begun(
        &mut self,
        begun: Box<Begun>,
        bound: Result<Reply, Failed>,
        created: Result<Reply, Failed>,
        found: Result<Reply, Failed>,
    ) -> Step {
        match (&bound, created, &found) {
            (Ok(Reply::Written(_)), Ok(Reply::Written(version)), _) => {
                self.memory.bound = true;
                let key = self.account_key();
                self.memory.held =
                    Some(Held { key, account: begun.account, version: Some(version) });
                self.submit()
            }
            // The usual second trip is not needed: the payer has an account, and it was read.
            (Ok(Reply::Written(_)), Ok(Reply::Conflict), Ok(Reply::Found(..))) => {
                self.memory.bound = true;
                match self.read_account(found) {
                    Ok(held) => self.decide(held),
                    Err(why) => self.store_failed(why),
                }
            }
            // What the silence of a write hid is known by its writer.
            _ => self.read_begun(begun),
        }
    }

    pub(super) fn begun_read(
        &mut self,
        begun: &Begun,
        bound: Result<Reply, Failed>,
        found: Result<Reply, Failed>,
    ) -> Step {
        let (binding, held) = match (self.read_binding(bound), self.read_account(found)) {
            (Ok(binding), Ok(held)) => (binding, held),
            (Err(why), _) | (_, Err(why)) => return self.store_failed(why),
        };
        let mine = held.account.open.as_ref().is_some_and(|open| {
            open.holder == self.order.request && open.mark == begun.binding.mark()
        });
        let verdict = match binding {
            None => Err(Refusal::StoreUnavailable),
            Some(binding) if binding.mark() != self.order.mark => Err(self.used()),
            Some(binding) if binding.subject != self.order.subject => Err(self.used()),
            Some(binding) => Ok(binding.account),
        };
        match verdict {
            Ok(kind) if kind == self.memory.kind => {
                self.memory.bound = true;
                self.decide(held)
            }
            Ok(kind) => {
                self.memory.bound = true;
                match mine {
                    true => self.give_back(held, Then::GaveBackOther),
                    false => self.recall_other(kind),
                }
            }
            Err(refusal) if mine => self.give_back(held, Then::GaveBack(refusal)),
            Err(refusal) => self.refuse(refusal),
        }
    }

    // DECIDE
    pub(super) fn decide(&mut self, held: Held) -> Step {
        self.memory.turns += 1;
        if self.memory.turns > limits::MOST_TURNS {
            return self.store_failed("too many others write at the same time".into());
        }
        let decision = decide(&held.account, &self.presented());
        self.memory.held = Some(held);
        match decision {
            Decision::Grant(at) => self.grant(at),
            Decision::Used => self.refuse(self.used()),
            Decision::Ended(why, code) => self.ended(why, code),
            Decision::Evidence(_) if !self.order.alone => self.refuse(self.used()),
            Decision::Evidence(at) => self.evidence(Target::Closed(at)),
            Decision::AskAgain(at) => self.ask_again(Target::Closed(at)),
            Decision::Submit => self.submit(),
            Decision::Wait(until) => {
                self.refuse(Refusal::PaymentInProgress { until: until.secs() + 1 })
            }
            Decision::Take => self.take(),
            Decision::Look => self.look(),
            Decision::NodeSilent => self.refuse(Refusal::NodeUnavailable),
            Decision::Terms => match self.order.terms.clone() {
                Err(refusal) => self.refuse(refusal),
                Ok(()) => self.refuse(Refusal::StoreUnavailable),
            },
            Decision::Unproven(until) => self.refuse(Refusal::EarlierPaymentUnknown { until }),
            Decision::Full(until) => self.refuse(Refusal::AccountFull { until }),
            Decision::Poor => self.refuse(Refusal::InsufficientBalance),
            Decision::Open => self.open(),
        }
    }

    // OPEN
    pub(super) fn open(&mut self) -> Step {
        if self.order.closed {
            return self.refuse(Refusal::Closed);
        }
        if !self.memory.bound {
            return self.begin();
        }
        if !self.can_settle() {
            return self.late();
        }
        let Some(mut held) = self.memory.held.take() else { return self.recall() };
        held.account.open = Some(self.my_open());
        self.swap(held, Then::Opened)
    }

    // TAKE: it creates the binding of what it takes, so that whoever began it and is late finds it
    // bound. Only a binding to something else allows to drop it: then it can never have been sent.
    pub(super) fn take(&mut self) -> Step {
        let Some(mut held) = self.memory.held.take() else { return self.recall() };
        let Some(open) = &mut held.account.open else { return self.decide(held) };
        if time_left(self.order.deadline, self.now).is_none() {
            let (own, until) = (open.mark == self.order.mark, self.holds_until(open.ends));
            return self.refuse(self.unknown_of(own, until));
        }
        open.holder.clone_from(&self.order.request);
        open.lease = self.order.deadline;
        self.memory.target = Some(open.clone());
        let binding = self.binding_of(&held.account, self.memory.kind);
        self.swap_and(held, Then::Taken, binding)
    }

    pub(super) fn taken_binding(&mut self, found: Result<Reply, Failed>) -> Step {
        let Some(held) = self.memory.held.clone() else { return self.recall() };
        let Some(open) = &held.account.open else { return self.decide(held) };
        match self.read_binding(found) {
            Ok(Some(binding))
                if binding.mark() == open.mark
                    && binding.subject == held.account.subject
                    && binding.account == self.memory.kind =>
            {
                self.ask_again(Target::Open)
            }
            Ok(Some(_)) => self.give_back(held, Then::Dropped),
            Ok(None) => self.uncertain("the binding of an earlier payment is not there".into()),
            Err(why) => self.uncertain(why),
        }
    }

    // SUBMIT: once a request, and only in time.
    pub(super) fn submit(&mut self) -> Step {
        if self.order.closed
            && let Some(held) = self.memory.held.take()
        {
            return self.give_back(held, Then::GaveBack(Refusal::Closed));
        }
        let Some(held) = &self.memory.held else { return self.recall() };
        let Some(open) = &held.account.open else { return self.recall() };
        let left = time_left(self.order.deadline.min(open.lease), self.now);
        let Some(timeout_ms) = left.filter(|left| *left >= limits::LATEST_SETTLE_MS) else {
            return self.not_taken("no time left for /settle".into(), false);
        };
        if self.must_verify() {
            return self.verify(Verified::Submit);
        }
        let open = open.clone();
        self.memory.sent = true;
        self.memory.target = Some(open.clone());
        self.settle(open, timeout_ms)
    }

    pub(super) fn settled(&mut self, outcome: &Outcome) -> Step {
        let Some(mut open) = self.memory.target.clone() else { return self.recall() };
        let expected = open.bill.expected(&open.mark.payment);
        let reader = self.reader(&open.facilitator);
        let settlement = reader.settlement(outcome, &expected, Sending::First);
        let operator = reader.operator(Endpoint::Settle, outcome);
        self.notes.operator = operator.or(self.notes.operator.take());
        match settlement {
            Settlement::Settled(receipt) => self.settled_by(open, receipt),
            Settlement::NotTaken { why, mend } => self.not_taken(why, mend),
            Settlement::Refused { code, grounds: Grounds::Bytes | Grounds::Unused } => {
                self.close(Why::Refused, code)
            }
            Settlement::Refused { code, grounds } => {
                self.reason(code, matches!(grounds, Grounds::Payer))
            }
            Settlement::Unknown { why, contradicts, hint } => {
                self.note(why);
                open.contradicted |= contradicts;
                open.hint = hint.map(|hash| hex::encode(&hash)).or(open.hint);
                self.memory.target = Some(open);
                self.ask_again(Target::Open)
            }
        }
    }

    // The next facilitator may have it, once that is written; without one it is given back.
    pub(super) fn not_taken(&mut self, why: String, mend: bool) -> Step {
        self.note(why);
        let Some(mut held) = self.memory.held.take() else { return self.recall() };
        let next = self.memory.facilitator + 1;
        if next < self.order.facilitators.len() && self.can_settle() {
            self.memory.facilitator = next;
            held.account.open = Some(self.my_open());
            return self.swap(held, Then::Opened);
        }
        let refusal = match mend {
            true => Refusal::CannotSettle,
            false => Refusal::FacilitatorUnavailable,
        };
        self.give_back(held, Then::GaveBack(refusal))
    }

    // REASON
    pub(super) fn reason_at(&mut self, doubt: Box<Doubt>, said: &[Said]) -> Step {
        let heights = said.iter().map(|said| reason::height(said, doubt.refused.chain_id));
        let heights: Vec<_> = heights.map(Result::ok).collect();
        match heights.iter().any(Option::is_some) {
            true => self.ask_reason(doubt, heights),
            false => self.doubted("no node says whether the refusal has a reason".into()),
        }
    }

    pub(super) fn reasoned(
        &mut self,
        doubt: &Doubt,
        heights: &[Option<u64>],
        said: &[Said],
    ) -> Step {
        let mut seen = 0;
        // What was so before the payment was looked at is no reason now.
        let looked_at = self.memory.look.as_ref().map_or(0, |look| look.block);
        for (height, said) in heights.iter().flatten().zip(said) {
            if *height < looked_at {
                return self.doubted("refused, and the node is behind what it said before".into());
            }
            match reason::seen(&doubt.refused, *height, said) {
                Ok(()) => seen += 1,
                Err(why) => return self.doubted(why),
            }
        }
        match seen {
            0 => self.doubted("no node says whether the refusal has a reason".into()),
            _ => self.close(Why::Refused, doubt.code.clone()),
        }
    }

    // A refusal without a reason that can be seen speaks against its being paid, and proves nothing.
    pub(super) fn doubted(&mut self, why: String) -> Step {
        self.note(why);
        if let Some(open) = &mut self.memory.target {
            open.contradicted = true;
        }
        self.ask_again(Target::Open)
    }

    // ASK AGAIN: the same facilitator, word for word. No refusal is believed.
    pub(super) fn asked_again(&mut self, target: Target, heard: &Heard) -> Step {
        let Some(mut open) = self.memory.target.clone() else { return self.recall() };
        if let Heard::Facilitator(outcome) = heard {
            let expected = open.bill.expected(&open.mark.payment);
            match self.reader(&open.facilitator).settlement(outcome, &expected, Sending::Again) {
                Settlement::Settled(receipt) => return self.settled_by(open, receipt),
                Settlement::Unknown { why, hint, .. } => {
                    self.note(why);
                    open.hint = hint.map(|hash| hex::encode(&hash)).or(open.hint);
                    self.memory.target = Some(open);
                }
                Settlement::NotTaken { why, .. } => self.note(why),
                Settlement::Refused { code, .. } => self.note(code),
            }
        }
        match target {
            Target::Open => self.evidence(target),
            Target::Closed(_) => self.refuse(Refusal::GivenUp),
        }
    }

    // EVIDENCE: what was found at one node; `Never` needs the other one too, if that answers.
    pub(super) fn found(
        &mut self,
        mut search: Search,
        at: usize,
        first: Option<Finding>,
        target: Target,
        said: &[Said],
    ) -> Step {
        let silent = said.first().is_none_or(Result::is_err);
        let said = said.first().cloned().unwrap_or_else(|| Err("no answer".into()));
        let Some(finding) = search.hear(&said, self.now) else {
            return self.ask_chain(search, at, first, target);
        };
        let finding = match (first, finding) {
            (Some(Finding::Never), Finding::Unknown { .. }) if silent => Finding::Never,
            (None, Finding::Never) if self.another_node(at) => {
                return self.evidence_at(at + 1, Some(Finding::Never), target);
            }
            (None, unknown @ Finding::Unknown { .. }) if silent && self.another_node(at) => {
                return self.evidence_at(at + 1, Some(unknown), target);
            }
            (_, finding) => finding,
        };
        self.judge(finding, target)
    }

    pub(super) fn judge(&mut self, finding: Finding, target: Target) -> Step {
        let Some(mut open) = self.memory.target.clone() else { return self.recall() };
        match finding {
            Finding::Paid { transaction, time } => {
                // It was unspent when it was sent; or, where no node said so, no block's time that is
                // before the sending counts.
                let since = open.look.is_some() || time >= open.sent_at.secs();
                // Where others sell for this payee, what spoke against its being ours counts.
                let ours = self.order.alone || !open.contradicted;
                match since && ours {
                    true => {
                        let expected = open.bill.expected(&open.mark.payment);
                        let receipt = Receipt::found(&transaction, &expected);
                        self.sold(Settled { open, receipt, learnt: Learnt::Chain })
                    }
                    false => self.close_target(target, Why::Unproven, hex::encode(&transaction)),
                }
            }
            Finding::Never => self.close_target(target, Why::Never, String::new()),
            Finding::Unknown { why, look, searched } => {
                self.note(why);
                open.look = open.look.or(look);
                open.searched = searched.or(open.searched);
                self.memory.target = Some(open);
                self.later(target)
            }
        }
    }

    // LATER: noted, for whoever asks next; or given up, when its time is over.
    pub(super) fn later(&mut self, target: Target) -> Step {
        let Some(open) = self.memory.target.clone() else { return self.recall() };
        let own = open.mark == self.order.mark;
        let until = self.open_until(&open);
        if target != Target::Open {
            return self.refuse(self.unknown_of(own, until));
        }
        if self.now.secs() > until {
            return self.close(Why::GivenUp, String::new());
        }
        let Some(mut held) = self.memory.held.take() else { return self.recall() };
        held.account.open = Some(Open { lease: self.now, ..open });
        self.alarm(Alarm::PaymentUnknown, self.memory.sent);
        let refusal = self.unknown_of(own, until);
        self.swap(held, Then::Noted(refusal))
    }

    // CLOSE
    pub(super) fn close(&mut self, why: Why, code: String) -> Step {
        let Some(mut held) = self.memory.held.take() else { return self.recall() };
        let open = self.memory.target.clone().or_else(|| held.account.open.clone());
        let Some(open) = open else { return self.decide(held) };
        let own = open.mark == self.order.mark;
        held.account.close(&open, why, &code, self.now);
        self.memory.target = Some(open);
        self.alarm(Alarm::PaymentUnproven, why == Why::Unproven);
        self.alarm(Alarm::PaymentGivenUp, why == Why::GivenUp);
        self.swap(held, Then::Closed { why, code, own })
    }

    fn settled_by(&mut self, open: Open, receipt: Receipt) -> Step {
        self.notes.facilitator = Some(open.facilitator.clone());
        self.sold(Settled { open, receipt, learnt: Learnt::Facilitator })
    }

    // SOLD: recorded, and granted to who asks in the same write if it is theirs.
    pub(super) fn sold(&mut self, settled: Settled) -> Step {
        match settled.open.mark.payment {
            PaymentId::Opaque { .. } => self.note_transaction(settled),
            PaymentId::Eip3009 { .. } => self.record_sale(settled, 0),
        }
    }

    pub(super) fn record_sale(&mut self, settled: Settled, tries: u32) -> Step {
        let Some(mut held) = self.memory.held.take() else { return self.recall() };
        // It was recorded, or paid back, while its facilitator was asked.
        if held.account.sells(&settled.open.mark) || held.account.refunded(&settled.open.mark) {
            return self.decide(held);
        }
        let Settled { open, receipt, learnt } = &settled;
        let at = held.account.sell(open, receipt.clone(), *learnt, self.now);
        let mine = decide(&held.account, &self.presented()) == Decision::Grant(at);
        let order = self.order.clone();
        let opened = mine.then(|| held.account.grant(at, to(&order), self.now));
        self.swap(held, Then::Sold(Box::new(settled), tries, opened))
    }

    // GRANT
    pub(super) fn grant(&mut self, at: usize) -> Step {
        let Some(mut held) = self.memory.held.take() else { return self.recall() };
        let same = held.account.sales[at].involves(&self.order.mark);
        let outcome = if same { "resent" } else { "owned" };
        if !same && !self.memory.bound {
            return self.begin();
        }
        let order = self.order.clone();
        // Timed access that was granted opens as often as it is asked for.
        let sale = &held.account.sales[at];
        let changes = sale.grant.is_none() || sale.sells.seconds.is_none();
        let opened = held.account.grant(at, to(&order), self.now);
        match changes {
            true => self.swap(held, Then::Granted(opened, outcome)),
            false => self.done(opened, outcome),
        }
    }

    // What follows each write.
    pub(super) fn swapped(
        &mut self,
        swapped: Swapped,
        then: Then,
        extra: Result<Reply, Failed>,
    ) -> Step {
        match (then, swapped) {
            (Then::Opened, Swapped::Written(held)) => {
                self.memory.held = Some(held);
                self.submit()
            }
            (Then::Taken, Swapped::Written(held)) => {
                self.memory.took = true;
                self.memory.target = held.account.open.clone();
                self.memory.held = Some(held);
                match extra {
                    Ok(Reply::Written(_)) => self.ask_again(Target::Open),
                    Ok(Reply::Conflict) => self.ask_taken_binding(),
                    Ok(_) => {
                        self.uncertain("the binding of an earlier payment was not made".into())
                    }
                    Err(failed) => self.uncertain(failed.0),
                }
            }
            (Then::Taken, Swapped::Silent(why)) => self.uncertain(why),
            (Then::Closed { why, code, own: true }, Swapped::Written(_)) => self.ended(why, code),
            (Then::Closed { .. }, Swapped::Silent(why)) => self.uncertain(why),
            (Then::Sold(_, _, Some(opened)), Swapped::Written(_)) => {
                let outcome = if self.memory.sent { "settled" } else { "resolved" };
                self.done(opened, outcome)
            }
            (Then::Sold(settled, tries, opened), Swapped::Moved(held)) => {
                let tries = tries + 1;
                let there = held.account.sells(&settled.open.mark);
                self.memory.held = Some(held);
                match opened {
                    Some(opened) if tries >= limits::STORE_TRIES && !there => {
                        self.unrecorded(&settled, "others kept writing".into(), Some(opened))
                    }
                    _ => self.record_sale(*settled, tries),
                }
            }
            (Then::Sold(settled, _, opened), Swapped::Silent(why)) => {
                self.unrecorded(&settled, why, opened)
            }
            (Then::Granted(opened, outcome), Swapped::Written(_)) => self.done(opened, outcome),
            // Nothing depends on these two: whoever asks next finds out.
            (Then::GaveBack(refusal) | Then::Noted(refusal), _) => self.refuse(refusal),
            (Then::GaveBackOther, _) => self.recall(),
            (_, Swapped::Written(held) | Swapped::Moved(held)) => {
                self.memory.target = None;
                self.decide(held)
            }
            (_, Swapped::Silent(why)) => self.store_failed(why),
        }
    }

    // What settled is granted even if it cannot be recorded.
    pub(super) fn unrecorded(
        &mut self,
        settled: &Settled,
        why: String,
        opened: Option<Opened>,
    ) -> Step {
        self.note(format!("the sale could not be recorded: {why}"));
        self.alarm(Alarm::SaleUnrecorded, true);
        self.notes.unrecorded = Some(settled.receipt.clone());
        match opened {
            Some(opened) => self.done(opened, "settled"),
            None => self.uncertain(String::new()),
        }
    }

    pub(super) fn ended(&mut self, why: Why, code: String) -> Step {
        match why {
            Why::Refused => {
                let expected = self.order.bill.expected(&self.order.mark.payment);
                self.notes.settlement = Some(verdict::refused_json(&code, &expected));
                self.refuse(Refusal::Refused(code))
            }
            Why::Never => self.refuse(Refusal::NeverSettled),
            Why::Unproven => {
                // Where accounts are the payments' own, it holds nothing.
                let holds = self.memory.kind == AccountKind::Payer
                    && self.order.mark.payment.chain_id().is_some();
                let until = self.order.ends + limits::RELEASE_SECONDS;
                let until = (holds && self.now.secs() <= until).then_some(until);
                self.refuse(Refusal::Unproven { until })
            }
            Why::GivenUp => self.refuse(Refusal::GivenUp),
            Why::Refunded => self.refuse(self.used()),
        }
    }
}

fn to(order: &Order) -> To<'_> {
    To { mark: &order.mark, origin: order.origins[0], ends: order.ends }
}
