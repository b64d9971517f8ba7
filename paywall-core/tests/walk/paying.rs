//! Payments that settle or are refused for certain, and what they open afterwards.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use paywall_core::facilitator::{Endpoint, Outcome};
use paywall_core::{handover, hex, limits};
use serde_json::{Value, json};

use crate::payment::ANVIL_0;
use crate::support::{ETAG, NOW, Payment, Scenario, TX, answer, failed};

fn receipt(ended: &crate::support::Ended) -> Value {
    let signed = ended.granted().headers.first(handover::HEADER).unwrap();
    let (receipt, _) = signed.split_once('.').unwrap();
    serde_json::from_slice(&STANDARD.decode(receipt).unwrap()).unwrap()
}

#[test]
fn a_payment_settles_once_and_opens_its_object() {
    let mut scenario = Scenario::open();
    let header = Payment::v2(1).header();
    let ended = scenario.send(
        "GET",
        "/b%20+%C3%A9.json?x=1",
        &[
            ("PAYMENT-SIGNATURE", &header),
            ("If-None-Match", "\"other\""),
            ("If-Modified-Since", "Mon, 13 Jan 2020 20:14:56 GMT"),
            ("If-Match", ETAG),
            ("If-Unmodified-Since", "Mon, 13 Jan 2020 20:14:56 GMT"),
            ("Range", "bytes=0-9"),
            ("If-Range", ETAG),
        ],
    );
    let request = ended.granted();
    assert_eq!(request.uri, "/b%20%2B%C3%A9.json");
    assert_eq!(request.querystring, "");
    for name in [
        "payment-signature",
        "if-none-match",
        "if-modified-since",
        "if-match",
        "if-unmodified-since",
    ] {
        assert_eq!(request.headers.first(name), None, "{name}");
    }
    assert_eq!(request.headers.first("range"), Some("bytes=0-9"));
    assert_eq!(
        receipt(&ended),
        json!({
            "success": true,
            "transaction": TX,
            "network": "eip155:84532",
            "payer": ANVIL_0.to_lowercase(),
        })
    );
    assert_eq!(ended.log.outcome, "settled");
    assert_eq!(ended.log.transaction.as_deref(), Some(TX));
    assert_eq!(scenario.calls.len(), 1);
}

#[test]
fn the_facilitator_gets_our_terms_and_the_buyer_s_signature() {
    let mut scenario = Scenario::open();
    let mut payment = Payment::v2(1);
    payment.json["extensions"] = json!({ "x": 1 });
    payment.json["accepted"]["extra"]["name"] = json!("Evil");
    let ended = scenario.pay("/a.json", &payment);
    let call = &ended.calls[0];
    assert_eq!(call.endpoint, Endpoint::Settle);
    assert_eq!(call.facilitator, "https://facilitator.example");
    assert_eq!(call.timeout_ms, 5_000 - limits::DEADLINE_MARGIN_MS);
    let body: Value = serde_json::from_str(&call.body).unwrap();
    assert_eq!(body["x402Version"], 2);
    assert_eq!(body["paymentRequirements"]["extra"]["name"], "USDC");
    assert_eq!(body["paymentPayload"]["accepted"], body["paymentRequirements"]);
    assert_eq!(body["paymentPayload"]["resource"]["url"], "https://site.example/a.json");
    let signed = &payment.json["payload"];
    assert_eq!(body["paymentPayload"]["payload"]["signature"], signed["signature"]);
    let nonce = &signed["authorization"]["nonce"];
    assert_eq!(&body["paymentPayload"]["payload"]["authorization"]["nonce"], nonce);
    assert!(body["paymentPayload"].get("extensions").is_none());
}

#[test]
fn v1_is_answered_in_v1() {
    let mut scenario = Scenario::open();
    scenario.settle =
        vec![answer(json!({ "success": true, "transaction": TX, "network": "base-sepolia" }))];
    let ended = scenario.send("GET", "/a.json", &[("X-PAYMENT", &Payment::v1(1).header())]);
    assert_eq!(receipt(&ended)["network"], "base-sepolia");
    let body: Value = serde_json::from_str(&ended.calls[0].body).unwrap();
    assert_eq!(body["x402Version"], 1);
    assert_eq!(body["paymentPayload"]["network"], "base-sepolia");
    assert_eq!(body["paymentRequirements"]["maxAmountRequired"], "10000");
    assert_eq!(body["paymentRequirements"]["resource"], "https://site.example/a.json");
}

