//! A report of rows and lines, as a terminal and a browser get it.

use std::fs;

use books::{Claim, Credit, Day, Ledger, NotOurs, Owed, Posting, RestsOn, Row};
use report::{Money, Report, Traffic, page, write};

const FIRST: u64 = 1_795_824_000;
const HOSTILE: &str = "</title><script>alert(1)</script>\u{1b}[2J";

fn row(index: u64, posting: Posting) -> Row {
    Row {
        posting,
        rests_on: RestsOn::Record,
        at: FIRST + index * 20_000,
        network: "eip155:8453".to_owned(),
        asset: "0x833589fcd6edb6e08f4c7c32d4f71b54bda02913".to_owned(),
        token: Some(("USDC".to_owned(), 6)),
        amount: 10_000 * u128::from(index % 5 + 1),
        payer: format!("0x{:040x}", index % 3),
        payee: None,
        transaction: Some(format!("0x{index:064x}")),
        block: Some(index),
        index: Some(0),
        payment: Some(format!("payment-{index}")),
        site: Some("shop".to_owned()),
        kind: None,
        name: Some(format!("reports/{}.pdf", index % 4)),
        facilitator: None,
        why: String::new(),
    }
}

fn ledger() -> Ledger {
    let sale = |index| row(index, Posting::Received(Credit::Sale));
    // The fourth day has none.
    let mut rows: Vec<_> = (0..25).filter(|at| !(13..18).contains(at)).map(sale).collect();
    rows[3].rests_on = RestsOn::Log;
    rows[5].name = Some(HOSTILE.to_owned());
    rows.push(row(30, Posting::Received(Credit::Owed(Owed::NotGranted))));
    rows.push(row(31, Posting::Received(Credit::NotOurs(NotOurs::Plain))));
    rows.push(row(32, Posting::Claimed(Claim::SettledNotOnChain)));
    rows.push(Row { token: None, network: "eip155:1".to_owned(), amount: 7, ..sale(33) });
    Ledger::of(rows)
}

fn log() -> String {
    let line = |id: u32, more: &str| {
        format!(
            "{{\"v\":1,\"requestId\":\"{id}\",\"site\":\"shop\",\"event\":\"viewer-request\",{more}}}\n"
        )
    };
    let settle = |ms: u32| {
        format!(
            "\"calls\":[{{\"endpoint\":\"settle\",\"to\":\"https://facilitator.example\",\"ms\":{ms}}}]"
        )
    };
    let asked = (0..40).map(|id| {
        line(id, "\"outcome\":\"payment_required\",\"status\":402,\"object\":\"reports/1.pdf\"")
    });
    let sold = (40..60).map(|id| {
        line(
            id,
            &format!("\"outcome\":\"settled\",\"object\":\"reports/1.pdf\",{}", settle(id * 10)),
        )
    });
    let refused =
        (60..63).map(|id| line(id, "\"outcome\":\"insufficient_balance\",\"status\":402"));
    asked.chain(sold).chain(refused).collect()
}

fn report() -> Report {
    let ledger = ledger();
    let mut traffic = Traffic::default();
    traffic.read(log().as_bytes()).unwrap();
    let last = ledger.rows().last().unwrap().day();
    let money = Money::of(&ledger, Day::of(FIRST), last);
    Report { days: format!("{} to {last}", Day::of(FIRST)), money, traffic: Some(traffic) }
}

/// `UPDATE_DOCS=1` writes it.
#[test]
fn a_terminal_gets_it_as_it_was_looked_at() {
    let mut out = Vec::new();
    write(&report(), &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/shown.txt");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(file, &text).unwrap();
    }
    assert_eq!(text, fs::read_to_string(file).unwrap());
    assert!(text.lines().all(|line| line == line.trim_end()));
    assert!(!text.contains('\u{1b}'), "nothing moves a terminal's cursor");
}

#[test]
fn a_browser_gets_one_page_that_runs_and_asks_for_nothing() {
    let page = page(&report()).unwrap();
    assert!(
        !page.contains("<script") && !page.contains("src=") && !page.contains("href="),
        "{page}"
    );
    assert!(page.contains("&lt;script&gt;"), "the key is shown");
    assert_eq!(page.matches("<svg").count(), 2 * 2 + 3, "two a token, three of requests");
    for told in ["0.6 USDC", "insufficient_balance", "not-granted", "https://facilitator.example"] {
        assert!(page.contains(told), "{told}");
    }
    if let Some(file) = std::env::var_os("REPORT_HTML") {
        fs::write(file, page).unwrap();
    }
}

#[test]
fn tokens_are_not_added_and_days_without_a_sale_are_days() {
    let Money { purses } = report().money;
    assert_eq!(purses.len(), 2);
    let [usdc, other] = &purses[..] else { unreachable!() };
    assert_eq!((usdc.sales.rows, other.sales.rows, other.sales.amount), (20, 1, 7));
    assert_eq!(usdc.sales.amount, usdc.by_object.iter().map(|(_, sum)| sum.amount).sum());
    assert_eq!(usdc.sales.amount, usdc.by_payer.iter().map(|(_, sum)| sum.amount).sum());
    assert_eq!(usdc.sales.amount, usdc.by_day.values().map(|sum| sum.amount).sum());
    assert_eq!(usdc.by_day.len(), 8);
    assert_eq!(usdc.by_day.values().filter(|sum| sum.rows == 0).count(), 3);
    assert_eq!(
        (usdc.owed.len(), usdc.not_ours.rows, usdc.claims.len(), usdc.by_log_alone.rows),
        (1, 1, 1, 1)
    );
}
