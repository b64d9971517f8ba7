//! Stage 7: what is remembered of payments, and how it is decided on.
//!
//! Two kinds of records, the same in every store:
//!
//! | record | says | written |
//! | --- | --- | --- |
//! | [`Binding`] | which object a payment is for | once |
//! | [`Account`] | what one payer has of one object: a payment under way, sales | by replacing the version that was read |
//!
//! (A payment that only its facilitator understands has a third: which transaction settled it.)
//!
//! A payment is submitted only by who has just written, into the account, that it is under way, and
//! until when: a lease. Nobody else submits it, nor any other payment of that payer for that object,
//! before the lease is over; then whoever comes takes it over by one conditional write, and finds out
//! what became of the payment before doing anything else. So a sandbox that dies strands nobody.

mod account;
mod binding;
mod ledger;
mod memory;
mod pending;
mod record;
mod ticket;

use serde::Serialize;

pub use account::{Account, At, By, Opened, Sale, Verdict};
pub use binding::Binding;
pub(crate) use ledger::{Held, Ledger, Write};
pub use memory::Memory;
pub use pending::{Bill, Pending};
pub use record::{Ask, Failed, Key, Record, Reply, Version};
pub use ticket::{Fingerprint, Mark, PaymentId, Ticket};

/// Why a payment opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spent {
    /// It was presented for another object before.
    OtherObject,
    /// Another digest or signature under the same nonce was presented before.
    OtherSignature,
    /// It opened its object as often as it may, or the access that it bought is over.
    Exhausted,
}

fn json(record: &impl Serialize) -> String {
    serde_json::to_string(record).expect("records have string keys only")
}
