//! What is evidence and what is none.

use price_table::Rpc;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::testnode::{
    CHAIN, Chain, Log, NONCE, PAYEE, PAYER, TOKEN, TestNode, VALUE, canceled, expected, payment,
    transfer, used,
};
use super::*;
use crate::eip712::keccak;
use crate::facilitator::Outcome;
use crate::io::drive::drive;

/// When the chains of these tests end, and two minutes before, when the payment was bound.
const END: u64 = 1_790_000_000;
const BOUND: u64 = END - 120;
const DEADLINE: Micros = Micros::from_secs(5);
const OTHER: [u8; 20] = [0xcc; 20];

fn rpc(confirmations: u32) -> Rpc {
    Rpc { url: Some("http://127.0.0.1:8545".into()), confirmations }
}

fn evidence_at(node: &TestNode, confirmations: u32) -> Evidence {
    drive(evidence(node, &rpc(confirmations), &expected(BOUND), DEADLINE))
}

/// An hour of blocks of 2 s.
fn idle() -> Chain {
    Chain::idle(1_800, 2, END)
}

fn settled(chain: &Chain, from_last: usize) -> Evidence {
    Evidence::Settled { transaction: chain.first_transaction(from_last) }
}

/// The chain with these logs in one transaction, a minute and a half ago.
fn after(logs: Vec<Log>) -> Evidence {
    evidence_at(&TestNode::of(idle().with(45, logs)), 3)
}

fn unknown(evidence: &Evidence) -> bool {
    matches!(evidence, Evidence::Unknown(_))
}

#[test]
fn selectors_and_topics_are_those_of_the_standard() {
    assert_eq!(keccak(&[b"authorizationState(address,bytes32)"])[..4], AUTHORIZATION_STATE);
    assert_eq!(keccak(&[b"AuthorizationUsed(address,bytes32)"]), log::USED);
    assert_eq!(keccak(&[b"AuthorizationCanceled(address,bytes32)"]), log::CANCELED);
    assert_eq!(keccak(&[b"Transfer(address,address,uint256)"]), log::TRANSFER);
}

#[test]
fn a_payment_whoever_submitted_it_is_found() {
    let chain = idle().with(45, payment());
    let node = TestNode::of(chain.clone());
    assert_eq!(evidence_at(&node, 3), settled(&chain, 45));
    assert_eq!(node.trips.get(), 5);
    // In the oldest and in the newest block that can count.
    for from_last in [66, 2] {
        let chain = idle().with(from_last, payment());
        assert_eq!(evidence_at(&TestNode::of(chain.clone()), 3), settled(&chain, from_last));
    }
}

#[test]
fn only_at_its_depth() {
    let chain = idle().with(2, payment());
    let node = TestNode::of(chain.clone());
    assert_eq!(evidence_at(&node, 3), settled(&chain, 2));
    // Above it the nonce is unspent, and the window is over: at that depth.
    assert_eq!(evidence_at(&node, 4), Evidence::NeverPaid);
    assert!(unknown(&evidence_at(&TestNode::of(Chain::idle(3, 2, END)), 4)));
}

#[test]
fn an_unspent_nonce_is_never_paid_after_its_window_alone() {
    assert_eq!(evidence_at(&TestNode::of(idle()), 3), Evidence::NeverPaid);
    // The third block from the end is stamped with the window's last moment.
    assert!(unknown(&evidence_at(&TestNode::of(Chain::idle(1_800, 2, BOUND + 64)), 3)));
    let just_after = TestNode::of(Chain::idle(1_800, 2, BOUND + 65));
    assert_eq!(evidence_at(&just_after, 3), Evidence::NeverPaid);
}

#[test]
fn a_cancelled_authorization_is_no_payment() {
    assert_eq!(after(vec![canceled(PAYER, NONCE)]), Evidence::Cancelled);
    let beside = vec![canceled(PAYER, NONCE), transfer(PAYER, PAYEE, VALUE)];
    assert_eq!(after(beside), Evidence::Cancelled);
}

#[test]
fn what_is_cancelled_after_its_window_was_never_paid() {
    // Two hours after the window; the search, which ends with the window, does not see it.
    let chain = Chain::idle(7_200, 2, BOUND + 7_260).with(10, vec![canceled(PAYER, NONCE)]);
    let mut node = TestNode::of(chain);
    assert_eq!(evidence_at(&node, 3), Evidence::NeverPaid);
    node.keeps_states = 100;
    assert!(unknown(&evidence_at(&node, 3)));
}

