use proptest::prelude::*;

use super::super::ticket::Fingerprint;
use super::*;
use crate::claim::Wire;
use crate::facilitator::Payer;

const NOW: u64 = 1_700_000_000;
const WINDOW: u64 = NOW + 60;

fn at(seconds: u64) -> At {
    At { now: Micros::from_secs(NOW + seconds), access_epoch: 0 }
}

fn ticket(nonce: u8) -> Ticket {
    let payment =
        PaymentId::Eip3009 { chain_id: 84532, asset: [1; 20], from: [2; 20], nonce: [nonce; 32] };
    let fingerprint = Fingerprint { digest: [nonce; 32], signature: [nonce; 32] };
    Ticket {
        mark: Mark { payment, fingerprint },
        object: "a".into(),
        own_key: true,
        valid_before: Some(WINDOW),
    }
}

fn pending(nonce: u8, seconds: Option<u32>) -> Pending {
    Pending {
        mark: ticket(nonce).mark,
        bill: Bill {
            wire: Wire::V2,
            network: "eip155:84532".into(),
            v1: None,
            asset: "0x01".into(),
            amount: 10_000,
            payer: Payer::Evm([2; 20]),
            pay_to: "0x03".into(),
            valid_before: Some(WINDOW),
        },
        seconds,
        access_epoch: 0,
        bound_at: at(0).now,
        facilitator: "https://f".into(),
        body: "{}".into(),
        lease: at(5).now,
    }
}

fn awaiting(nonce: u8, seconds: Option<u32>) -> Account {
    Account { pending: Some(pending(nonce, seconds)), ..Account::new("a") }
}

/// A sale that was granted to the payment that settled it.
fn sold(seconds: Option<u32>) -> Account {
    let mut account = awaiting(1, seconds);
    assert!(account.settle(&pending(1, seconds), Receipt::for_tests("0xaa"), at(0)));
    assert!(matches!(account.present(&ticket(1), at(0)), Verdict::Opens(_)));
    account
}

fn opens(verdict: &Verdict) -> Option<By> {
    match verdict {
        Verdict::Opens(opened) => Some(opened.by),
        _ => None,
    }
}

#[test]
fn a_settled_payment_opens_its_object_three_times_more() {
    let mut account = sold(None);
    for _ in 0..limits::RESENDS {
        assert_eq!(opens(&account.present(&ticket(1), at(60))), Some(By::SamePayment));
    }
    assert_eq!(account.present(&ticket(1), at(60)), Verdict::Spent(Spent::Exhausted));
}

#[test]
fn re_sends_end_with_their_time() {
    let verdict = sold(None).present(&ticket(1), at(limits::RESEND_SECONDS));
    assert_eq!(verdict, Verdict::Spent(Spent::Exhausted));
}

#[test]
fn a_copied_nonce_opens_nothing() {
    for mut account in [sold(Some(600)), sold(None), awaiting(1, None)] {
        for spoil in [
            |copy: &mut Fingerprint| copy.signature = [9; 32],
            |copy: &mut Fingerprint| copy.digest = [9; 32],
        ] {
            let mut copy = ticket(1);
            spoil(&mut copy.mark.fingerprint);
            let before = account.clone();
            assert_eq!(account.present(&copy, at(9)), Verdict::Spent(Spent::OtherSignature));
            assert_eq!(account, before);
        }
    }
}

#[test]
fn under_access_by_request_a_fresh_signature_is_a_new_sale() {
    assert_eq!(sold(None).present(&ticket(2), at(0)), Verdict::Submit);
}

#[test]
fn under_timed_access_nothing_more_is_charged_until_it_ends() {
    let account = sold(Some(600));
    for (nonce, by) in [(1, By::SamePayment), (2, By::Payer)] {
        let mut same = account.clone();
        let Verdict::Opens(opened) = same.present(&ticket(nonce), at(599)) else { panic!() };
        assert_eq!((opened.by, opened.until), (by, Some(at(600).now)));
        // Nothing has to be written.
        assert_eq!(same, account);
    }
    let over = account.clone().present(&ticket(1), at(600));
    assert_eq!(over, Verdict::Spent(Spent::Exhausted));
    assert_eq!(account.clone().present(&ticket(2), at(600)), Verdict::Submit);
}

