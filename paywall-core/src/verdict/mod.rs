//! What a facilitator's answer is worth. (A plain stand-in: the reference's dialect alone.)

use price_table::{Dialect, Text};
use serde_json::{Value, json};

use crate::facilitator::{Endpoint, Outcome};
use crate::hex;
use crate::receipt::{Expected, Receipt};

/// What `/settle` came to.
pub enum Settlement {
    Settled(Receipt),
    Refused { code: String, grounds: Grounds },
    NotTaken { why: String, mend: bool },
    Unknown { why: String, contradicts: bool, hint: Option<[u8; 32]> },
}

/// What a refusal rests on.
pub enum Grounds {
    Bytes,
    Unused,
    Reason,
    Payer,
}

/// Whether it may have been sent before.
#[derive(PartialEq)]
pub enum Sending {
    First,
    Again,
}

/// What `/verify` came to.
pub enum Verification {
    Valid,
    Refused(String),
    Unavailable(String),
    Unclear(String),
}

/// Reads answers.
pub struct Reader<'a> {
    pub dialect: Dialect,
    pub vouched: &'a [Text],
}

const REASON: [&str; 5] = [
    "invalid_exact_evm_insufficient_balance",
    "invalid_exact_evm_payload_authorization_valid_before",
    "invalid_exact_evm_payload_authorization_valid_after",
    "invalid_exact_evm_signature",
    "invalid_payload",
];

impl Reader<'_> {
    pub fn settlement(&self, outcome: &Outcome, expected: &Expected, _: Sending) -> Settlement {
        let (status, body) = match outcome {
            Outcome::NotSent(why) => {
                return Settlement::NotTaken { why: why.clone(), mend: false };
            }
            Outcome::Lost(why) => return unknown(why, false, None),
            Outcome::Answered { status, body } => (*status, body),
        };
        let json: Value = serde_json::from_slice(body).unwrap_or_default();
        let transaction = json["transaction"].as_str().unwrap_or_default();
        let code = ["errorReason", "errorType", "error", "invalidReason"];
        let code = code.iter().find_map(|name| json[*name].as_str()).unwrap_or_default();
        if json["success"] == true {
            return match expected.contradiction(&json) {
                None => match Receipt::of(&json, transaction, expected) {
                    Some(receipt) => Settlement::Settled(receipt),
                    None => unknown("success without a transaction", false, None),
                },
                Some(field) => unknown(field, false, None),
            };
        }
        let verdict = json["success"].is_boolean() || json["isValid"].is_boolean();
        let pending = code.contains("pending") || code.contains("timed_out");
        if !transaction.is_empty() {
            return unknown(code, !pending, hex::decode_array(transaction));
        }
        if code == "kyt_risk_detected" {
            return Settlement::Refused { code: code.into(), grounds: Grounds::Payer };
        }
        if code == "invalid_request" || code.starts_with("No facilitator registered") {
            return Settlement::NotTaken { why: code.into(), mend: true };
        }
        let throttled = matches!(status, 401 | 403 | 429) && !code.contains("used");
        if throttled || (!verdict && (matches!(status, 301 | 302 | 307 | 308 | 402 | 404 | 405))) {
            return Settlement::NotTaken { why: status.to_string(), mend: status != 429 };
        }
        if !verdict {
            return unknown(&status.to_string(), status < 500 && status != 303, None);
        }
        let message = json["errorMessage"].as_str();
        let guarded = message.is_none_or(|text| text.contains("execution reverted: "));
        let reason = REASON.contains(&code) && guarded;
        match reason || self.vouched.iter().any(|vouched| vouched == code) {
            true => Settlement::Refused { code: code.into(), grounds: Grounds::Reason },
            false => unknown(code, !pending && !code.is_empty(), None),
        }
    }

    pub fn verification(&self, outcome: &Outcome, _: &Expected) -> Verification {
        let Outcome::Answered { body, .. } = outcome else {
            return Verification::Unavailable("no answer".into());
        };
        let json: Value = serde_json::from_slice(body).unwrap_or_default();
        let code = json["invalidReason"].as_str().unwrap_or_default();
        match json["isValid"].as_bool() {
            Some(true) => Verification::Valid,
            Some(false) if REASON.contains(&code) => Verification::Refused(code.into()),
            Some(false) => Verification::Unclear(code.into()),
            None => Verification::Unavailable("no verdict".into()),
        }
    }

    pub fn operator(&self, _: Endpoint, _: &Outcome) -> Option<String> {
        None
    }

    pub fn is_out_of_order(&self, outcome: &Outcome) -> bool {
        !matches!(outcome, Outcome::Answered { status, .. } if *status < 500 && *status != 429)
    }

    pub fn believed_without_node(&self, code: &str) -> bool {
        code == "invalid_exact_evm_insufficient_balance"
    }
}

fn unknown(why: &str, contradicts: bool, hint: Option<[u8; 32]>) -> Settlement {
    Settlement::Unknown { why: why.to_owned(), contradicts, hint }
}

pub fn refused_json(code: &str, expected: &Expected) -> String {
    json!({ "success": false, "errorReason": code, "transaction": "", "network": expected.network(),
        "payer": expected.payer.spelled(&Value::Null) })
    .to_string()
}
