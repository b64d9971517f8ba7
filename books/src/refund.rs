//! What is stored of a refund: that it was paid, by which transaction, and for which payment. `docs/records.md`.

use paywall_core::purchase::{PaymentId, VERSION};
use paywall_core::store::Key;
use paywall_core::subject::Subject;
use serde::{Deserialize, Serialize};

/// A refund that was seen on the chain: written once, for one payment, of one transaction.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Refund {
    /// [`VERSION`].
    pub v: u8,
    /// The payment that was paid back.
    pub payment: PaymentId,
    /// What the payment was for.
    pub subject: Subject,
    /// Why it was owed.
    pub why: String,
    /// The CAIP-2 name of the network.
    pub network: String,
    /// The token, in lower case.
    pub asset: String,
    /// The second of the block that paid it.
    pub paid_at: u64,
    /// What was paid back: all of the payment, or more.
    #[serde(with = "text")]
    pub amount: u128,
    /// Who paid it back.
    pub from: String,
    /// The payer of the payment.
    pub to: String,
    /// Whom the payment paid.
    pub payee: String,
    /// The transaction that paid it back.
    pub transaction: String,
    /// The height of its block.
    pub block: u64,
    /// The place of its log in the block.
    pub index: u64,
    /// The second of its block.
    pub time: u64,
}

/// Which payment a transaction paid back: written once, before the refund.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Spent {
    /// [`VERSION`].
    pub v: u8,
    /// The transaction.
    pub transaction: String,
    /// The payment.
    pub payment: PaymentId,
}

impl Refund {
    /// Where the refund of a payment is.
    pub fn key(payment: &PaymentId) -> Key {
        Key::new(format!("v2/refunds/payments/{}.json", payment.path()))
    }

    /// Whether the payee itself paid it back.
    pub fn by_payee(&self) -> bool {
        self.from.eq_ignore_ascii_case(&self.payee)
    }
}

impl Spent {
    /// That a transaction pays back a payment.
    pub fn new(transaction: &str, payment: &PaymentId) -> Self {
        let (transaction, payment) = (transaction.to_owned(), payment.clone());
        Spent { v: VERSION, transaction, payment }
    }

    /// Where it says so. `transaction` is in lower case.
    pub fn key(network: &str, transaction: &str) -> Key {
        Key::new(format!(
            "v2/refunds/transactions/{}/{transaction}.json",
            network.replace(':', "-")
        ))
    }
}

mod text {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(n: &u128, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&n.to_string())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<u128, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}
