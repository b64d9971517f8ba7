//! What one payer has of one object: a payment under way, and sales. All decisions are pure.

use serde::{Deserialize, Serialize};

use super::Spent;
use super::pending::{Bill, Pending};
use super::record::{Key, Record};
use super::ticket::{Mark, PaymentId, Ticket};
use crate::clock::Micros;
use crate::facilitator::Receipt;
use crate::limits;

/// The record of a payer and an object.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// Which write of which request made this version: two versions never have the same bytes, and a
    /// request whose write was answered by silence finds out whether it was done.
    pub writer: String,
    /// The key of the object.
    pub object: String,
    /// A payment that was submitted, or is about to be. Never two.
    pub pending: Option<Pending>,
    /// Payments that settled, oldest first.
    pub sales: Vec<Sale>,
}

/// A payment that settled.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sale {
    /// Which payment.
    pub mark: Mark,
    /// What was paid.
    pub bill: Bill,
    /// The proof.
    pub receipt: Receipt,
    /// When that was learnt.
    pub settled: Micros,
    /// Seconds of access that it bought; `None` for one grant.
    pub seconds: Option<u32>,
    /// `access_epoch` of the rule at that time.
    pub access_epoch: u32,
    /// The payment whose presenter got the grant: not always the one that settled.
    pub granted: Option<Mark>,
    /// How often that payment opens the object again, of a sale of one grant.
    pub resends_left: u8,
    /// The second until which the payments above could still be submitted: until then they must be
    /// known here.
    pub keep_until: u64,
}

/// The circumstances of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At {
    /// The clock.
    pub now: Micros,
    /// `access_epoch` of the rule.
    pub access_epoch: u32,
}

/// What a payment that is presented comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It opens the object, once the account is written if it changed.
    Opens(Opened),
    /// It, or another payment of the payer, is being settled.
    InProgress,
    /// It, or another payment of the payer, may have settled: find out, and hold its lease meanwhile.
    Unresolved,
    /// It opens nothing.
    Spent(Spent),
    /// Nothing is known of it, and nothing stands in its way.
    Submit,
    /// There is no room for another sale.
    Full,
}

/// What opens the object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The receipt of the payment that settled.
    pub receipt: Receipt,
    /// Until when the access lasts, if it is timed.
    pub until: Option<Micros>,
    /// Whether the payment presented was known, or is one that its payer signed since.
    pub by: By,
}

/// Who opens a sale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The payment that was granted before.
    SamePayment,
    /// The payer, with a payment that will not be submitted.
    Payer,
}

impl Account {
    /// An account in which nothing has happened.
    pub fn new(object: &str) -> Self {
        Account { writer: String::new(), object: object.into(), pending: None, sales: vec![] }
    }

    /// Decides, and changes the account as it would have to be written.
    pub fn present(&mut self, ticket: &Ticket, at: At) -> Verdict {
        let Mark { payment, fingerprint } = &ticket.mark;
        if let Some(sale) = self.sales.iter_mut().find(|sale| sale.involves(payment)) {
            let same = sale.mark == ticket.mark || sale.granted.as_ref() == Some(&ticket.mark);
            return match same {
                true => sale.present_again(&ticket.mark, at),
                false => Verdict::Spent(Spent::OtherSignature),
            };
        }
        if let Some(pending) = &self.pending
            && pending.mark.payment == *payment
        {
            return match pending.mark.fingerprint == *fingerprint {
                true => pending.verdict(at.now),
                false => Verdict::Spent(Spent::OtherSignature),
            };
        }
        if let Some(sale) = self.sales.iter_mut().find(|sale| sale.is_open_to_payer(at)) {
            return Verdict::Opens(sale.open_to_payer(ticket, at));
        }
        if let Some(pending) = &self.pending {
            return pending.verdict(at.now);
        }
        self.sales.retain(|sale| !sale.is_forgettable(at));
        match self.sales.len() < limits::ACCOUNT_SALES {
            true => Verdict::Submit,
            false => Verdict::Full,
        }
    }

    /// Whether the payment is under way, or a sale.
    pub fn knows(&self, payment: &PaymentId) -> bool {
        self.sales.iter().any(|sale| sale.involves(payment))
            || self.pending.as_ref().is_some_and(|pending| pending.mark.payment == *payment)
    }

