//! Offers on networks that only a facilitator understands, beside one that the function checks.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use paywall_core::facilitator::{Endpoint, Outcome};
use paywall_core::handover;
use price_table::{Access, Network, Offer, PassThrough, Table, Terms};
use serde_json::{Value, json};

use crate::support::{Ended, Payment, Scenario, answer, offer, rule, sale, table, usdc};

const SOLANA: &str = "solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1";
const MINT: &str = "4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU";
const PAYEE: &str = "9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin";
const TRANSACTION: &str =
    "5VERv8NMvzbJMEkV8xnrLkEaWRtSz9CosKDYjCJjBRnbJLgp8uirBgmQpjKhoR4tjF3ZpRzrFmBV6UjKdiSZkQUW";

fn solana() -> Offer {
    Offer {
        network: Network {
            caip2: SOLANA.into(),
            v1: Some("solana-devnet".into()),
            name: "Somewhere".into(),
            rpc: None,
        },
        terms: Terms::PassThrough(PassThrough {
            asset: MINT.into(),
            pay_to: PAYEE.into(),
            symbol: "USDC".into(),
            decimals: 6,
            extra: r#"{"feePayer":"F"}"#.into(),
        }),
        ..offer()
    }
}

/// What the shop sells.
pub fn offers() -> Table {
    let sale = sale(vec![offer(), solana()], Access::Request);
    table(vec![rule(sale)], &[("a.json", 0), ("b.json", 0)])
}

fn shop() -> Scenario {
    let mut scenario = Scenario::of(offers());
    scenario.settle = vec![answer(json!({
        "success": true, "transaction": TRANSACTION, "network": SOLANA, "payer": "Payer1",
    }))];
    scenario
}

pub fn payment(transaction: &str) -> Payment {
    Payment {
        evm: usdc(),
        json: json!({
            "x402Version": 2,
            "accepted": {
                "scheme": "exact", "network": SOLANA, "amount": "10000", "asset": MINT,
                "payTo": PAYEE, "maxTimeoutSeconds": 60, "extra": { "feePayer": "F" },
            },
            "payload": { "transaction": transaction },
        }),
    }
}

fn receipt(ended: &Ended) -> Value {
    let signed = ended.granted().headers.first(handover::HEADER).unwrap();
    serde_json::from_slice(&STANDARD.decode(signed.split_once('.').unwrap().0).unwrap()).unwrap()
}

#[test]
fn both_are_offered_in_the_seller_s_order() {
    let ended = shop().get("/a.json");
    let accepts = &ended.decoded("payment-required")["accepts"];
    assert_eq!(accepts[0]["network"], "eip155:84532");
    assert_eq!(
        accepts[1],
        json!({
            "scheme": "exact", "network": SOLANA, "amount": "10000", "asset": MINT,
            "payTo": PAYEE, "maxTimeoutSeconds": 60,
            "extra": { "feePayer": "F", "paymentFlow": "upfront" },
        })
    );
    let v1 = &ended.body()["accepts"];
    assert_eq!(v1[1]["network"], "solana-devnet");
    assert_eq!(v1[1]["extra"], json!({ "feePayer": "F" }));
}

#[test]
fn what_v1_cannot_name_is_offered_in_v2_only() {
    let mut nameless = solana();
    nameless.network.v1 = None;
    let sale = sale(vec![nameless, offer()], Access::Request);
    let mut scenario = Scenario::of(table(vec![rule(sale)], &[("a.json", 0)]));
    let ended = scenario.get("/a.json");
    assert_eq!(ended.decoded("payment-required")["accepts"].as_array().unwrap().len(), 2);
    let v1 = ended.body()["accepts"].clone();
    assert_eq!(v1.as_array().unwrap().len(), 1);
    assert_eq!(v1[0]["network"], "base-sepolia");
}

#[test]
fn a_payment_goes_to_the_facilitator_as_it_came() {
    let mut shop = shop();
    let ended = shop.pay("/a.json", &payment("AQAB"));
    assert_eq!(
        receipt(&ended),
        json!({
            "success": true, "transaction": TRANSACTION, "network": SOLANA, "payer": "Payer1",
        })
    );
    let endpoints: Vec<_> = shop.calls.iter().map(|call| call.endpoint).collect();
    assert_eq!(endpoints, [Endpoint::Verify, Endpoint::Settle]);
    let body: Value = serde_json::from_str(&shop.calls[1].body).unwrap();
    assert_eq!(body["paymentPayload"]["payload"], json!({ "transaction": "AQAB" }));
    assert_eq!(body["paymentRequirements"]["payTo"], PAYEE);
    // Sent again it opens what it bought, and nothing else.
    assert_eq!(shop.pay("/a.json", &payment("AQAB")).log.outcome, "resent");
    let other = shop.pay("/b.json", &payment("AQAB"));
    assert_eq!(other.code(), (409, "payment_already_used".into()));
    assert_eq!(shop.calls.len(), 2);
    // The other network is still open.
    shop.settle = vec![crate::support::settled()];
    shop.pay("/b.json", &Payment::v2(1)).granted();
}

#[test]
fn the_same_transaction_in_another_spelling_opens_nothing() {
    let mut shop = shop();
    shop.pay("/a.json", &payment("AQAB")).granted();
    let ended = shop.pay("/b.json", &payment("AQAC"));
    assert_eq!(ended.code(), (409, "payment_unproven".into()));
    assert!(ended.log.alarm);
    // It stays so, and nobody is asked again.
    let calls = shop.calls.len();
    assert_eq!(shop.pay("/b.json", &payment("AQAC")).status(), 409);
    assert_eq!(shop.calls.len(), calls);
}

#[test]
fn terms_are_ours_here_too() {
    for (name, value, code) in [
        ("asset", "4zmmc9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU", "asset_mismatch"),
        ("payTo", MINT, "invalid_exact_evm_payload_recipient_mismatch"),
        ("amount", "1", "invalid_exact_evm_payload_authorization_value_mismatch"),
    ] {
        let mut shop = shop();
        let mut payment = payment("AQAB");
        payment.json["accepted"][name] = json!(value);
        assert_eq!(shop.pay("/a.json", &payment).code(), (402, code.into()), "{name}");
        assert_eq!(shop.calls, []);
    }
}

#[test]
fn refusals_and_unknown_outcomes_are_told_apart() {
    let mut shop = shop();
    let invalid = |reason: &str| vec![answer(json!({ "isValid": false, "invalidReason": reason }))];
    shop.verify = invalid("invalid_exact_svm_payload_amount_mismatch");
    assert_eq!(shop.pay("/a.json", &payment("AQAB")).status(), 402);
    for unclear in [
        "transaction_simulation_failed",
        "invalid_exact_svm_payload_transaction_simulation_failed",
        "invalid_exact_svm_payload_sender_ata_not_found",
    ] {
        shop.verify = invalid(unclear);
        assert_eq!(shop.pay("/a.json", &payment("AQAB")).status(), 503, "{unclear}");
    }
    shop.verify = vec![answer(json!({ "isValid": true, "payer": "Payer1" }))];
    let network = json!({ "success": true, "transaction": TRANSACTION, "network": "solana:x" });
    for outcome in [
        answer(network),
        answer(json!({ "success": true, "transaction": "" })),
        answer(json!({ "success": true, "transaction": "a b" })),
        answer(json!({ "success": false, "errorReason": "duplicate_settlement" })),
        Outcome::Lost("timeout".into()),
    ] {
        shop.settle = vec![outcome];
        assert_eq!(shop.pay("/a.json", &payment("AQAB")).status(), 503);
    }
}