#[test]
fn only_the_transfer_that_it_authorized_counts() {
    let burned = [used(PAYER, NONCE), transfer(PAYER, OTHER, VALUE)];
    let unrelated = transfer(PAYER, PAYEE, VALUE);
    for logs in [
        burned.to_vec(),
        vec![used(PAYER, NONCE), transfer(PAYER, PAYEE, VALUE - 1)],
        [burned.as_slice(), &[unrelated.clone()]].concat(),
        [&[unrelated.clone()], burned.as_slice()].concat(),
    ] {
        assert_eq!(after(logs.clone()), Evidence::SpentOtherwise, "{logs:?}");
    }
    for logs in [
        vec![used(PAYER, NONCE)],
        vec![unrelated.clone(), used(PAYER, NONCE)],
        vec![used(PAYER, NONCE), transfer(OTHER, PAYEE, VALUE)],
        vec![used(PAYER, NONCE), used(PAYER, [0x22; 32]), unrelated.clone()],
    ] {
        assert!(unknown(&after(logs.clone())), "{logs:?}");
    }
}

#[test]
fn of_several_in_one_transaction_each_has_its_own_transfer() {
    let mine = payment();
    let theirs = vec![used(OTHER, NONCE), transfer(OTHER, PAYEE, VALUE)];
    let burned = vec![used(PAYER, [0x22; 32]), transfer(PAYER, OTHER, VALUE)];
    let chain = idle().with(45, [burned.clone(), mine.clone(), theirs.clone()].concat());
    assert_eq!(evidence_at(&TestNode::of(chain.clone()), 3), settled(&chain, 45));

    // The one beside it paid; this one went elsewhere.
    let swapped = vec![
        used(PAYER, [0x22; 32]),
        transfer(PAYER, PAYEE, VALUE),
        used(PAYER, NONCE),
        transfer(PAYER, OTHER, VALUE),
    ];
    assert_eq!(after(swapped), Evidence::SpentOtherwise);

    // Other contracts may log in between: a proxy, a wallet.
    let wallet = Log([0xdd; 20], vec![[1; 32]], vec![1, 2, 3]);
    let chain = idle().with(45, vec![mine[0].clone(), wallet, mine[1].clone()]);
    assert_eq!(evidence_at(&TestNode::of(chain.clone()), 3), settled(&chain, 45));

    // Another token's logs of the same shape are not this token's.
    let mut elsewhere = payment();
    elsewhere.iter_mut().for_each(|log| log.0 = OTHER);
    assert_eq!(after(elsewhere), Evidence::NeverPaid);
}

#[test]
fn what_was_there_before_the_binding_does_not_count() {
    // 60 blocks of 2 s before the end is the binding; 15 s of doubt are 7 blocks more.
    let chain = idle().with(67, payment());
    assert_eq!(evidence_at(&TestNode::of(chain.clone()), 3), settled(&chain, 67));
    for from_last in [68, 69, 500, 1_500] {
        let mut node = TestNode::of(idle().with(from_last, payment()));
        assert_eq!(evidence_at(&node, 3), Evidence::SpentOtherwise, "{from_last}");
        // A node that keeps no old states can tell it by the log alone, if that is near.
        node.keeps_states = 10;
        match from_last < 100 {
            true => assert_eq!(evidence_at(&node, 3), Evidence::SpentOtherwise),
            false => assert!(unknown(&evidence_at(&node, 3))),
        }
    }
    // The whole chain that is deep enough is older than the binding.
    let node = TestNode::of(Chain::idle(100, 2, BOUND - 20).with(50, payment()));
    assert_eq!(evidence_at(&node, 3), Evidence::SpentOtherwise);
}

#[test]
fn long_ago_and_on_fast_and_young_chains() {
    for (count, interval_of) in [(40_000_u64, 1_u64), (4_000, 30), (70, 2), (3, 400)] {
        // Bound `count / 2` blocks before the end.
        let chain = Chain::idle(count, interval_of, END);
        let at = usize::try_from(count / 2).unwrap() - 1;
        let chain = chain.with(at, payment());
        let bound = END - (at as u64) * interval_of - 5;
        let evidence =
            drive(evidence(&TestNode::of(chain.clone()), &rpc(1), &expected(bound), DEADLINE));
        assert_eq!(evidence, settled(&chain, at), "{count} blocks");
    }
}

#[test]
fn nodes_that_take_no_batches_or_short_ranges_are_asked_so() {
    let chain = idle().with(45, payment());
    for refusal in [
        json!({ "jsonrpc": "2.0", "id": null, "error": { "code": -32600, "message": "no batches" } }),
        json!([{ "jsonrpc": "2.0", "id": 0, "result": "0x1" }]),
        json!([]),
        Value::Null,
    ] {
        let mut node = TestNode::of(chain.clone());
        node.refuses_batches = Some(refusal);
        assert_eq!(evidence_at(&node, 3), settled(&chain, 45));
    }
    let mut node = TestNode::of(chain.clone());
    node.most_blocks = 100;
    assert_eq!(evidence_at(&node, 3), settled(&chain, 45));
}

