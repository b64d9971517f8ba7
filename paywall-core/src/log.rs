//! One JSON line per decision: what happened and to which payment, never a payload, a signature or
//! a secret.

use serde::Serialize;

use crate::json;
use crate::receipt::Receipt;
use crate::world::Phases;

/// The line.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// CloudFront's id of the request.
    pub request_id: String,
    /// `viewer-request` or `viewer-response`.
    pub event: &'static str,
    /// A refusal's code, or how the request was granted.
    pub outcome: String,
    /// The status of an answer that the function generated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The object's key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// The payment, once its signature was looked at.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub payment: Option<Payment>,
    /// The transaction that settled it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transaction: Option<String>,
    /// The receipt of a payment that settled and could not be recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unrecorded: Option<Receipt>,
    /// Calls of facilitators and nodes, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<CallTiming>,
    /// Why a facilitator's answer did not count, or what does not fit together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// What the seller must mend, and where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// Someone should look: money may have moved without an answer, or content is not what was
    /// published.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub alarm: bool,
    /// Microseconds from the event to the answer; whoever prints the line knows them.
    pub total_us: u64,
}

/// What is logged of a payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Payment {
    /// The payer's address, if the payment names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payer: Option<String>,
    /// The authorization's nonce: with the payer, what tells payments apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// Atomic units of the price.
    pub amount: String,
    /// The token's address.
    pub asset: String,
    /// The CAIP-2 name.
    pub network: String,
}

/// How long a call took.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CallTiming {
    /// `verify` and `settle` of a facilitator, `rpc` of a node.
    pub endpoint: &'static str,
    /// The facilitator's base URL, or the node's network.
    pub to: String,
    /// Milliseconds in all.
    pub ms: u64,
    /// Where they went.
    #[serde(flatten)]
    pub phases: Phases,
    /// What a facilitator says of listing what was sold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listing: Option<String>,
}

impl Line {
    /// Begins the line of an event.
    pub fn of(event: &'static str, request_id: &str) -> Self {
        Line { request_id: request_id.to_owned(), event, ..Line::default() }
    }

    /// Says how it ended.
    pub fn ended(mut self, outcome: impl Into<String>) -> Self {
        self.outcome = outcome.into();
        self
    }

    /// The line as it is printed, without its end.
    pub fn to_json(&self) -> String {
        json::text(self)
    }
}
