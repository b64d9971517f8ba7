//! What a payment comes to, by the record of its account.

use paywall_core::clock::Micros;
use paywall_core::limits::{PACKED_MOST, RELEASE_SECONDS, RESEND_SECONDS, RESENDS};
use paywall_core::purchase::{
    Account, AccountKind, Decision, Learnt, Looked, Presented, Why, decide,
};

use crate::records::{
    ELSEWHERE, ENDS, NOW, at, awaiting, closed, empty, mark, open, owed, presented, receipt, sold,
    to,
};

fn says(account: &Account, nonce: u8, seconds: u64) -> Decision {
    decide(account, &presented(&mark(nonce), seconds))
}

#[test]
fn nothing_stands_against_the_first_payment() {
    for (looked, decision) in [
        (Looked::NoNode, Decision::Open),
        (Looked::Silent, Decision::Open),
        (Looked::Unspent, Decision::Open),
        (Looked::NotYet, Decision::Look),
        (Looked::Poor, Decision::Poor),
        (Looked::Spent, Decision::Used),
    ] {
        let first = mark(1);
        let it = Presented { looked, ..presented(&first, 0) };
        assert_eq!(decide(&empty(), &it), decision, "{looked:?}");
        // Terms are first: what does not meet them is not even looked at.
        assert_eq!(decide(&empty(), &Presented { terms_hold: false, ..it }), Decision::Terms);
        let forgotten = Presented { terms_hold: false, may_be_forgotten: true, ..it };
        assert_eq!(decide(&empty(), &forgotten), Decision::Used);
    }
}

#[test]
fn a_settled_payment_opens_its_object_three_times_more() {
    let mut account = sold(None);
    for _ in 0..RESENDS {
        assert_eq!(says(&account, 1, 60), Decision::Grant(0));
        account.grant(0, to(&mark(1)), at(60));
    }
    assert_eq!(says(&account, 1, 60), Decision::Used);
}

#[test]
fn re_sends_end_with_their_time_and_need_no_terms_nor_look() {
    let mark = mark(1);
    let it = Presented { terms_hold: false, looked: Looked::Spent, ..presented(&mark, 90) };
    assert_eq!(decide(&sold(None), &it), Decision::Grant(0));
    assert_eq!(says(&sold(None), 1, RESEND_SECONDS - 1), Decision::Grant(0));
    assert_eq!(says(&sold(None), 1, RESEND_SECONDS), Decision::Used);
}

#[test]
fn from_elsewhere_nothing_opens_and_nothing_is_used_up() {
    let mark = mark(1);
    let it = Presented { origins: &[ELSEWHERE], ..presented(&mark, 1) };
    for account in [sold(None), sold(Some(600)), owed(None), owed(Some(600))] {
        assert_eq!(decide(&account, &it), Decision::Used);
    }
    // By an older hand-over key it is the same place.
    let rotated = Presented { origins: &[ELSEWHERE, crate::records::HOME], ..it };
    assert_eq!(decide(&sold(None), &rotated), Decision::Grant(0));
    // While it is open nobody asks.
    assert!(matches!(decide(&awaiting(1, None), &it), Decision::Wait(_)));
}

#[test]
fn a_copied_nonce_opens_nothing() {
    for account in [sold(Some(600)), sold(None), awaiting(1, None), closed(1, Why::GivenUp)] {
        for spoil in [
            |copy: &mut paywall_core::purchase::Mark| copy.signature = [9; 32],
            |copy: &mut paywall_core::purchase::Mark| copy.digest = [9; 32],
        ] {
            let mut copy = mark(1);
            spoil(&mut copy);
            assert!(!account.knows(&copy));
        }
    }
}

#[test]
fn under_access_by_request_a_fresh_signature_is_a_new_sale() {
    assert_eq!(says(&sold(None), 2, 0), Decision::Open);
}

#[test]
fn under_timed_access_nothing_more_is_charged_until_it_ends() {
    let account = sold(Some(600));
    for nonce in [1, 2] {
        assert_eq!(says(&account, nonce, 599), Decision::Grant(0));
        let mut same = account.clone();
        assert_eq!(same.grant(0, to(&mark(nonce)), at(599)).until, Some(at(600)));
        assert_eq!(same, account, "nothing has to be written");
    }
    assert_eq!(says(&account, 1, 600), Decision::Used);
    assert_eq!(says(&account, 2, 600), Decision::Open);
}

