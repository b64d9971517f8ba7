//! Signatures that only a facilitator can judge, and facilitators that want to be asked first.

use k256::ecdsa::Signature;
use paywall_core::facilitator::{Endpoint, Outcome};
use paywall_core::{hex, limits};
use serde_json::json;

use crate::support::{Payment, Scenario, answer, failed};

/// Signatures that may be a smart wallet's.
fn unclear() -> Vec<(&'static str, Vec<u8>)> {
    let good = Payment::v2(1).signature();
    let with = |at: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[at] = byte;
        bytes
    };
    vec![
        ("of another key", with(10, good[10] ^ 1)),
        ("v 0, of another key", [&with(10, good[10] ^ 1)[..64], &[0]].concat()),
        ("v 31, as Safe marks eth_sign", with(64, good[64] + 4)),
        (
            "Safe's approved hash: s is 0, v is 1",
            [[0; 12].as_slice(), &[7; 20], &[0; 32], &[1]].concat(),
        ),
        ("64 bytes, of another key", with(10, good[10] ^ 1)[..64].to_vec()),
        ("64 bytes of r and s out of range", vec![0; 64]),
        ("v 1, and r and s out of range", [[0xff; 64].as_slice(), &[1]].concat()),
        ("wrapped", [good.as_slice(), &[0x64, 0x92].repeat(16)].concat()),
        ("1 KB", vec![7; 1024]),
    ]
}

#[test]
fn an_unclear_signature_costs_one_verify_and_settles_only_if_that_says_valid() {
    for (name, signature) in unclear() {
        let payment = Payment::v2(1).signed(hex::encode(&signature));
        let mut scenario = Scenario::open();
        scenario.pay("/a.json", &payment).granted();
        let endpoints: Vec<_> = scenario.calls.iter().map(|call| call.endpoint).collect();
        assert_eq!(endpoints, [Endpoint::Verify, Endpoint::Settle], "{name}");
        assert_eq!(scenario.calls[0].body, scenario.calls[1].body);

        let mut scenario = Scenario::open();
        let invalid = json!({ "isValid": false, "invalidReason": "invalid_exact_evm_signature" });
        scenario.verify = vec![answer(invalid)];
        let ended = scenario.pay("/a.json", &payment);
        assert_eq!(ended.code(), (402, "invalid_exact_evm_signature".into()), "{name}");
        assert_eq!(ended.calls.len(), 1, "{name}");
    }
}

/// Other spellings of a signature that recover to its key.
fn spellings(good: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let (r, s) = Signature::from_slice(&good[..64]).unwrap().split_scalars();
    let high = Signature::from_scalars(r, -s).unwrap().to_bytes();
    let odd = good[64] - 27;
    let with = |scalars: &[u8], v: u8| [scalars, &[v]].concat();
    let mut packed = good[..64].to_vec();
    packed[32] |= odd << 7;
    vec![
        ("v 0 or 1", with(&good[..64], odd)),
        ("high s", with(&high, 28 - odd)),
        ("high s, v 0 or 1", with(&high, 1 - odd)),
        ("EIP-2098", packed),
    ]
}

#[test]
fn every_spelling_of_a_signature_is_handed_on_in_the_one_that_tokens_take() {
    let mut parities = std::collections::BTreeSet::new();
    for nonce in 1..=8 {
        let good = Payment::v2(nonce);
        parities.insert(good.signature()[64]);
        for (name, signature) in spellings(&good.signature()) {
            let respelled = good.clone().signed(hex::encode(&signature));
            let (mut plain, mut scenario) = (Scenario::open(), Scenario::open());
            plain.pay("/a.json", &good).granted();
            scenario.pay("/a.json", &respelled).granted();
            assert_eq!(scenario.calls, plain.calls, "{name}: no /verify, and the same /settle");
            // It is one payment: the other spelling is sent again, not refused as another one.
            assert_eq!(scenario.pay("/a.json", &good).log.outcome, "resent", "{name}");
            assert_eq!(plain.pay("/a.json", &respelled).log.outcome, "resent", "{name}");
            assert_eq!(scenario.calls.len(), 1, "{name}");
        }
    }
    assert_eq!(parities.len(), 2, "both parities were tried");
}

