//! The facilitator against recorded answers of the reference facilitator, over HTTP.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

use alloy_primitives::hex;
use serde_json::Value;

use super::eip3009::{B256, U256};
use super::testkit::{PAYER, USDC, ask_json, at};
use super::*;

const ANSWERS: &str = include_str!("testdata/reference-answers.jsonl");

/// The chain's time when the answers were recorded, Unix seconds.
const RECORDED_AT: u64 = 1_795_221_866;

fn recorded() -> Vec<Value> {
    let lines = ANSWERS.lines().skip(1);
    lines.map(|line| serde_json::from_str(line).expect("a recorded case")).collect()
}

fn case(wire: &str, name: &str) -> Value {
    let mut cases = recorded().into_iter();
    let found = cases.find(|case| case["wire"] == wire && case["case"] == name);
    found.expect("a case of this name")["request"].clone()
}

#[tokio::test]
async fn answers_what_the_reference_answered() {
    let (facilitator, clock) = at(RECORDED_AT).await;
    let mut answers = 0;
    for case in recorded() {
        for answer in case["answers"].as_array().expect("answers") {
            let operation = answer["op"].as_str().expect("an operation");
            let what = format!("{} {} {operation}", case["wire"], case["case"]);
            // The chain's next block was a second later when the reference settled this one.
            let mined_later =
                case["case"] == "validAfter = now" && answer["body"]["success"] == true;
            clock.store(RECORDED_AT + u64::from(mined_later), Ordering::SeqCst);

            let (status, ours) = ask_json(&facilitator.url(), operation, &case["request"]).await;
            assert_eq!(Value::from(status), answer["status"], "{what}");
            let mut theirs = answer["body"].clone();
            if theirs["success"] == true {
                let tx = ours["transaction"].as_str().expect("a transaction");
                assert!(tx.len() == 66 && hex::decode(tx).is_ok(), "{what}: {tx}");
                theirs["transaction"] = tx.into();
            }
            // What neither side judges to be a payment has an error in words of its own.
            if status == 200 {
                assert_eq!(ours, theirs, "{what}")
            } else {
                assert!(ours["error"].is_string(), "{what}")
            }
            answers += 1;
        }
    }
    assert_eq!(answers, 120);
    assert_eq!(facilitator.calls().len(), 120);
    let settled: u64 = recorded()
        .iter()
        .flat_map(|case| case["answers"].as_array().cloned().unwrap_or_default())
        .map(|answer| u64::from(answer["body"]["success"] == true))
        .sum();
    let ledger = facilitator.ledger();
    assert_eq!(ledger.transfers().len() as u64, settled);
    assert_eq!(ledger.balance_of(USDC, PAYER), U256::from(1_000_000_000 - 10_000 * settled));
}

#[tokio::test]
async fn fifty_settles_of_one_payment_move_it_once() {
    let (facilitator, _clock) = at(RECORDED_AT).await;
    let request = case("v2", "success");
    let url = facilitator.url();
    let asked: Vec<_> = (0..50)
        .map(|_| {
            let (url, request) = (url.clone(), request.clone());
            tokio::spawn(async move { ask_json(&url, "settle", &request).await.1 })
        })
        .collect();
    let mut outcomes = HashMap::new();
    for answer in asked {
        let body = answer.await.expect("a settle that ends");
        *outcomes.entry((body["success"].clone(), body["errorReason"].clone())).or_insert(0) += 1;
    }
    let refused = (false.into(), "invalid_exact_evm_nonce_already_used".into());
    assert_eq!(outcomes, HashMap::from([((true.into(), Value::Null), 1), (refused, 49)]));
    let transfers = facilitator.ledger().transfers();
    assert_eq!(transfers.len(), 1);
    assert_eq!((transfers[0].from, transfers[0].value), (PAYER, U256::from(10_000)));
    assert_eq!(facilitator.count(Endpoint::Settle), 50);
}

#[tokio::test]
async fn a_cancelled_nonce_pays_nothing() {
    let (facilitator, _clock) = at(RECORDED_AT).await;
    let request = case("v2", "settle without verify first");
    let nonce = &request["paymentPayload"]["payload"]["authorization"]["nonce"];
    let nonce: B256 = nonce.as_str().and_then(|nonce| nonce.parse().ok()).expect("a nonce");
    facilitator.ledger().cancel(USDC, PAYER, nonce);
    let (_, body) = ask_json(&facilitator.url(), "verify", &request).await;
    assert_eq!(body["invalidReason"], "invalid_exact_evm_nonce_already_used");
    let (_, body) = ask_json(&facilitator.url(), "settle", &request).await;
    assert_eq!(body["errorReason"], "invalid_exact_evm_nonce_already_used");
    assert!(facilitator.ledger().transfers().is_empty());
}

#[tokio::test]
async fn supported_names_both_versions() {
    let (facilitator, _clock) = at(RECORDED_AT).await;
    let client = crate::buyer::client().expect("a client");
    let asked = client.get(format!("{}/supported", facilitator.url()));
    let answer = asked.timeout(Duration::from_secs(20)).send().await.expect("an answer");
    let body: Value = serde_json::from_str(&answer.text().await.expect("a body")).expect("JSON");
    let kinds = body["kinds"].as_array().expect("kinds");
    for (version, network) in [(2, "eip155:84532"), (1, "base-sepolia")] {
        let kind =
            serde_json::json!({"x402Version": version, "scheme": "exact", "network": network});
        assert!(kinds.contains(&kind), "{kind}");
    }
}
