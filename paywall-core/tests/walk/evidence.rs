//! What the chain says where the facilitators do not.

use paywall_core::facilitator::Endpoint;
use paywall_core::limits::{DEADLINE_MARGIN_MS, EVIDENCE_MS};
use price_table::Redemptions;

use crate::support::{
    NOW, Payment, Scenario, failed, lost, open_table, s3, settled, shared_s3, with_node,
    with_two_nodes,
};
use crate::testnode::{Chain, OTHER, PAYER, TestNode, VALUE, canceled, transfer, used};

fn shop(redemptions: Redemptions) -> Scenario {
    let mut table = with_node(open_table());
    table.redemptions = redemptions;
    let mut shop = Scenario::of(table);
    shop.nodes = vec![Some(TestNode::of(Chain::idle(1_000, 2, NOW)))];
    shop
}

#[test]
fn a_payment_that_settled_behind_a_silent_facilitator_is_found() {
    for redemptions in [Redemptions::Memory, s3(), shared_s3()] {
        let mut shop = shop(redemptions);
        (shop.settle, shop.mines) = (vec![lost()], true);
        // Not deep enough yet.
        assert_eq!(shop.pay("/a.json", &Payment::v2(1)).code(), (503, "settlement_unknown".into()));
        shop.now += 4;
        let ended = shop.pay("/a.json", &Payment::v2(1));
        assert_eq!(ended.log.outcome, "resolved");
        assert!(ended.log.calls.iter().any(|call| call.endpoint == "settle"));
        assert_eq!(shop.pay("/a.json", &Payment::v2(1)).log.outcome, "resent");
    }
}

#[test]
fn an_answer_that_speaks_against_a_payment_counts_unless_the_payee_is_the_store_s_own() {
    let used = failed("invalid_exact_evm_nonce_already_used");
    for (redemptions, ours) in [(s3(), true), (shared_s3(), false), (Redemptions::Memory, false)] {
        let mut shop = shop(redemptions);
        (shop.settle, shop.mines) = (vec![used.clone()], true);
        assert_eq!(shop.pay("/a.json", &Payment::v2(1)).code(), (503, "settlement_unknown".into()));
        shop.now += 4;
        let ended = shop.pay("/a.json", &Payment::v2(1));
        match ours {
            true => assert_eq!(ended.log.outcome, "resolved"),
            false => {
                assert_eq!(ended.code(), (409, "payment_unproven".into()));
                assert!(ended.log.alarm);
                // Who signs anew is not charged again before it is over, and then is.
                shop.settle = vec![settled()];
                let next = shop.pay("/a.json", &Payment::v2(2));
                assert_eq!(next.code(), (503, "earlier_payment_unknown".into()));
                assert_eq!((next.until(), ended.until()), (NOW + 60 + 300, NOW + 60 + 300));
                assert!(next.log.calls.iter().all(|call| call.endpoint != "settle"));
                shop.now = next.until() + 1;
                let late = Payment::v2(3).valid_until(shop.now + 60);
                assert_eq!(shop.pay("/a.json", &late).log.outcome, "settled");
            }
        }
    }
}

#[test]
fn an_answer_that_waits_does_not_speak_against_a_payment() {
    let mut shop = shop(Redemptions::Memory);
    (shop.settle, shop.mines) = (vec![failed("settlement_pending")], true);
    assert_eq!(shop.pay("/a.json", &Payment::v2(1)).status(), 503);
    shop.now += 4;
    assert_eq!(shop.pay("/a.json", &Payment::v2(1)).log.outcome, "resolved");
}

#[test]
fn the_payer_s_next_signature_takes_the_grant() {
    let mut shop = shop(s3());
    (shop.settle, shop.mines) = (vec![lost()], true);
    shop.pay("/a.json", &Payment::v2(1));
    shop.now += 4;
    shop.mines = false;
    let ended = shop.pay("/a.json", &Payment::v2(2));
    assert_eq!(ended.log.outcome, "resolved");
    assert!(shop.calls.iter().all(|call| call.body == shop.calls[0].body));
}

#[test]
fn what_was_never_paid_stands_in_nobody_s_way() {
    let mut shop = shop(s3());
    shop.settle = vec![lost()];
    let first = Payment::v2(1);
    shop.pay("/a.json", &first);
    // The chain is past its window, at the depth at which blocks stay, and its nonce is unspent.
    shop.now += 70;
    shop.settle = vec![lost(), settled()];
    let fresh = Payment::v2(2).valid_for(200);
    assert_eq!(shop.pay("/a.json", &fresh).log.outcome, "settled");
    assert_eq!(shop.pay("/a.json", &first).code(), (409, "payment_never_settled".into()));
}