#[test]
fn an_impossible_signature_costs_nothing() {
    let order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
    let one = format!("{:0>64}", "1");
    let zero = "0".repeat(64);
    for (signature, code) in [
        ("0x".to_owned(), "invalid_signature_length"),
        (format!("0x{}", "11".repeat(19)), "invalid_signature_length"),
        (format!("0x{}", "11".repeat(63)), "invalid_signature_length"),
        ("0xnope".to_owned(), "invalid_signature_format"),
        ("11".repeat(65), "invalid_signature_format"),
        (format!("0x{zero}{one}1b"), "invalid_exact_evm_payload_signature"),
        (format!("0x{one}{zero}1c"), "invalid_exact_evm_payload_signature"),
        (format!("0x{order}{one}1b"), "invalid_exact_evm_payload_signature"),
        (format!("0x{one}{order}1b"), "invalid_exact_evm_payload_signature"),
    ] {
        let mut scenario = Scenario::open();
        let ended = scenario.pay("/a.json", &Payment::v2(1).signed(signature.clone()));
        assert_eq!(ended.code(), (402, code.into()), "{signature}");
        assert_eq!(scenario.calls, [], "{signature}");
    }
}

#[test]
fn what_verify_does_not_say_clearly_never_settles() {
    let payment = Payment::v2(1).signed(hex::encode(&[7; 100]));
    let invalid = |reason: &str| answer(json!({ "isValid": false, "invalidReason": reason }));
    for (outcome, code) in [
        (Outcome::NotSent("refused".into()), "facilitator_unavailable"),
        (Outcome::Lost("timeout".into()), "facilitator_unavailable"),
        (
            Outcome::Answered {
                status: 200,
                body: b"<html>".to_vec(),
                location: None,
                extensions: None,
            },
            "facilitator_unavailable",
        ),
        (answer(json!({ "isValid": "true" })), "facilitator_unavailable"),
        (answer(json!({ "success": true })), "facilitator_unavailable"),
        (answer(json!({ "isValid": true, "payer": "0x11" })), "facilitator_unavailable"),
        // It may have been settled by another sandbox: not 402.
        (invalid("invalid_exact_evm_nonce_already_used"), "verification_unclear"),
        (invalid("unexpected_error"), "verification_unclear"),
    ] {
        let mut scenario = Scenario::open();
        scenario.verify = vec![outcome.clone()];
        let ended = scenario.pay("/a.json", &payment);
        assert_eq!(ended.code(), (503, code.into()), "{outcome:?}");
        assert_eq!(scenario.count(Endpoint::Settle), 0);
    }
}

#[test]
fn the_budget_holds_under_a_flood() {
    let mut scenario = Scenario::open();
    let invalid = json!({ "isValid": false, "invalidReason": "invalid_exact_evm_signature" });
    scenario.verify = vec![answer(invalid)];
    let mut flood = |client_ip, budget: u32| {
        scenario.client_ip = client_ip;
        for nonce in 0..50 {
            let ended = scenario.pay("/a.json", &Payment::v2(nonce).signed(hex::encode(&[7; 65])));
            let busy = u32::from(nonce) >= budget;
            assert_eq!(ended.status(), if busy { 503 } else { 402 }, "{client_ip} {nonce}");
        }
    };
    // One network leaves the others their part, until all is used up.
    let own = limits::VERIFY_BURST_NETWORK;
    flood("203.0.113.7", own);
    flood("203.0.113.99", 0);
    flood("198.51.100.1", limits::VERIFY_BURST - own);
    flood("192.0.2.1", 0);
    assert_eq!(scenario.calls.len(), limits::VERIFY_BURST as usize);
    // Whoever's signature matches is not touched by it.
    scenario.pay("/a.json", &Payment::v2(1)).granted();
}

#[test]
fn a_facilitator_that_wants_it_is_asked_to_verify_first() {
    let mut scenario = Scenario::open();
    scenario.pay("/first.json", &Payment::v2(1)).granted();
    let endpoints: Vec<_> = scenario.calls.iter().map(|call| call.endpoint).collect();
    assert_eq!(endpoints, [Endpoint::Verify, Endpoint::Settle]);
    scenario.verify =
        vec![answer(json!({ "isValid": false, "invalidReason": "insufficient_funds" }))];
    let ended = scenario.pay("/first.json", &Payment::v2(2));
    assert_eq!(ended.code(), (402, "insufficient_funds".into()));
    assert_eq!(scenario.count(Endpoint::Settle), 1);
}

#[test]
fn an_unclear_signature_owns_nothing_before_it_is_verified() {
    let mut scenario = Scenario::open();
    scenario.pay("/timed.json", &Payment::v2(1)).granted();
    let forged = Payment::v2(2).signed(hex::encode(&[7; 65]));
    let invalid = json!({ "isValid": false, "invalidReason": "invalid_exact_evm_signature" });
    scenario.verify = vec![answer(invalid)];
    assert_eq!(scenario.pay("/timed.json", &forged).status(), 402);
    // Nor can it block the payer: nothing was claimed in its name.
    scenario.settle = vec![failed("insufficient_funds")];
    assert_eq!(scenario.pay("/a.json", &Payment::v2(2)).code().1, "insufficient_funds");
}
