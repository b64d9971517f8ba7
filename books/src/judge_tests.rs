use paywall_core::clock::Micros;
use paywall_core::purchase::{Account, To, Why};

use super::*;
use crate::logs::Logs;
use crate::payments::{PAYEE, Payment, SITE, TOKEN};

const AT: u64 = 1_800_000_000;

fn payment() -> Payment {
    Payment::new([0xaa; 20], "a.txt", AT)
}

fn paid(payment: &Payment) -> Transfer {
    let PaymentId::Eip3009 { chain_id, asset, from, nonce } = payment.mark().payment else {
        panic!("{payment:?}")
    };
    Transfer {
        chain_id,
        asset,
        from,
        to: hex::decode_array(PAYEE).unwrap(),
        value: 10_000,
        nonce: Some(nonce),
        transaction: [2; 32],
        index: 4,
        block: 7,
        time: AT + 2,
    }
}

/// What a payment's transfer is, by its account, `later` seconds after it was presented.
fn credit(payment: &Payment, account: Option<&Account>, later: u64) -> (Credit, RestsOn) {
    booked(payment, account, later, &Logs::default(), &paid(payment))
}

fn booked(
    payment: &Payment,
    account: Option<&Account>,
    later: u64,
    logs: &Logs,
    moved: &Transfer,
) -> (Credit, RestsOn) {
    let patience = Patience { now: Micros::from_secs(AT + later), has_node: |_: &str| true };
    let known = Known {
        recorded: recorded(Ok(Some(&payment.binding())), Ok(account), &patience),
        logged: logs.of(&payment.mark().payment).cloned(),
        refund: None,
    };
    let row = transfer(moved, &known, None);
    match row.posting {
        Posting::Received(credit) => (credit, row.rests_on),
        other => panic!("{other:?}"),
    }
}

fn line(payment: &Payment, outcome: &str, status: &str) -> Logs {
    let PaymentId::Eip3009 { from, nonce, .. } = payment.mark().payment else {
        panic!("{payment:?}")
    };
    let (payer, nonce) = (hex::encode(&from), hex::encode(&nonce));
    let text = format!(
        r#"2027-01-15T08:00:02Z {{"v":1,"requestId":"r","site":"{SITE}","event":"viewer-request","outcome":"{outcome}"{status},
        "object":"a.txt","payer":"{payer}","nonce":"{nonce}","amount":"10000","asset":"{TOKEN}","network":"eip155:84532"}}"#
    );
    let mut logs = Logs::default();
    logs.read(text.replace('\n', "").as_bytes()).unwrap();
    assert_eq!(logs.payments().count(), 1);
    logs
}

#[test]
fn money_is_what_its_record_says() {
    const DAY: u64 = 86_400;
    let payment = payment();
    let owed = |why| (Credit::Owed(why), RestsOn::Record);
    for (account, later, expected) in [
        (payment.granted(), 3, (Credit::Sale, RestsOn::Record)),
        (payment.packed(), 3, (Credit::Sale, RestsOn::Record)),
        (payment.charged(), 3, owed(Owed::NotGranted)),
        (payment.under_way(), 3, (Credit::Open, RestsOn::Record)),
        (payment.under_way(), 60 + DAY, owed(Owed::Unresolved)),
        (payment.closed(Why::Unproven, "0x"), 3, owed(Owed::Unproven)),
        (payment.closed(Why::GivenUp, ""), 3, owed(Owed::GivenUp)),
        (payment.closed(Why::Refused, "no"), 3, owed(Owed::RefusedYetPaid)),
        (payment.closed(Why::Never, ""), 3, owed(Owed::NeverYetPaid)),
        (payment.closed(Why::Refunded, "0x"), 3, owed(Owed::Refunded)),
        (Account::new(&payment.subject(), "0x"), 3, owed(Owed::NotKnown)),
    ] {
        assert_eq!(credit(&payment, Some(&account), later), expected, "{account:?}");
    }
    assert_eq!(credit(&payment, None, 3), owed(Owed::NotKnown));
    // Whether it was sold is not known any more: no reason to pay it back, and none to forget what was booked before.
    assert_eq!(credit(&payment, None, 2 * DAY), (Credit::Unclear, RestsOn::Nothing));
    let emptied = Account::new(&payment.subject(), "0x");
    assert_eq!(credit(&payment, Some(&emptied), 2 * DAY), (Credit::Unclear, RestsOn::Nothing));
}

