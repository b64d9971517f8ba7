//! How records change: each a pure function from one version of an account to the next.

use super::record::{Account, Closed, Granted, Learnt, Open, Sale, Why};
use crate::clock::Micros;
use crate::limits;
use crate::receipt::Receipt;
use crate::scheme::identity::Mark;

/// What opens the object.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Opened {
    /// The receipt of the payment that settled.
    pub receipt: Receipt,
    /// Until when the access lasts, if it is timed.
    pub until: Option<Micros>,
}

/// Whoever presents a payment, to be granted something.
#[derive(Clone, Copy, Debug)]
pub struct To<'a> {
    /// The payment.
    pub mark: &'a Mark,
    /// From where.
    pub origin: [u8; 8],
    /// The second from which it cannot be settled any more.
    pub ends: u64,
}

impl Account {
    /// Grants a sale, or opens it again. What is granted first now stands behind all others, and so is packed after them: it may
    /// have been owed for long, and its answer may get lost. Not by the time of the grant, since clocks differ.
    pub fn grant(&mut self, at: usize, to: To<'_>, now: Micros) -> Opened {
        let sale = &mut self.sales[at];
        match (&sale.grant, sale.sells.seconds) {
            (None, _) => {
                sale.grant_to(to, now);
                self.sales[at..].rotate_left(1);
                return self.sales[self.sales.len() - 1].opened();
            }
            (Some(_), None) => sale.resends_left = sale.resends_left.saturating_sub(1),
            (Some(_), Some(_)) => {}
        }
        sale.opened()
    }

    /// Turns an open payment into a sale that nobody was granted yet, and says which.
    pub fn sell(&mut self, open: &Open, receipt: Receipt, learnt: Learnt, now: Micros) -> usize {
        self.take_out(&open.mark);
        self.sales.push(Sale {
            mark: open.mark.clone(),
            own_key: open.own_key,
            bill: open.bill.clone(),
            receipt,
            settled_at: now,
            learnt,
            sells: open.sells,
            origin: open.origin,
            grant: None,
            resends_left: 0,
            keep_until: open.ends,
        });
        self.sales.len() - 1
    }

    /// Ends a payment that is not sold.
    pub fn close(&mut self, open: &Open, why: Why, code: &str, now: Micros) {
        self.take_out(&open.mark);
        self.closed.push(Closed {
            mark: open.mark.clone(),
            own_key: open.own_key,
            bill: open.bill.clone(),
            at: now,
            ends: open.ends,
            why,
            code: code.to_owned(),
            facilitator: open.facilitator.clone(),
            sells: open.sells,
            origin: open.origin,
            sent_at: open.sent_at,
            body: if why == Why::GivenUp { open.body.clone() } else { String::new() },
            look: open.look,
            hint: open.hint.clone(),
        });
    }

    /// Ends what is owed for a payment, since a transaction paid it back: it opens nothing any more. Says whether it did, or
    /// had done so before; not if nothing of it is owed here.
    pub fn refund(&mut self, mark: &Mark, transaction: &str, now: Micros) -> bool {
        if let Some(at) = self.sales.iter().position(|sale| sale.mark == *mark) {
            if self.sales[at].grant.is_some() {
                return false;
            }
            let sale = self.sales.remove(at);
            self.closed.push(sale.refunded(transaction, now));
            return true;
        }
        if let Some(closed) = self.closed.iter_mut().find(|closed| closed.mark == *mark) {
            if closed.why == Why::Refunded {
                return closed.code == transaction;
            }
            (closed.why, closed.code, closed.at) = (Why::Refunded, transaction.to_owned(), now);
            closed.body = String::new();
            return true;
        }
        match self.open.clone().filter(|open| open.mark == *mark) {
            Some(open) => {
                self.close(&open, Why::Refunded, transaction, now);
                true
            }
            None => false,
        }
    }

