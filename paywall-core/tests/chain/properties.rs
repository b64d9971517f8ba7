//! Against a model: chains of all kinds, and what happened on them.

use paywall_core::node::word;
use paywall_core::purchase::{Finding, Sought};
use paywall_core::scheme::spending::USED;
use proptest::prelude::*;
use serde_json::Value;

use crate::found::{END, unknown};
use crate::testnode::{
    Chain, Log, NONCE, OTHER, PAYEE, PAYER, TestNode, VALUE, canceled, find, payment, sought,
    transfer, used,
};

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
        Just(vec![Log(OTHER, vec![USED, word(&PAYER), NONCE], vec![])]),
    ];
    proptest::collection::vec(piece, 0..4).prop_map(|pieces| pieces.concat())
}

proptest! {
    /// Whatever else happens around it, at whatever speed: the answer is what happened to the nonce
    /// since it was seen unspent, at the depth that the answer needs.
    #[test]
    fn the_answer_is_what_happened(
        happened in proptest::option::of((happening(), noise(), noise(), 0_usize..250)),
        others in proptest::collection::vec((noise(), 0_usize..300), 0..6),
        interval in 1_u64..5,
        behind in 0_u64..50,
        ends_before in 0_u64..400,
        confirmations in 1_u64..6,
        single: bool,
    ) {
        let mut chain = Chain::idle(300, interval, END);
        for (logs, at) in others {
            chain = chain.with(at, logs);
        }
        // Looked at some time before it happened.
        let at = happened.as_ref().map_or(0, |(.., at)| *at as u64);
        let look = 299 - at - behind.min(299 - at);
        let sent = END - (at + behind) * interval;
        let ends = END - ends_before;
        let stays = confirmations.max(2);
        let last = END - (stays - 1) * interval;
        let mut node = TestNode::of(chain);
        let unspent = if last >= ends { Some(Finding::Never) } else { None };
        let right = match happened {
            None => unspent,
            // As yet, at that depth.
            Some((logs, before, after, 0)) => {
                node.chain = node.chain.with(0, [before, logs, after].concat());
                unspent
            }
            Some((logs, before, after, at)) => {
                let pays = logs.len() == 2 && logs[1].1[2] == word(&PAYEE);
                node.chain = node.chain.with(at, [before, logs, after].concat());
                let place = node.chain.0[299 - at].1.len() - 1;
                let transaction = Chain::transaction(299 - at, place);
                match pays {
                    true => Some(Finding::Paid { transaction, time: node.chain.0[299 - at].0 }),
                    false if at as u64 >= stays - 1 => Some(Finding::Never),
                    false => None,
                }
            }
        };
        if single {
            node.refuses_batches = Some(Value::Null);
        }
        let sought = Sought { ends, confirmations, ..sought(sent, Some(look)) };
        let found = find(&node, sought);
        match right {
            Some(right) => prop_assert_eq!(found, right),
            None => prop_assert!(unknown(&found), "{:?}", found),
        }
    }
}
