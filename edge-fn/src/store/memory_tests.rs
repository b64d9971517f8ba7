use super::super::Fingerprint;
use super::*;
use crate::claim::Wire;
use crate::facilitator::{Expected, Payer};

const NOW: Micros = Micros::from_secs(1_700_000_000);

fn later(seconds: u64) -> Micros {
    Micros::from_secs(NOW.secs() + seconds)
}

fn ticket(nonce: u8, object: &str) -> Ticket {
    Ticket {
        id: PaymentId::Eip3009 {
            chain_id: 84532,
            asset: [1; 20],
            from: [2; 20],
            nonce: [nonce; 32],
        },
        fingerprint: Fingerprint { digest: [nonce; 32], signature: [nonce; 32] },
        object: object.into(),
        own_key: true,
    }
}

fn payer(chain_id: u64, from: [u8; 20]) -> PaymentId {
    PaymentId::Eip3009 { chain_id, asset: [1; 20], from, nonce: [9; 32] }
}

fn submission() -> Submission {
    let expected = Expected {
        wire: Wire::V2,
        caip2: "eip155:84532".into(),
        v1: None,
        payer: Payer::Evm([2; 20]),
        amount: 1,
    };
    Submission { facilitator: "https://f".into(), body: "{}".into(), expected, lease: later(5) }
}

fn settled(ticket: &Ticket, access: Access) -> Ending {
    let receipt = Receipt::for_tests("0xaa");
    Ending::Settled(Box::new(Sold { receipt, granted: ticket.clone(), access }))
}

fn sold(access: Access) -> (Memory, Ticket) {
    let (mut store, ticket) = (Memory::default(), ticket(1, "a"));
    assert_eq!(store.claim(ticket.clone(), submission(), NOW), Claimed::Ours);
    store.record(&ticket.id, settled(&ticket, access), NOW);
    (store, ticket)
}

#[test]
fn a_settled_payment_opens_its_object_three_times_more() {
    let (mut store, ticket) = sold(Access::Request);
    for _ in 0..limits::RESENDS {
        assert!(matches!(store.recall(&ticket, later(60)), Recalled::Opens(_)));
    }
    assert_eq!(store.recall(&ticket, later(60)), Recalled::Spent(Spent::Exhausted));
}

#[test]
fn re_sends_end_with_their_time() {
    let (mut store, ticket) = sold(Access::Request);
    let late = later(limits::RESEND_SECONDS);
    assert_eq!(store.recall(&ticket, late), Recalled::Spent(Spent::Exhausted));
}

#[test]
fn a_payment_opens_one_object_only() {
    let (mut store, bought) = sold(Access::Request);
    assert_eq!(store.recall(&ticket(1, "b"), NOW), Recalled::Spent(Spent::OtherObject));
    assert!(matches!(store.recall(&bought, NOW), Recalled::Opens(_)));
}

#[test]
fn a_copied_nonce_opens_nothing() {
    let (mut store, bought) = sold(Access::Seconds(600));
    for spoil in [
        |copy: &mut Fingerprint| copy.signature = [9; 32],
        |copy: &mut Fingerprint| copy.digest = [9; 32],
    ] {
        let mut copy = bought.clone();
        spoil(&mut copy.fingerprint);
        assert_eq!(store.recall(&copy, NOW), Recalled::Spent(Spent::OtherSignature));
        let claimed = store.claim(copy, submission(), NOW);
        assert_eq!(claimed, Claimed::Spent(Spent::OtherSignature));
    }
    let mut other_payer = bought;
    other_payer.id = payer(84532, [7; 20]);
    assert_eq!(store.recall(&other_payer, NOW), Recalled::Unseen);
}

#[test]
fn under_access_by_request_a_fresh_signature_is_a_new_sale() {
    let (mut store, _) = sold(Access::Request);
    assert_eq!(store.claim(ticket(2, "a"), submission(), NOW), Claimed::Ours);
}

#[test]
fn under_timed_access_nothing_more_is_charged_until_it_ends() {
    let (mut store, bought) = sold(Access::Seconds(600));
    for _ in 0..10 {
        assert!(matches!(store.recall(&bought, later(599)), Recalled::Opens(_)));
        let fresh = store.claim(ticket(2, "a"), submission(), later(599));
        assert!(matches!(fresh, Claimed::Owned(_)));
    }
    assert_eq!(store.claim(ticket(2, "b"), submission(), NOW), Claimed::Ours);
    assert_eq!(store.recall(&bought, later(600)), Recalled::Spent(Spent::Exhausted));
    assert_eq!(store.claim(ticket(3, "a"), submission(), later(600)), Claimed::Ours);
}

#[test]
fn another_payer_owns_nothing() {
    let (mut store, _) = sold(Access::Seconds(600));
    let mut other = ticket(2, "a");
    other.id = payer(84532, [7; 20]);
    assert_eq!(store.claim(other, submission(), NOW), Claimed::Ours);
}

#[test]
fn who_signs_with_a_key_is_the_same_payer_on_every_chain_and_a_contract_is_not() {
    let (mut store, _) = sold(Access::Seconds(600));
    let mut elsewhere = ticket(3, "a");
    elsewhere.id = payer(8453, [2; 20]);
    let by_key = store.claim(elsewhere.clone(), submission(), NOW);
    assert!(matches!(by_key, Claimed::Owned(_)));
    elsewhere.own_key = false;
    assert_eq!(store.claim(elsewhere, submission(), NOW), Claimed::Ours);
}

