//! Settlements whose outcome is not known: never 402, never a second payment.

use paywall_core::facilitator::{Endpoint, Outcome};
use price_table::{Access, Evm, Network, Offer, Terms};
use serde_json::json;

use paywall_core::limits::RELEASE_SECONDS;

use crate::support::{
    NOW, Payment, Scenario, TX, answer, failed, lost, offer, rule, sale, settled, table, usdc,
};

/// Everything that `/settle` can come to without saying what happened.
fn unknowns() -> Vec<(&'static str, Outcome)> {
    let raw = |text: &str| Outcome::Answered {
        status: 200,
        body: text.as_bytes().to_vec(),
        location: None,
        extensions: None,
    };
    let success = |change: serde_json::Value| {
        let mut json = json!({ "success": true, "transaction": TX, "network": "eip155:84532" });
        for (name, value) in change.as_object().unwrap() {
            json[name] = value.clone();
        }
        answer(json)
    };
    vec![
        ("lost", lost()),
        ("empty", raw("")),
        ("not JSON", raw("<html>502</html>")),
        ("not an object", raw("true")),
        ("no boolean", answer(json!({ "transaction": TX }))),
        ("success as text", success(json!({ "success": "true" }))),
        ("success as a number", success(json!({ "success": 1 }))),
        ("success without a transaction", success(json!({ "transaction": "" }))),
        ("success with null", success(json!({ "transaction": null }))),
        ("success with a short hash", success(json!({ "transaction": "0x1234" }))),
        (
            "success with a zero hash",
            success(json!({ "transaction": format!("0x{}", "0".repeat(64)) })),
        ),
        ("success on another network", success(json!({ "network": "eip155:8453" }))),
        (
            "success for another payer",
            success(json!({ "payer": format!("0x{}", "11".repeat(20)) })),
        ),
        ("success of another amount", success(json!({ "amount": "1" }))),
        ("nonce used", failed("invalid_exact_evm_nonce_already_used")),
        ("unexpected", failed("unexpected_error")),
        ("transaction failed", failed("invalid_exact_evm_transaction_failed")),
        ("invalid state", failed("invalid_transaction_state")),
        ("no reason", answer(json!({ "success": false }))),
        ("unlisted", failed("no_such_code")),
        (
            "pending",
            answer(json!({
                "success": false, "errorReason": "settlement_pending", "transaction": TX,
            })),
        ),
        ("success with a number for an amount", success(json!({ "amount": 1 }))),
        ("success with an object for a transaction", success(json!({ "transaction": {} }))),
        (
            "a listed code beside an odd transaction",
            answer(json!({
                "success": false, "errorReason": "insufficient_funds",
                "transaction": { "hash": TX },
            })),
        ),
        (
            "a node's words beside a code that names a sent transaction",
            answer(json!({
                "success": false, "errorReason": "settle_exact_failed_onchain", "errorMessage":
                    "error code 3: execution reverted: FiatTokenV2: invalid signature",
            })),
        ),
        (
            "expired, in a node's words",
            answer(json!({
                "success": false, "errorReason": "unexpected_error", "errorMessage":
                    "error code 3: execution reverted: FiatTokenV2: authorization is expired",
            })),
        ),
        (
            "a listed code beside a transaction",
            answer(json!({
                "success": false, "errorReason": "insufficient_funds", "transaction": TX,
            })),
        ),
    ]
}

#[test]
fn an_unknown_outcome_is_asked_about_once_more_and_then_503() {
    for (name, outcome) in unknowns() {
        let mut scenario = Scenario::open();
        scenario.settle = vec![outcome];
        let ended = scenario.pay("/a.json", &Payment::v2(1));
        assert_eq!(ended.code(), (503, "settlement_unknown".into()), "{name}");
        assert_eq!(ended.body()["paywall"]["resendSamePayment"], true);
        assert_eq!(ended.refused().headers.first("payment-required"), None, "{name}");
        assert!(ended.refused().headers.first("retry-after").is_some());
        assert!(ended.log.alarm);
        assert_eq!(ended.calls.len(), 2, "{name}");
        assert_eq!(ended.calls[0].body, ended.calls[1].body);
    }
}

#[test]
fn the_second_answer_counts_if_it_is_a_success() {
    for (name, outcome) in unknowns() {
        let mut scenario = Scenario::open();
        scenario.settle = vec![outcome, settled()];
        let ended = scenario.pay("/a.json", &Payment::v2(1));
        assert_eq!(ended.log.outcome, "settled", "{name}");
        ended.granted();
    }
}