#[test]
fn the_same_payment_opens_the_object_three_times_more_and_settles_once() {
    let mut scenario = Scenario::open();
    let payment = Payment::v2(1);
    let first = receipt(&scenario.pay("/a.json", &payment));
    for _ in 0..limits::RESENDS {
        let again = scenario.pay("/a.json", &payment);
        assert_eq!(receipt(&again), first);
        assert_eq!(again.log.outcome, "resent");
    }
    let ended = scenario.pay("/a.json", &payment);
    assert_eq!(ended.code(), (409, "payment_already_used".into()));
    assert_eq!(scenario.calls.len(), 1);
}

#[test]
fn a_settled_payment_is_good_after_its_window_closes_but_not_for_long() {
    let mut scenario = Scenario::open();
    let payment = Payment::v2(1);
    scenario.pay("/a.json", &payment).granted();
    scenario.now = NOW + 90;
    scenario.pay("/a.json", &payment).granted();
    scenario.now = NOW + limits::RESEND_SECONDS;
    assert_eq!(scenario.pay("/a.json", &payment).status(), 409);
}

#[test]
fn one_payment_one_object() {
    let mut scenario = Scenario::open();
    let payment = Payment::v2(1);
    scenario.pay("/a.json", &payment).granted();
    let ended = scenario.pay("/b%20+%C3%A9.json", &payment);
    assert_eq!(ended.code(), (409, "payment_already_used".into()));
    assert_eq!(scenario.calls.len(), 1);
}

#[test]
fn a_copied_nonce_under_another_signature_opens_nothing() {
    let mut scenario = Scenario::open();
    scenario.pay("/a.json", &Payment::v2(1)).granted();
    // The same payer signs other words under the same nonce.
    let other = Payment::v2(1).with("/payload/authorization/validAfter", "0");
    assert_eq!(scenario.pay("/a.json", &other).code(), (409, "payment_already_used".into()));
    // Somebody copies the authorization and puts bytes of their own: they learn nothing before a
    // facilitator calls them good, and nothing is submitted then either.
    let copied = Payment::v2(1).signed(hex::encode(&[7; 65]));
    assert_eq!(scenario.pay("/a.json", &copied).code(), (409, "payment_already_used".into()));
    scenario.verify =
        vec![answer(json!({ "isValid": false, "invalidReason": "invalid_exact_evm_signature" }))];
    assert_eq!(scenario.pay("/a.json", &copied).status(), 402);
    assert_eq!(scenario.count(Endpoint::Settle), 1);
}

#[test]
fn timed_access_is_not_sold_twice() {
    let mut scenario = Scenario::open();
    let first = receipt(&scenario.pay("/timed.json", &Payment::v2(1)));
    scenario.now = NOW + 30;
    let fresh = scenario.pay("/timed.json", &Payment::v2(2));
    assert_eq!(receipt(&fresh), first);
    assert_eq!(fresh.log.outcome, "owned");
    assert_eq!(scenario.calls.len(), 1);
    // A fresh signature counts only if it meets the terms.
    scenario.now = NOW + 100;
    let expired = scenario.pay("/timed.json", &Payment::v2(3));
    assert_eq!(expired.status(), 402);
}

#[test]
fn terms_are_ours() {
    for (pointer, value, code) in [
        ("/accepted/scheme", "upto", "scheme_mismatch"),
        ("/accepted/network", "eip155:8453", "network_mismatch"),
        ("/accepted/network", "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp", "network_mismatch"),
        ("/accepted/asset", ANVIL_0, "asset_mismatch"),
        ("/accepted/payTo", ANVIL_0, "invalid_exact_evm_payload_recipient_mismatch"),
        ("/accepted/amount", "1", "invalid_exact_evm_payload_authorization_value_mismatch"),
        (
            "/payload/authorization/value",
            "1",
            "invalid_exact_evm_payload_authorization_value_mismatch",
        ),
        ("/payload/authorization/to", ANVIL_0, "invalid_exact_evm_payload_recipient_mismatch"),
        (
            "/payload/authorization/validBefore",
            "1",
            "invalid_exact_evm_payload_authorization_valid_before",
        ),
        (
            "/payload/authorization/validAfter",
            "99999999999",
            "invalid_exact_evm_payload_authorization_valid_after",
        ),
        (
            "/payload/authorization/validBefore",
            &(NOW + limits::WINDOW_MOST_SECONDS + 1).to_string(),
            "authorization_window_too_long",
        ),
        (
            "/payload/authorization/validBefore",
            &(NOW + limits::WINDOW_LEFT_SECONDS - 1).to_string(),
            "invalid_exact_evm_payload_authorization_valid_before",
        ),
    ] {
        let mut scenario = Scenario::open();
        let ended = scenario.pay("/a.json", &Payment::v2(1).with(pointer, value));
        assert_eq!(ended.code(), (402, code.into()), "{pointer}");
        assert_eq!(ended.decoded("payment-required")["error"], code);
        assert_eq!(scenario.calls, [], "{pointer}");
    }
}