#[test]
fn a_raised_epoch_ends_what_was_granted_and_never_what_is_owed() {
    let mark = mark(2);
    let raised = |seconds| Presented { epoch: 1, ..presented(&mark, seconds) };
    assert_eq!(decide(&sold(Some(600)), &raised(1)), Decision::Open);
    assert_eq!(decide(&owed(Some(600)), &raised(1)), Decision::Grant(0));
    assert_eq!(decide(&owed(None), &raised(1)), Decision::Grant(0));
    // One grant is one grant, whatever the epoch.
    let own = crate::records::mark(1);
    assert_eq!(
        decide(&sold(None), &Presented { epoch: 1, ..presented(&own, 1) }),
        Decision::Grant(0)
    );
    assert_eq!(
        decide(&sold(Some(600)), &Presented { epoch: 1, ..presented(&own, 1) }),
        Decision::Used
    );
}

#[test]
fn a_sale_that_nobody_was_granted_is_the_payer_s_next_however_late() {
    for (nonce, seconds) in [(1, 1_000_000), (2, 1_000_000), (2, 1)] {
        let mut account = owed(None);
        assert_eq!(says(&account, nonce, seconds), Decision::Grant(0));
        account.grant(0, to(&mark(nonce)), at(seconds));
        // One sale, one grant.
        assert_eq!(says(&account, 3, seconds), Decision::Open);
        let other = 3 - nonce;
        match other {
            1 => assert_eq!(says(&account, 1, seconds), Decision::Used),
            _ => assert_eq!(says(&account, 2, seconds), Decision::Open),
        }
    }
}

#[test]
fn who_was_kept_out_for_all_of_a_timed_access_gets_a_re_send_s_time() {
    let mut account = owed(Some(600));
    assert_eq!(says(&account, 1, 10_000), Decision::Grant(0));
    let opened = account.grant(0, to(&mark(1)), at(10_000));
    assert_eq!(opened.until, Some(at(10_000 + RESEND_SECONDS)));
    // What is shorter lasts as long as it is.
    let mut brief = owed(Some(30));
    assert_eq!(brief.grant(0, to(&mark(1)), at(10_000)).until, Some(at(10_030)));
}

#[test]
fn a_fresh_signature_takes_what_is_owed_only_if_it_could_be_sent_itself() {
    let fresh = mark(2);
    let it = presented(&fresh, 1);
    for (looked, decision) in [
        (Looked::NoNode, Decision::Grant(0)),
        (Looked::Unspent, Decision::Grant(0)),
        (Looked::Poor, Decision::Grant(0)),
        (Looked::NotYet, Decision::Look),
        (Looked::Silent, Decision::NodeSilent),
        // It is public: anybody may have sent it.
        (Looked::Spent, Decision::Used),
    ] {
        for account in [owed(None), owed(Some(600)), sold(Some(600))] {
            assert_eq!(decide(&account, &Presented { looked, ..it }), decision, "{looked:?}");
        }
    }
    assert_eq!(decide(&owed(None), &Presented { terms_hold: false, ..it }), Decision::Terms);
    assert_eq!(decide(&owed(None), &Presented { proven: false, ..it }), Decision::Open);
    // Where payments stand alone it is a purchase of its own.
    let alone = Presented { kind: AccountKind::Payment, ..it };
    assert_eq!(decide(&owed(None), &alone), Decision::Open);
}

#[test]
fn on_another_chain_only_an_own_key_is_the_same_payer() {
    let fresh = mark(2);
    let there = Presented { network: "eip155:8453", ..presented(&fresh, 1) };
    assert_eq!(decide(&owed(None), &there), Decision::Grant(0));
    assert_eq!(decide(&owed(None), &Presented { own_key: false, ..there }), Decision::Open);
    let mut wallet = owed(None);
    wallet.sales[0].own_key = false;
    assert_eq!(decide(&wallet, &there), Decision::Open);
    assert_eq!(says(&wallet, 2, 1), Decision::Grant(0), "on its own chain");
    // Holding goes by address alone.
    assert!(matches!(
        decide(&awaiting(1, None), &Presented { own_key: false, ..there }),
        Decision::Wait(_)
    ));
}

#[test]
fn a_sending_is_waited_for_and_then_taken_over() {
    for nonce in [1, 2] {
        let account = awaiting(1, None);
        assert_eq!(says(&account, nonce, 4), Decision::Wait(at(5)));
        assert_eq!(says(&account, nonce, 5), Decision::Take);
    }
}

