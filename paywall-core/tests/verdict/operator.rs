//! What the seller is told.

use paywall_core::facilitator::{Endpoint, Outcome};
use paywall_core::log::Words;
use price_table::Dialect::{self, Cdp, Reference};
use serde_json::json;

use crate::support::{HASH, answer, failed, reader, text, with};

fn line(dialect: Dialect, outcome: &Outcome) -> Option<Words> {
    Some(reader(dialect).operator(Endpoint::Settle, outcome)?.1)
}

#[test]
fn a_redirect_says_where_to() {
    let location = Some("https://www.x402.org/facilitator/settle".to_owned());
    let moved = Outcome::Answered {
        status: 308,
        body: b"Redirecting...".to_vec(),
        location,
        extensions: None,
    };
    let line = line(Reference, &moved).unwrap();
    assert!(line.starts_with("https://facilitator.example: HTTP 308, "), "{line}");
    assert!(line.contains("it moved to https://www.x402.org/facilitator/settle: "), "{line}");
}

#[test]
fn an_unknown_code_says_that_its_payer_is_held() {
    let settle = line(Reference, &answer(400, &failed("new_code"))).unwrap();
    assert!(
        settle.contains(": HTTP 400, new_code: not known to this version; its payer is held until")
    );
    let invalid = answer(200, &json!({"isValid": false, "invalidReason": "new_code"}));
    let verify = reader(Reference).operator(Endpoint::Verify, &invalid).unwrap().1;
    assert!(verify.contains("not known to this version") && !verify.contains("held"), "{verify}");
}

#[test]
fn what_only_the_seller_can_mend_is_said() {
    for (dialect, outcome, words) in [
        (Cdp, answer(401, &json!({"errorType": "unauthorized"})), "its secret was refused"),
        (Reference, text(403, "Forbidden"), "its secret was refused"),
        (Cdp, answer(402, &json!({"errorType": "payment_method_required"})), "its own bill"),
        (Cdp, answer(403, &failed("request_blocked_by_location")), "where the function runs"),
        (Reference, text(404, "Not Found"), "no such endpoint"),
        (Reference, text(429, "slow down"), "throttles us"),
        (
            Reference,
            answer(200, &failed("Payment must be verified before settlement")),
            "`verify = ",
        ),
        (Cdp, answer(400, &json!({"errorType": "invalid_request"})), "description"),
        (
            Cdp,
            answer(400, &failed("invalid_exact_evm_failed_to_get_balance")),
            "could not read the chain",
        ),
    ] {
        let line = line(dialect, &outcome).unwrap();
        assert!(line.contains(words), "{line}");
        assert!(!line.contains('\n'));
    }
}

#[test]
fn nothing_is_said_of_what_is_no_fault_of_the_seller() {
    for outcome in [
        answer(200, &json!({"success": true, "transaction": HASH})),
        answer(200, &failed("invalid_exact_evm_signature")),
        answer(200, &failed("settlement_pending")),
        answer(200, &with(failed("new_code"), json!({"transaction": HASH}))),
        answer(403, &failed("kyt_risk_detected")),
        answer(500, &json!({"error": "Internal Server Error"})),
        text(502, "error code: 502"),
        Outcome::Lost("reset".into()),
        Outcome::NotSent("connection refused".into()),
    ] {
        assert_eq!(line(Reference, &outcome), None, "{outcome:?}");
    }
}

#[test]
fn what_the_breaker_counts() {
    for (counts, outcome) in [
        (true, Outcome::Lost("reset".into())),
        (true, Outcome::NotSent("connection refused".into())),
        (true, text(502, "error code: 502")),
        (true, text(200, "<html>")),
        (true, text(308, "Redirecting...")),
        (true, answer(503, &json!({"error": "busy"}))),
        (true, answer(401, &json!({"error": "Unauthorized"}))),
        (true, answer(429, &failed("too_many_requests"))),
        (false, answer(200, &json!({"success": true, "transaction": HASH}))),
        (false, answer(200, &json!({"isValid": true}))),
        (false, answer(200, &failed("new_code"))),
        (false, answer(200, &failed("invalid_exact_evm_token_name_mismatch"))),
        (false, answer(500, &json!({"error": "invalid_exact_evm_scheme: x"}))),
        // Go's server says everything so, also what a buyer can cause.
        (false, answer(500, &json!({"error": "no such thing"}))),
    ] {
        assert_eq!(reader(Reference).is_out_of_order(&outcome), counts, "{outcome:?}");
    }
}
