//! Several facilitators: the next one is asked only while nothing can have been submitted.

use paywall_core::facilitator::{Endpoint, Outcome};
use paywall_core::{hex, limits};
use price_table::{Access, VerifyPolicy};
use serde_json::json;

use crate::support::{
    Ended, Payment, Scenario, answer, facilitator, failed, lost, offer, priced, settled, table,
};

const FIRST: &str = "https://first.example";
const SECOND: &str = "https://second.example";

fn shop(verify: [VerifyPolicy; 2]) -> Scenario {
    let mut offer = offer();
    offer.facilitators = vec![facilitator(FIRST, verify[0]), facilitator(SECOND, verify[1])].into();
    Scenario::of(table(vec![priced(offer, Access::Request)], &[("a.json", 0)]))
}

fn plain() -> Scenario {
    shop([VerifyPolicy::WhenNeeded; 2])
}

fn asked(ended: &Ended) -> Vec<(&str, Endpoint)> {
    ended.calls.iter().map(|call| (call.facilitator.as_str(), call.endpoint)).collect()
}

fn http(status: u16, body: &str) -> Outcome {
    Outcome::Answered { status, body: body.as_bytes().to_vec(), location: None, extensions: None }
}

#[test]
fn what_was_not_submitted_goes_to_the_next_one() {
    let never = [
        Outcome::NotSent("connection refused".into()),
        http(401, "Unauthorized"),
        http(403, "Forbidden"),
        http(308, "Redirecting..."),
        http(402, r#"{"errorType":"payment_method_required"}"#),
        http(429, "<html>slow down</html>"),
    ];
    for outcome in never {
        let mut shop = plain();
        shop.down = vec![(FIRST, outcome.clone())];
        let ended = shop.pay("/a.json", &Payment::v2(1));
        assert_eq!(ended.log.outcome, "settled", "{outcome:?}");
        assert_eq!(asked(&ended), [(FIRST, Endpoint::Settle), (SECOND, Endpoint::Settle)]);
        assert_eq!(ended.calls[0].body, ended.calls[1].body);
        // What the next one needs is left to it.
        assert!(ended.calls[0].connect_timeout_ms <= limits::CONNECT_MS);
        assert_eq!(ended.calls[1].connect_timeout_ms, ended.calls[1].timeout_ms);
    }
}

#[test]
fn what_may_have_been_submitted_stays_where_it_is() {
    for outcome in [
        lost(),
        http(500, "oops"),
        http(502, "<html>"),
        http(200, ""),
        http(400, "{}"),
        failed("invalid_exact_evm_nonce_already_used"),
        http(401, r#"{"transaction":"0x12"}"#),
    ] {
        let mut shop = plain();
        shop.down = vec![(FIRST, outcome.clone())];
        let ended = shop.pay("/a.json", &Payment::v2(1));
        assert_eq!(ended.code(), (503, "settlement_unknown".into()), "{outcome:?}");
        assert!(asked(&ended).iter().all(|(url, _)| *url == FIRST), "{outcome:?}");
    }
}

#[test]
fn a_certain_refusal_is_not_shopped_around() {
    let mut shop = plain();
    shop.settle = vec![failed("insufficient_funds"), settled()];
    assert_eq!(shop.pay("/a.json", &Payment::v2(1)).code(), (402, "insufficient_funds".into()));
    assert_eq!(shop.calls.len(), 1);
}

#[test]
fn an_unknown_payment_is_asked_about_where_it_was_submitted() {
    let mut shop = plain();
    shop.down = vec![(FIRST, Outcome::NotSent("refused".into()))];
    shop.settle = vec![lost()];
    assert_eq!(shop.pay("/a.json", &Payment::v2(1)).status(), 503);
    // The first one is back; the payment is the second one's.
    shop.down.clear();
    shop.settle = vec![settled()];
    let ended = shop.pay("/a.json", &Payment::v2(2));
    assert_eq!(ended.log.outcome, "resolved");
    assert_eq!(asked(&ended), [(SECOND, Endpoint::Settle)]);
}

#[test]
fn where_none_is_reached_nothing_is_left_behind() {
    let mut shop = plain();
    let refused = Outcome::NotSent("refused".into());
    shop.down = vec![(FIRST, refused.clone()), (SECOND, refused)];
    let ended = shop.pay("/a.json", &Payment::v2(1));
    assert_eq!(ended.code(), (503, "facilitator_unavailable".into()));
    shop.down.clear();
    // A fresh payment is not held up by it.
    assert_eq!(shop.pay("/a.json", &Payment::v2(2)).log.outcome, "settled");
}

#[test]
fn verify_fails_over_too() {
    let mut shop = shop([VerifyPolicy::First, VerifyPolicy::First]);
    shop.down = vec![(FIRST, http(503, "<html>"))];
    let ended = shop.pay("/a.json", &Payment::v2(1));
    assert_eq!(
        asked(&ended),
        [(FIRST, Endpoint::Verify), (SECOND, Endpoint::Verify), (SECOND, Endpoint::Settle)]
    );
    ended.granted();
    // One that demands it is asked after one that does not, when that one was not reached.
    let mut shop = self::shop([VerifyPolicy::WhenNeeded, VerifyPolicy::First]);
    shop.down = vec![(FIRST, Outcome::NotSent("refused".into()))];
    let ended = shop.pay("/a.json", &Payment::v2(1));
    assert_eq!(
        asked(&ended),
        [(FIRST, Endpoint::Settle), (SECOND, Endpoint::Verify), (SECOND, Endpoint::Settle)]
    );
    ended.granted();
}

#[test]
fn a_signature_that_nobody_verified_is_never_settled() {
    let mut shop = plain();
    shop.down = vec![(FIRST, http(503, "<html>"))];
    shop.verify = vec![answer(json!({ "isValid": false, "invalidReason": "x" }))];
    let ended = shop.pay("/a.json", &Payment::v2(1).signed(hex::encode(&[7; 65])));
    assert_eq!(ended.status(), 503);
    assert_eq!(shop.count(Endpoint::Settle), 0);
}

#[test]
fn a_dead_facilitator_costs_nothing_after_a_few_tries() {
    let mut shop = plain();
    shop.down = vec![(FIRST, Outcome::NotSent("refused".into()))];
    for nonce in 0..limits::BREAKER_FAILURES as u8 {
        assert_eq!(shop.pay("/a.json", &Payment::v2(nonce)).calls.len(), 2);
    }
    for nonce in 10..20 {
        let ended = shop.pay("/a.json", &Payment::v2(nonce));
        assert_eq!(asked(&ended), [(SECOND, Endpoint::Settle)]);
        ended.granted();
    }
    // It is back: one probe finds out.
    shop.down.clear();
    shop.now += limits::BREAKER_MS / 1_000;
    for nonce in 20..22 {
        let ended = shop.pay("/a.json", &Payment::v2(nonce));
        assert_eq!(asked(&ended), [(FIRST, Endpoint::Settle)]);
    }
}

#[test]
fn what_the_seller_must_mend_is_named_in_the_log() {
    // Waiting helps where a limit was met; what only the seller can mend is said to be so.
    for (outcome, code) in [
        (http(401, ""), "cannot_settle"),
        (http(402, "{}"), "cannot_settle"),
        (http(404, "<html>"), "cannot_settle"),
        (http(308, "Redirecting..."), "cannot_settle"),
        (http(429, ""), "facilitator_unavailable"),
    ] {
        let mut shop = plain();
        shop.down = vec![(FIRST, outcome.clone()), (SECOND, outcome.clone())];
        let ended = shop.pay("/a.json", &Payment::v2(1));
        assert_eq!(ended.code(), (503, code.into()), "{outcome:?}");
        assert_eq!(ended.body()["paywall"]["retryable"], code != "cannot_settle");
        let operator = ended.log.operator.expect("a line for the operator");
        assert!(operator.contains(SECOND), "{operator}");
        // It was given back: the same payment buys where somebody takes it.
        shop.down.clear();
        shop.pay("/a.json", &Payment::v2(1)).granted();
    }
    assert_eq!(plain().pay("/a.json", &Payment::v2(1)).log.operator, None);
}