#[test]
fn a_node_that_answers_badly_is_no_witness() {
    type Spoil = fn(&str, &mut Value);
    let spoils: &[Spoil] = &[
        |_, result| *result = Value::Null,
        |_, result| *result = json!("0x"),
        |method, result| {
            if method == "eth_chainId" {
                *result = json!("0x1")
            }
        },
        |method, result| {
            if method == "eth_blockNumber" {
                *result = json!("0x+1")
            }
        },
        |method, result| {
            if method == "eth_blockNumber" {
                *result = json!(1_799)
            }
        },
        |method, result| {
            if method == "eth_call" {
                *result = json!(format!("0x{:064x}", 2))
            }
        },
        |method, result| {
            if method == "eth_call" {
                *result = json!("0x01")
            }
        },
        |method, result| {
            if method == "eth_getBlockByNumber" {
                result["timestamp"] = json!("now")
            }
        },
        |method, result| {
            if method == "eth_getBlockByNumber" {
                result["hash"] = json!(format!("0x{:064x}", 9))
            }
        },
        |method, result| {
            if method == "eth_getLogs" {
                *result = json!([])
            }
        },
        |method, result| {
            if method == "eth_getLogs" {
                *result = json!({})
            }
        },
        |method, result| {
            if method == "eth_getLogs" {
                result[0]["removed"] = json!(true)
            }
        },
        |method, result| {
            if method == "eth_getLogs" {
                result[0]["address"] = json!(hex::encode(&OTHER))
            }
        },
        |method, result| {
            if method == "eth_getLogs" {
                result[0]["topics"][1] = json!(hex::encode(&word(&OTHER)))
            }
        },
        |method, result| {
            if method == "eth_getLogs" {
                result[0]["topics"][2] = json!(hex::encode(&[0x22; 32]))
            }
        },
        |method, result| {
            if method == "eth_getLogs" {
                result[0]["blockNumber"] = json!("0x1")
            }
        },
        |method, result| {
            if method == "eth_getLogs" {
                result[0]["logIndex"] = json!("0x7")
            }
        },
        |method, result| {
            if method == "eth_getLogs" {
                let log = result[0].clone();
                result.as_array_mut().unwrap().push(log)
            }
        },
        |method, result| {
            if method == "eth_getTransactionReceipt" {
                *result = Value::Null
            }
        },
        |method, result| {
            if method == "eth_getTransactionReceipt" {
                result["status"] = json!("0x0")
            }
        },
        |method, result| {
            if method == "eth_getTransactionReceipt" {
                result["status"] = Value::Null
            }
        },
        |method, result| {
            if method == "eth_getTransactionReceipt" {
                result["transactionHash"] = json!(format!("0x{:064x}", 9))
            }
        },
        |method, result| {
            if method == "eth_getTransactionReceipt" {
                result["blockHash"] = json!(format!("0x{:064x}", 9))
            }
        },
        |method, result| {
            if method == "eth_getTransactionReceipt" {
                result["logs"] = json!([])
            }
        },
        |method, result| {
            if method == "eth_getTransactionReceipt" {
                result["logs"][1]["removed"] = json!(true)
            }
        },
        |method, result| {
            if method == "eth_getTransactionReceipt" {
                result["logs"].as_array_mut().unwrap().reverse()
            }
        },
        |method, result| {
            if method == "eth_getTransactionReceipt" {
                let log = result["logs"][0].clone();
                result["logs"].as_array_mut().unwrap().push(log)
            }
        },
    ];
    for (at, spoil) in spoils.iter().enumerate() {
        let mut node = TestNode::of(idle().with(45, payment()));
        node.spoil = Some(Box::new(spoil));
        let evidence = evidence_at(&node, 3);
        assert!(unknown(&evidence), "{at}: {evidence:?}");
    }
}

#[test]
fn a_node_that_does_not_answer_is_no_witness() {
    let answered = |status, body: &str| Outcome::Answered { status, body: body.into() };
    for outcome in [
        Outcome::NotSent("refused".into()),
        Outcome::Lost("reset".into()),
        answered(429, "{}"),
        answered(200, "<html>"),
        answered(200, ""),
        answered(200, "[]"),
        answered(200, "{\"id\":0}"),
        answered(200, "{\"id\":1,\"result\":\"0x14a34\"}"),
        answered(200, "{\"id\":0,\"result\":\"0x14a34\",\"error\":{\"code\":1}}"),
    ] {
        let mut node = TestNode::of(idle().with(45, payment()));
        node.outcome = Some(outcome.clone());
        assert!(unknown(&evidence_at(&node, 3)), "{outcome:?}");
    }
    let mut late = TestNode::of(idle().with(45, payment()));
    late.now = DEADLINE;
    assert!(unknown(&evidence_at(&late, 3)));
    assert_eq!(late.trips.get(), 0);
}

