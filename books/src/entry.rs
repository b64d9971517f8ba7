//! A payment of the list.

use paywall_core::clock::Micros;
use paywall_core::purchase::{Mark, Sought};
use paywall_core::subject::{Kind, Subject};

/// What is known of a payment. What the records or the log lack is `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub state: State,
    /// The payer's address; empty if only the facilitator knows it.
    pub payer: String,
    /// Atomic units.
    pub amount: Option<u128>,
    /// The token, as the wire spells it.
    pub asset: Option<String>,
    /// The CAIP-2 name.
    pub network: Option<String>,
    pub payee: Option<String>,
    pub transaction: Option<String>,
    pub on_chain: Option<OnChain>,
    /// The id of the site.
    pub site: Option<String>,
    pub kind: Option<Kind>,
    /// The key of the object, or the pattern of the rule.
    pub name: String,
    /// When it was written that it is about to be sent, or it was bound.
    pub bound_at: Option<Micros>,
    /// When it was learnt that it settled.
    pub settled_at: Option<Micros>,
    /// The second from which it cannot be settled any more.
    pub valid_before: Option<u64>,
    pub facilitator: Option<String>,
    /// Which payment.
    pub mark: Option<Mark>,
    /// What the chain may be asked.
    pub inquiry: Option<Inquiry>,
    /// Why it is listed.
    pub why: String,
}

/// What a node can tell of a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inquiry {
    /// Whether it was paid. `contradicted` is whether the answer to its sending spoke against that.
    Transfer { sought: Box<Sought>, contradicted: bool },
    /// Whether its nonce is spent: no record says what was to be paid.
    Nonce,
}

/// How a payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It may have settled, and what holds it should have ended by now.
    Unresolved,
    /// Nobody could say in time whether it settled.
    GivenUp,
    /// It was paid, and nothing shows that it was for this.
    Unproven,
    /// It settled, and nobody got what it bought.
    ChargedNotGranted,
    /// It was bound to something, and stands nowhere in its account.
    NotKnown,
    /// The same, for so long that what it was may be packed and gone.
    Forgotten,
    /// It is being settled, or may be asked for again.
    InProgress,
    /// It was begun, and never submitted for this.
    NeverSubmitted,
    /// It settled, and what it bought was granted.
    Settled,
    /// Finished: it was sold, or opened what another one had paid for.
    Packed,
    /// Its facilitator refused it.
    Refused,
    /// It was not paid, and never will be.
    NeverPaid,
    /// It was refused or never paid, and is packed.
    PackedUnpaid,
    /// The seller paid it back.
    Refunded,
}

/// What the chain shows of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnChain {
    /// It was charged.
    Settled,
    /// Its nonce is spent; on what, no record lets tell.
    Spent,
    /// It was not, and never will be.
    NotSettled,
    /// It cannot be told, or not yet.
    Unknown,
}

impl Entry {
    /// One of which nothing is known but what it is for.
    pub fn of(state: State, subject: &Subject, mark: Mark, why: String) -> Self {
        Entry {
            site: Some(subject.site.clone()),
            kind: Some(subject.kind),
            mark: Some(mark),
            ..Entry::named(state, subject.name.clone(), why)
        }
    }

    /// One of which only the name of what it buys is known.
    pub fn named(state: State, name: String, why: String) -> Self {
        Entry {
            state,
            payer: String::new(),
            amount: None,
            asset: None,
            network: None,
            payee: None,
            transaction: None,
            on_chain: None,
            site: None,
            kind: None,
            name,
            bound_at: None,
            settled_at: None,
            valid_before: None,
            facilitator: None,
            mark: None,
            inquiry: None,
            why,
        }
    }

    /// Whether the seller may have to refund it, or look at it.
    pub fn is_owed(&self) -> bool {
        match self.state {
            State::Unresolved | State::GivenUp | State::Unproven | State::ChargedNotGranted => true,
            // A refusal, or a memory, that the chain contradicts.
            State::Refused | State::NotKnown => {
                matches!(self.on_chain, Some(OnChain::Settled | OnChain::Spent))
            }
            _ => false,
        }
    }
}

impl State {
    /// All, as they are counted.
    pub const ALL: [State; 14] = [
        State::Unresolved,
        State::GivenUp,
        State::Unproven,
        State::ChargedNotGranted,
        State::NotKnown,
        State::Forgotten,
        State::InProgress,
        State::NeverSubmitted,
        State::Settled,
        State::Packed,
        State::Refused,
        State::NeverPaid,
        State::PackedUnpaid,
        State::Refunded,
    ];

    /// Its name in every format.
    pub fn name(self) -> &'static str {
        match self {
            State::Unresolved => "unresolved",
            State::GivenUp => "given-up",
            State::Unproven => "unproven",
            State::ChargedNotGranted => "charged-not-granted",
            State::NotKnown => "not-known",
            State::Forgotten => "forgotten",
            State::InProgress => "in-progress",
            State::NeverSubmitted => "never-submitted",
            State::Settled => "settled",
            State::Packed => "packed",
            State::Refused => "refused",
            State::NeverPaid => "never-paid",
            State::PackedUnpaid => "packed-unpaid",
            State::Refunded => "refunded",
        }
    }
}

impl OnChain {
    pub fn name(self) -> &'static str {
        match self {
            OnChain::Settled => "settled",
            OnChain::Spent => "spent",
            OnChain::NotSettled => "not settled",
            OnChain::Unknown => "unknown",
        }
    }
}
