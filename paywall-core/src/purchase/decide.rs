//! What a payment that is presented comes to, by the record of its account. Pure: the first that fits.

use super::record::{Account, AccountKind, Closed, Open, Sale, Why};
use crate::clock::Micros;
use crate::limits;
use crate::scheme::identity::Mark;

/// Who presents which payment, and what is known of it by now.
#[derive(Clone, Copy, Debug)]
pub struct Presented<'a> {
    /// The payment.
    pub mark: &'a Mark,
    /// Its network, by its CAIP-2 name.
    pub network: &'a str,
    /// Whether its payer's own key signed.
    pub own_key: bool,
    /// Whether the signature is known to be good: it recovers, or a facilitator said so.
    pub proven: bool,
    /// Where it comes from, by the current hand-over key and the previous ones.
    pub origins: &'a [[u8; 8]],
    /// Whether it met the terms when it arrived.
    pub terms_hold: bool,
    /// Whether it is bound, and so long over that what became of it may have been dropped.
    pub may_be_forgotten: bool,
    /// What the chain said.
    pub looked: Looked,
    /// Whose account this is.
    pub kind: AccountKind,
    /// `access_epoch` of the rule.
    pub epoch: u32,
    /// The request.
    pub holder: &'a str,
    /// Whether the request sent it, or took it over from who may have sent it.
    pub may_be_sent: bool,
    /// The clock.
    pub now: Micros,
}

/// What the chain says of the payment presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Looked {
    /// There is no node to ask.
    NoNode,
    /// It was not asked yet.
    NotYet,
    /// It did not say.
    Silent,
    /// Its nonce is unspent, and its payer has the money.
    Unspent,
    /// Its nonce is unspent, and its payer lacks the money.
    Poor,
    /// Its nonce is spent.
    Spent,
}

/// What it comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// This sale, by its index, opens for it.
    Grant(usize),
    /// It was used, or is somebody else's.
    Used,
    /// It ended so, without being paid as far as is known.
    Ended(Why, String),
    /// It was refused, and the chain shows it spent: the evidence about this closed one decides.
    Evidence(usize),
    /// Nobody ever learnt what became of this closed one: its facilitator may say.
    AskAgain(usize),
    /// It is this request's to send.
    Submit,
    /// Somebody is at it, until then.
    Wait(Micros),
    /// What is open is anybody's: take it over.
    Take,
    /// The chain must be asked first.
    Look,
    /// The chain must be asked first, and does not answer.
    NodeSilent,
    /// It does not meet the terms.
    Terms,
    /// An earlier payment was paid, and not shown to be for this: the next one waits until then.
    Unproven(u64),
    /// The account is full until then.
    Full(u64),
    /// The payer lacks the money.
    Poor,
    /// Nothing stands against sending it.
    Open,
}

/// Decides.
pub fn decide(account: &Account, it: &Presented<'_>) -> Decision {
    if let Some(at) = account.sales.iter().position(|sale| sale.involves(it.mark)) {
        let sale = &account.sales[at];
        return match sale.opens_again(it) {
            true => Decision::Grant(at),
            false => Decision::Used,
        };
    }
    if account.finished.contains(&it.mark.digest) {
        return Decision::Used;
    }
    if let Some(at) = account.closed.iter().position(|closed| closed.mark == *it.mark) {
        return ended(&account.closed[at], at, it);
    }
    if account.unpaid.contains(&it.mark.digest) {
        return unpaid(it, String::from("payment_refused"));
    }
    if let Some(open) = account.open.as_ref().filter(|open| open.mark == *it.mark) {
        return match open.holder == it.holder && !it.may_be_sent {
            true => Decision::Submit,
            false => wait_or_take(open, it),
        };
    }
    let owed = |sale: &Sale| it.kind == AccountKind::Payer && sale.is_open_to(it);
    if let Some(at) = account.sales.iter().position(owed)
        && it.terms_hold
        && it.proven
    {
        match it.looked {
            Looked::Unspent | Looked::Poor | Looked::NoNode => return Decision::Grant(at),
            Looked::NotYet => return Decision::Look,
            Looked::Silent => return Decision::NodeSilent,
            // It is public, and anybody may have sent it.
            Looked::Spent => {}
        }
    }
    if let Some(open) = &account.open {
        return wait_or_take(open, it);
    }
    if !it.terms_hold {
        // "Nothing was paid" is not said of what may have been.
        return if it.may_be_forgotten { Decision::Used } else { Decision::Terms };
    }
    // Who signs anew at each 503 would else be charged each time.
    if let Some(until) = account.unproven_until().filter(|until| it.now.secs() <= *until) {
        return Decision::Unproven(until);
    }
    let standing = [&account.finished, &account.unpaid].map(|p| p.standing(it.now.secs()));
    if standing.iter().map(|(count, _)| count).sum::<usize>() >= limits::PACKED_MOST {
        let first = standing.iter().filter_map(|(_, first)| *first).min().unwrap_or_default();
        return Decision::Full(first + limits::RELEASE_SECONDS);
    }
    match it.looked {
        Looked::NotYet => Decision::Look,
        Looked::Spent => Decision::Used,
        Looked::Poor => Decision::Poor,
        Looked::NoNode | Looked::Silent | Looked::Unspent => Decision::Open,
    }
}

