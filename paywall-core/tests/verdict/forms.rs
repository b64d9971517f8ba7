//! Forms of answers: marks, spellings, statuses that speak of somebody.

use paywall_core::facilitator::Outcome;
use paywall_core::verdict::{Grounds, Settlement, Verification};
use price_table::Dialect::{Cdp, Reference, X402Rs};
use serde_json::json;

use crate::support::{HASH, answer, class, expected, failed, first, grounds, reader, text, with};

#[test]
fn a_byte_order_mark_before_json_is_skipped() {
    let settled = json!({"success": true, "transaction": HASH});
    let marked = format!("\u{feff}{settled}");
    assert_eq!(class(&first(Reference, &text(200, &marked))), "settled");
    let valid =
        reader(Reference).verification(&text(200, "\u{feff}{\"isValid\":true}"), &expected());
    assert_eq!(valid, Verification::Valid);
    let twice = format!("\u{feff}\u{feff}{settled}");
    assert_eq!(class(&first(Reference, &text(200, &twice))), "unknown");
}

#[test]
fn success_is_read_in_every_spelling() {
    for field in ["transaction", "txHash", "transactionHash", "transaction_hash"] {
        for id in
            [json!("84532"), json!(84532), json!("base-sepolia"), json!("eip155:84532"), json!("")]
        {
            let body = json!({"success": true, field: HASH, "networkId": id});
            match first(Reference, &answer(200, &body)) {
                Settlement::Settled(receipt) => assert_eq!(receipt.transaction(), HASH),
                other => panic!("{body}: {other:?}"),
            }
        }
    }
    // Three at once, one of them in capitals, one empty.
    let capitals = format!("0x{}", HASH[2..].to_ascii_uppercase());
    let body =
        json!({"success": true, "transaction": "", "txHash": HASH, "transactionHash": capitals});
    assert_eq!(class(&first(X402Rs, &answer(200, &body))), "settled");
}

#[test]
fn spellings_that_contradict_each_other_are_unknown() {
    let other = HASH.replace('2', "3");
    for body in [
        json!({"success": true, "transaction": HASH, "txHash": other}),
        json!({"success": true, "transaction": HASH, "txHash": 7}),
        json!({"success": true, "transaction": HASH, "networkId": "8453"}),
        json!({"success": true, "transaction": HASH, "networkId": 8453}),
        json!({"success": true, "transaction": HASH, "networkId": "base"}),
        json!({"success": true, "transaction": HASH, "networkId": ["84532"]}),
        json!({"success": true, "transaction": HASH, "network": "base-sepolia", "networkId": "1"}),
        json!({"success": true, "txHash": "0x12"}),
        json!({"success": true}),
        json!({"success": "true", "transaction": HASH}),
    ] {
        assert_eq!(class(&first(Reference, &answer(200, &body))), "unknown", "{body}");
    }
}

/// Row 12: one payer's compliance is nobody else's.
#[test]
fn a_403_of_one_payer_is_refused_and_no_breaker() {
    for (dialect, body) in [
        (Cdp, json!({"errorType": "kyt_risk_detected", "errorMessage": "words"})),
        (Cdp, failed("kyt_risk_detected")),
        (Cdp, failed("invalid_exact_evm_payload_authorization_from_address_kyt")),
        (X402Rs, json!({"error": "Address blocked: sanctioned"})),
        (Reference, json!({"error": "kyt_risk_detected"})),
    ] {
        for status in [200, 400, 403] {
            let outcome = answer(status, &body);
            assert_eq!(grounds(&first(dialect, &outcome)), Some(Grounds::Payer), "{body}");
            assert!(!reader(dialect).is_out_of_order(&outcome), "{body}");
            let verified = reader(dialect).verification(&outcome, &expected());
            assert!(matches!(verified, Verification::Refused(_)), "{verified:?}");
        }
    }
    // A 403 that speaks of no payer is about us.
    for outcome in [text(403, "Forbidden"), answer(403, &failed("region_not_served"))] {
        assert_eq!(class(&first(Reference, &outcome)), "not_taken");
        assert!(reader(Reference).is_out_of_order(&outcome));
    }
}

