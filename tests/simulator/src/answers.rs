//! What facilitators answer: bodies as `facts/facilitator-codes.md` has them, honest ones and others.

use paywall_core::hex;
use serde_json::{Value, json};

use crate::choices::Choices;
use crate::wallet::{Authorization, CHAINS};

/// Status and body.
pub type Answer = (u16, Vec<u8>);

/// `SettlementResponse`.
pub fn receipt(a: &Authorization, hash: &[u8; 32]) -> Value {
    json!({
        "success": true,
        "transaction": hex::encode(hash),
        "network": format!("eip155:{}", CHAINS[a.chain].id),
        "payer": hex::encode(&a.from),
    })
}

/// `SettlementResponse` of what failed.
pub fn failed(reason: &str, transaction: &str) -> Answer {
    verdict(200, reason, transaction)
}

fn verdict(status: u16, reason: &str, transaction: &str) -> Answer {
    let json = json!({ "success": false, "errorReason": reason, "transaction": transaction });
    (status, json.to_string().into_bytes())
}

fn other(status: u16, json: Value) -> Answer {
    (status, json.to_string().into_bytes())
}

/// Of a payer whom it does not serve: CDP's.
pub fn blocked() -> Answer {
    other(403, json!({ "errorType": "kyt_risk_detected", "errorMessage": "blocked" }))
}

/// Said before anything was sent; and whether it is sent all the same, later.
pub fn odd(choices: &Choices) -> (Answer, bool) {
    match choices.below(9) {
        0 => ((308, b"Redirecting".to_vec()), false),
        1 => {
            let json = json!({ "errorType": "invalid_request", "errorMessage": "description" });
            (other(400, json), false)
        }
        2 => (verdict(429, "rate_limit_exceeded", ""), false),
        3 => {
            let reason = "No facilitator registered for scheme: exact";
            (other(500, json!({ "success": false, "error": reason })), false)
        }
        4 => (verdict(400, "invalid_exact_evm_failed_to_get_balance", ""), false),
        5 => (verdict(200, "a_code_never_seen", ""), choices.chance(500)),
        6 => ((503, b"upstream connect error".to_vec()), choices.chance(500)),
        7 => ((500, b"{\"error\":\"Internal Server Error\"}".to_vec()), true),
        _ => ((429, b"slow down".to_vec()), false),
    }
}

/// What the second copy of a request may meet, though the first one was sent: nothing that would prove
/// the contrary.
pub fn copy_odd(choices: &Choices) -> Option<Answer> {
    match choices.below(4) {
        0 => Some(verdict(400, "invalid_exact_evm_failed_to_get_balance", "")),
        1 => Some((503, b"upstream connect error".to_vec())),
        _ => None,
    }
}

/// Said of what was just sent; its code first.
pub fn lie(choices: &Choices) -> (&'static str, Answer) {
    let told = |code: &'static str| (code, failed(code, ""));
    match choices.below(10) {
        0 => told("invalid_exact_evm_insufficient_balance"),
        1 => told("invalid_exact_evm_payload_authorization_valid_before"),
        2 => told("invalid_exact_evm_payload_authorization_valid_after"),
        3 => told("invalid_exact_evm_signature"),
        4 => told("invalid_payload"),
        5 => told("a_code_never_seen"),
        6 => ("303", (303, b"See Other".to_vec())),
        7 => ("500", (500, b"{\"error\":\"Internal Server Error\"}".to_vec())),
        8 => {
            let json = json!({ "success": false, "transaction": "",
                "errorReason": "invalid_exact_evm_insufficient_balance",
                "errorMessage": "insufficient funds for gas * price + value: balance 0" });
            ("invalid_exact_evm_insufficient_balance, with a text", other(200, json))
        }
        _ => told("invalid_exact_evm_transaction_failed"),
    }
}

/// Not what the facilitator said.
pub fn garbled(choices: &Choices, (status, body): Answer) -> Answer {
    match choices.below(5) {
        0 => (502, b"<html>Bad Gateway</html>".to_vec()),
        1 => (status, body[..body.len() / 2].to_vec()),
        2 => (200, br#"{"success":"true","transaction":"0x00"}"#.to_vec()),
        3 => (200, br#"{"success":false}"#.to_vec()),
        // Another payment's.
        _ => {
            let json = json!({ "success": true, "transaction": hex::encode(&[0xee; 32]),
                "network": "eip155:84532", "payer": hex::encode(&[0xee; 20]) });
            other(200, json)
        }
    }
}

/// Whether an answer speaks against the payment's being this sender's: it is one, no success, and does not
/// say that it still waits.
pub fn contradicts((status, body): &(u16, Vec<u8>)) -> bool {
    let json: Value = serde_json::from_slice(body).unwrap_or_default();
    let code = json["errorReason"].as_str().unwrap_or_default();
    *status == 200 && json["success"] == false && !code.is_empty() && !code.contains("pending")
}
