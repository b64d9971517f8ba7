//! Claims and entitlements in the memory of one sandbox: what `cargo run` uses.
//!
//! A sandbox serves one request at a time, so no step here is raced. Other sandboxes know nothing
//! of it; between them only the chain keeps a payment from settling twice.

use std::collections::HashMap;

use price_table::Access;

use super::{
    Claimed, Ending, PaymentId, Recalled, Record, Sold, Spent, Store, Submission, Ticket,
    Unresolved,
};
use crate::clock::Micros;
use crate::facilitator::Receipt;
use crate::limits;

/// The payments that this sandbox has seen.
#[derive(Debug)]
pub struct Memory {
    payments: HashMap<PaymentId, Entry>,
    capacity: usize,
}

#[derive(Debug)]
struct Entry {
    ticket: Ticket,
    state: State,
}

#[derive(Debug)]
enum State {
    /// Submitted, or about to be; over when the lease is.
    Submitted(Submission),
    /// Settled: an entitlement.
    Settled(Entitlement),
}

#[derive(Clone, Debug)]
struct Entitlement {
    receipt: Receipt,
    access: Access,
    settled: Micros,
    resends_left: u8,
}

impl Default for Memory {
    fn default() -> Self {
        Memory::with_capacity(limits::MEMORY_STORE_PAYMENTS)
    }
}

impl Memory {
    /// A store that remembers at most `capacity` payments.
    pub fn with_capacity(capacity: usize) -> Self {
        Memory { payments: HashMap::new(), capacity }
    }

    /// What the payer holds or awaits for the object by other payments.
    fn earlier(&self, ticket: &Ticket, now: Micros) -> Option<Claimed> {
        let mut awaited = None;
        for Entry { ticket: earlier, state } in self.payments.values() {
            if earlier.id == ticket.id
                || !earlier.same_payer(ticket)
                || earlier.object != ticket.object
            {
                continue;
            }
            match state {
                State::Settled(entitlement) if entitlement.is_open_to_payer(now) => {
                    return Some(Claimed::Owned(entitlement.receipt.clone()));
                }
                State::Settled(_) => {}
                State::Submitted(submission) if submission.lease > now => {
                    awaited = Some(Claimed::InProgress);
                }
                State::Submitted(submission) => {
                    awaited.get_or_insert(Claimed::Earlier(Unresolved {
                        id: earlier.id.clone(),
                        submission: submission.clone(),
                    }));
                }
            }
        }
        awaited
    }

    /// Whether the transaction of an opaque payment has settled another one: then it is the same
    /// payment in another spelling. (Authorizations have a nonce for that, and facilitators may
    /// settle several of them in one transaction.)
    fn transaction_used(&self, id: &PaymentId, receipt: &Receipt) -> bool {
        matches!(id, PaymentId::Opaque { .. })
            && self.payments.iter().any(|(other, entry)| {
                matches!(&entry.state, State::Settled(sold)
                    if other != id && sold.receipt.transaction() == receipt.transaction())
            })
    }

    /// Makes room for one more. Only payments that open nothing any more are forgotten, the ones
    /// that settled first before the others; a claim whose outcome is unknown never is.
    fn make_room(&mut self, now: Micros) -> bool {
        if self.payments.len() < self.capacity {
            return true;
        }
        let over = self
            .payments
            .iter()
            .filter_map(|(id, entry)| match &entry.state {
                State::Settled(entitlement) if entitlement.is_over(now) => {
                    Some((entitlement.settled, id.clone()))
                }
                _ => None,
            })
            .min_by_key(|(settled, _)| *settled);
        match over {
            Some((_, id)) => self.payments.remove(&id).is_some(),
            None => false,
        }
    }
}

impl Store for Memory {
    fn recall(&mut self, ticket: &Ticket, now: Micros) -> Recalled {
        let Some(entry) = self.payments.get_mut(&ticket.id) else { return Recalled::Unseen };
        if entry.ticket.fingerprint != ticket.fingerprint {
            return Recalled::Spent(Spent::OtherSignature);
        }
        if entry.ticket.object != ticket.object {
            return Recalled::Spent(Spent::OtherObject);
        }
        match &mut entry.state {
            State::Settled(entitlement) => match entitlement.take_resend(now) {
                true => Recalled::Opens(entitlement.receipt.clone()),
                false => Recalled::Spent(Spent::Exhausted),
            },
            State::Submitted(submission) if submission.lease > now => Recalled::InProgress,
            State::Submitted(submission) => Recalled::Unresolved(Unresolved {
                id: ticket.id.clone(),
                submission: submission.clone(),
            }),
        }
    }

    fn claim(&mut self, ticket: Ticket, submission: Submission, now: Micros) -> Claimed {
        if let Some(earlier) = self.earlier(&ticket, now) {
            return earlier;
        }
        if self.payments.contains_key(&ticket.id) {
            return Claimed::Spent(Spent::OtherSignature);
        }
        if !self.make_room(now) {
            return Claimed::Full;
        }
        let entry = Entry { ticket, state: State::Submitted(submission) };
        self.payments.insert(entry.ticket.id.clone(), entry);
        Claimed::Ours
    }

    fn record(&mut self, id: &PaymentId, ending: Ending, now: Micros) -> Record {
        match ending {
            Ending::Refused => {
                self.payments.remove(id);
            }
            Ending::Unknown => {
                if let Some(Entry { state: State::Submitted(submission), .. }) =
                    self.payments.get_mut(id)
                {
                    submission.lease = now;
                }
            }
            Ending::Settled(sold) => {
                let Sold { receipt, granted, access } = *sold;
                if self.transaction_used(id, &receipt) {
                    self.payments.remove(id);
                    return Record::TransactionUsed;
                }
                let entitlement =
                    Entitlement { receipt, access, settled: now, resends_left: limits::RESENDS };
                // One sale, one grant: if another payment takes it, this one has no re-sends.
                let resends_left = if granted.id == *id { limits::RESENDS } else { 0 };
                if let Some(entry) = self.payments.get_mut(id) {
                    entry.state =
                        State::Settled(Entitlement { resends_left, ..entitlement.clone() });
                }
                // The grant went to another payment of the same payer: that one is not submitted,
                // and sent again it must open what it opened, not buy it anew.
                if granted.id != *id && self.make_room(now) {
                    let entry = Entry { ticket: granted, state: State::Settled(entitlement) };
                    self.payments.insert(entry.ticket.id.clone(), entry);
                }
            }
        }
        Record::Kept
    }
}

impl Entitlement {
    fn take_resend(&mut self, now: Micros) -> bool {
        match self.access {
            Access::Seconds(_) => self.is_open_to_payer(now),
            Access::Request if self.is_over(now) => false,
            Access::Request => {
                self.resends_left -= 1;
                true
            }
        }
    }

    /// Whether another payment of the same payer need not be submitted.
    fn is_open_to_payer(&self, now: Micros) -> bool {
        matches!(self.access, Access::Seconds(_)) && !self.is_over(now)
    }

    fn is_over(&self, now: Micros) -> bool {
        let age = now.secs().saturating_sub(self.settled.secs());
        match self.access {
            Access::Request => self.resends_left == 0 || age >= limits::RESEND_SECONDS,
            Access::Seconds(seconds) => age >= u64::from(seconds),
        }
    }
}

#[cfg(test)]
#[path = "memory_tests.rs"]
mod tests;
