//! A payment that was submitted, or is about to be.

use serde::{Deserialize, Serialize};

use super::account::Verdict;
use super::ticket::{Mark, PaymentId};
use crate::claim::Wire;
use crate::clock::Micros;
use crate::facilitator::{Expected, Payer};

/// It. Whoever holds its lease is the only one who may submit it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Pending {
    /// Which payment.
    pub mark: Mark,
    /// What is to be paid.
    pub bill: Bill,
    /// Seconds of access that it buys; `None` for one grant.
    pub seconds: Option<u32>,
    /// `access_epoch` of the rule.
    pub access_epoch: u32,
    /// When it was bound to the object.
    pub bound_at: Micros,
    /// The base URL of the one facilitator that may have it.
    pub facilitator: String,
    /// The request that that facilitator is sent, to be repeated word for word.
    pub body: String,
    /// Until when its holder may submit it.
    pub lease: Micros,
}

/// Who pays whom how much, spelled as the wire spells it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Bill {
    /// The version that the facilitator was asked in.
    pub wire: Wire,
    /// The CAIP-2 name.
    pub network: String,
    /// The v1 name of the network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub v1: Option<String>,
    /// The token.
    pub asset: String,
    /// Atomic units.
    #[serde(with = "decimal")]
    pub amount: u128,
    /// The payer's address; empty if only the facilitator knows it.
    pub payer: Payer,
    /// The payee.
    pub pay_to: String,
    /// The second from which it cannot be settled any more, if it says so.
    pub valid_before: Option<u64>,
}

impl Pending {
    /// What another request may do about it.
    pub(super) fn verdict(&self, now: Micros) -> Verdict {
        match self.lease > now {
            true => Verdict::InProgress,
            false => Verdict::Unresolved,
        }
    }

    /// The payment's name.
    pub fn payment(&self) -> &PaymentId {
        &self.mark.payment
    }
}

impl Bill {
    /// What an answer about the payment must not contradict.
    pub fn expected(&self) -> Expected {
        Expected {
            wire: self.wire,
            caip2: self.network.clone(),
            v1: self.v1.clone(),
            payer: self.payer,
            amount: self.amount,
        }
    }
}

/// Numbers of any size as decimal text: readers of JSON round big numbers.
mod decimal {
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
