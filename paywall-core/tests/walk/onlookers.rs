//! Whoever reads a settled signature off the chain, payers who move, and payments that stand alone.

use crate::support::{Payment, Scenario, answer, failed, independent, lost, open_table, settled};
use paywall_core::facilitator::Endpoint;
use paywall_core::limits::RESENDS;

const ELSEWHERE: &str = "198.51.100.9";

#[test]
fn the_same_payment_opens_only_for_the_network_that_first_presented_it() {
    let mut shop = Scenario::open();
    shop.pay("/a.json", &Payment::v2(1)).granted();
    for _ in 0..5 {
        shop.client_ip = ELSEWHERE;
        let ended = shop.pay("/a.json", &Payment::v2(1));
        assert_eq!(ended.code(), (409, "payment_already_used".into()));
    }
    // Nothing was used up by it.
    shop.client_ip = "203.0.113.200";
    for _ in 0..RESENDS {
        assert_eq!(shop.pay("/a.json", &Payment::v2(1)).log.outcome, "resent");
    }
    assert_eq!(shop.pay("/a.json", &Payment::v2(1)).status(), 409);
    assert_eq!(shop.calls.len(), 1);
}

#[test]
fn an_onlooker_who_finds_out_first_does_not_get_the_grant() {
    let mut shop = Scenario::open();
    shop.settle = vec![lost()];
    assert_eq!(shop.pay("/a.json", &Payment::v2(1)).status(), 503);
    shop.settle = vec![settled()];
    shop.client_ip = ELSEWHERE;
    let ended = shop.pay("/a.json", &Payment::v2(1));
    assert_eq!(ended.code(), (409, "payment_already_used".into()));
    shop.client_ip = "203.0.113.7";
    assert_eq!(shop.pay("/a.json", &Payment::v2(1)).log.outcome, "resent");
    assert_eq!(shop.count(Endpoint::Settle), 3);
}

#[test]
fn while_it_is_unknown_its_origin_is_not_asked() {
    let mut shop = Scenario::open();
    shop.settle = vec![lost()];
    shop.pay("/a.json", &Payment::v2(1));
    shop.client_ip = ELSEWHERE;
    assert_eq!(shop.pay("/a.json", &Payment::v2(1)).code(), (503, "settlement_unknown".into()));
}

#[test]
fn a_payer_who_moved_signs_anew_and_is_not_charged() {
    let mut shop = Scenario::open();
    shop.settle = vec![lost()];
    shop.pay("/a.json", &Payment::v2(1));
    shop.client_ip = ELSEWHERE;
    shop.settle = vec![settled()];
    assert_eq!(shop.pay("/a.json", &Payment::v2(1)).status(), 409, "sold, and owed");
    let ended = shop.pay("/a.json", &Payment::v2(2));
    assert_eq!(ended.log.outcome, "owned");
    assert_eq!(ended.calls, []);
    // The grant is theirs now, and the first payment opens nothing any more.
    assert_eq!(shop.pay("/a.json", &Payment::v2(2)).log.outcome, "resent");
    shop.client_ip = "203.0.113.7";
    assert_eq!(shop.pay("/a.json", &Payment::v2(1)).status(), 409);
    assert_eq!(shop.pay("/a.json", &Payment::v2(2)).status(), 409);
}

#[test]
fn one_text_for_every_way_in_which_a_payment_was_used() {
    let mut shop = Scenario::open();
    shop.pay("/a.json", &Payment::v2(1)).granted();
    let other_words = Payment::v2(1).with("/payload/authorization/validAfter", "0");
    let body = |ended: crate::support::Ended| (ended.code(), ended.body()["paywall"].to_string());
    let other_object = body(shop.pay("/timed.json", &Payment::v2(1)));
    assert_eq!(body(shop.pay("/a.json", &other_words)), other_object);
    assert_eq!(body(shop.pay("/timed.json", &other_words)), other_object);
    shop.client_ip = ELSEWHERE;
    assert_eq!(body(shop.pay("/a.json", &Payment::v2(1))), other_object);
    shop.client_ip = "203.0.113.7";
    for _ in 0..RESENDS {
        shop.pay("/a.json", &Payment::v2(1)).granted();
    }
    assert_eq!(body(shop.pay("/a.json", &Payment::v2(1))), other_object);
}

#[test]
fn under_independent_each_payment_stands_alone() {
    let mut shop = Scenario::of(independent(open_table()));
    shop.settle = vec![lost()];
    assert_eq!(shop.pay("/a.json", &Payment::v2(1)).code(), (503, "settlement_unknown".into()));
    // The next one is not held, and gets nothing of what the first one paid for.
    shop.settle = vec![settled()];
    assert_eq!(shop.pay("/a.json", &Payment::v2(2)).log.outcome, "settled");
    assert_eq!(shop.pay("/a.json", &Payment::v2(1)).log.outcome, "resolved");
    // What is owed opens by the same payment alone, and says so.
    shop.settle = vec![lost()];
    shop.pay("/a.json", &Payment::v2(3));
    shop.now += paywall_core::limits::BREAKER_MS / 1_000;
    shop.settle = vec![settled()];
    shop.client_ip = ELSEWHERE;
    let ended = shop.pay("/a.json", &Payment::v2(3));
    assert_eq!(ended.code(), (409, "payment_already_used".into()));
    assert!(
        ended.body()["paywall"]["message"].as_str().unwrap().contains("a new payment is charged")
    );
    assert_eq!(shop.pay("/a.json", &Payment::v2(4)).log.outcome, "settled");
    shop.client_ip = "203.0.113.7";
    assert_eq!(shop.pay("/a.json", &Payment::v2(3)).log.outcome, "resent");
}

#[test]
fn the_binding_s_kind_of_account_counts_and_not_the_table_s() {
    let mut old = Scenario::alone(open_table());
    let mut new = Scenario::alone(independent(open_table()));
    new.requests = 100;
    old.settle = vec![lost()];
    old.pay("/a.json", &Payment::v2(1));
    old.settle = vec![settled()];
    old.pay("/b%20+%C3%A9.json", &Payment::v2(2)).granted();
    std::mem::swap(&mut old.store, &mut new.store);
    // The rule's mode changed: what was bound stays where it is.
    assert_eq!(new.pay("/b%20+%C3%A9.json", &Payment::v2(2)).log.outcome, "resent");
    assert_eq!(new.pay("/a.json", &Payment::v2(1)).log.outcome, "resolved");
    new.pay("/a.json", &Payment::v2(3)).granted();
    std::mem::swap(&mut old.store, &mut new.store);
    old.requests = 200;
    assert_eq!(old.pay("/a.json", &Payment::v2(3)).log.outcome, "resent");
    assert_eq!(old.calls.len() + new.calls.len(), 5);
}

#[test]
fn an_unproven_signature_learns_nothing() {
    let mut shop = Scenario::open();
    shop.pay("/a.json", &Payment::v2(1)).granted();
    let invalid = serde_json::json!({
        "isValid": false, "invalidReason": "invalid_exact_evm_signature",
    });
    shop.verify = vec![answer(invalid)];
    let forged = |nonce| Payment::v2(nonce).signed(paywall_core::hex::encode(&[7; 65]));
    // Of a payment that is known and of one that is not: the same answer.
    let [known, new] = [1, 9].map(|nonce| shop.pay("/a.json", &forged(nonce)).code());
    assert_eq!(known, new);
    shop.settle = vec![failed("insufficient_funds")];
    assert_eq!(shop.pay("/timed.json", &Payment::v2(9)).code().1, "insufficient_funds");
}
