//! Where a purchase stands: what it asked, and so what the answer is about.

use super::change::Opened;
use super::evidence::{Finding, Search};
use super::reason::Refused;
use super::record::{Account, Binding, Learnt, Open, Why};
use super::swap::Swap;
use crate::receipt::Receipt;
use crate::refusal::Refusal;

/// What the answer that is awaited is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// What is known of the payment and its payer.
    Recall,
    /// The account of the kind that the payment is bound with.
    RecallOther,
    /// Whether a facilitator, by its place in the order, finds the payment good.
    Verify(usize, Verified),
    /// What the chain says of it.
    Look,
    /// Whether binding and account are made. Holds what was written.
    Begin(Box<Begun>),
    /// The same, read back.
    BeginRead(Box<Begun>),
    /// A write.
    Swap(Box<Swap>, Then),
    /// What a payment that was taken over is bound to.
    TakenBinding,
    /// `/settle`, by the place in the order.
    Settle,
    /// The newest block, to see a refusal's reason in. Holds the refusal.
    ReasonHeight(Box<Doubt>),
    /// The reason, at this height.
    ReasonSeen(Box<Doubt>, Vec<Option<u64>>),
    /// `/settle` of what may have been sent before.
    Again(Target),
    /// The chain, at one of the nodes; what the first one found.
    Evidence(Box<Search>, usize, Option<Finding>, Target),
    /// Whether the transaction of an opaque payment is new.
    Transaction(Box<Settled>),
    /// Which payment it settled.
    TransactionRead(Box<Settled>),
}

/// Binding and account as they were written first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Begun {
    /// The binding.
    pub binding: Binding,
    /// The account.
    pub account: Account,
}

/// What follows a facilitator's `valid`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verified {
    /// The look.
    Look,
    /// The sending.
    Submit,
}

/// A refusal that is not believed yet.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Doubt {
    /// What was refused.
    pub refused: Refused,
    /// The facilitator's code.
    pub code: String,
}

/// Which payment is being found out about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// The open one.
    Open,
    /// A closed one, by its place.
    Closed(usize),
}

/// A payment that settled.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Settled {
    /// Which.
    pub open: Open,
    /// The proof.
    pub receipt: Receipt,
    /// From whom.
    pub learnt: Learnt,
}

/// What follows a write.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Then {
    /// The open payment is this request's to send.
    Opened,
    /// The open payment is taken over.
    Taken,
    /// What could never have been sent is dropped.
    Dropped,
    /// The payment is given back, and the request ends so.
    GaveBack(Refusal),
    /// The one given back stood in the wrong kind of account: look at the right one.
    GaveBackOther,
    /// What is known of an open payment is noted, and the request ends so.
    Noted(Refusal),
    /// A payment is closed. `own`: the one presented.
    Closed {
        /// How.
        why: Why,
        /// What was said of it.
        code: String,
        /// Whether it is the one presented.
        own: bool,
    },
    /// A sale is recorded: so often it was tried, and what is granted with it.
    Sold(Box<Settled>, u32, Option<Opened>),
    /// A sale is granted.
    Granted(Opened, &'static str),
}