#[test]
fn a_raised_epoch_ends_timed_access_and_not_what_is_sold_since() {
    let raised = At { access_epoch: 1, ..at(1) };
    assert_eq!(sold(Some(600)).present(&ticket(2), raised), Verdict::Submit);
    assert_eq!(sold(Some(600)).present(&ticket(1), raised), Verdict::Spent(Spent::Exhausted));
    // A payment that was under way when the epoch was raised still buys its access.
    let mut account = awaiting(1, Some(600));
    assert!(account.settle(&pending(1, Some(600)), Receipt::for_tests("0xaa"), raised));
    assert!(opens(&account.present(&ticket(1), raised)).is_some());
    // One grant is one grant, whatever the epoch.
    assert!(opens(&sold(None).present(&ticket(1), raised)).is_some());
}

#[test]
fn a_submission_is_waited_for_and_then_taken_over() {
    for nonce in [1, 2] {
        let mut account = awaiting(1, None);
        assert_eq!(account.present(&ticket(nonce), at(4)), Verdict::InProgress);
        assert_eq!(account.present(&ticket(nonce), at(5)), Verdict::Unresolved);
    }
}

#[test]
fn a_sale_that_nobody_was_granted_is_the_payer_s_next() {
    for (nonce, by) in [(1, By::SamePayment), (2, By::Payer)] {
        let mut account = awaiting(1, None);
        assert!(account.settle(&pending(1, None), Receipt::for_tests("0xaa"), at(0)));
        assert_eq!(account.pending, None);
        // However late.
        assert_eq!(account.record().expires, None);
        let taken = account.present(&ticket(nonce), at(1_000_000));
        assert_eq!(opens(&taken), Some(by));
        // One sale, one grant.
        assert_eq!(account.present(&ticket(3), at(1_000_000)), Verdict::Submit);
    }
}

#[test]
fn a_grant_taken_by_a_fresh_signature_is_not_sold_again() {
    let mut account = awaiting(1, None);
    account.settle(&pending(1, None), Receipt::for_tests("0xaa"), at(0));
    account.present(&ticket(2), at(1));
    assert_eq!(account.present(&ticket(1), at(2)), Verdict::Spent(Spent::Exhausted));
    for _ in 0..limits::RESENDS {
        assert_eq!(opens(&account.present(&ticket(2), at(2))), Some(By::SamePayment));
    }
    assert_eq!(account.present(&ticket(2), at(2)), Verdict::Spent(Spent::Exhausted));
}

#[test]
fn what_is_owned_comes_before_what_is_under_way() {
    let mut account = sold(Some(600));
    account.pending = Some(pending(7, Some(600)));
    assert_eq!(opens(&account.present(&ticket(2), at(1))), Some(By::Payer));
    assert_eq!(account.present(&ticket(7), at(1)), Verdict::InProgress);
}

#[test]
fn a_payment_is_settled_once() {
    let mut account = sold(None);
    let before = account.clone();
    assert!(!account.settle(&pending(1, None), Receipt::for_tests("0xbb"), at(1)));
    assert_eq!(account, before);
}

#[test]
fn sales_are_known_for_as_long_as_their_payments_could_be_submitted() {
    let mut account = sold(None);
    account.sales[0].keep_until = NOW + 1_000;
    assert_eq!(account.record().expires, Some(NOW + 1_000));
    assert_eq!(account.present(&ticket(2), at(999)), Verdict::Submit);
    assert_eq!(account.present(&ticket(1), at(999)), Verdict::Spent(Spent::Exhausted));
    assert_eq!(account.present(&ticket(2), at(1_000)), Verdict::Submit);
    assert_eq!(account.sales, []);
}

#[test]
fn an_account_has_room_for_so_many_sales() {
    let mut account = Account::new("a");
    account.sales = vec![sold(None).sales[0].clone(); limits::ACCOUNT_SALES];
    assert_eq!(account.present(&ticket(9), at(1)), Verdict::Full);
    assert_eq!(account.present(&ticket(9), at(1_000)), Verdict::Submit);
}

