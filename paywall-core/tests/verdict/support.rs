//! Answers, and the reader of a dialect.

use paywall_core::facilitator::Outcome;
use paywall_core::receipt::{Expected, Payer};
use paywall_core::verdict::{Grounds, Reader, Sending, Settlement};
use paywall_core::wire::Wire;
use price_table::Dialect;
use serde_json::{Value, json};

pub const PAYER: [u8; 20] = [0x11; 20];
pub const HASH: &str = "0x2222222222222222222222222222222222222222222222222222222222222222";

pub fn reader(dialect: Dialect) -> Reader<'static> {
    Reader { dialect, url: "https://facilitator.example", vouched: &[] }
}

pub fn expected() -> Expected {
    Expected {
        wire: Wire::V2,
        caip2: "eip155:84532".into(),
        v1: Some("base-sepolia".into()),
        payer: Payer::Evm(PAYER),
        amount: 10_000,
    }
}

pub fn text(status: u16, body: &str) -> Outcome {
    Outcome::Answered { status, body: body.as_bytes().to_vec(), location: None, extensions: None }
}

pub fn answer(status: u16, body: &Value) -> Outcome {
    text(status, &body.to_string())
}

/// A failed `/settle` as the reference's servers say it.
pub fn failed(code: &str) -> Value {
    json!({"success": false, "errorReason": code, "transaction": "", "network": "eip155:84532"})
}

/// [`failed`] with more or other fields.
pub fn with(mut body: Value, more: Value) -> Value {
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

/// Whether an outcome is a refusal, and on which grounds.
pub fn grounds(settlement: &Settlement) -> Option<Grounds> {
    match settlement {
        Settlement::Refused { grounds, .. } => Some(*grounds),
        _ => None,
    }
}

pub fn first(dialect: Dialect, outcome: &Outcome) -> Settlement {
    reader(dialect).settlement(outcome, &expected(), Sending::First)
}

/// The names that the table of reviewed codes has for outcomes.
pub fn class(settlement: &Settlement) -> &'static str {
    match settlement {
        Settlement::Settled(_) => "settled",
        Settlement::Refused { .. } => "refused",
        Settlement::NotTaken { .. } => "not_taken",
        Settlement::Unknown { .. } => "unknown",
    }
}