#[test]
fn the_second_answer_does_not_count_if_it_is_a_refusal() {
    // Its first half may have settled: "insufficient funds" is then what one would expect to hear.
    for second in [failed("insufficient_funds"), Outcome::NotSent("refused".into())] {
        let mut scenario = Scenario::open();
        scenario.settle = vec![lost(), second];
        let ended = scenario.pay("/a.json", &Payment::v2(1));
        assert_eq!(ended.code(), (503, "settlement_unknown".into()));
    }
}

#[test]
fn the_same_payment_sent_again_is_resolved() {
    let mut scenario = Scenario::open();
    scenario.settle = vec![lost()];
    let payment = Payment::v2(1);
    let first = scenario.pay("/a.json", &payment);
    assert_eq!(first.status(), 503);
    // Still unknown: the same question, word for word.
    let second = scenario.pay("/a.json", &payment);
    assert_eq!(second.code(), (503, "settlement_unknown".into()));
    assert_eq!(second.calls.len(), 1);
    assert_eq!(second.calls[0].body, first.calls[0].body);
    scenario.settle = vec![settled()];
    // Three answers were lost: for a while it is not asked at all.
    let soon = scenario.pay("/a.json", &payment);
    assert_eq!((soon.code().0, soon.calls.len()), (503, 0));
    scenario.now += paywall_core::limits::BREAKER_MS / 1_000;
    let third = scenario.pay("/a.json", &payment);
    assert_eq!(third.log.outcome, "resolved");
    third.granted();
    assert_eq!(scenario.pay("/a.json", &payment).log.outcome, "resent");
}

#[test]
fn after_its_window_an_unknown_payment_is_still_never_402() {
    let mut scenario = Scenario::open();
    scenario.settle = vec![lost()];
    let payment = Payment::v2(1);
    let until = scenario.pay("/a.json", &payment).until();
    assert_eq!(until, NOW + 60 + RELEASE_SECONDS);
    scenario.settle = vec![failed("invalid_exact_evm_payload_authorization_valid_before")];
    for now in [NOW + 61, until] {
        scenario.now = now;
        let ended = scenario.pay("/a.json", &payment);
        assert_eq!(ended.code(), (503, "settlement_unknown".into()));
        assert_eq!(ended.until(), until);
    }
    // Then it is given up, said to be so, and in nobody's way.
    scenario.now = until + 1;
    let ended = scenario.pay("/a.json", &payment);
    assert_eq!(ended.code(), (409, "payment_given_up".into()));
    assert!(ended.log.alarm);
    scenario.settle = vec![settled()];
    let fresh = Payment::v2(2).valid_until(until + 60);
    assert_eq!(scenario.pay("/a.json", &fresh).log.outcome, "settled");
    // Its facilitator may still say that it settled after all: that makes it good.
    assert_eq!(scenario.pay("/a.json", &payment).log.outcome, "resolved");
    assert_eq!(scenario.pay("/a.json", &payment).log.outcome, "resent");
}

#[test]
fn a_payment_that_is_given_up_lets_the_next_one_through() {
    let mut scenario = Scenario::open();
    scenario.settle = vec![lost()];
    let until = scenario.pay("/a.json", &Payment::v2(1)).until();
    let fresh = |nonce| Payment::v2(nonce).valid_until(until + 60);
    scenario.now = until;
    let held = scenario.pay("/a.json", &fresh(2));
    assert_eq!(held.code(), (503, "earlier_payment_unknown".into()));
    assert_eq!(held.until(), until);
    scenario.now = until + 1;
    scenario.settle = vec![settled()];
    // The three answers that were lost keep it from being asked about the first one again.
    assert_eq!(scenario.pay("/a.json", &fresh(2)).log.outcome, "settled");
}

#[test]
fn a_fresh_signature_meanwhile_is_not_submitted() {
    let mut scenario = Scenario::open();
    scenario.settle = vec![lost()];
    let first = scenario.pay("/a.json", &Payment::v2(1));
    let fresh = scenario.pay("/a.json", &Payment::v2(2));
    assert_eq!(fresh.code(), (503, "earlier_payment_unknown".into()));
    assert_eq!(fresh.calls.len(), 1);
    assert_eq!(fresh.calls[0].body, first.calls[0].body);
    // Another object is another sale.
    scenario.settle = vec![settled()];
    scenario.pay("/b%20+%C3%A9.json", &Payment::v2(3)).granted();
}

#[test]
fn a_fresh_signature_takes_the_grant_of_the_earlier_payment() {
    let mut scenario = Scenario::open();
    scenario.settle = vec![lost()];
    let first = scenario.pay("/a.json", &Payment::v2(1));
    scenario.settle = vec![settled()];
    let fresh = scenario.pay("/a.json", &Payment::v2(2));
    assert_eq!(fresh.log.outcome, "resolved");
    fresh.granted();
    assert!(fresh.calls.iter().all(|call| call.body == first.calls[0].body));
    // Sent again, the fresh one opens what it opened: it is never submitted.
    let again = scenario.pay("/a.json", &Payment::v2(2));
    assert_eq!(again.log.outcome, "resent");
    assert_eq!(again.calls, []);
}