#[test]
fn only_the_holder_sends_and_once() {
    let own = mark(1);
    let holder = Presented { holder: "first", ..presented(&own, 1) };
    assert_eq!(decide(&awaiting(1, None), &holder), Decision::Submit);
    let sent = Presented { may_be_sent: true, ..holder };
    assert_eq!(decide(&awaiting(1, None), &sent), Decision::Wait(at(5)));
    // It holds its own payment, not another one.
    let other = mark(2);
    let it = Presented { holder: "first", ..presented(&other, 1) };
    assert_eq!(decide(&awaiting(1, None), &it), Decision::Wait(at(5)));
}

#[test]
fn what_is_owned_comes_before_what_is_under_way() {
    let mut account = sold(Some(600));
    account.open = Some(open(7, Some(600)));
    assert_eq!(says(&account, 2, 1), Decision::Grant(0));
    assert_eq!(says(&account, 7, 1), Decision::Wait(at(5)));
}

#[test]
fn a_closed_payment_opens_nothing() {
    let own = mark(1);
    let ended = |why| Decision::Ended(why, "code".into());
    for (why, looked, decision) in [
        (Why::Refused, Looked::Unspent, ended(Why::Refused)),
        (Why::Refused, Looked::NoNode, ended(Why::Refused)),
        (Why::Refused, Looked::Silent, ended(Why::Refused)),
        (Why::Refused, Looked::NotYet, Decision::Look),
        (Why::Refused, Looked::Spent, Decision::Evidence(0)),
        (Why::Never, Looked::Spent, ended(Why::Never)),
        (Why::Unproven, Looked::Spent, ended(Why::Unproven)),
        (Why::Refunded, Looked::Unspent, ended(Why::Refunded)),
        (Why::GivenUp, Looked::Spent, Decision::AskAgain(0)),
        (Why::GivenUp, Looked::NotYet, Decision::AskAgain(0)),
    ] {
        // Whether or not it still meets the terms, and whoever holds the account by now.
        for terms_hold in [true, false] {
            let it = Presented { looked, terms_hold, ..presented(&own, 9) };
            let mut account = closed(1, why);
            assert_eq!(decide(&account, &it), decision, "{why:?} {looked:?}");
            account.open = Some(open(7, None));
            assert_eq!(decide(&account, &it), decision, "{why:?} {looked:?}");
        }
    }
    // Nor does it stand in the way of the next one, but for one that was paid: who signs anew at each 503
    // would be charged each time.
    for why in [Why::Refused, Why::Never, Why::GivenUp, Why::Refunded] {
        assert_eq!(says(&closed(1, why), 2, 9), Decision::Open);
    }
    let second = mark(2);
    let until = ENDS + RELEASE_SECONDS;
    for (now, decision) in [(until, Decision::Unproven(until)), (until + 1, Decision::Open)] {
        let it = Presented { now: Micros::from_secs(now), ..presented(&second, 9) };
        assert_eq!(decide(&closed(1, Why::Unproven), &it), decision);
    }
}

#[test]
fn what_is_packed_counts_as_what_it_was() {
    let mut account = empty();
    account.finished.add(&mark(1).digest, ENDS);
    account.unpaid.add(&mark(2).digest, ENDS);
    assert_eq!(says(&account, 1, 1), Decision::Used);
    assert_eq!(says(&account, 2, 1), Decision::Ended(Why::Refused, "payment_refused".into()));
    let second = mark(2);
    let spent = Presented { looked: Looked::Spent, ..presented(&second, 1) };
    assert_eq!(decide(&account, &spent), Decision::Used);
    assert_eq!(says(&account, 3, 1), Decision::Open);
}

#[test]
fn an_account_is_full_until_the_first_of_its_windows_is_over() {
    let mut account = empty();
    for n in 0..PACKED_MOST as u32 {
        let mut digest = [0; 32];
        digest[..4].copy_from_slice(&n.to_be_bytes());
        // A tenth of them was never paid; each ends a second after the last one.
        let packed = if n % 10 == 0 { &mut account.unpaid } else { &mut account.finished };
        packed.add(&digest, NOW + 3_600 + u64::from(n));
    }
    let until = NOW + 3_600 + RELEASE_SECONDS;
    assert_eq!(says(&account, 99, 0), Decision::Full(until));
    assert_eq!(says(&account, 99, until - NOW), Decision::Full(until));
    assert_eq!(says(&account, 99, until + 1 - NOW), Decision::Open);
    // What is known and owed is not refused for it.
    account.sell(&open(1, None), receipt("0xaa"), Learnt::Chain, at(0));
    assert_eq!(says(&account, 1, 0), Decision::Grant(0));
    assert_eq!(says(&account, 98, 0), Decision::Grant(0));
}