fn wait_or_take(open: &Open, it: &Presented<'_>) -> Decision {
    match open.lease > it.now {
        true => Decision::Wait(open.lease),
        false => Decision::Take,
    }
}

fn ended(closed: &Closed, at: usize, it: &Presented<'_>) -> Decision {
    match closed.why {
        Why::GivenUp => Decision::AskAgain(at),
        Why::Refused => match it.looked {
            Looked::Spent => Decision::Evidence(at),
            Looked::NotYet => Decision::Look,
            _ => Decision::Ended(Why::Refused, closed.code.clone()),
        },
        why => Decision::Ended(why, closed.code.clone()),
    }
}

fn unpaid(it: &Presented<'_>, code: String) -> Decision {
    match it.looked {
        Looked::Spent => Decision::Used,
        Looked::NotYet => Decision::Look,
        _ => Decision::Ended(Why::Refused, code),
    }
}

impl Account {
    /// Whether a payment is known here, whole or packed.
    pub fn knows(&self, mark: &Mark) -> bool {
        self.sells(mark)
            || self.closed.iter().any(|closed| closed.mark == *mark)
            || self.unpaid.contains(&mark.digest)
            || self.open.as_ref().is_some_and(|open| open.mark == *mark)
    }

    /// Until when what was paid, and not shown to be for this, holds the next payment.
    fn unproven_until(&self) -> Option<u64> {
        let unproven = self.closed.iter().filter(|closed| closed.why == Why::Unproven);
        unproven.map(|closed| closed.ends + limits::RELEASE_SECONDS).max()
    }

    /// Whether a payment is a sale here, whole or packed, or got one.
    pub fn sells(&self, mark: &Mark) -> bool {
        self.sales.iter().any(|sale| sale.involves(mark)) || self.finished.contains(&mark.digest)
    }
}

impl Sale {
    /// Whether a payment paid for it, or got it.
    pub fn involves(&self, mark: &Mark) -> bool {
        self.mark == *mark || self.got() == Some(mark)
    }

    /// Whether what it sold is over.
    pub fn is_over(&self, now: Micros, epoch: u32) -> bool {
        // Who paid and was never let in is let in once, whatever the epoch.
        if self.grant.is_none() {
            return false;
        }
        match self.sells.seconds {
            Some(_) => self.sells.epoch < epoch || now.secs() >= self.over_at(),
            None => self.resends_left == 0 || now.secs() >= self.over_at(),
        }
    }

    /// Whether the payment that paid for it, or got it, opens it, from where it is presented.
    fn opens_again(&self, it: &Presented<'_>) -> bool {
        if self.is_over(it.now, it.epoch) {
            return false;
        }
        let from = |origin: &[u8; 8]| it.origins.contains(origin);
        match &self.grant {
            None => from(&self.origin),
            Some(grant) if self.got() == Some(it.mark) => from(&grant.origin),
            // Another payment of the payer got it.
            Some(_) => self.sells.seconds.is_some() && from(&self.origin),
        }
    }

    /// Whether another payment of the payer need not be sent.
    fn is_open_to(&self, it: &Presented<'_>) -> bool {
        let open = (self.sells.seconds.is_some() || self.grant.is_none())
            && !self.is_over(it.now, it.epoch);
        open && (self.bill.network == it.network || (self.own_key && it.own_key))
    }

    /// Whether anybody may still open it.
    pub fn is_needed_whole(&self, now: Micros) -> bool {
        self.grant.is_none() || (self.sells.seconds.is_some() && now.secs() < self.over_at())
    }
}
