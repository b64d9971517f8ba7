//! Every fault does what its name says, and settles exactly when it says so.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::Value;

use super::testkit::{ask, ask_json, draft, offer, request};
use super::*;

async fn started() -> Facilitator {
    Facilitator::start(Options::default()).await.expect("a port")
}

fn payment() -> Value {
    let offer = offer(Wire::V2);
    request(&offer, &draft(&offer).sign().expect("a payment"))
}

async fn settle(facilitator: &Facilitator) -> Result<(u16, String), reqwest::Error> {
    ask(&facilitator.url(), "settle", payment().to_string()).await
}

/// Waits for something that must come to pass; ten seconds are far more than it needs.
async fn until(done: impl Fn() -> bool) {
    for _ in 0..1_000 {
        if done() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it did not come to pass");
}

type Looks = fn(u16, &str, &Value) -> bool;

const GARBLED: [(Garble, Looks); 14] = [
    (Garble::Code("busy"), |s, _, b| {
        s == 200 && b["success"] == false && b["errorReason"] == "busy"
    }),
    (Garble::Dripped(Duration::from_micros(10)), |s, _, b| s == 200 && b["success"] == true),
    (Garble::Empty, |s, text, _| s == 200 && text.is_empty()),
    (Garble::Huge(2 << 20), |s, text, b| s == 200 && text.len() > 2 << 20 && b["success"] == true),
    (Garble::InternalError, |s, _, b| s == 500 && b["error"] == "unexpected_error"),
    (Garble::NotJson, |s, text, b| s == 503 && text.starts_with("<html>") && b.is_null()),
    (Garble::NoTransaction, |_, _, b| b["success"] == true && b["transaction"] == ""),
    (Garble::OtherAmount, |_, _, b| b["success"] == true && b["amount"] == "10001"),
    (Garble::OtherNetwork, |_, _, b| b["success"] == true && b["network"] == "eip155:137"),
    (Garble::OtherPayer, |_, _, b| {
        b["success"] == true && b["payer"].as_str().is_some_and(|payer| payer.ends_with("dEaD"))
    }),
    (Garble::Pending, |s, _, b| {
        let tx = b["transaction"].as_str().unwrap_or_default();
        s == 500 && b["errorReason"] == "settlement_pending" && tx.len() == 66
    }),
    (Garble::ShortTransaction, |_, _, b| {
        b["success"] == true && b["transaction"].as_str().is_some_and(|tx| tx.len() == 64)
    }),
    (Garble::SuccessAsText, |_, _, b| b["success"] == "true"),
    (Garble::WrongContentType, |s, _, b| s == 200 && b["success"] == true),
];

#[tokio::test]
async fn garbled_answers_look_as_named_and_settle_only_when_told() {
    let facilitator = started().await;
    let mut settled = 0;
    for (garble, looks) in GARBLED {
        for work in [Work::Done, Work::Skipped] {
            facilitator.fail_next(Endpoint::Settle, Fault::Garble(work, garble));
            let (status, text) = settle(&facilitator).await.expect("an answer");
            let body = serde_json::from_str(&text).unwrap_or_default();
            assert!(looks(status, &text, &body), "{garble:?} {work:?}: {status} {text:.300}");
            settled += usize::from(work == Work::Done);
            assert_eq!(facilitator.ledger().transfers().len(), settled, "{garble:?} {work:?}");
        }
    }
    let (_, text) = settle(&facilitator).await.expect("an honest answer");
    assert!(text.contains(r#""success":true"#), "{text}");
}

#[tokio::test]
async fn dropped_connections_may_have_settled() {
    let facilitator = started().await;
    for (work, settled) in [(Work::Skipped, 0), (Work::Done, 1)] {
        facilitator.fail_next(Endpoint::Settle, Fault::Drop(work));
        let error = settle(&facilitator).await.expect_err("no answer");
        assert!(!error.is_connect() && !error.is_timeout(), "{error:?}");
        assert_eq!(facilitator.ledger().transfers().len(), settled, "{work:?}");
    }
    assert_eq!(facilitator.count(Endpoint::Settle), 2);
}

#[tokio::test]
async fn a_late_answer_comes_after_the_work() {
    let facilitator = started().await;
    let late = Fault::AnswerLate(Duration::from_secs(3600));
    facilitator.fail_next(Endpoint::Settle, late);
    let url = facilitator.url();
    let asked = tokio::spawn(async move { ask(&url, "settle", payment().to_string()).await });
    until(|| facilitator.ledger().transfers().len() == 1).await;
    assert!(!asked.is_finished());
    asked.abort();
}

#[tokio::test]
async fn late_work_is_done_though_the_caller_has_gone() {
    let facilitator = started().await;
    let late = Fault::WorkLate(Duration::from_millis(200));
    facilitator.fail_next(Endpoint::Settle, late);
    let url = facilitator.url();
    let asked = tokio::spawn(async move { ask(&url, "settle", payment().to_string()).await });
    until(|| facilitator.count(Endpoint::Settle) == 1).await;
    asked.abort();
    until(|| facilitator.ledger().transfers().len() == 1).await;
}

#[tokio::test]
async fn a_refused_connection_is_refused_until_it_is_not() {
    let facilitator = started().await;
    let client = crate::buyer::client().expect("a client");
    let supported = format!("{}/supported", facilitator.url());
    for _ in 0..2 {
        // The same client, so that a connection kept alive would show.
        assert!(client.get(&supported).send().await.expect("an answer").status().is_success());
        facilitator.refuse_connections().await.expect("a held port");
        assert!(client.get(&supported).send().await.expect_err("refused").is_connect());
        facilitator.accept_connections().await.expect("the same port");
    }
    let url = facilitator.url();
    drop(facilitator);
    for _ in 0..200 {
        if ask(&url, "settle", String::new()).await.is_err() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("still listening after it was dropped");
}

/// A child has a copy of every open file until its `exec`, the listener's among them.
#[tokio::test]
async fn a_refused_connection_is_refused_though_children_are_being_started() {
    let facilitator = started().await;
    let over = Arc::new(AtomicBool::new(false));
    let starting = std::thread::spawn({
        let over = over.clone();
        move || {
            while !over.load(Ordering::Relaxed) {
                let mut child = std::process::Command::new("true");
                child.spawn().and_then(|mut child| child.wait()).expect("a child");
            }
        }
    });
    for _ in 0..200 {
        facilitator.refuse_connections().await.expect("a held port");
        let refused = ask(&facilitator.url(), "settle", String::new()).await.expect_err("refused");
        assert!(refused.is_connect(), "{refused:?}");
        facilitator.accept_connections().await.expect("the same port");
    }
    over.store(true, Ordering::Relaxed);
    starting.join().expect("no panic");
}

#[tokio::test]
async fn a_facilitator_may_demand_verify_first() {
    let facilitator = started().await;
    facilitator.fail_always(Endpoint::Settle, Fault::DemandVerify);
    let payment = payment();
    let url = facilitator.url();
    let (_, body) = ask_json(&url, "settle", &payment).await;
    assert_eq!(body["errorReason"], "Payment must be verified before settlement");
    assert!(facilitator.ledger().transfers().is_empty());
    let (_, body) = ask_json(&url, "verify", &payment).await;
    assert_eq!(body["isValid"], true);
    let (_, body) = ask_json(&url, "settle", &payment).await;
    assert_eq!(body["success"], true);

    // Lasting until healed, behind what is queued.
    facilitator.fail_next(Endpoint::Settle, Fault::Garble(Work::Skipped, Garble::Empty));
    assert_eq!(ask(&url, "settle", payment.to_string()).await.expect("an answer").1, "");
    let (_, body) = ask_json(&url, "settle", &payment).await;
    assert_eq!(body["errorReason"], "Payment must be verified before settlement");
    facilitator.heal();
    let (_, body) = ask_json(&url, "settle", &payment).await;
    assert_eq!(body["errorReason"], "invalid_exact_evm_nonce_already_used");
}

#[tokio::test]
async fn what_is_no_request_is_refused() {
    let facilitator = started().await;
    let client = crate::buyer::client().expect("a client");
    let url = facilitator.url();
    let get = client.get(format!("{url}/settle")).send().await.expect("an answer");
    assert_eq!(get.status(), 405);
    let elsewhere = client.post(format!("{url}/elsewhere")).send().await.expect("an answer");
    assert_eq!(elsewhere.status(), 404);
    for (body, status) in [("", 400), ("[]", 400), ("{}", 400)] {
        let (answered, text) = ask(&url, "settle", body.into()).await.expect("an answer");
        assert_eq!(answered, status, "{body:?}: {text}");
    }
    let mut solana = payment();
    solana["paymentRequirements"]["network"] = "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp".into();
    assert_eq!(ask_json(&url, "settle", &solana).await.0, 500);
    let mut unpriced = payment();
    unpriced["paymentRequirements"]["maxAmountRequired"] =
        unpriced["paymentRequirements"]["amount"].take();
    let (status, body) = ask_json(&url, "settle", &unpriced).await;
    assert_eq!((status, &body["success"]), (500, &Value::Null), "{body}");
    assert!(facilitator.ledger().transfers().is_empty());
}
