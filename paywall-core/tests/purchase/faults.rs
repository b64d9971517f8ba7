//! A shop with an S3 store and a node, and a fault at every point of a sale: who comes back is served, and
//! charged once.

use paywall_core::facilitator::{Endpoint, Outcome};

use serde_json::json;

use crate::support::{
    Fault, NOW, Payment, Scenario, answer, failed, lost, open_table, settled, shared_s3, with_node,
};
use crate::testnode::{Chain, PAYER, TestNode};

fn shop() -> Scenario {
    let mut shop = Scenario::alone(with_node(open_table()));
    shop.nodes = vec![Some(TestNode::of(Chain::idle(1_000, 2, NOW)))];
    shop.mines = true;
    shop
}

/// How many of the payments stand on the chain.
fn paid(shop: &mut Scenario) -> usize {
    let chain = &shop.node().chain;
    (0..=255).filter(|n| chain.spends(PAYER, [*n; 32], chain.0.len())).count()
}

/// What a facilitator may answer to what it settles.
fn answers() -> Vec<(&'static str, Outcome)> {
    vec![
        ("success", settled()),
        ("silence", lost()),
        ("used", failed("invalid_exact_evm_nonce_already_used")),
        ("a false refusal", failed("invalid_exact_evm_payload_authorization_valid_before")),
    ]
}

/// The buyer comes back until the object is there.
fn comes_back(shop: &mut Scenario, next: &Payment, what: &str) {
    for _ in 0..4 {
        shop.now += 6;
        let ended = shop.pay("/a.json", next);
        match ended.log.status {
            None => return,
            Some(503) => {}
            Some(status) => panic!("{what}: {status} {}", ended.log.to_json()),
        }
    }
    panic!("{what}: never served");
}

#[test]
fn a_sandbox_that_dies_at_any_point_strands_nobody() {
    for (name, outcome) in answers() {
        for next in [1, 2] {
            for steps in 1..12 {
                let what = format!("{name}, then payment {next}, dead at {steps}");
                let mut shop = shop();
                shop.settle = vec![outcome.clone()];
                shop.dies_at = Some(steps);
                let header = Payment::v2(1).header();
                let first = shop.try_send("GET", "/a.json", &[("PAYMENT-SIGNATURE", &header)]);
                shop.dies_at = None;
                let written = shop.calls.len() == 1 && steps == 4 && name == "success";
                comes_back(&mut shop, &Payment::v2(next), &what);
                // The one way to pay twice: the sale was written as granted, and never received.
                let most = if next == 2 && (written || first.is_some()) { 2 } else { 1 };
                assert!((1..=most).contains(&paid(&mut shop)), "{what}");
            }
        }
    }
}

#[test]
fn a_store_that_errs_at_any_write_strands_nobody() {
    for (name, outcome) in answers() {
        for fault in [Fault::DoneInSilence, Fault::DoneAndConflict, Fault::Silence, Fault::Conflict]
        {
            for trip in 1..8 {
                let what = format!("{name}, {fault:?} at {trip}");
                let mut shop = shop();
                shop.settle = vec![outcome.clone()];
                shop.faults = vec![(trip, fault)];
                let first = shop.pay("/a.json", &Payment::v2(1));
                assert!(matches!(first.log.status, None | Some(503)), "{what}");
                shop.faults.clear();
                comes_back(&mut shop, &Payment::v2(1), &what);
                assert_eq!(paid(&mut shop), 1, "{what}");
                let bodies: Vec<_> = shop.calls.iter().map(|call| call.body.clone()).collect();
                assert!(bodies.iter().all(|body| *body == bodies[0]), "{what}");
            }
        }
    }
}

#[test]
fn a_store_that_falls_silent_for_good_is_never_answered_402() {
    for (name, outcome) in answers() {
        for trip in 1..8 {
            let mut shop = shop();
            shop.settle = vec![outcome.clone()];
            shop.store_fails_at = Some(trip);
            let first = shop.pay("/a.json", &Payment::v2(1));
            let code = first.log.outcome.clone();
            match first.log.status {
                None => assert!(name == "success", "{name} {trip}"),
                Some(status) => assert_eq!(status, 503, "{name} {trip} {code}"),
            }
            // What may have been sent is said to be unknown, and an alarm tells.
            if shop.count(Endpoint::Settle) > 0 && first.log.status.is_some() {
                assert_eq!((code.as_str(), first.log.alarm), ("settlement_unknown", true));
            }
            shop.store_fails_at = None;
            comes_back(&mut shop, &Payment::v2(1), name);
            assert_eq!(paid(&mut shop), 1, "{name} {trip}");
        }
    }
}

/// Somebody else may have sent it: a refusal that could only be true of a first sending says nothing.
#[test]
fn what_was_taken_over_is_not_sent_as_if_it_were_new() {
    let used = "invalid_exact_evm_nonce_already_used";
    for uri in ["/a.json", "/first.json"] {
        for trip in 1..12 {
            let mut table = with_node(open_table());
            table.redemptions = shared_s3();
            let mut shop = Scenario { nodes: shop().nodes, mines: true, ..Scenario::of(table) };
            // It settled, and the answer speaks against that.
            shop.settle = vec![failed(used)];
            let first = shop.pay(uri, &Payment::v2(1));
            assert_eq!(first.code(), (503, "settlement_unknown".into()));
            shop.verify = vec![answer(json!({ "isValid": false, "invalidReason": used }))];
            (shop.now, shop.trips, shop.faults) = (NOW + 6, 0, vec![(trip, Fault::Conflict)]);
            for seconds in [0, 6] {
                shop.now += seconds;
                let ended = shop.pay(uri, &Payment::v2(1));
                let status = ended.log.status;
                assert!(matches!(status, Some(409 | 503)), "{trip}: {}", ended.log.to_json());
                let settles = ended.calls.iter().filter(|c| c.endpoint == Endpoint::Settle);
                assert!(settles.count() <= 1, "{trip}: {:?}", ended.calls);
            }
            assert_eq!(paid(&mut shop), 1);
        }
    }
}
