//! Stage 7: claims and entitlements.
//!
//! A settled signature is public, since it stands in the chain's calldata. So a payment is known
//! by what only its payer could have chosen *and* by what they signed: the [`PaymentId`] finds it,
//! and the [`Fingerprint`] must be identical, or nothing opens.
//!
//! [`Store`] is the seam for where claims live. [`Memory`] keeps them in one sandbox, bounded.

mod memory;

pub use memory::Memory;
use price_table::Access;

use crate::clock::Micros;
use crate::facilitator::{Expected, Receipt};

/// What makes a payment unique.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PaymentId {
    /// A token accepts a nonce once per payer.
    Eip3009 {
        /// The chain.
        chain_id: u64,
        /// The token.
        asset: [u8; 20],
        /// The payer.
        from: [u8; 20],
        /// The nonce.
        nonce: [u8; 32],
    },
    /// A payment that only its facilitator understands. Its buyer may be able to spell it in several
    /// ways, so the transaction that settles it counts as well.
    Opaque {
        /// A hash of all of it.
        digest: [u8; 32],
    },
}

impl PaymentId {
    /// The chain and the address that pays.
    fn payer(&self) -> Option<(u64, &[u8; 20])> {
        match self {
            PaymentId::Eip3009 { chain_id, from, .. } => Some((*chain_id, from)),
            PaymentId::Opaque { .. } => None,
        }
    }
}

/// What was signed, and the signature: anyone can copy a nonce.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    /// The EIP-712 digest.
    pub digest: [u8; 32],
    /// Keccak-256 of the signature's bytes.
    pub signature: [u8; 32],
}

/// A payment for an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Finds the payment.
    pub id: PaymentId,
    /// Proves that it is the same one.
    pub fingerprint: Fingerprint,
    /// The key of the object that it is presented for.
    pub object: String,
    /// Whether the payer's own key signed. Such a payer is the same on every chain; a contract
    /// wallet's address may be somebody else's on another one.
    pub own_key: bool,
}

impl Ticket {
    /// Whether the payer of this payment is the payer of another one.
    pub fn same_payer(&self, other: &Ticket) -> bool {
        match (self.id.payer(), other.id.payer()) {
            (Some((chain, from)), Some((other_chain, other_from))) => {
                from == other_from && (chain == other_chain || (self.own_key && other.own_key))
            }
            _ => false,
        }
    }
}

/// What a claim records before `/settle`, so that an unknown outcome can be resolved later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// The facilitator's base URL.
    pub facilitator: String,
    /// The request that it was sent, to be repeated word for word.
    pub body: String,
    /// What its answer must not contradict: the terms of this payment, not of the one that asks.
    pub expected: Expected,
    /// Until when the submission may still be under way.
    pub lease: Micros,
}

/// A claim whose outcome is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unresolved {
    /// The payment that was claimed; not always the one presented.
    pub id: PaymentId,
    /// How it was submitted.
    pub submission: Submission,
}

/// Why a payment opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spent {
    /// It was presented for another object before.
    OtherObject,
    /// Another digest or signature under the same nonce was claimed before.
    OtherSignature,
    /// It opened its object as often as it may, or the access that it bought is over.
    Exhausted,
}

/// What the store knows of a payment that is presented.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recalled {
    /// Nothing.
    Unseen,
    /// It settled, and opens the object once more.
    Opens(Receipt),
    /// It opens nothing.
    Spent(Spent),
    /// Another request is settling it.
    InProgress,
    /// It may have settled.
    Unresolved(Unresolved),
}

/// The answer to a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claimed {
    /// It is recorded: submit it.
    Ours,
    /// The payer has access already, by an earlier payment. Do not submit this one.
    Owned(Receipt),
    /// An earlier payment of this payer for this object may have settled. Do not submit this one.
    Earlier(Unresolved),
    /// It, or an earlier payment of this payer for this object, is being settled right now.
    InProgress,
    /// It was claimed since it was recalled.
    Spent(Spent),
    /// There is no room for another claim.
    Full,
}

/// How a submission ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Settled.
    Settled(Box<Sold>),
    /// Refused for certain before anything was submitted: forget the claim.
    Refused,
    /// Not known: keep the claim for whoever asks next.
    Unknown,
}

/// What a settlement becomes: an entitlement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sold {
    /// The proof of settlement.
    pub receipt: Receipt,
    /// Who gets the object now: not always by the payment that settled.
    pub granted: Ticket,
    /// What was bought.
    pub access: Access,
}

/// The answer to an ending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Record {
    /// It is recorded.
    Kept,
    /// The transaction that is said to settle an opaque payment has settled another one already.
    TransactionUsed,
}

/// Where claims and entitlements live.
pub trait Store {
    /// Looks a payment up, and takes one of its re-sends if it opens the object.
    fn recall(&mut self, ticket: &Ticket, now: Micros) -> Recalled;

    /// Claims a payment for an object, in one step with looking whether the payer needs no new one.
    fn claim(&mut self, ticket: Ticket, submission: Submission, now: Micros) -> Claimed;

    /// Records how the submission of `id` ended.
    fn record(&mut self, id: &PaymentId, ending: Ending, now: Micros) -> Record;
}