#[test]
fn a_price_of_the_buyer_s_own_is_none_however_consistently_it_is_named() {
    for amount in ["1", "9999", "10001", "0"] {
        let mut scenario = Scenario::open();
        let payment = Payment::v2(1)
            .with("/accepted/amount", amount)
            .with("/payload/authorization/value", amount);
        let code = "invalid_exact_evm_payload_authorization_value_mismatch";
        assert_eq!(scenario.pay("/a.json", &payment).code(), (402, code.into()), "{amount}");
        let payment = Payment::v1(2).with("/payload/authorization/value", amount);
        let code = "invalid_exact_evm_payload_authorization_value";
        assert_eq!(scenario.pay("/a.json", &payment).code(), (402, code.into()), "{amount}");
        assert_eq!(scenario.calls, [], "{amount}");
    }
}

#[test]
fn undecodable_payments_get_a_fresh_challenge() {
    let hash = format!("0x{}", "ab".repeat(32));
    let large = "A".repeat(limits::PAYMENT_HEADER_BYTES + 1);
    let json = |json: Value| STANDARD.encode(json.to_string());
    let mut field = Payment::v2(1).json;
    field["payload"]["authorization"]["value"] = json!(1.5);
    for (value, status, code) in [
        ("%%%", 400, "invalid_payload"),
        (&STANDARD.encode("{no JSON"), 400, "invalid_payload"),
        (&json(json!([])), 402, "invalid_payload"),
        (&json(json!({ "x402Version": 3 })), 402, "invalid_x402_version"),
        (&json(json!({ "x402Version": 2, "payload": {} })), 402, "invalid_payload"),
        (&json(field), 402, "invalid_payload"),
        (&hash, 422, "unsupported_proof"),
        (&large, 431, "payment_header_too_large"),
    ] {
        let mut scenario = Scenario::open();
        let ended = scenario.send("GET", "/a.json", &[("PAYMENT-SIGNATURE", value)]);
        assert_eq!(ended.code(), (status, code.into()), "{value:.60}");
        assert_eq!(ended.decoded("payment-required")["accepts"][0]["amount"], "10000");
        assert_eq!(scenario.calls, []);
    }
}

#[test]
fn a_payment_of_the_next_seconds_is_to_be_sent_again() {
    let mut scenario = Scenario::open();
    let soon = Payment::v2(1).with("/payload/authorization/validAfter", (NOW + 5).to_string());
    let ended = scenario.pay("/a.json", &soon);
    assert_eq!(ended.code(), (503, "not_yet_valid".into()));
    assert_eq!(ended.body()["paywall"]["resendSamePayment"], true);
    assert_eq!(ended.refused().headers.first("retry-after"), Some("6"));
    assert_eq!(ended.refused().headers.first("payment-required"), None);
    assert_eq!(ended.trips()[..2], [0, 0], "nobody is asked");
    scenario.now = NOW + 6;
    scenario.pay("/a.json", &soon).granted();
    assert_eq!(scenario.calls.len(), 1);
}

#[test]
fn an_empty_header_does_not_hide_a_payment() {
    let payment = Payment::v1(1).header();
    for empty in ["", " \t"] {
        let both = [("PAYMENT-SIGNATURE", empty), ("X-PAYMENT", payment.as_str())];
        Scenario::open().send("GET", "/a.json", &both).granted();
        let ended = Scenario::open().send("GET", "/a.json", &both[..1]);
        assert_eq!(ended.code(), (402, "payment_required".into()));
    }
}

#[test]
fn a_certain_refusal_is_402_and_ends_the_payment() {
    let mut scenario = Scenario::open();
    scenario.settle = vec![failed("insufficient_funds"), crate::support::settled()];
    let ended = scenario.pay("/a.json", &Payment::v2(1));
    assert_eq!(ended.code(), (402, "insufficient_funds".into()));
    assert_eq!(ended.decoded("payment-response")["success"], false);
    assert_eq!(ended.decoded("x-payment-response")["errorReason"], "insufficient_funds");
    assert_eq!(ended.calls.len(), 1);
    // It is never sent again, for whatever it is shown: its answer stays, and a new one buys.
    let again = scenario.pay("/a.json", &Payment::v2(1));
    assert_eq!(again.code(), (402, "insufficient_funds".into()));
    assert_eq!(again.calls, []);
    assert_eq!(scenario.pay("/timed.json", &Payment::v2(1)).status(), 409);
    scenario.pay("/a.json", &Payment::v2(2)).granted();
}

