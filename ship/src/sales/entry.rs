//! A payment of the list.

use paywall_core::clock::Micros;
use paywall_core::store::Mark;

/// What is known of a payment. What the records or the log lack is `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) state: State,
    /// The payer's address; empty if only the facilitator knows it.
    pub(crate) payer: String,
    /// Atomic units.
    pub(crate) amount: u128,
    /// The token, as the wire spells it.
    pub(crate) asset: String,
    /// The CAIP-2 name.
    pub(crate) network: String,
    pub(crate) payee: Option<String>,
    pub(crate) transaction: Option<String>,
    pub(crate) on_chain: Option<OnChain>,
    /// The key of the object.
    pub(crate) object: String,
    /// When it was bound to the object.
    pub(crate) bound_at: Option<Micros>,
    /// When it was learnt that it settled.
    pub(crate) settled_at: Option<Micros>,
    /// The second from which it cannot be settled any more.
    pub(crate) valid_before: Option<u64>,
    pub(crate) facilitator: Option<String>,
    /// Which payment.
    pub(crate) mark: Option<Mark>,
    /// Why it is listed.
    pub(crate) why: String,
}

/// How a sale stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It may have settled, and nobody is finding out.
    Unresolved,
    /// It settled, and nobody got the object for it.
    ChargedNotGranted,
    /// It is being settled, or was a moment ago.
    InProgress,
    /// It was begun, and never submitted for this object.
    NeverSubmitted,
    /// It settled, and the object was granted.
    Settled,
}

/// What the chain shows of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnChain {
    /// It was charged.
    Settled,
    /// It was not, and never will be.
    NotSettled,
    /// It cannot be told, or not yet.
    Unknown,
}

impl State {
    /// All, as they are counted.
    pub(crate) const ALL: [State; 5] = [
        State::Unresolved,
        State::ChargedNotGranted,
        State::InProgress,
        State::NeverSubmitted,
        State::Settled,
    ];

    /// Its name in every format.
    pub(crate) fn name(self) -> &'static str {
        match self {
            State::Unresolved => "unresolved",
            State::ChargedNotGranted => "charged-not-granted",
            State::InProgress => "in-progress",
            State::NeverSubmitted => "never-submitted",
            State::Settled => "settled",
        }
    }

    /// Whether the seller may have to refund it.
    pub(crate) fn is_owed(self) -> bool {
        matches!(self, State::Unresolved | State::ChargedNotGranted)
    }
}

impl OnChain {
    pub(crate) fn name(self) -> &'static str {
        match self {
            OnChain::Settled => "settled",
            OnChain::NotSettled => "not settled",
            OnChain::Unknown => "unknown",
        }
    }
}