#[test]
fn whether_a_nonce_is_spent_now() {
    let is_used =
        |node: &TestNode| drive(is_used(node, &rpc(9), CHAIN, &TOKEN, &PAYER, &NONCE, DEADLINE));
    assert_eq!(is_used(&TestNode::of(idle())), Some(false));
    let mut node = TestNode::of(idle().with(0, payment()));
    assert_eq!(is_used(&node), Some(true));
    assert_eq!(node.trips.get(), 1);
    node.spoil = Some(Box::new(|method, result| {
        if method == "eth_chainId" {
            *result = json!("0x1");
        }
    }));
    assert_eq!(is_used(&node), None);
}

/// What may happen to a nonce, beside others, in one transaction.
fn happening() -> impl Strategy<Value = Vec<Log>> {
    prop_oneof![
        Just(payment()),
        Just(vec![used(PAYER, NONCE), transfer(PAYER, OTHER, VALUE)]),
        Just(vec![canceled(PAYER, NONCE)]),
    ]
}

fn noise() -> impl Strategy<Value = Vec<Log>> {
    let piece = prop_oneof![
        Just(vec![transfer(PAYER, PAYEE, VALUE)]),
        Just(vec![transfer(OTHER, PAYEE, VALUE)]),
        Just(vec![used(OTHER, NONCE), transfer(OTHER, PAYEE, VALUE)]),
        Just(vec![used(PAYER, [0x22; 32]), transfer(PAYER, PAYEE, VALUE)]),
        Just(vec![canceled(OTHER, NONCE)]),
        Just(vec![Log(OTHER, vec![log::USED, word(&PAYER), NONCE], vec![])]),
    ];
    proptest::collection::vec(piece, 0..4).prop_map(|pieces| pieces.concat())
}

proptest! {
    /// Whatever else happens around it, at whatever speed: the answer is what happened to the nonce.
    #[test]
    fn the_answer_is_what_happened(
        happened in proptest::option::of((happening(), noise(), noise(), 0_usize..300)),
        others in proptest::collection::vec((noise(), 0_usize..300), 0..6),
        interval in 1_u64..5,
        bound_before in 0_u64..250,
        confirmations in 1_u32..6,
        single: bool,
    ) {
        let mut chain = Chain::idle(300, interval, END);
        for (logs, at) in others {
            chain = chain.with(at, logs);
        }
        let expected = expected(END - bound_before * interval);
        let since = expected.bound_at.secs() - TOLERANCE_SECONDS;
        let deep = confirmations as usize - 1;
        let last = END - deep as u64 * interval;
        let mut node = TestNode::of(chain);
        let right = match happened {
            // As yet, at that depth.
            Some((_, _, _, at)) if at < deep => None,
            None => None,
            Some((logs, before, behind, at)) => {
                let time = END - at as u64 * interval;
                let cancelled = logs.len() == 1;
                let paid = logs.len() == 2 && logs[1].1[2] == word(&PAYEE);
                let all = [before, logs, behind].concat();
                node.chain = node.chain.with(at, all);
                let in_block = &node.chain.0[299 - at].1;
                let transaction = keccak(&[
                    b"transaction",
                    &(299 - at).to_be_bytes(),
                    &(in_block.len() - 1).to_be_bytes(),
                ]);
                Some(match (time < since, cancelled, paid) {
                    (true, ..) | (false, false, false) => Evidence::SpentOtherwise,
                    (false, true, _) => Evidence::Cancelled,
                    (false, false, true) => {
                        Evidence::Settled { transaction }
                    }
                })
            }
        };
        if single {
            node.refuses_batches = Some(Value::Null);
        }
        let found = drive(evidence(&node, &rpc(confirmations), &expected, DEADLINE));
        match right {
            // Taken back before the binding it is no payment either, whichever is said of it.
            Some(Evidence::SpentOtherwise) if found == Evidence::Cancelled => {}
            // Taken back after its window, likewise.
            Some(Evidence::Cancelled) if found == Evidence::NeverPaid => {}
            Some(right) => prop_assert_eq!(found, right),
            None if last > expected.valid_before => prop_assert_eq!(found, Evidence::NeverPaid),
            None => prop_assert!(unknown(&found)),
        }
    }
}
