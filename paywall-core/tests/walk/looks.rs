//! The look before sending, and refusals whose reason must be seen.

use paywall_core::facilitator::{Endpoint, Outcome};
use price_table::{Redemptions, Table};
use serde_json::json;

use crate::support::{
    NOW, Payment, Scenario, answer, failed, lost, open_table, s3, settled, shared_s3, with_node,
    with_two_nodes,
};
use crate::testnode::{Chain, TestNode, payment_of};

fn shop_of(mut table: Table, redemptions: Redemptions) -> Scenario {
    table.redemptions = redemptions;
    let mut shop = Scenario::of(table);
    let node = || Some(TestNode::of(Chain::idle(1_000, 2, NOW)));
    shop.nodes = vec![node(), node()];
    shop
}

fn shop(redemptions: Redemptions) -> Scenario {
    shop_of(with_node(open_table()), redemptions)
}

#[test]
fn what_is_spent_already_is_refused_and_nothing_is_written() {
    for (redemptions, code) in [
        (s3(), (409, "payment_already_used")),
        (shared_s3(), (409, "payment_already_used")),
        // Another sandbox may know it.
        (Redemptions::Memory, (503, "settlement_unknown")),
    ] {
        let mut shop = shop(redemptions);
        shop.node().chain.mine(payment_of([1; 32]));
        let ended = shop.pay("/a.json", &Payment::v2(1));
        assert_eq!(ended.code(), (code.0, code.1.into()));
        assert_eq!(shop.calls, []);
        assert_eq!(ended.trips(), [1, 0, 1], "a look, and a read");
        // It stands in nobody's way.
        assert_eq!(shop.pay("/a.json", &Payment::v2(2)).log.outcome, "settled");
    }
}

#[test]
fn a_re_send_of_a_spent_payment_goes_by_the_record() {
    let mut shop = shop(s3());
    shop.mines = true;
    let first = shop.pay("/a.json", &Payment::v2(1));
    assert_eq!(first.log.outcome, "settled");
    shop.now += 6;
    assert_eq!(shop.pay("/a.json", &Payment::v2(1)).log.outcome, "resent");
    assert_eq!(shop.pay("/timed.json", &Payment::v2(1)).status(), 409);
}

#[test]
fn of_two_nodes_the_one_that_says_spent_counts() {
    for late in [0, 1] {
        let mut shop = shop_of(with_two_nodes(open_table()), s3());
        shop.nodes[1 - late].as_mut().unwrap().chain.mine(payment_of([1; 32]));
        assert_eq!(shop.pay("/a.json", &Payment::v2(1)).status(), 409);
        shop.nodes[late] = None;
        assert_eq!(shop.pay("/a.json", &Payment::v2(1)).status(), 409, "one is silent");
    }
    assert_eq!(
        shop_of(with_two_nodes(open_table()), s3()).pay("/a.json", &Payment::v2(1)).log.outcome,
        "settled"
    );
}

#[test]
fn a_silent_node_does_not_stop_sales() {
    let mut shop = shop(s3());
    shop.nodes = vec![None];
    for nonce in 0..6 {
        let ended = shop.pay("/a.json", &Payment::v2(nonce));
        assert_eq!(ended.log.outcome, "settled");
        // After a few it is not even asked.
        assert_eq!(ended.trips()[0], usize::from(nonce < 3), "{nonce}");
    }
}

#[test]
fn a_node_of_another_chain_is_as_good_as_silent() {
    let mut shop = shop(s3());
    shop.node().chain.mine(payment_of([1; 32]));
    shop.node().spoil("eth_chainId", |result| *result = json!("0x1"));
    assert_eq!(shop.pay("/a.json", &Payment::v2(1)).log.outcome, "settled");
}

