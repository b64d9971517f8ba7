//! How accounts change: whatever happens, in whichever order, promises hold.

use std::collections::BTreeMap;

use paywall_core::clock::Micros;
use paywall_core::limits::{RESEND_SECONDS, RESENDS, WHOLE_SALES};
use paywall_core::purchase::{Account, Decision, Learnt, Mark, Open, Why, decide};
use proptest::prelude::*;

use crate::records::{ENDS, NOW, at, empty, mark, open, presented, receipt, to};

#[test]
fn a_payment_is_in_one_place_only() {
    let mut account = empty();
    account.open = Some(open(1, None));
    account.close(&open(1, None), Why::GivenUp, "", at(1));
    assert!(account.open.is_none() && account.closed.len() == 1);
    // Given up may become sold.
    let given_up = account.closed[0].reopened();
    account.sell(&given_up, receipt("0xaa"), Learnt::Facilitator, at(2));
    assert!(account.closed.is_empty() && account.sales.len() == 1);
    assert_eq!(account.sales[0].keep_until, ENDS);
}

#[test]
fn what_is_given_up_can_still_be_asked_about_and_nothing_else() {
    for (why, body) in [(Why::GivenUp, "{}"), (Why::Refused, ""), (Why::Never, "")] {
        let mut account = empty();
        account.close(&open(1, None), why, "code", at(1));
        assert_eq!(account.closed[0].body, body);
        assert_eq!(account.closed[0].look, open(1, None).look, "evidence needs it");
    }
}

#[test]
fn the_newest_sales_stay_whole_and_what_is_owed_or_open_in_time() {
    let mut account = empty();
    for nonce in 1..=30_u8 {
        let seconds = if nonce == 1 { Some(100_000) } else { None };
        let at_ = account.sell(&open(nonce, seconds), receipt("0xaa"), Learnt::Chain, at(0));
        if nonce != 2 {
            account.grant(at_, to(&mark(nonce)), at(0));
        }
        account.tidy(at(0));
    }
    let whole: Vec<_> = account.sales.iter().map(|sale| sale.mark.digest[0]).collect();
    assert_eq!(whole, [&[1, 2], &(23..=30).collect::<Vec<u8>>()[..]].concat());
    assert_eq!(account.finished.len(), 30 - 2 - WHOLE_SALES);
    for nonce in 3..=22 {
        assert!(account.knows(&mark(nonce)) && account.sells(&mark(nonce)), "{nonce}");
    }
}

/// Else the answer that is lost on its way could never be sent again.
#[test]
fn what_was_owed_for_long_stays_whole_once_it_is_granted() {
    let mut account = empty();
    let owed = account.sell(&open(1, None), receipt("0xaa"), Learnt::Chain, at(0));
    for nonce in 2..=20_u8 {
        let place = account.sell(&open(nonce, None), receipt("0xaa"), Learnt::Chain, at(1));
        account.grant(place, to(&mark(nonce)), at(1));
        account.tidy(at(1));
    }
    account.grant(owed, to(&mark(1)), at(2));
    account.tidy(at(2));
    assert_eq!(account.sales.len(), WHOLE_SALES);
    assert_eq!(decide(&account, &presented(&mark(1), 3)), Decision::Grant(WHOLE_SALES - 1));
    // By whichever clock: the next one's is two minutes late.
    let place = account.sell(&open(21, None), receipt("0xaa"), Learnt::Chain, at(2));
    account.grant(place, to(&mark(21)), Micros(at(2).0 - 120_000_000));
    account.tidy(at(2));
    assert_eq!(account.sales.last().map(|sale| &sale.mark), Some(&mark(21)));
}

#[test]
fn the_fresh_signature_that_took_a_grant_is_packed_as_well() {
    let mut account = empty();
    let place = account.sell(&open(1, None), receipt("0xaa"), Learnt::Chain, at(0));
    account.grant(place, to(&mark(101)), at(0));
    for nonce in 2..=(2 + WHOLE_SALES as u8) {
        let place = account.sell(&open(nonce, None), receipt("0xaa"), Learnt::Chain, at(0));
        account.grant(place, to(&mark(nonce)), at(0));
        account.tidy(at(0));
    }
    assert!(account.sells(&mark(1)) && account.sells(&mark(101)));
    assert!(account.sales.iter().all(|sale| sale.mark != mark(1)));
}

