//! Round trips of a sale: as few as there can be. Intent is recorded before `/settle` leaves, and the
//! outcome after it; neither can hide behind it.

use paywall_core::facilitator::Endpoint;
use paywall_core::purchase::Effect;
use paywall_core::store::Ask;

use crate::support::{NOW, Payment, Scenario, open_table, with_node};
use crate::testnode::{Chain, TestNode};

fn shop(alone: bool, node: bool) -> Scenario {
    let table = if node { with_node(open_table()) } else { open_table() };
    let mut shop = if alone { Scenario::alone(table) } else { Scenario::of(table) };
    if node {
        shop.nodes = vec![Some(TestNode::of(Chain::idle(1_000, 2, NOW)))];
    }
    shop
}

#[test]
fn of_a_first_sale() {
    // Trips over a network: a sandbox's own memory is none.
    for (alone, node, trips) in [
        (false, false, [0, 1, 0]),
        (false, true, [1, 1, 0]),
        (true, false, [0, 1, 2]),
        (true, true, [1, 1, 2]),
    ] {
        let ended = shop(alone, node).pay("/a.json", &Payment::v2(1));
        assert_eq!(ended.log.outcome, "settled");
        let [nodes, facilitators, store] = ended.trips();
        let store = if alone { store } else { 0 };
        assert_eq!([nodes, facilitators, store], trips, "alone: {alone}, node: {node}");
    }
}

#[test]
fn they_come_in_their_order_and_ask_for_as_little() {
    let ended = shop(true, true).pay("/a.json", &Payment::v2(1));
    let [look, begin, settle, sold] = ended.effects.as_slice() else {
        panic!("{:?}", ended.effects)
    };
    let Effect::Node { calls, look: true } = look else { panic!("{look:?}") };
    assert_eq!(calls.len(), 1);
    assert!(calls[0].timeout_ms <= 600, "a sale does not wait for a node that is slow");
    let Effect::Store { asks, .. } = begin else { panic!("{begin:?}") };
    assert!(matches!(asks.as_slice(), [Ask::Create(..), Ask::Create(..), Ask::Get(..)]));
    let Effect::Facilitator { call, .. } = settle else { panic!("{settle:?}") };
    assert_eq!(call.endpoint, Endpoint::Settle);
    let Effect::Store { asks, .. } = sold else { panic!("{sold:?}") };
    assert!(matches!(asks.as_slice(), [Ask::Replace(..)]));
}

#[test]
fn of_what_follows_it() {
    let mut shop = shop(true, true);
    shop.pay("/a.json", &Payment::v2(1)).granted();
    // The payer has an account: it is written once more, to say that the next payment is under way.
    assert_eq!(shop.pay("/a.json", &Payment::v2(2)).trips(), [1, 1, 3]);
    // The same payment sent again: the record is enough.
    shop.mines = true;
    shop.pay("/a.json", &Payment::v2(3)).granted();
    shop.now += 6;
    assert_eq!(shop.pay("/a.json", &Payment::v2(3)).trips(), [1, 0, 2]);
    // Timed access that is open: the look, binding the new payment, and nothing of it is sent.
    shop.mines = false;
    shop.pay("/timed.json", &Payment::v2(4)).granted();
    let owned = shop.pay("/timed.json", &Payment::v2(5));
    assert_eq!(owned.log.outcome, "owned");
    assert_eq!(owned.trips(), [1, 0, 1]);
}

#[test]
fn what_is_written_is_there_before_settle_leaves() {
    let mut shop = shop(true, true);
    shop.pay_and_die("/a.json", &Payment::v2(1));
    // The binding, and the account with the open payment, whose holder is the dead request.
    let ended = shop.pay("/a.json", &Payment::v2(1));
    assert_eq!(ended.code(), (503, "payment_in_progress".into()));
    assert_eq!(shop.pay("/timed.json", &Payment::v2(1)).status(), 409);
    assert_eq!(shop.count(Endpoint::Settle), 1);
}