    /// Whether the seller paid it back: then it is sold no more.
    pub fn refunded(&self, mark: &Mark) -> bool {
        self.closed.iter().any(|closed| closed.mark == *mark && closed.why == Why::Refunded)
    }

    /// Packs what is finished, and drops what nobody needs: before each write.
    pub fn tidy(&mut self, now: Micros) {
        let whole = |sale: &Sale| sale.is_needed_whole(now);
        let mut spare = self.sales.iter().filter(|sale| !whole(sale)).count();
        spare = spare.saturating_sub(limits::WHOLE_SALES);
        let finished = &mut self.finished;
        self.sales.retain(|sale| {
            let packs = spare > 0 && !whole(sale);
            if packs {
                spare -= 1;
                for mark in marks(sale) {
                    finished.add(&mark.digest, sale.keep_until);
                }
            }
            !packs
        });
        let unpaid_whys = |closed: &Closed| matches!(closed.why, Why::Refused | Why::Never);
        let mut spare = self.closed.iter().filter(|closed| unpaid_whys(closed)).count();
        spare = spare.saturating_sub(limits::WHOLE_SALES);
        let unpaid = &mut self.unpaid;
        self.closed.retain(|closed| {
            let packs = spare > 0 && unpaid_whys(closed);
            if packs {
                spare -= 1;
                unpaid.add(&closed.mark.digest, closed.ends);
            }
            !packs
        });
        self.finished.prune(now.secs());
        self.unpaid.prune(now.secs());
    }

    fn take_out(&mut self, mark: &Mark) {
        if self.open.as_ref().is_some_and(|open| open.mark == *mark) {
            self.open = None;
        }
        self.closed.retain(|closed| closed.mark != *mark);
    }
}

/// The payments of a sale: the one that paid, and the one that got it.
fn marks(sale: &Sale) -> impl Iterator<Item = &Mark> {
    let got = sale.grant.as_ref().and_then(|grant| grant.mark.as_ref());
    std::iter::once(&sale.mark).chain(got)
}

impl Sale {
    fn refunded(self, transaction: &str, now: Micros) -> Closed {
        Closed {
            mark: self.mark,
            own_key: self.own_key,
            bill: self.bill,
            at: now,
            ends: self.keep_until,
            why: Why::Refunded,
            code: transaction.to_owned(),
            facilitator: String::new(),
            sells: self.sells,
            origin: self.origin,
            sent_at: self.settled_at,
            body: String::new(),
            look: None,
            hint: Some(self.receipt.transaction().to_owned()),
        }
    }

    fn grant_to(&mut self, to: To<'_>, now: Micros) {
        let mark = (*to.mark != self.mark).then(|| to.mark.clone());
        self.grant = Some(Granted { mark, origin: to.origin, at: now });
        self.resends_left = limits::RESENDS;
        self.keep_until = self.keep_until.max(to.ends);
        // Time counts from settlement. Whoever was kept out for all of it has the time of a re-send,
        // once.
        if let Some(seconds) = self.sells.seconds {
            let least = u64::from(seconds).min(limits::RESEND_SECONDS);
            let began = (now.secs() + least).saturating_sub(u64::from(seconds));
            self.settled_at = self.settled_at.max(Micros::from_secs(began));
        }
    }

    fn opened(&self) -> Opened {
        let until = self.sells.seconds.map(|_| Micros::from_secs(self.over_at()));
        Opened { receipt: self.receipt.clone(), until }
    }
}

impl Closed {
    /// It, as if it were open still: what evidence and a last question are about.
    pub fn reopened(&self) -> Open {
        Open {
            mark: self.mark.clone(),
            own_key: self.own_key,
            bill: self.bill.clone(),
            ends: self.ends,
            sells: self.sells,
            origin: self.origin,
            holder: String::new(),
            lease: Micros(0),
            sent_at: self.sent_at,
            facilitator: self.facilitator.clone(),
            body: self.body.clone(),
            look: self.look,
            searched: None,
            contradicted: false,
            hint: self.hint.clone(),
        }
    }
}