#[test]
fn a_record_is_read_as_it_was_written() {
    let mut account = sold(Some(600));
    account.pending = Some(pending(7, None));
    let Record { json, expires } = account.record();
    assert_eq!(expires, None, "a payment is under way");
    let key = ticket(1).account_key();
    assert_eq!(Account::read(json.as_bytes(), &key, "a"), Ok(account));
    assert!(Account::read(json.as_bytes(), &key, "b").is_err());
    assert!(Account::read(b"{}", &key, "a").is_err());
}

/// Something that happens to an account.
#[derive(Clone, Debug)]
enum Event {
    Present(u8),
    Settle,
    Refuse,
    Wait(u64),
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        5 => (1..5_u8).prop_map(Event::Present),
        3 => Just(Event::Settle),
        1 => Just(Event::Refuse),
        2 => (0..200_u64).prop_map(Event::Wait),
    ];
    prop::collection::vec(event, 1..60)
}

proptest! {
    /// Whatever happens in whichever order: money moves only for who holds the lease, no payment is
    /// submitted after it settled, under timed access nobody pays twice for one time, and with one grant
    /// a sale no payment opens the object for a second presenter.
    #[test]
    fn promises_hold(events in events(), timed: bool) {
        let seconds = timed.then_some(300);
        let mut account = Account::new("a");
        let (mut clock, mut paid, mut open_until) = (0, Vec::new(), 0);
        let mut grants: Vec<(PaymentId, Receipt)> = vec![];
        for event in events {
            match event {
                Event::Wait(seconds) => clock += seconds,
                Event::Refuse => {
                    if let Some(pending) = account.pending.clone() {
                        account.clear(&pending.mark.payment);
                    }
                }
                Event::Settle => {
                    if let Some(pending) = account.pending.clone() {
                        let receipt = Receipt::for_tests(&pending.mark.payment.to_string());
                        prop_assert!(account.settle(&pending, receipt, at(clock)));
                        prop_assert!(account.pending.is_none());
                        prop_assert!(!paid.contains(&pending.mark.payment), "paid twice");
                        prop_assert!(!timed || open_until <= clock, "paid for a time that was open");
                        paid.push(pending.mark.payment);
                        open_until = clock + 300;
                    }
                }
                Event::Present(nonce) => {
                    let known = account.knows(&ticket(nonce).mark.payment);
                    let before = account.clone();
                    match account.present(&ticket(nonce), at(clock)) {
                        Verdict::Submit => {
                            // Past its window it would not be submitted: the walk checks that.
                            prop_assert!(before.pending.is_none() && !known);
                            if NOW + clock < WINDOW {
                                let lease = at(clock + 5).now;
                                account.pending = Some(Pending { lease, ..pending(nonce, seconds) });
                            }
                        }
                        Verdict::Opens(opened) => {
                            prop_assert!(!paid.is_empty(), "nothing was paid");
                            if timed && clock + limits::RESEND_SECONDS > open_until {
                                // Who was let in before has what is left; who never was, a re-send's.
                                let late = grants.iter().all(|(_, other)| *other != opened.receipt);
                                prop_assert!(clock < open_until || late, "it was over");
                                if late {
                                    open_until = clock + limits::RESEND_SECONDS;
                                }
                            }
                            prop_assert!(!timed || opened.until == Some(at(open_until).now));
                            grants.push((ticket(nonce).mark.payment, opened.receipt));
                        }
                        Verdict::InProgress | Verdict::Unresolved => {
                            prop_assert!(before.pending.is_some());
                            prop_assert_eq!(&account, &before);
                        }
                        Verdict::Spent(spent) => {
                            prop_assert_eq!(spent, Spent::Exhausted);
                            prop_assert!(known);
                        }
                        Verdict::Full => prop_assert!(false, "it is not"),
                    }
                }
            }
            let json = account.record().json;
            prop_assert_eq!(Account::read(json.as_bytes(), &ticket(1).account_key(), "a"), Ok(account.clone()));
        }
        if !timed {
            for (payment, receipt) in &grants {
                let same = grants.iter().filter(|(_, other)| other == receipt);
                prop_assert!(same.clone().all(|(other, _)| other == payment), "a grant for two");
                prop_assert!(same.count() <= 1 + usize::from(limits::RESENDS));
            }
        }
    }
}
