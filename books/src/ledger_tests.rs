use super::*;

#[test]
fn amounts_are_exact() {
    for (atomic, decimals, text) in [
        (0, 6, "0"),
        (1, 6, "0.000001"),
        (10_000, 6, "0.01"),
        (1_000_000, 6, "1"),
        (1_234_567, 6, "1.234567"),
        (12_340_000_000, 6, "12340"),
        (7, 0, "7"),
        (u128::MAX, 18, "340282366920938463463.374607431768211455"),
        (u128::MAX, 255, &format!("0.{}{}", "0".repeat(216), u128::MAX)),
    ] {
        assert_eq!(decimal(atomic, decimals), text, "{atomic} of {decimals}");
    }
}

fn row(index: u64, amount: u128, credit: Credit) -> Row {
    Row {
        posting: Posting::Received(credit),
        rests_on: RestsOn::Record,
        at: 1_800_000_000,
        network: "eip155:8453".to_owned(),
        asset: "0xa".to_owned(),
        token: Some(("USDC".to_owned(), 6)),
        amount,
        payer: String::new(),
        payee: None,
        transaction: Some(format!("0x{}", "00".repeat(32))),
        block: Some(1),
        index: Some(index),
        payment: None,
        site: None,
        kind: None,
        name: None,
        facilitator: None,
        why: String::new(),
    }
}

fn transfer(index: u64, value: u128) -> Transfer {
    Transfer {
        chain_id: 8453,
        asset: [0xa; 20],
        from: [1; 20],
        to: [2; 20],
        value,
        nonce: None,
        transaction: [0; 32],
        index,
        block: 1,
        time: 1_800_000_000,
    }
}

#[test]
fn every_name_is_one_postings() {
    let all = Posting::all();
    for posting in &all {
        assert_eq!(Posting::named(posting.name()), Some(*posting));
        if let Some((debit, credit)) = posting.entry() {
            assert!(ACCOUNTS.contains(&debit) && ACCOUNTS.contains(&credit) && debit != credit);
        }
    }
    assert_eq!(all.len(), 3 + Owed::ALL.len() + NotOurs::ALL.len() + 2 + Claim::ALL.len());
}

#[test]
fn what_came_is_what_was_credited() {
    let owed = Credit::Owed(Owed::NotGranted);
    let ledger = Ledger::of([row(0, 7, Credit::Sale), row(1, 5, owed), row(2, 3, Credit::Open)]);
    let balance = &ledger.balances().unwrap()[&("eip155:8453".to_owned(), "0xa".to_owned())];
    assert_eq!(balance.received, Sum { rows: 3, amount: 15 });
    assert_eq!(balance.credits.values().map(|sum| sum.amount).sum::<u128>(), 15);
    assert_eq!(balance.outstanding(), 5);
    let over = Ledger::of([row(0, u128::MAX, Credit::Sale), row(1, 1, Credit::Sale)]);
    over.balances().unwrap_err();
}

#[test]
fn rows_and_chain_are_held_against_each_other() {
    let ledger = Ledger::of([row(0, 7, Credit::Sale), row(1, 5, Credit::Sale)]);
    ledger.hold_against(&[transfer(0, 7), transfer(1, 5)]).unwrap();
    // One that is not booked, one booked otherwise, one booked twice, one that never was.
    ledger.hold_against(&[transfer(0, 7), transfer(1, 5), transfer(2, 1)]).unwrap_err();
    ledger.hold_against(&[transfer(0, 7), transfer(1, 6)]).unwrap_err();
    ledger.hold_against(&[transfer(0, 7), transfer(0, 7), transfer(1, 5)]).unwrap_err();
    ledger.hold_against(&[transfer(0, 7)]).unwrap_err();
}

#[test]
fn a_row_is_booked_once_and_is_not_forgotten_with_its_record() {
    let sale = row(0, 7, Credit::Sale);
    let gone = Row { rests_on: RestsOn::Nothing, ..row(0, 7, Credit::NotOurs(NotOurs::NoRecord)) };
    let owed = row(0, 7, Credit::Owed(Owed::NotGranted));
    assert_eq!(Ledger::of([sale.clone(), gone.clone()]), Ledger::of([sale.clone()]));
    assert_eq!(Ledger::of([gone, sale.clone()]), Ledger::of([sale.clone()]));
    assert_eq!(Ledger::of([owed, sale.clone()]), Ledger::of([sale]));
}

#[test]
fn the_page_has_every_posting_and_column() {
    let page = include_str!("../../docs/books.md");
    for posting in Posting::all() {
        let credit = posting.entry().map_or("", |(_, credit)| credit);
        let line = format!("| `{}` | {credit} | {} |", posting.name(), posting.about());
        assert!(page.contains(&line), "docs/books.md lacks {line}");
    }
    #[cfg(feature = "io")]
    for (name, _) in crate::COLUMNS {
        assert!(page.contains(&format!("`{name}`")), "docs/books.md lacks {name}");
    }
}
