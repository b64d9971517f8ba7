use super::super::read;
use super::*;
use crate::payments::{Payment, SIGNATURE, json};

const AT: u64 = 1_700_000_000;

fn listed(account: Account, seconds_later: u64, node: bool) -> Vec<Entry> {
    let now = Micros::from_secs(AT + seconds_later);
    entries(account, &Patience { now, has_node: |_: &str| node })
}

fn states(account: Account, seconds_later: u64) -> Vec<State> {
    listed(account, seconds_later, false).iter().map(|entry| entry.state).collect()
}

fn payment() -> Payment {
    Payment::new([2; 20], "a", AT)
}

#[test]
fn a_payment_is_unresolved_once_what_holds_it_should_have_ended() {
    let window = 60 + limits::RELEASE_SECONDS;
    assert_eq!(states(payment().under_way(), window - 1), [State::InProgress]);
    assert_eq!(states(payment().under_way(), window), [State::Unresolved]);
    let with_node = |later| listed(payment().under_way(), later, true)[0].state;
    assert_eq!(with_node(60 + limits::NODE_RELEASE_SECONDS - 1), State::InProgress);
    assert_eq!(with_node(60 + limits::NODE_RELEASE_SECONDS), State::Unresolved);
    // No node tells of what only its facilitator understands.
    let opaque = Payment { opaque: true, ..payment() };
    assert_eq!(listed(opaque.under_way(), window, true)[0].state, State::Unresolved);
}

#[test]
fn a_sale_is_charged_without_a_grant_until_it_is_granted() {
    assert_eq!(states(payment().charged(), 3), [State::ChargedNotGranted]);
    assert_eq!(states(payment().granted(), 3), [State::Settled]);
    let timed = Payment { seconds: Some(600), ..payment() };
    assert_eq!(states(timed.charged(), 1_000), [State::ChargedNotGranted]);
    assert_eq!(states(timed.granted(), 1_000), [State::Settled]);
}

#[test]
fn what_ended_unsold_is_owed_only_if_it_may_have_been_paid() {
    for (why, state, owed) in [
        (Why::Refused, State::Refused, false),
        (Why::Never, State::NeverPaid, false),
        (Why::Unproven, State::Unproven, true),
        (Why::GivenUp, State::GivenUp, true),
        (Why::Refunded, State::Refunded, false),
    ] {
        let entry = &listed(payment().closed(why, "0x07"), 3, false)[0];
        assert_eq!((entry.state, entry.is_owed()), (state, owed));
        let transaction = (why == Why::Unproven).then(|| "0x07".to_owned());
        assert_eq!(entry.transaction, transaction);
    }
}

#[test]
fn a_refusal_that_the_chain_contradicts_is_owed() {
    use super::super::entry::OnChain;
    let mut entry = listed(payment().closed(Why::Refused, "no"), 3, false).remove(0);
    for (shown, owed) in
        [(OnChain::Settled, true), (OnChain::NotSettled, false), (OnChain::Unknown, false)]
    {
        entry.on_chain = Some(shown);
        assert_eq!(entry.is_owed(), owed, "{shown:?}");
    }
}

#[test]
fn the_sales_of_an_account_come_before_what_is_under_way() {
    let second = Payment { nonce: 2, at: AT + 10, ..payment() };
    let account = Account { open: second.under_way().open, ..payment().granted() };
    assert_eq!(states(account, 1_000), [State::Settled, State::Unresolved]);
}

#[test]
fn what_is_bound_to_something_else_was_never_submitted() {
    let bound = |binding: Option<Binding>| {
        let mut entry = listed(payment().under_way(), 1_000, false).remove(0);
        bind(&mut entry, binding.as_ref());
        (entry.state, entry.why)
    };
    assert_eq!(bound(Some(payment().binding())).0, State::Unresolved);
    assert_eq!(bound(None).0, State::Unresolved);
    let other = Payment { object: "b".into(), ..payment() }.binding();
    let why = "never submitted: this payment is bound to b of shop".to_owned();
    assert_eq!(bound(Some(other)), (State::NeverSubmitted, why));
    let mut elsewhere = payment().binding();
    elsewhere.subject.site = "sister".into();
    assert_eq!(bound(Some(elsewhere)).0, State::NeverSubmitted);
    let mut copied = payment().binding();
    copied.signature = [8; 32];
    let why = "never submitted: another signature is bound under its nonce".to_owned();
    assert_eq!(bound(Some(copied)), (State::NeverSubmitted, why));
}