#[test]
fn without_time_an_unknown_payment_is_not_asked_about() {
    let mut scenario = Scenario::open();
    scenario.settle = vec![lost()];
    scenario.pay("/a.json", &Payment::v2(1));
    scenario.time_ms = 500;
    for (payment, code) in
        [(Payment::v2(1), "settlement_unknown"), (Payment::v2(2), "facilitator_unavailable")]
    {
        let ended = scenario.pay("/a.json", &payment);
        assert_eq!(ended.code(), (503, code.into()));
        assert_eq!(ended.calls, []);
    }
    assert_eq!(scenario.count(Endpoint::Settle), 2);
}

#[test]
fn while_a_payment_is_being_settled_nothing_else_is_submitted() {
    let mut scenario = Scenario::open();
    scenario.pay_and_die("/a.json", &Payment::v2(1));
    // Its lease runs until the deadline of the invocation that took it.
    for payment in [Payment::v2(1), Payment::v2(2)] {
        let ended = scenario.pay("/a.json", &payment);
        assert_eq!(ended.code(), (503, "payment_in_progress".into()));
        assert!((NOW + 5..=NOW + 6).contains(&ended.until()));
        assert_eq!(ended.calls, []);
    }
    scenario.now += 5;
    let fresh = scenario.pay("/a.json", &Payment::v2(2));
    assert_eq!(fresh.log.outcome, "resolved");
    fresh.granted();
}

#[test]
fn a_second_question_is_asked_only_in_time() {
    for (call_ms, calls) in [(100, 2), (4_500, 1)] {
        let mut scenario = Scenario::open();
        scenario.settle = vec![lost()];
        scenario.call_ms = call_ms;
        let ended = scenario.pay("/a.json", &Payment::v2(1));
        assert_eq!(ended.status(), 503);
        assert_eq!(ended.calls.len(), calls, "{call_ms} ms");
        for (nth, call) in ended.calls.iter().enumerate() {
            let left = 5_000 - nth as u64 * call_ms - paywall_core::limits::DEADLINE_MARGIN_MS;
            assert_eq!(call.timeout_ms, left);
        }
    }
}

#[test]
fn what_verify_uses_up_is_not_there_to_settle() {
    let mut scenario = Scenario::open();
    scenario.call_ms = 3_000;
    let ended = scenario.pay("/first.json", &Payment::v2(1));
    assert_eq!(ended.code(), (503, "facilitator_unavailable".into()));
    assert_eq!(scenario.count(Endpoint::Settle), 0);
    let verify = &ended.calls[0];
    assert!(verify.timeout_ms <= 5_000 - paywall_core::limits::SHORTEST_SETTLE_MS);
}

#[test]
fn a_store_that_is_full_sells_nothing() {
    let mut scenario = Scenario::open();
    scenario.store = paywall_core::store::Memory::with_capacity(0);
    let ended = scenario.pay("/a.json", &Payment::v2(1));
    assert_eq!(ended.code(), (503, "store_unavailable".into()));
    assert_eq!(ended.calls, []);
}

#[test]
fn an_earlier_payment_on_another_chain_is_resolved_by_its_own_terms() {
    let other = Evm { chain_id: 8453, ..usdc() };
    let there = Offer {
        network: Network {
            caip2: "eip155:8453".into(),
            v1: None,
            name: "Somewhere".into(),
            rpc: None,
        },
        price: 20_000.into(),
        terms: Terms::Evm(other.clone()),
        ..offer()
    };
    let sale = sale(vec![there, offer()], Access::Request);
    let mut scenario = Scenario::of(table(vec![rule(sale)], &[("a.json", 0)]));
    scenario.settle = vec![lost()];
    let first = Payment::v2(1)
        .on(other)
        .with("/accepted/amount", "20000")
        .with("/payload/authorization/value", "20000");
    assert_eq!(scenario.pay("/a.json", &first).code(), (503, "settlement_unknown".into()));

    let says = |network: &str, amount: &str| {
        vec![answer(json!({
            "success": true, "transaction": TX, "network": network, "amount": amount,
        }))]
    };
    // An answer on the fresh payment's terms is not about the earlier one.
    scenario.settle = says("eip155:84532", "10000");
    let fresh = scenario.pay("/a.json", &Payment::v2(2));
    assert_eq!(fresh.code(), (503, "earlier_payment_unknown".into()));
    scenario.settle = says("eip155:8453", "20000");
    let fresh = scenario.pay("/a.json", &Payment::v2(2));
    assert_eq!(fresh.log.outcome, "resolved");
    fresh.granted();
}