#[test]
fn a_submission_is_waited_for_and_then_resolved() {
    let (mut store, first) = (Memory::default(), ticket(1, "a"));
    assert_eq!(store.claim(first.clone(), submission(), NOW), Claimed::Ours);
    assert_eq!(store.recall(&first, later(4)), Recalled::InProgress);
    assert_eq!(store.claim(ticket(2, "a"), submission(), later(4)), Claimed::InProgress);
    // The sandbox never said how it ended: the lease runs out, and nobody is stranded.
    assert!(matches!(store.recall(&first, later(5)), Recalled::Unresolved(_)));
    let fresh = store.claim(ticket(2, "a"), submission(), later(5));
    let Claimed::Earlier(earlier) = fresh else { panic!("{fresh:?}") };
    assert_eq!(earlier.id, first.id);
}

#[test]
fn an_unknown_outcome_is_resolved_at_once_by_whoever_asks_next() {
    let (mut store, first) = (Memory::default(), ticket(1, "a"));
    store.claim(first.clone(), submission(), NOW);
    store.record(&first.id, Ending::Unknown, later(2));
    assert!(matches!(store.recall(&first, later(2)), Recalled::Unresolved(_)));
}

#[test]
fn a_refused_payment_can_be_claimed_again() {
    let (mut store, first) = (Memory::default(), ticket(1, "a"));
    store.claim(first.clone(), submission(), NOW);
    store.record(&first.id, Ending::Refused, NOW);
    assert_eq!(store.recall(&first, NOW), Recalled::Unseen);
    assert_eq!(store.claim(first, submission(), NOW), Claimed::Ours);
}

#[test]
fn a_grant_taken_by_a_fresh_signature_is_not_sold_again() {
    let (mut store, first, fresh) = (Memory::default(), ticket(1, "a"), ticket(2, "a"));
    store.claim(first.clone(), submission(), NOW);
    store.record(&first.id, Ending::Unknown, NOW);
    store.record(&first.id, settled(&fresh, Access::Request), NOW);
    assert!(matches!(store.recall(&fresh, NOW), Recalled::Opens(_)));
    assert_eq!(store.recall(&first, NOW), Recalled::Spent(Spent::Exhausted));
}

#[test]
fn a_full_store_forgets_what_is_over_and_never_what_is_unknown() {
    let mut store = Memory::with_capacity(2);
    let (unknown, done) = (ticket(1, "a"), ticket(2, "b"));
    store.claim(unknown.clone(), submission(), NOW);
    store.record(&unknown.id, Ending::Unknown, NOW);
    store.claim(done.clone(), submission(), NOW);
    store.record(&done.id, settled(&done, Access::Request), NOW);
    assert_eq!(store.claim(ticket(3, "c"), submission(), NOW), Claimed::Full);
    let late = later(limits::RESEND_SECONDS);
    assert_eq!(store.claim(ticket(3, "c"), submission(), late), Claimed::Ours);
    assert_eq!(store.recall(&done, late), Recalled::Unseen);
    assert!(matches!(store.recall(&unknown, late), Recalled::Unresolved(_)));
}

#[test]
fn an_opaque_payment_in_another_spelling_opens_nothing_more() {
    let opaque = |digest: u8, object: &str| Ticket {
        id: PaymentId::Opaque { digest: [digest; 32] },
        ..ticket(digest, object)
    };
    let (mut store, first, again) = (Memory::default(), opaque(1, "a"), opaque(2, "b"));
    store.claim(first.clone(), submission(), NOW);
    let record = store.record(&first.id, settled(&first, Access::Request), NOW);
    assert_eq!(record, Record::Kept);
    assert_eq!(store.claim(again.clone(), submission(), NOW), Claimed::Ours);
    let record = store.record(&again.id, settled(&again, Access::Request), NOW);
    assert_eq!(record, Record::TransactionUsed);
    assert_eq!(store.recall(&again, NOW), Recalled::Unseen);
}

#[test]
fn of_what_is_over_the_oldest_is_forgotten_first() {
    let mut store = Memory::with_capacity(2);
    for (nonce, at) in [(1, later(0)), (2, later(1))] {
        let ticket = ticket(nonce, "a");
        assert_eq!(store.claim(ticket.clone(), submission(), at), Claimed::Ours);
        store.record(&ticket.id, settled(&ticket, Access::Request), at);
    }
    let late = later(limits::RESEND_SECONDS + 1);
    assert_eq!(store.claim(ticket(3, "b"), submission(), late), Claimed::Ours);
    assert_eq!(store.recall(&ticket(1, "a"), late), Recalled::Unseen);
    assert_eq!(store.recall(&ticket(2, "a"), late), Recalled::Spent(Spent::Exhausted));
}

#[test]
fn what_is_owned_comes_before_what_is_awaited_and_what_is_under_way_before_what_is_unknown() {
    // Which entry comes first is the map's choice, so try several.
    for nonce in 10..40 {
        let mut store = Memory::default();
        let (unknown, under_way) = (ticket(nonce, "a"), ticket(nonce + 100, "a"));
        store.claim(unknown.clone(), submission(), NOW);
        store.record(&unknown.id, Ending::Unknown, NOW);
        // Another payment of the payer can be under way only if it was claimed by another sandbox.
        let entry = Entry { ticket: under_way.clone(), state: State::Submitted(submission()) };
        store.payments.insert(under_way.id.clone(), entry);
        let claimed = store.claim(ticket(1, "a"), submission(), NOW);
        assert_eq!(claimed, Claimed::InProgress);
        store.record(&under_way.id, settled(&under_way, Access::Seconds(60)), NOW);
        let claimed = store.claim(ticket(1, "a"), submission(), NOW);
        assert!(matches!(claimed, Claimed::Owned(_)), "{claimed:?}");
    }
}
