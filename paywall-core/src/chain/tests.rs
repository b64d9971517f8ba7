//! What is evidence and what is none.

use price_table::Rpc;
use serde_json::json;

use super::testnode::{
    CHAIN, Chain, Log, NONCE, PAYEE, PAYER, TOKEN, TestNode, VALUE, canceled, expected, payment,
    transfer, used,
};
use super::*;
use crate::drive::drive;
use crate::eip712::keccak;

/// When the chains of the tests end, and two minutes before, when the payment was bound.
pub(super) const END: u64 = 1_790_000_000;
pub(super) const BOUND: u64 = END - 120;
pub(super) const DEADLINE: Micros = Micros::from_secs(5);
pub(super) const OTHER: [u8; 20] = [0xcc; 20];

pub(super) fn rpc(confirmations: u32) -> Rpc {
    Rpc { url: Some("http://127.0.0.1:8545".into()), second: None, confirmations }
}

pub(super) fn evidence_at(node: &TestNode, confirmations: u32) -> Evidence {
    drive(evidence(node, &rpc(confirmations), &expected(BOUND), DEADLINE))
}

/// An hour of blocks of 2 s.
pub(super) fn idle() -> Chain {
    Chain::idle(1_800, 2, END)
}

pub(super) fn settled(chain: &Chain, from_last: usize) -> Evidence {
    Evidence::Settled { transaction: chain.first_transaction(from_last) }
}

/// The chain with these logs in one transaction, a minute and a half ago.
fn after(logs: Vec<Log>) -> Evidence {
    evidence_at(&TestNode::of(idle().with(45, logs)), 3)
}

pub(super) fn unknown(evidence: &Evidence) -> bool {
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
        [burned.as_slice(), std::slice::from_ref(&unrelated)].concat(),
        [std::slice::from_ref(&unrelated), burned.as_slice()].concat(),
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