/// Row 9: 308, 429 with a verdict, a limit of a schema.
#[test]
fn what_was_filed_as_unknown_is_not_taken() {
    let moved = Outcome::Answered {
        status: 308,
        body: b"Redirecting...\n".to_vec(),
        location: Some("https://www.x402.org/facilitator/settle".into()),
        extensions: None,
    };
    assert!(matches!(first(Reference, &moved), Settlement::NotTaken { mend: true, .. }));
    let throttled = answer(429, &failed("too_many_requests"));
    assert!(matches!(first(Reference, &throttled), Settlement::NotTaken { mend: false, .. }));
    assert!(reader(Reference).is_out_of_order(&throttled));
    let schema =
        json!({"errorType": "invalid_request", "errorMessage": "description: at most 500"});
    assert!(matches!(first(Cdp, &answer(400, &schema)), Settlement::NotTaken { mend: true, .. }));
    assert!(!reader(Cdp).is_out_of_order(&answer(400, &schema)));
    let refused = Outcome::NotSent("connection refused".into());
    assert!(matches!(first(Cdp, &refused), Settlement::NotTaken { mend: false, .. }));
}

/// What forbids that, one step aside of each.
#[test]
fn and_what_is_not() {
    for outcome in [
        answer(429, &failed("payment_already_used")),
        answer(403, &failed("nonce_used")),
        answer(401, &json!({"error": "settlement in progress"})),
        answer(402, &failed("too_many_requests")),
        answer(404, &failed("not_here")),
        answer(404, &json!({"error": "Duplicate payment"})),
        text(303, ""),
        text(304, ""),
    ] {
        assert_eq!(class(&first(Reference, &outcome)), "unknown", "{outcome:?}");
    }
    let schema = json!({"errorType": "invalid_request"});
    for outcome in [
        answer(500, &schema),
        answer(400, &with(schema.clone(), json!({"success": false}))),
        answer(400, &with(schema.clone(), json!({"transaction": HASH}))),
    ] {
        assert_eq!(class(&first(Cdp, &outcome)), "unknown", "{outcome:?}");
    }
    assert_eq!(class(&first(Reference, &answer(400, &schema))), "unknown");
    // A path in a proxy's page is no word about the payment.
    assert_eq!(class(&first(Reference, &text(404, "<pre>Cannot POST /settle</pre>"))), "not_taken");
    // nginx's page is PayAI's only at PayAI.
    assert_eq!(class(&first(Reference, &text(503, "<html>"))), "unknown");
    for url in ["https://payai.network.example", "https://notpayai.network"] {
        let reader = paywall_core::verdict::Reader { url, ..reader(Reference) };
        let sending = paywall_core::verdict::Sending::First;
        assert_eq!(
            class(&reader.settlement(&text(503, "<html>"), &expected(), sending)),
            "unknown"
        );
    }
}

#[test]
fn a_verdict_of_verify_is_read_without_grounds() {
    let read = |dialect, body| reader(dialect).verification(&answer(200, &body), &expected());
    let valid = json!({"isValid": true, "payer": paywall_core::hex::encode(&[0x11; 20])});
    assert_eq!(read(Reference, valid), Verification::Valid);
    let other = json!({"isValid": true, "payer": paywall_core::hex::encode(&[0x12; 20])});
    assert!(matches!(read(Reference, other), Verification::Unavailable(_)));
    let no =
        |code: &str| json!({"isValid": false, "invalidReason": code, "invalidMessage": "words"});
    let signature = read(Reference, no("invalid_exact_evm_signature"));
    assert_eq!(signature, Verification::Refused("invalid_exact_evm_signature".into()));
    assert!(matches!(read(Reference, no("new_code")), Verification::Unclear(_)));
    assert!(matches!(read(Cdp, no("invalid_payload")), Verification::Unclear(_)));
    assert!(matches!(read(X402Rs, no("unsupported_scheme")), Verification::Unavailable(_)));
    assert!(matches!(read(Reference, json!({"error": "no"})), Verification::Unavailable(_)));
}