    /// Turns a payment into a sale that nobody was granted yet; false if it is one already.
    pub fn settle(&mut self, pending: &Pending, receipt: Receipt, at: At) -> bool {
        let payment = &pending.mark.payment;
        if self.sales.iter().any(|sale| sale.involves(payment)) {
            return false;
        }
        self.clear(payment);
        self.sales.push(Sale {
            mark: pending.mark.clone(),
            bill: pending.bill.clone(),
            receipt,
            settled: at.now,
            seconds: pending.seconds,
            // What is sold now is not ended by what was raised before.
            access_epoch: at.access_epoch.max(pending.access_epoch),
            granted: None,
            resends_left: 0,
            keep_until: pending.bill.valid_before.unwrap_or_default(),
        });
        true
    }

    /// The payment under way has ended without being paid, or will never be.
    pub fn clear(&mut self, payment: &PaymentId) {
        if self.pending.as_ref().is_some_and(|pending| pending.mark.payment == *payment) {
            self.pending = None;
        }
    }

    /// What is written.
    pub(super) fn record(&self) -> Record {
        // A payment whose outcome is open is never forgotten, nor is a sale that nobody was granted.
        let expires = match self.pending {
            Some(_) => None,
            None => self
                .sales
                .iter()
                .map(Sale::expires)
                .try_fold(0, |latest, expires| expires.map(|expires| latest.max(expires))),
        };
        Record { json: super::json(self), expires }
    }

    /// Reads what was written under `key` for `object`.
    pub(super) fn read(json: &[u8], key: &Key, object: &str) -> Result<Self, String> {
        let account: Account =
            serde_json::from_slice(json).map_err(|error| format!("{key}: {error}"))?;
        match account.object == object {
            true => Ok(account),
            false => Err(format!("{key} is about another object")),
        }
    }
}

impl Sale {
    fn involves(&self, payment: &PaymentId) -> bool {
        self.mark.payment == *payment
            || self.granted.as_ref().is_some_and(|mark| mark.payment == *payment)
    }

    /// What the payment that settled, or the one that was granted, opens.
    fn present_again(&mut self, mark: &Mark, at: At) -> Verdict {
        let granted_to_it = self.granted.as_ref() == Some(mark);
        if self.is_over(at) || (self.seconds.is_none() && self.granted.is_some() && !granted_to_it)
        {
            return Verdict::Spent(Spent::Exhausted);
        }
        match (self.seconds, &self.granted) {
            (_, None) => self.grant(mark, at),
            (None, Some(_)) => self.resends_left -= 1,
            (Some(_), Some(_)) => {}
        }
        Verdict::Opens(self.opened(By::SamePayment))
    }

    /// Whether another payment of the payer need not be submitted.
    fn is_open_to_payer(&self, at: At) -> bool {
        (self.seconds.is_some() || self.granted.is_none()) && !self.is_over(at)
    }

    fn open_to_payer(&mut self, ticket: &Ticket, at: At) -> Opened {
        if self.granted.is_none() {
            self.grant(&ticket.mark, at);
            self.keep_until = self.keep_until.max(ticket.valid_before.unwrap_or_default());
        }
        self.opened(By::Payer)
    }

    fn grant(&mut self, mark: &Mark, at: At) {
        self.granted = Some(mark.clone());
        self.resends_left = limits::RESENDS;
        // Time counts from settlement. Whoever was kept out for all of it has the time of a re-send,
        // once.
        if let Some(seconds) = self.seconds {
            let least = u64::from(seconds).min(limits::RESEND_SECONDS);
            let began = (at.now.secs() + least).saturating_sub(u64::from(seconds));
            self.settled = self.settled.max(Micros::from_secs(began));
        }
    }

    fn opened(&self, by: By) -> Opened {
        let until = self.seconds.map(|seconds| self.ends(seconds));
        Opened { receipt: self.receipt.clone(), until, by }
    }

    fn ends(&self, seconds: u32) -> Micros {
        Micros::from_secs(self.settled.secs().saturating_add(u64::from(seconds)))
    }

    fn is_over(&self, at: At) -> bool {
        match self.seconds {
            Some(_) if self.access_epoch < at.access_epoch => true,
            // Who paid and was never let in is let in once.
            _ if self.granted.is_none() => false,
            Some(seconds) => at.now >= self.ends(seconds),
            None => {
                let age = at.now.secs().saturating_sub(self.settled.secs());
                self.resends_left == 0 || age >= limits::RESEND_SECONDS
            }
        }
    }

    fn is_forgettable(&self, at: At) -> bool {
        self.is_over(at) && self.keep_until <= at.now.secs()
    }

    fn expires(&self) -> Option<u64> {
        self.granted.as_ref()?;
        let over = match self.seconds {
            Some(seconds) => self.ends(seconds).secs(),
            None => self.settled.secs() + limits::RESEND_SECONDS,
        };
        Some(over.max(self.keep_until))
    }
}

#[cfg(test)]
#[path = "account_tests.rs"]
mod tests;