#[test]
fn a_binding_finds_what_is_packed_and_what_is_not_known() {
    let state = |account: Option<&Account>| {
        let now = Micros::from_secs(AT + 9);
        bound(&payment().binding(), account, now).map(|entry| (entry.state, entry.is_owed()))
    };
    assert_eq!(state(Some(&payment().under_way())), None);
    assert_eq!(state(Some(&payment().granted())), None);
    assert_eq!(state(Some(&payment().packed())), Some((State::Packed, false)));
    let mut unpaid = payment().under_way();
    unpaid.open = None;
    assert_eq!(state(Some(&unpaid)), Some((State::NotKnown, false)));
    unpaid.unpaid.add(&payment().mark().digest, AT);
    assert_eq!(state(Some(&unpaid)), Some((State::PackedUnpaid, false)));
    assert_eq!(state(None), Some((State::NotKnown, false)));
    // Two days after, it may have been packed as a sale, and have left the packed ones.
    let late = Micros::from_secs(AT + limits::PACKED_OVER_SECONDS);
    let forgotten = bound(&payment().binding(), None, late).map(|it| (it.state, it.is_owed()));
    assert_eq!(forgotten, Some((State::Forgotten, false)));
    let packed = bound(&payment().binding(), Some(&payment().packed()), late);
    assert_eq!(packed.map(|it| it.state), Some(State::Packed));
}

#[test]
fn a_binding_names_the_account_of_its_kind() {
    for kind in [AccountKind::Payer, AccountKind::Payment] {
        let payment = Payment { kind, ..payment() };
        assert_eq!(account_of(&payment.binding()), payment.key());
        let text = json(&payment.charged());
        assert_eq!(read::account(&payment.key(), text.as_bytes()), Ok(payment.charged()));
    }
}

#[test]
fn a_payer_whom_only_the_facilitator_knows_is_taken_from_the_receipt() {
    let (transaction, payer) =
        ("5VERv8NMvzbJMEkV8xnrLkEaWRtSz9Co", "4fYNw3dojWmQ4dXtSGE9epjRGy9pFSx6");
    let payment = Payment { opaque: true, ..payment() };
    let account = payment.settled(transaction, payer);
    let account = read::account(&payment.key(), json(&account).as_bytes()).unwrap();
    let entry = listed(account, 1_000, false).remove(0);
    assert_eq!((entry.state, entry.payer.as_str()), (State::ChargedNotGranted, payer));
    assert_eq!(entry.transaction.as_deref(), Some(transaction));
}

#[test]
fn a_record_is_read_under_its_own_name_only() {
    let (key, text) = (payment().key(), json(&payment().charged()));
    assert_eq!(read::account(&key, text.as_bytes()), Ok(payment().charged()));
    for other in [
        Payment::new([3; 20], "a", AT).key(),
        Payment::new([2; 20], "b", AT).key(),
        Payment { kind: AccountKind::Payment, ..payment() }.key(),
        key.replace("/shop/", "/sister/"),
        format!("v2/accounts/shop/copy/{}", key.rsplit('/').next().unwrap()),
    ] {
        let why = read::account(&other, text.as_bytes()).unwrap_err();
        assert!(why.contains("than its name says"), "{other}: {why}");
    }
    // Somebody else's payment in a payer's account.
    let mut strange = payment().under_way();
    strange.sales = Payment::new([3; 20], "a", AT).charged().sales;
    assert!(read::account(&key, json(&strange).as_bytes()).is_err());
    let (key, text) = (payment().binding_key(), json(&payment().binding()));
    assert_eq!(read::binding(&key, text.as_bytes()), Ok(payment().binding()));
    let other = Payment { nonce: 9, ..payment() }.binding_key();
    assert!(read::binding(&other, text.as_bytes()).is_err());
}

#[test]
fn another_version_is_an_error() {
    for (version, says) in [("1", "of version 1"), ("3", "of version 3"), ("\"2\"", "not a record")]
    {
        let v = format!("\"v\":{version}");
        let account = json(&payment().charged()).replacen("\"v\":2", &v, 1);
        let why = read::account(&payment().key(), account.as_bytes()).unwrap_err();
        assert!(why.contains(says), "{why}");
        let binding = json(&payment().binding()).replacen("\"v\":2", &v, 1);
        let why = read::binding(&payment().binding_key(), binding.as_bytes()).unwrap_err();
        assert!(why.contains(says), "{why}");
    }
}

#[test]
fn what_is_wrong_with_a_record_is_said_without_its_words() {
    let key = payment().key();
    let good = json(&payment().under_way());
    for bad in [
        String::new(),
        "[]".to_owned(),
        good[..good.len() - 1].to_owned(),
        good.replace("\"sales\":[]", &format!("\"sales\":\"{SIGNATURE}\"")),
        good.replace("\"amount\":\"10000\"", &format!("\"amount\":\"{SIGNATURE}\"")),
        good.replace("\"finished\":\"\"", &format!("\"finished\":\"{SIGNATURE}\"")),
        good.replace("\"lease\":", "\"hire\":"),
    ] {
        assert_ne!(bad, good);
        let why = read::account(&key, bad.as_bytes()).unwrap_err();
        assert!(why.contains("not a record") && !why.contains(SIGNATURE), "{why}");
    }
}