#[test]
fn a_fresh_signature_opens_only_what_a_look_allows() {
    let mut shop = shop(s3());
    shop.pay("/timed.json", &Payment::v2(1)).granted();
    // Copied from the calldata of a sale of another shop of the same payee.
    shop.node().chain.mine(payment_of([2; 32]));
    let ended = shop.pay("/timed.json", &Payment::v2(2));
    assert_eq!(ended.code(), (409, "payment_already_used".into()));
    assert_eq!(shop.pay("/timed.json", &Payment::v2(3)).log.outcome, "owned");
    // Where the node does not say, nothing is opened, and nothing is charged either.
    shop.nodes = vec![None];
    let ended = shop.pay("/timed.json", &Payment::v2(4));
    assert_eq!(ended.code(), (503, "node_unavailable".into()));
    // The payment that bought it needs no node.
    assert_eq!(shop.pay("/timed.json", &Payment::v2(1)).log.outcome, "resent");
    assert_eq!(shop.count(Endpoint::Settle), 1);
}

#[test]
fn who_lacks_the_money_costs_one_look() {
    let mut shop = shop(s3());
    shop.node().balance = 9_999;
    let ended = shop.pay("/a.json", &Payment::v2(1));
    assert_eq!(ended.code(), (402, "insufficient_balance".into()));
    assert_eq!(ended.trips(), [1, 0, 1]);
    assert_eq!(shop.calls, []);
    // Nothing was written: funded, the same payment buys.
    shop.node().balance = 10_000;
    assert_eq!(shop.pay("/a.json", &Payment::v2(1)).log.outcome, "settled");
    // What is owed to a poor payer opens all the same.
    shop.pay("/timed.json", &Payment::v2(2)).granted();
    shop.node().balance = 0;
    assert_eq!(shop.pay("/timed.json", &Payment::v2(3)).log.outcome, "owned");
    assert_eq!(shop.pay("/a.json", &Payment::v2(1)).log.outcome, "resent");
}

#[test]
fn a_poor_payer_is_not_told_so_while_an_earlier_payment_is_unknown() {
    let mut shop = shop(s3());
    (shop.settle, shop.mines) = (vec![lost()], true);
    assert_eq!(shop.pay("/a.json", &Payment::v2(1)).status(), 503);
    shop.node().balance = 0;
    let ended = shop.pay("/a.json", &Payment::v2(2));
    assert_eq!(ended.code(), (503, "earlier_payment_unknown".into()));
    shop.now += 4;
    assert_eq!(shop.pay("/a.json", &Payment::v2(2)).log.outcome, "resolved");
}

/// Refusals that a settled payment produces as well: `facts/facilitator-codes.tsv`, grade S2.
const DOUBTED: [&str; 2] =
    ["insufficient_funds", "invalid_exact_evm_payload_authorization_valid_before"];

#[test]
fn a_refusal_is_believed_where_its_reason_is_seen() {
    for code in DOUBTED {
        let mut shop = shop(s3());
        shop.settle = vec![failed(code)];
        shop.node().denies = true;
        let ended = shop.pay("/a.json", &Payment::v2(1));
        assert_eq!(ended.code(), (402, code.into()));
        assert_eq!(ended.trips(), [3, 1, 2], "the look, and two trips for the reason");
        assert_eq!(shop.pay("/a.json", &Payment::v2(1)).code().0, 402);
        assert_eq!(shop.count(Endpoint::Settle), 1);
    }
}

#[test]
fn a_refusal_without_a_reason_is_not_believed() {
    type Change = fn(&mut Scenario);
    let changes: [(&str, Change); 6] = [
        ("the token would take it", |_| ()),
        ("the money moved", |shop| shop.mines = true),
        ("the call fails without a revert", |shop| {
            shop.node().denies = true;
            shop.node().keeps_states = 0;
            shop.node().spoil("eth_getBlockByNumber", |result| *result = json!(null));
        }),
        ("the node is of another chain", |shop| {
            shop.node().denies = true;
            shop.node().spoil("eth_chainId", |result| *result = json!("0x1"));
        }),
        ("the node is silent", |shop| shop.nodes = vec![None]),
        ("a second node differs", |shop| {
            let nodes = std::mem::take(&mut shop.nodes);
            *shop = shop_of(with_two_nodes(open_table()), s3());
            shop.nodes = nodes;
            shop.node().denies = true;
        }),
    ];
    for code in DOUBTED {
        for (name, change) in &changes {
            let mut shop = shop(s3());
            change(&mut shop);
            shop.settle = vec![failed(code)];
            let ended = shop.pay("/a.json", &Payment::v2(1));
            assert_eq!(ended.code(), (503, "settlement_unknown".into()), "{code}: {name}");
        }
    }
}