#[test]
fn a_payment_that_was_never_paid_is_said_to_be_so() {
    for spent in [None, Some(vec![canceled(PAYER, [1; 32])])] {
        let mut shop = shop(s3());
        shop.settle = vec![lost()];
        let payment = Payment::v2(1);
        shop.pay("/a.json", &payment);
        match spent {
            None => shop.now += 70,
            Some(logs) => {
                shop.node().chain.mine(logs);
                shop.now += 20;
            }
        }
        let ended = shop.pay("/a.json", &payment);
        assert_eq!(ended.code(), (409, "payment_never_settled".into()));
        assert_eq!(ended.body()["paywall"]["resendSamePayment"], false);
    }
}

#[test]
fn what_was_spent_on_another_transfer_is_never_paid_once_that_stays() {
    let mut shop = shop(s3());
    shop.settle = vec![lost()];
    shop.pay("/a.json", &Payment::v2(1));
    shop.node().chain.mine(vec![used(PAYER, [1; 32]), transfer(PAYER, OTHER, VALUE)]);
    // In block n of n + 1: 2 deep, and a reorganisation may still undo it.
    shop.now += 4;
    assert_eq!(shop.pay("/a.json", &Payment::v2(1)).code(), (503, "settlement_unknown".into()));
    shop.now += 4;
    assert_eq!(shop.pay("/a.json", &Payment::v2(1)).code(), (409, "payment_never_settled".into()));
}

#[test]
fn never_needs_both_nodes_and_paid_the_first_that_answers() {
    let two = |paid: [bool; 2]| {
        let mut shop = Scenario::alone(with_two_nodes(open_table()));
        let node = || Some(TestNode::of(Chain::idle(1_000, 2, NOW)));
        shop.nodes = vec![node(), node()];
        shop.settle = vec![lost()];
        assert_eq!(shop.pay("/a.json", &Payment::v2(1)).status(), 503);
        for (node, paid) in shop.nodes.iter_mut().flatten().zip(paid) {
            if paid {
                node.chain.mine(crate::testnode::payment_of([1; 32]));
            }
        }
        shop.now += 70;
        shop
    };
    let pay = |mut shop: Scenario| {
        let ended = shop.pay("/a.json", &Payment::v2(1));
        (ended.log.outcome, ended.log.status)
    };
    assert_eq!(pay(two([false, false])), ("payment_never_settled".into(), Some(409)));
    // One of them is behind, or forked: nothing is said that another one contradicts.
    assert_eq!(pay(two([false, true])), ("resolved".into(), None));
    assert_eq!(pay(two([true, false])), ("resolved".into(), None));
    // A silent one leaves it to the other.
    let mut shop = two([false, false]);
    shop.nodes[1] = None;
    assert_eq!(pay(shop).0, "payment_never_settled");
    let mut shop = two([false, true]);
    shop.nodes[0] = None;
    assert_eq!(pay(shop).0, "resolved");
}

#[test]
fn a_dead_node_holds_a_payment_for_a_day_at_most() {
    let mut shop = shop(s3());
    shop.settle = vec![lost()];
    let until = shop.pay("/a.json", &Payment::v2(1)).until();
    assert_eq!(until, NOW + 60 + 86_400);
    shop.nodes = vec![None];
    shop.now = until;
    assert_eq!(shop.pay("/a.json", &Payment::v2(1)).code(), (503, "settlement_unknown".into()));
    shop.now = until + 1;
    let ended = shop.pay("/a.json", &Payment::v2(1));
    assert_eq!(ended.code(), (409, "payment_given_up".into()));
    assert!(ended.log.alarm);
}

#[test]
fn a_transfer_counts_only_for_a_sending_that_is_on_record() {
    // Where the node was silent at the sending, a block that is stamped before it does not count.
    for (seconds_before, outcome) in [(0, "resolved"), (10, "payment_unproven")] {
        let mut shop = shop(s3());
        let node = shop.nodes[0].take();
        shop.settle = vec![lost()];
        shop.now += 20;
        assert_eq!(shop.pay("/a.json", &Payment::v2(1)).status(), 503);
        shop.nodes = vec![node];
        let now = shop.now;
        shop.node().chain.grow(now - seconds_before - 2);
        shop.node().chain.mine(crate::testnode::payment_of([1; 32]));
        shop.now += 6;
        assert_eq!(shop.pay("/a.json", &Payment::v2(1)).log.outcome, outcome);
    }
}

#[test]
fn the_chain_is_left_time_to_tell() {
    let mut shop = shop(s3());
    shop.settle = vec![lost()];
    shop.pay("/a.json", &Payment::v2(1));
    let again = shop.pay("/a.json", &Payment::v2(1));
    let asked = again.calls[0].timeout_ms;
    assert_eq!(asked, 5_000 - DEADLINE_MARGIN_MS - EVIDENCE_MS);
    assert_eq!(shop.count(Endpoint::Settle), 3);
}