#[test]
fn what_was_not_sent_can_be_sent_again() {
    let mut scenario = Scenario::open();
    scenario.settle =
        vec![Outcome::NotSent("connection refused".into()), crate::support::settled()];
    let ended = scenario.pay("/a.json", &Payment::v2(1));
    assert_eq!(ended.code(), (503, "facilitator_unavailable".into()));
    assert_eq!(ended.refused().headers.first("retry-after"), Some("3"));
    assert_eq!(ended.body()["paywall"]["resendSamePayment"], true);
    scenario.pay("/a.json", &Payment::v2(1)).granted();
}

#[test]
fn without_time_nothing_is_begun() {
    let mut scenario = Scenario::open();
    scenario.time_ms = limits::DEADLINE_MARGIN_MS + limits::SHORTEST_SETTLE_MS - 1;
    let ended = scenario.pay("/a.json", &Payment::v2(1));
    assert_eq!(ended.code(), (503, "facilitator_unavailable".into()));
    assert_eq!(scenario.calls, []);
    scenario.time_ms = 5_000;
    scenario.pay("/a.json", &Payment::v2(1)).granted();
}

#[test]
fn a_validator_that_may_not_match_does_not_turn_a_sale_into_a_416() {
    for validator in ["Mon, 13 Jan 2020 20:14:56 GMT", "\"other\"", "W/\"weak\""] {
        let header = Payment::v2(1).header();
        let ended = Scenario::open().send(
            "GET",
            "/a.json",
            &[("PAYMENT-SIGNATURE", &header), ("Range", "bytes=5000-"), ("If-Range", validator)],
        );
        let headers = &ended.granted().headers;
        assert_eq!((headers.first("range"), headers.first("if-range")), (None, None));
    }
}

#[test]
fn forged_internal_headers_change_nothing() {
    let forged = [
        (handover::HEADER, "eyJzdWNjZXNzIjp0cnVlfQ==.00"),
        ("X-Forwarded-Host", "evil.example"),
        ("X-Forwarded-Proto", "http"),
        ("X-Forwarded-For", "127.0.0.1"),
        ("X-Original-URL", "/free.txt"),
        ("X-Rewrite-URL", "/free.txt"),
        ("X-HTTP-Method-Override", "OPTIONS"),
        ("x-amzn-waf-paid", "1"),
    ];
    let plain = Scenario::open().get("/a.json");
    let ended = Scenario::open().send("GET", "/a.json", &forged);
    assert_eq!(ended.output, plain.output);
    let free = Scenario::open().send("GET", "/free.txt", &forged);
    assert_eq!(free.granted().headers.first(handover::HEADER), None);
    let payment = Payment::v2(1).header();
    let mut paid = forged.to_vec();
    paid.push(("PAYMENT-SIGNATURE", &payment));
    let ended = Scenario::open().send("GET", "/a.json", &paid);
    assert_eq!(receipt(&ended)["transaction"], TX);
}

#[test]
fn a_304_takes_nothing_of_what_was_paid() {
    let mut scenario = Scenario::open();
    let payment = Payment::v2(1);
    scenario.pay("/a.json", &payment).granted();
    let headers = [("PAYMENT-SIGNATURE", &*payment.header()), ("If-None-Match", ETAG)];
    assert_eq!(scenario.send("GET", "/a.json", &headers).status(), 304);
    for _ in 0..limits::RESENDS {
        scenario.pay("/a.json", &payment).granted();
    }
}

#[test]
fn the_log_tells_what_happened_and_no_secret() {
    let mut scenario = Scenario::open();
    let payment = Payment::v2(1);
    let lines = [
        scenario.pay("/a.json", &payment).log.to_json(),
        scenario.pay("/a.json", &payment.clone().signed(hex::encode(&[7; 65]))).log.to_json(),
        scenario.send("GET", "/a.json", &[("PAYMENT-SIGNATURE", "%%%")]).log.to_json(),
    ];
    let line: Value = serde_json::from_str(&lines[0]).unwrap();
    assert_eq!(
        line,
        json!({
            "v": 1,
            "requestId": "request-1",
            "site": "shop",
            "event": "viewer-request",
            "outcome": "settled",
            "object": "a.json",
            "payer": ANVIL_0.to_lowercase(),
            "nonce": hex::encode(&[1; 32]),
            "amount": "10000",
            "asset": "0x036CbD53842c5426634e7929541eC2318f3dCF7e",
            "network": "eip155:84532",
            "transaction": TX,
            "facilitator": "https://facilitator.example",
            "calls": [{
                "endpoint": "settle", "to": "https://facilitator.example", "ms": 0,
            }],
            "totalUs": 0,
        })
    );
    let signature = hex::encode(&payment.signature());
    for line in lines {
        for secret in [&signature[2..], &payment.header(), "%%%", &"5".repeat(64), &"07".repeat(8)]
        {
            assert!(!line.contains(secret), "{line} has {secret}");
        }
    }
}
