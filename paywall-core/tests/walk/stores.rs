//! Stores that are slow to reach or fall silent.

use paywall_core::facilitator::Endpoint;
use paywall_core::limits;

use crate::support::{Payment, Scenario, failed, lost, settled};

#[test]
fn a_first_sale_takes_one_trip_before_it_is_settled_and_one_after() {
    let mut scenario = Scenario::open();
    scenario.pay("/a.json", &Payment::v2(1)).granted();
    assert_eq!(scenario.trips, 2);
    // A payer who is known: one more, to say that the next payment is under way.
    scenario.pay("/a.json", &Payment::v2(2)).granted();
    assert_eq!(scenario.trips, 2 + 3);
    // Timed access that is open is not written.
    scenario.pay("/timed.json", &Payment::v2(3)).granted();
    let before = scenario.trips;
    scenario.pay("/timed.json", &Payment::v2(4)).granted();
    assert_eq!(scenario.trips, before + 1);
}

#[test]
fn a_store_that_is_silent_before_the_claim_sells_nothing() {
    for uri in ["/a.json", "/timed.json", "/first.json"] {
        let mut scenario = Scenario::open();
        scenario.store_fails_at = Some(1);
        let ended = scenario.pay(uri, &Payment::v2(1));
        assert_eq!(ended.code(), (503, "store_unavailable".into()), "{uri}");
        assert_eq!(scenario.calls, []);
        // It comes back, and the same payment buys.
        scenario.store_fails_at = None;
        scenario.pay(uri, &Payment::v2(1)).granted();
    }
}

#[test]
fn what_settled_is_granted_even_if_it_cannot_be_recorded() {
    let mut scenario = Scenario::open();
    scenario.store_fails_at = Some(2);
    let ended = scenario.pay("/a.json", &Payment::v2(1));
    ended.granted();
    assert!(ended.log.alarm);
    // Nor is it lost: the claim is still there, and is resolved.
    scenario.store_fails_at = None;
    scenario.now += 5;
    assert_eq!(scenario.pay("/a.json", &Payment::v2(1)).log.outcome, "resolved");
    assert_eq!(scenario.count(Endpoint::Settle), 2);
}

#[test]
fn a_refusal_that_cannot_be_recorded_is_not_believed() {
    let mut scenario = Scenario::open();
    scenario.store_fails_at = Some(2);
    scenario.settle = vec![failed("insufficient_funds")];
    let ended = scenario.pay("/a.json", &Payment::v2(1));
    assert_eq!(ended.code(), (503, "settlement_unknown".into()));
}

#[test]
fn a_payment_that_was_sold_long_ago_is_not_asked_for_again() {
    let mut scenario = Scenario::open();
    scenario.pay("/a.json", &Payment::v2(1)).granted();
    // The sale is over and its window closed: a later one pushes it out of the account.
    scenario.now += limits::RESEND_SECONDS + 60;
    let later = |nonce| {
        let before = (crate::support::NOW + limits::RESEND_SECONDS + 120).to_string();
        Payment::v2(nonce).with("/payload/authorization/validBefore", before)
    };
    scenario.pay("/a.json", &later(2)).granted();
    let ended = scenario.pay("/a.json", &Payment::v2(1));
    assert_eq!(ended.code(), (409, "payment_already_used".into()));
    assert_eq!(scenario.calls.len(), 2);
}

#[test]
fn who_was_refused_can_come_back_with_another_payment() {
    let mut scenario = Scenario::open();
    scenario.settle = vec![failed("insufficient_funds"), settled()];
    for _ in 0..2 {
        let ended = scenario.pay("/a.json", &Payment::v2(1));
        assert_eq!(ended.code(), (402, "insufficient_funds".into()));
    }
    assert_eq!(scenario.calls.len(), 1, "what was refused is never submitted again");
    scenario.pay("/a.json", &Payment::v2(2)).granted();
    // The refused one buys nothing elsewhere.
    let ended = scenario.pay("/timed.json", &Payment::v2(1));
    assert_eq!(ended.code(), (409, "payment_already_used".into()));
}

#[test]
fn an_earlier_payment_that_was_bound_elsewhere_does_not_stand_in_the_way() {
    let mut scenario = Scenario::open();
    scenario.settle = vec![lost()];
    scenario.pay("/timed.json", &Payment::v2(1));
    // The store falls silent just as the payment, presented for another object, is found out.
    scenario.store_fails_at = Some(scenario.trips + 3);
    let ended = scenario.pay("/a.json", &Payment::v2(1));
    assert_eq!(ended.code(), (409, "payment_already_used".into()));
    scenario.store_fails_at = None;
    scenario.now += 5;
    scenario.settle = vec![settled()];
    let ended = scenario.pay("/a.json", &Payment::v2(2));
    assert_eq!(ended.log.outcome, "settled");
    assert_eq!(ended.calls.len(), 1);
}
