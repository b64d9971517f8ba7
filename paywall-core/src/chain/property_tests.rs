//! Against a model: chains of all kinds, and what happened on them.

use proptest::prelude::*;
use serde_json::Value;

use super::testnode::{
    Chain, Log, NONCE, PAYEE, PAYER, TestNode, VALUE, canceled, expected, payment, transfer, used,
};
use super::tests::{DEADLINE, END, OTHER, rpc, unknown};
use super::{Evidence, TOLERANCE_SECONDS, evidence, log, word};
use crate::drive::drive;
use crate::eip712::keccak;

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
