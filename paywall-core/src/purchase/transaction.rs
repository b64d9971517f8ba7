//! Which payment a transaction settled, where payments have several spellings: those that only their
//! facilitator understands.

use serde::{Deserialize, Serialize};

use super::record::VERSION;
use crate::hex;
use crate::keccak::keccak;
use crate::scheme::identity::PaymentId;
use crate::store::Key;

/// The note: written once.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Transaction {
    /// [`VERSION`].
    pub v: u8,
    /// Which write of which request made it.
    pub writer: String,
    /// The payment that it settled.
    pub payment: PaymentId,
    /// The transaction, as the facilitator names it.
    pub transaction: String,
}

impl Transaction {
    /// That a transaction settled a payment.
    pub fn new(writer: String, payment: PaymentId, transaction: &str) -> Self {
        Transaction { v: VERSION, writer, payment, transaction: transaction.to_owned() }
    }

    /// Where the note of a network's transaction is.
    pub fn key(network: &str, transaction: &str) -> Key {
        let hash = keccak(&[network.as_bytes(), b"\0", transaction.as_bytes()]);
        Key::new(format!("v2/transactions/{}.json", &hex::encode(&hash)[2..]))
    }
}