/// The payer may have had no money then: the look saw that they have it.
#[test]
fn a_reason_in_a_block_before_the_look_is_none() {
    for (behind, said) in [(0, (402, "insufficient_funds")), (2, (503, "settlement_unknown"))] {
        let mut shop = shop(s3());
        shop.settle = vec![failed("insufficient_funds")];
        shop.node().denies = true;
        let asked = std::cell::Cell::new(0);
        shop.node().spoil = Some(Box::new(move |method, answer| {
            if method == "eth_blockNumber" {
                asked.set(asked.get() + 1);
                if asked.get() == 2 {
                    let height = answer.as_str().unwrap().trim_start_matches("0x");
                    let height = u64::from_str_radix(height, 16).unwrap() - behind;
                    *answer = format!("0x{height:x}").into();
                }
            }
        }));
        let ended = shop.pay("/a.json", &Payment::v2(1));
        assert_eq!(ended.code(), (said.0, said.1.into()), "{behind} blocks behind");
    }
}

#[test]
fn without_a_node_only_what_cannot_be_judged_here_is_believed() {
    let refused = |code: &str| {
        let mut shop = Scenario::open();
        shop.settle = vec![failed(code)];
        shop.pay("/a.json", &Payment::v2(1)).code()
    };
    assert_eq!(refused("insufficient_funds").0, 402);
    // Our own signature recovers, and its window is open: they free themselves.
    for code in [
        "invalid_exact_evm_payload_signature",
        "invalid_exact_evm_payload_authorization_valid_before",
        "invalid_exact_evm_payload_authorization_valid_after",
    ] {
        assert_eq!(refused(code), (503, "settlement_unknown".into()), "{code}");
    }
}

#[test]
fn a_refusal_about_the_payer_needs_an_unspent_nonce_alone() {
    let kyt = || Outcome::Answered {
        status: 403,
        body: br#"{"errorType":"kyt_risk_detected","errorMessage":"no"}"#.to_vec(),
        location: None,
        extensions: None,
    };
    let mut shop = shop(s3());
    shop.settle = vec![kyt()];
    assert_eq!(shop.pay("/a.json", &Payment::v2(1)).code().0, 402);
    assert_eq!(shop.count(Endpoint::Settle), 1, "no other is asked");
    // Nobody else suffers for it.
    for nonce in 10..16 {
        assert_eq!(shop.pay("/a.json", &Payment::v2(nonce)).code().0, 402);
    }
    shop.settle = vec![settled()];
    shop.pay("/a.json", &Payment::v2(2).by_another()).granted();
    shop.settle = vec![kyt()];
    shop.mines = true;
    assert_eq!(shop.pay("/a.json", &Payment::v2(3)).code(), (503, "settlement_unknown".into()));
}

#[test]
fn a_refusal_believed_wrongly_is_made_good_where_the_payee_is_the_store_s_own() {
    // The token refused at that moment, and took the payment a block later.
    for (redemptions, served) in [(s3(), true), (shared_s3(), false)] {
        let mut shop = shop(redemptions);
        shop.node().denies = true;
        shop.settle = vec![failed("insufficient_funds")];
        assert_eq!(shop.pay("/a.json", &Payment::v2(1)).code().0, 402);
        shop.node().denies = false;
        shop.node().chain.mine(payment_of([1; 32]));
        shop.now += 6;
        let ended = shop.pay("/a.json", &Payment::v2(1));
        match served {
            true => assert_eq!(ended.log.outcome, "resolved"),
            false => assert_eq!(ended.code(), (409, "payment_already_used".into())),
        }
        assert_eq!(shop.count(Endpoint::Settle), 1);
    }
}

#[test]
fn a_verify_that_is_demanded_comes_before_the_look() {
    let mut shop = shop(s3());
    shop.pay("/first.json", &Payment::v2(1)).granted();
    shop.verify = vec![answer(json!({ "isValid": false, "invalidReason": "insufficient_funds" }))];
    let ended = shop.pay("/first.json", &Payment::v2(2));
    assert_eq!(ended.code().0, 402);
    assert_eq!(ended.trips(), [0, 1, 1]);
}
