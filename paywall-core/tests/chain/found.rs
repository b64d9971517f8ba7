//! What is evidence and what is none.

use paywall_core::keccak::keccak;
use paywall_core::purchase::{Finding, Sought};
use paywall_core::scheme::spending::{CANCELED, USED};

use crate::testnode::{
    Chain, Log, NONCE, OTHER, PAYEE, PAYER, TRANSFER, TestNode, VALUE, canceled, find, payment,
    sought, transfer, used,
};

/// When the chains of the tests end, and two minutes before, when the payment was sent.
pub const END: u64 = 1_790_000_000;
pub const SENT: u64 = END - 120;

/// The block at the sending, of [`idle`].
pub const LOOK: u64 = 1_799 - 60;

pub fn evidence_at(node: &TestNode, confirmations: u64) -> Finding {
    find(node, Sought { confirmations, ..sought(SENT, Some(LOOK)) })
}

/// An hour of blocks of 2 s.
pub fn idle() -> Chain {
    Chain::idle(1_800, 2, END)
}

/// Paid, by the first transaction of a block, counted from the last one.
pub fn paid(chain: &Chain, from_last: usize) -> Finding {
    let (time, _) = chain.0[chain.0.len() - 1 - from_last];
    Finding::Paid { transaction: chain.first_transaction(from_last), time }
}

/// The chain with these logs in one transaction, a minute and a half ago.
fn after(logs: Vec<Log>) -> Finding {
    evidence_at(&TestNode::of(idle().with(45, logs)), 3)
}

pub fn unknown(finding: &Finding) -> bool {
    matches!(finding, Finding::Unknown { .. })
}

#[test]
fn topics_are_those_of_the_standard() {
    assert_eq!(keccak(&[b"AuthorizationUsed(address,bytes32)"]), USED);
    assert_eq!(keccak(&[b"AuthorizationCanceled(address,bytes32)"]), CANCELED);
    assert_eq!(keccak(&[b"Transfer(address,address,uint256)"]), TRANSFER);
}

#[test]
fn a_payment_whoever_submitted_it_is_found() {
    let chain = idle().with(45, payment());
    let node = TestNode::of(chain.clone());
    assert_eq!(evidence_at(&node, 3), paid(&chain, 45));
    assert_eq!(node.trips.get(), 4);
    // In the oldest and in the newest block that can count.
    for from_last in [60, 1] {
        let chain = idle().with(from_last, payment());
        assert_eq!(evidence_at(&TestNode::of(chain.clone()), 3), paid(&chain, from_last));
    }
}

#[test]
fn paid_counts_two_blocks_deep_however_deep_a_block_must_be_to_stay() {
    for confirmations in [1, 2, 12] {
        let chain = idle().with(1, payment());
        let found = evidence_at(&TestNode::of(chain.clone()), confirmations);
        assert_eq!(found, paid(&chain, 1), "{confirmations}");
        let node = TestNode::of(idle().with(0, payment()));
        let sought = Sought { confirmations, ends: END + 60, ..sought(SENT, Some(LOOK)) };
        assert!(unknown(&find(&node, sought)), "{confirmations}");
    }
    assert!(unknown(&evidence_at(&TestNode::of(Chain::idle(3, 2, END)), 4)));
}

#[test]
fn spent_otherwise_counts_only_where_it_stays() {
    for logs in
        [vec![canceled(PAYER, NONCE)], vec![used(PAYER, NONCE), transfer(PAYER, OTHER, VALUE)]]
    {
        let at = |from_last| evidence_at(&TestNode::of(idle().with(from_last, logs.clone())), 12);
        assert!(unknown(&at(1)) && unknown(&at(10)), "a reorganisation may undo it");
        assert_eq!(at(11), Finding::Never);
    }
}

#[test]
fn an_unspent_nonce_is_never_paid_after_its_window_alone() {
    assert_eq!(evidence_at(&TestNode::of(idle()), 3), Finding::Never);
    // "Not valid from this second on": the third block from the end is stamped with it, or just before.
    let at = |end| evidence_at(&TestNode::of(Chain::idle(1_800, 2, end)), 3);
    assert_eq!(at(SENT + 60 + 4), Finding::Never);
    assert!(unknown(&at(SENT + 60 + 3)));
}

