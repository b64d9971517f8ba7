use paywall_core::log::{
    CallTiming, Event, Line as Logged, Payment as LoggedPayment, Phases, Words,
};

use super::*;

const PAYER: &str = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266"; // a public test account

/// A line as the function writes it.
fn line(outcome: &str, object: &str, alarm: bool) -> Logged {
    let granted = ["settled", "resolved", "owned", "resent"].contains(&outcome);
    Logged {
        request_id: "r".into(),
        event: Event::ViewerRequest,
        outcome: Words::said(outcome),
        status: (!granted).then_some(503),
        object: Some(object.into()),
        payment: Some(LoggedPayment {
            payer: Some(PAYER.into()),
            nonce: None,
            amount: "10000".into(),
            asset: "0xA".into(),
            network: "eip155:84532".into(),
        }),
        calls: vec![CallTiming {
            endpoint: "settle".into(),
            to: "https://f.example".into(),
            ms: 1,
            phases: Phases::default(),
            listing: None,
        }],
        alarm,
        ..Logged::default()
    }
}

fn read(lines: &[String]) -> Journal {
    Journal::read(lines.join("\n").as_bytes()).unwrap()
}

fn open(lines: &[Logged]) -> Vec<String> {
    let lines: Vec<_> = lines.iter().map(Logged::to_json).collect();
    read(&lines).entries().map(|entry| entry.name).collect()
}

#[test]
fn what_nobody_resolved_is_listed_once() {
    let unknown = |object| line("settlement_unknown", object, true);
    assert_eq!(open(&[unknown("b"), unknown("a"), unknown("b")]), ["a", "b"]);
    // Without the alarm, too: it was asked for again.
    assert_eq!(open(&[line("settlement_unknown", "a", false)]), ["a"]);
}

#[test]
fn what_was_resolved_later_is_not() {
    let unknown = || line("settlement_unknown", "a", true);
    for outcome in ["resolved", "owned", "payment_never_settled"] {
        assert!(open(&[unknown(), line(outcome, "a", false)]).is_empty(), "{outcome}");
        assert_eq!(open(&[unknown(), line(outcome, "b", false)]), ["a"], "{outcome}");
        assert_eq!(open(&[line(outcome, "a", false), unknown()]), ["a"], "{outcome}");
    }
    // Another sandbox may have sold it again.
    for outcome in ["settled", "resent", "earlier_payment_unknown", "payment_in_progress"] {
        assert_eq!(open(&[unknown(), line(outcome, "a", false)]), ["a"], "{outcome}");
    }
}

#[test]
fn a_nonce_tells_payments_apart() {
    let with = |outcome, alarm, nonce: &str| {
        let json = line(outcome, "a", alarm).to_json();
        json.replacen('{', &format!("{{\"nonce\":\"{nonce}\","), 1)
    };
    let (one, two) =
        (with("settlement_unknown", true, "0x1"), with("settlement_unknown", true, "0x2"));
    for outcome in ["settled", "resent", "resolved", "payment_never_settled"] {
        let left: Vec<_> =
            read(&[one.clone(), two.clone(), with(outcome, false, "0x1")]).entries().collect();
        assert_eq!(left.len(), 1);
        assert!(left[0].why.contains("nonce 0x2"), "{}", left[0].why);
    }
    // Which of two, nobody knows.
    let earlier = with("owned", false, "0x3");
    assert_eq!(read(&[one.clone(), two, earlier.clone()]).entries().count(), 2);
    assert_eq!(read(&[one, earlier]).entries().count(), 0);
}

#[test]
fn granted_sales_and_other_alarms_are_not_owed() {
    // What settled and could not be recorded was granted.
    assert!(open(&[line("settled", "a", true)]).is_empty());
    let mut other = line("object_changed", "a", true);
    other.payment = None;
    assert!(open(&[other]).is_empty());
}

#[test]
fn what_settled_and_could_not_be_recorded_is_owed_unless_it_was_granted() {
    let receipt = "{\"transaction\":\"0x77\",\"network\":\"eip155:84532\",\"payer\":\"0x1\"}";
    let unrecorded = |outcome| {
        let receipt = Some(serde_json::from_str(receipt).unwrap());
        Logged { unrecorded: receipt, ..line(outcome, "a", true) }.to_json()
    };
    let list = |lines: &[String]| read(lines).entries().collect::<Vec<_>>();
    let owed = list(&[unrecorded("store_unavailable")]);
    assert_eq!(owed[0].state, State::ChargedNotGranted);
    assert_eq!(owed[0].transaction.as_deref(), Some("0x77"));
    assert!(list(&[unrecorded("settled")]).is_empty());
    assert!(
        list(&[unrecorded("store_unavailable"), line("resolved", "a", false).to_json()]).is_empty()
    );
}

#[test]
fn what_is_unproven_is_listed() {
    let list: Vec<_> = read(&[line("payment_unproven", "a", false).to_json()]).entries().collect();
    assert_eq!((list.len(), list[0].state), (1, State::Unproven));
    assert_eq!(open(&[line("payment_given_up", "b", false)]), ["b"]);
}

#[test]
fn lines_are_found_among_others() {
    let line = line("settlement_unknown", "a", true).to_json();
    let journal = read(&[
        "START RequestId: 1 Version: 1".into(),
        format!("2023-11-14T22:13:20.000000+00:00 2023/11/14/[1]ab {line}"),
        "{\"other\":\"program\"}".into(),
        line[..line.len() - 9].to_owned(),
        "REPORT RequestId: 1".into(),
    ]);
    assert_eq!(journal.lines, 1);
    assert!(matches!(&*journal.unreadable, [(4, Unread::NoLine)]), "{:?}", journal.unreadable);
    let entry = journal.entries().next().unwrap();
    assert_eq!(entry.bound_at, Some(Micros::from_secs(1_700_000_000)));
    assert_eq!((entry.payer.as_str(), entry.amount), (PAYER, Some(10_000)));
    assert_eq!(entry.facilitator.as_deref(), Some("https://f.example"));
}

#[test]
fn a_line_of_another_version_is_told_and_one_with_more_fields_is_read() {
    let line = line("settlement_unknown", "a", true).to_json();
    let (newer, more) =
        (line.replacen("\"v\":1", "\"v\":2", 1), line.replacen('{', "{\"later\":{\"x\":[1]},", 1));
    let journal = read(&[newer, more]);
    assert_eq!(journal.lines, 1);
    let [(1, why)] = &*journal.unreadable else { panic!("{:?}", journal.unreadable) };
    assert!(why.to_string().contains("version 2"), "{why}");
}
