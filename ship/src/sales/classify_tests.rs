#[path = "../../tests/sales/payments.rs"]
mod payments;

use super::*;
use payments::{Payment, SIGNATURE, json};

const AT: u64 = 1_700_000_000;

fn states(account: Account, seconds_later: u64) -> Vec<State> {
    let now = Micros::from_secs(AT + seconds_later);
    let patience = Patience { now, idle: 300, older_than: 3_600 };
    entries(account, patience).map(|entry| entry.state).collect()
}

fn payment() -> Payment {
    Payment::new([2; 20], "a", AT)
}

#[test]
fn a_payment_is_unresolved_once_it_is_left_alone_and_its_window_over() {
    // Its lease is over 5 s after.
    assert_eq!(states(payment().under_way(), 304), [State::InProgress]);
    assert_eq!(states(payment().under_way(), 305), [State::Unresolved]);
    let long = Payment { window: 900, ..payment() };
    assert_eq!(states(long.under_way(), 900 + TOLERANCE - 1), [State::InProgress]);
    assert_eq!(states(long.under_way(), 900 + TOLERANCE), [State::Unresolved]);
}

#[test]
fn or_once_it_is_old() {
    let endless = Payment { window: u64::MAX - AT, ..payment() };
    assert_eq!(states(endless.under_way(), 3_599), [State::InProgress]);
    assert_eq!(states(endless.under_way(), 3_600), [State::Unresolved]);
    let mut account = payment().under_way();
    account.pending.as_mut().unwrap().bill.valid_before = None;
    assert_eq!(states(account.clone(), 3_599), [State::InProgress]);
    assert_eq!(states(account, 3_600), [State::Unresolved]);
}

#[test]
fn a_sale_is_charged_without_a_grant_until_it_is_granted() {
    // It settled 2 s after.
    assert_eq!(states(payment().charged(), 301), [State::InProgress]);
    assert_eq!(states(payment().charged(), 302), [State::ChargedNotGranted]);
    assert_eq!(states(payment().granted(), 302), [State::Settled]);
    let timed = Payment { seconds: Some(600), ..payment() };
    assert_eq!(states(timed.charged(), 1_000), [State::ChargedNotGranted]);
    assert_eq!(states(timed.granted(), 1_000), [State::Settled]);
}

#[test]
fn the_sales_of_an_account_come_before_what_is_under_way() {
    let second = Payment { nonce: 2, at: AT + 10, ..payment() };
    let account = Account { pending: second.under_way().pending, ..payment().granted() };
    assert_eq!(states(account, 1_000), [State::Settled, State::Unresolved]);
}

#[test]
fn what_is_bound_to_something_else_was_never_submitted() {
    let patience = Patience { now: Micros::from_secs(AT + 1_000), idle: 300, older_than: 3_600 };
    let bound = |binding: Option<Binding>| {
        let mut entry = entries(payment().under_way(), patience).next().unwrap();
        bind(&mut entry, binding.as_ref());
        (entry.state, entry.why)
    };
    assert_eq!(bound(Some(payment().binding())).0, State::Unresolved);
    assert_eq!(bound(None).0, State::Unresolved);
    let other = Payment { object: "b".into(), ..payment() }.binding();
    let why = "never submitted: this payment is bound to b".to_owned();
    assert_eq!(bound(Some(other)), (State::NeverSubmitted, why));
    let mut copied = payment().binding();
    copied.mark.fingerprint.signature = [8; 32];
    let why = "never submitted: another signature is bound under its nonce".to_owned();
    assert_eq!(bound(Some(copied)), (State::NeverSubmitted, why));
}

#[test]
fn a_payer_whom_only_the_facilitator_knows_is_taken_from_the_receipt() {
    let (transaction, payer) =
        ("5VERv8NMvzbJMEkV8xnrLkEaWRtSz9Co", "4fYNw3dojWmQ4dXtSGE9epjRGy9pFSx6");
    let account = payment().charged_elsewhere(transaction, payer);
    let account = read(&payment().key_elsewhere(), json(&account).as_bytes()).unwrap();
    let patience = Patience { now: Micros::from_secs(AT + 1_000), idle: 300, older_than: 3_600 };
    let entry = entries(account, patience).next().unwrap();
    assert_eq!((entry.state, entry.payer.as_str()), (State::ChargedNotGranted, payer));
    assert_eq!(entry.transaction.as_deref(), Some(transaction));
}

#[test]
fn a_record_is_read_under_its_own_name_only() {
    let (key, text) = (payment().key(), json(&payment().charged()));
    assert_eq!(read(&key, text.as_bytes()), Ok(payment().charged()));
    for other in [
        Payment::new([3; 20], "a", AT).key(),
        Payment::new([2; 20], "b", AT).key(),
        format!("accounts/copy/{}", key.rsplit('/').next().unwrap()),
    ] {
        assert!(
            read(&other, text.as_bytes()).unwrap_err().contains("than its name says"),
            "{other}"
        );
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
        good.replace("\"lease\":", "\"hire\":"),
    ] {
        assert_ne!(bad, good);
        let why = read(&key, bad.as_bytes()).unwrap_err();
        assert!(why.contains("not a record") && !why.contains(SIGNATURE), "{why}");
    }
}