#[test]
fn unspent_now_is_a_look_at_the_block_where_it_was_seen() {
    let node = TestNode::of(Chain::idle(1_800, 2, SENT + 10));
    let Finding::Unknown { look: Some(look), searched: None, .. } = find(&node, sought(SENT, None))
    else {
        panic!()
    };
    assert_eq!(look.block, 1_798);
}

#[test]
fn a_cancelled_authorization_is_no_payment() {
    assert_eq!(after(vec![canceled(PAYER, NONCE)]), Finding::Never);
    let beside = vec![canceled(PAYER, NONCE), transfer(PAYER, PAYEE, VALUE)];
    assert_eq!(after(beside), Finding::Never);
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
        assert_eq!(after(logs.clone()), Finding::Never, "{logs:?}");
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
    assert_eq!(evidence_at(&TestNode::of(chain.clone()), 3), paid(&chain, 45));

    // The one beside it paid; this one went elsewhere.
    let swapped = vec![
        used(PAYER, [0x22; 32]),
        transfer(PAYER, PAYEE, VALUE),
        used(PAYER, NONCE),
        transfer(PAYER, OTHER, VALUE),
    ];
    assert_eq!(after(swapped), Finding::Never);

    // Other contracts may log in between: a proxy, a wallet.
    let wallet = Log([0xdd; 20], vec![[1; 32]], vec![1, 2, 3]);
    let chain = idle().with(45, vec![mine[0].clone(), wallet, mine[1].clone()]);
    assert_eq!(evidence_at(&TestNode::of(chain.clone()), 3), paid(&chain, 45));

    // Another token's logs of the same shape are not this token's.
    let mut elsewhere = payment();
    elsewhere.iter_mut().for_each(|log| log.0 = OTHER);
    assert_eq!(after(elsewhere), Finding::Never);
}

#[test]
fn a_search_begins_a_little_before_the_look_and_goes_on_where_it_stopped() {
    // Up to `confirmations` before the look, since the chain may have been reorganised.
    let at = |from_last| {
        let chain = idle().with(from_last, payment());
        (evidence_at(&TestNode::of(chain.clone()), 3), paid(&chain, from_last))
    };
    let (found, right) = at(63);
    assert_eq!(found, right);
    let (found, _) = at(64);
    assert!(unknown(&found), "{found:?}");

    // 12 ranges of 10 blocks a request, in this node's measure; the next request goes on.
    let chain = Chain::idle(1_800, 2, END).with(45, payment());
    let mut node = TestNode::of(chain.clone());
    node.most_blocks = 10;
    let mut sought = Sought { ends: END, ..sought(END - 2 * 400, Some(1_799 - 400)) };
    let mut requests = 0;
    loop {
        requests += 1;
        match find(&node, sought.clone()) {
            Finding::Unknown { searched: Some(searched), .. } => {
                assert!(sought.searched.is_none_or(|before| before < searched));
                sought.searched = Some(searched);
            }
            found => break assert_eq!(found, paid(&chain, 45)),
        }
        assert!(requests < 10);
    }
    assert!(requests > 1);
}

#[test]
fn what_a_reorganisation_may_change_is_searched_again() {
    // The node shows the nonce as spent, and not yet the log.
    let mut node = TestNode::of(idle().with(1, payment()));
    node.spoil("eth_getLogs", |result| *result = serde_json::json!([]));
    let Finding::Unknown { searched, .. } = evidence_at(&node, 3) else { panic!() };
    assert_eq!(searched, None, "no range ended where blocks stay");
}

#[test]
fn without_a_look_the_search_begins_before_the_sending() {
    for (count, interval) in [(40_000_u64, 1_u64), (4_000, 30), (70, 2), (5, 400)] {
        let chain = Chain::idle(count, interval, END);
        // Sent so long ago that the first step back does not reach it.
        let at = usize::try_from(count / 2).unwrap().min(900);
        let chain = chain.with(at, payment());
        let sent = END - (at as u64) * interval - 5;
        let sought = Sought { confirmations: 1, ..sought(sent, None) };
        let finding = find(&TestNode::of(chain.clone()), sought);
        assert_eq!(finding, paid(&chain, at), "{count} blocks");
    }
}