#[test]
fn a_nonce_that_was_spent_on_another_transfer_is_not_the_sale() {
    let (payment, logs) = (payment(), Logs::default());
    let account = payment.granted();
    for moved in
        [Transfer { value: 9_999, ..paid(&payment) }, Transfer { to: [1; 20], ..paid(&payment) }]
    {
        let (credit, _) = booked(&payment, Some(&account), 3, &logs, &moved);
        assert_eq!(credit, Credit::NotOurs(NotOurs::OtherTransfer));
    }
}

#[test]
fn what_opened_an_earlier_sale_and_was_paid_too_is_paid_twice() {
    let (first, second) = (payment(), Payment { nonce: 2, ..payment() });
    let mut account = first.charged();
    let to = To { mark: &second.mark(), origin: [9; 8], ends: AT + 60 };
    account.grant(0, to, Micros::from_secs(AT + 5));
    assert_eq!(credit(&first, Some(&account), 9).0, Credit::Sale);
    assert_eq!(credit(&second, Some(&account), 9).0, Credit::Owed(Owed::PaidTwice));
}

#[test]
fn without_a_record_a_line_counts_and_says_so() {
    let payment = payment();
    let unknown = |logs: &Logs| {
        let logged = logs.of(&payment.mark().payment).cloned();
        let known = Known { recorded: Recorded::Nothing, logged, refund: None };
        let row = transfer(&paid(&payment), &known, None);
        (row.posting, row.rests_on)
    };
    let sold = line(&payment, "settled", "");
    let lost = line(&payment, "settlement_unknown", r#","status":503"#);
    let (received, log) = (Posting::Received, RestsOn::Log);
    assert_eq!(unknown(&sold), (received(Credit::Sale), log));
    assert_eq!(unknown(&lost), (received(Credit::Owed(Owed::SaidByLog)), log));
    let none = received(Credit::NotOurs(NotOurs::NoRecord));
    assert_eq!(unknown(&Logs::default()), (none, RestsOn::Nothing));
    // What is bound and stands nowhere may be somebody else's sale: the line decides.
    let moved = paid(&payment);
    assert_eq!(booked(&payment, None, 3, &sold, &moved), (Credit::Sale, log));
    let owed = Credit::Owed(Owed::NotKnown);
    assert_eq!(booked(&payment, None, 3, &lost, &moved), (owed, RestsOn::Record));
    // A line outweighs no record.
    let charged = payment.charged();
    let owed = Credit::Owed(Owed::NotGranted);
    assert_eq!(booked(&payment, Some(&charged), 3, &sold, &moved).0, owed);
}

#[test]
fn a_record_that_cannot_be_read_makes_nothing_ours_or_not_ours() {
    let payment = payment();
    let patience = Patience { now: Micros::from_secs(AT), has_node: |_: &str| true };
    for recorded in [
        recorded(Err("not JSON"), Ok(None), &patience),
        recorded(Ok(Some(&payment.binding())), Err("not JSON"), &patience),
    ] {
        let known = Known { recorded, logged: Some(line_of(&payment)), refund: None };
        let row = transfer(&paid(&payment), &known, None);
        assert_eq!(row.posting, Posting::Received(Credit::Unclear));
        assert_eq!(row.why, "not JSON");
    }
}

fn line_of(payment: &Payment) -> Logged {
    line(payment, "settled", "").of(&payment.mark().payment).unwrap().clone()
}

#[test]
fn a_plain_transfer_is_nobodys_payment() {
    let moved = Transfer { nonce: None, ..paid(&payment()) };
    let known = Known { recorded: Recorded::Nothing, logged: None, refund: None };
    let row = transfer(&moved, &known, None);
    assert_eq!(row.posting, Posting::Received(Credit::NotOurs(NotOurs::Plain)));
    assert_eq!(moved.payment(), None);
}

#[test]
fn a_settled_record_is_a_claim() {
    let payment = payment();
    let patience = Patience { now: Micros::from_secs(AT + 3), has_node: |_: &str| true };
    let of = |account: Account, looked| {
        let entries = classify::entries(account, &patience);
        entries.iter().find_map(|entry| claim(entry, looked, None)).map(|row| row.posting)
    };
    let missing = Some(Posting::Claimed(Claim::SettledNotOnChain));
    assert_eq!(of(payment.granted(), true), missing);
    assert_eq!(of(payment.charged(), true), missing);
    assert_eq!(of(payment.granted(), false), Some(Posting::Claimed(Claim::NotLookedAt)));
    for account in [payment.under_way(), payment.closed(Why::Refused, "no")] {
        assert_eq!(of(account, true), None);
    }
    // By a clock that is five minutes late, or a block that is not deep yet, nothing is missing.
    assert!(!is_due(AT, AT + 299) && is_due(AT, AT + 300));
}