#[test]
fn what_was_never_paid_is_packed_apart_and_what_is_listed_never() {
    let mut account = empty();
    for nonce in 1..=40_u8 {
        let why = [Why::Refused, Why::Never, Why::Unproven, Why::GivenUp][usize::from(nonce % 4)];
        account.close(&open(nonce, None), why, "code", at(0));
        account.tidy(at(0));
    }
    let listed = account.closed.iter().filter(|c| matches!(c.why, Why::Unproven | Why::GivenUp));
    assert_eq!(listed.count(), 20);
    assert_eq!(account.closed.len(), 20 + WHOLE_SALES);
    assert_eq!(account.unpaid.len(), 20 - WHOLE_SALES);
    assert!(account.finished.is_empty());
    assert!((1..=40).all(|nonce| account.knows(&mark(nonce))));
}

/// Something that happens to an account.
#[derive(Clone, Debug)]
enum Event {
    Present(u8),
    Settle,
    Refuse,
    GiveUp,
    Wait(u64),
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        8 => (1..40_u8).prop_map(Event::Present),
        4 => Just(Event::Settle),
        1 => Just(Event::Refuse),
        1 => Just(Event::GiveUp),
        2 => (0..200_u64).prop_map(Event::Wait),
    ];
    prop::collection::vec(event, 1..150)
}

/// Payments that stay valid for long, so that all must be known.
fn long(nonce: u8, seconds: Option<u32>) -> Open {
    Open { ends: NOW + 90_000, ..open(nonce, seconds) }
}

proptest! {
    /// Whatever happens in whichever order: nothing is sent again that was taken up once, under timed
    /// access nobody pays twice for one time, and with one grant a sale no payment opens the object for
    /// a second one.
    #[test]
    fn promises_hold(events in events(), timed: bool) {
        let seconds = timed.then_some(300);
        let mut account = empty();
        let (mut clock, mut open_until, mut owed) = (0, 0, 0);
        let mut sent: Vec<Mark> = vec![];
        let mut grants: BTreeMap<String, Vec<Mark>> = BTreeMap::new();
        for event in events {
            match event {
                Event::Wait(seconds) => clock += seconds,
                Event::Refuse | Event::GiveUp => {
                    if let Some(open) = account.open.clone() {
                        let refused = matches!(event, Event::Refuse);
                        let why = if refused { Why::Refused } else { Why::GivenUp };
                        account.close(&open, why, "code", at(clock));
                    }
                }
                Event::Settle => {
                    if let Some(open) = account.open.clone() {
                        prop_assert!(!timed || open_until <= clock, "paid for a time that was open");
                        let receipt = receipt(&open.mark.payment.to_string());
                        account.sell(&open, receipt, Learnt::Facilitator, at(clock));
                        owed += 1;
                    }
                }
                Event::Present(nonce) => {
                    let own = mark(nonce);
                    let it = presented(&own, clock);
                    let decision = decide(&account, &it);
                    match decision {
                        Decision::Open => {
                            prop_assert!(account.open.is_none() && !account.knows(&own));
                            prop_assert!(!sent.contains(&own), "sent again");
                            prop_assert_eq!(owed, 0, "somebody is owed");
                            sent.push(own.clone());
                            account.open = Some(Open { lease: at(clock + 5), ..long(nonce, seconds) });
                        }
                        Decision::Grant(place) => {
                            let first = account.sales[place].grant.is_none();
                            let to = paywall_core::purchase::To { ends: NOW + 90_000, ..to(&own) };
                            let opened = account.grant(place, to, at(clock));
                            owed -= u32::from(first);
                            if timed && first {
                                open_until = opened.until.unwrap().secs() - NOW;
                                prop_assert!(open_until >= clock + RESEND_SECONDS.min(300));
                            }
                            prop_assert!(!timed || clock < open_until);
                            grants.entry(opened.receipt.transaction().into()).or_default().push(own);
                        }
                        Decision::Wait(_) | Decision::Take => prop_assert!(account.open.is_some()),
                        Decision::Used | Decision::Ended(..) | Decision::AskAgain(_) => {
                            prop_assert!(account.knows(&own));
                        }
                        other => prop_assert!(false, "{other:?}"),
                    }
                }
            }
            account.tidy(at(clock));
        }
        let read: Account = serde_json::from_str(&account.record(300).json).unwrap();
        prop_assert_eq!(&read, &account);
        prop_assert!(sent.iter().all(|mark| account.knows(mark)), "forgotten");
        if !timed {
            for got in grants.values() {
                prop_assert!(got.iter().all(|mark| *mark == got[0]), "a grant for two");
                prop_assert!(got.len() <= 1 + usize::from(RESENDS));
            }
        }
    }
}
