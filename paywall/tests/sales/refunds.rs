//! `paywall refunds`: what is owed, and that it was paid back.

use paywall_core::hex;
use paywall_core::purchase::Why;

use super::books::now;
use super::payments::{PAYEE, Payment};
use super::shop::{Ended, ended};
use super::store::{Store, long_ago, payer};
use super::world::{Chain, address};

async fn refunds(store: &Store, chain: &Chain, more: &[&str]) -> Ended {
    let words = [&["--rpc", &chain.url, "--confirmations", "5"], more].concat();
    ended(store.command_of("refunds", &words)).await
}

async fn paid(store: &Store, chain: &Chain, transaction: &str, payment: &Payment) -> Ended {
    let name = payment.mark().payment.to_string();
    refunds(store, chain, &["paid", transaction, "--for", &name]).await
}

/// The names of the payments that are listed, with their amounts.
async fn owed(store: &Store, chain: &Chain) -> Vec<(String, String)> {
    let out = refunds(store, chain, &["--csv"]).await.well();
    let mut reader = csv::Reader::from_reader(out.as_bytes());
    let rows = reader.records().map(|row| {
        let row = row.unwrap();
        (row[6].to_owned(), row[4].to_owned())
    });
    rows.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_owed_is_listed_with_proof_until_it_is_paid_back() {
    let (store, chain, at) = (Store::start().await, Chain::start(now()).await, long_ago());
    let payment = |n: u16, seconds: u64| Payment::new(payer(n), "a.txt", at + seconds);
    let (charged, given_up, unknown) = (payment(1, 0), payment(2, 10), payment(3, 20));
    store.put(&charged, &charged.charged()).await;
    store.put(&given_up, &given_up.closed(Why::GivenUp, "")).await;
    store.put_binding(&unknown);
    // Granted; refused and not paid; charged by its record, and not on the chain.
    for (n, account) in [
        (4, payment(4, 0).granted()),
        (5, payment(5, 0).closed(Why::Refused, "no")),
        (6, payment(6, 0).charged()),
    ] {
        store.put(&payment(n, 0), &account).await;
    }
    for payment in [&charged, &given_up, &unknown, &payment(4, 0)] {
        chain.pay(payment);
    }
    let name = |payment: &Payment| (payment.mark().payment.to_string(), "0.01".to_owned());
    assert_eq!(owed(&store, &chain).await, [name(&charged), name(&given_up), name(&unknown)]);
    let told = refunds(&store, &chain, &[]).await.well();
    assert!(told.contains("owed: 3;") && told.contains("not-granted: It settled"), "{told}");

    // From the payee, and from somebody else.
    let first = chain.send(address(PAYEE), payer(1), 10_000, at + 100);
    let second = chain.send([8; 20], payer(2), 12_000, at + 100);
    let said = paid(&store, &chain, &first, &charged).await.well();
    assert!(said.contains("was paid back by") && said.contains("(the payee, "), "{said}");
    let said = paid(&store, &chain, &second, &given_up).await.well();
    assert!(said.contains("(somebody else, "), "{said}");
    assert_eq!(owed(&store, &chain).await, [name(&unknown)]);
    let third = chain.send(address(PAYEE), payer(3), 10_000, at + 100);
    paid(&store, &chain, &third, &unknown).await.well();
    assert_eq!(owed(&store, &chain).await, []);
    // Again: the same.
    paid(&store, &chain, &first, &charged).await.well();

    let account = store.account(&charged).await;
    assert_eq!((account.sales.len(), account.closed[0].why), (0, Why::Refunded));
    assert_eq!(account.closed[0].code, first);
    // The books have both sides.
    let words = ["--rpc", &chain.url, "--confirmations", "5", "--format", "json"];
    let out = ended(store.command_of("books", &words)).await.well();
    let rows: Vec<serde_json::Value> = serde_json::from_str(&out).unwrap();
    let count = |posting: &str| rows.iter().filter(|row| row["posting"] == posting).count();
    assert_eq!((count("refunded"), count("paid-back"), count("paid-back-elsewhere")), (3, 2, 1));
    assert!(rows.iter().all(|row| row["posting"] != "paid-back" || row["debit"] == "owed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_transaction_that_pays_it_back_is_taken_and_for_one_payment() {
    let (store, chain, at) = (Store::start().await, Chain::start(now()).await, long_ago());
    let (first, second) =
        (Payment::new(payer(1), "a", at), Payment { nonce: 2, ..Payment::new(payer(1), "b", at) });
    let granted = Payment { nonce: 3, ..Payment::new(payer(1), "c", at) };
    for payment in [&first, &second] {
        store.put(payment, &payment.charged()).await;
        chain.pay(payment);
    }
    store.put(&granted, &granted.granted()).await;
    chain.pay(&granted);
    let other_token = chain.world().pay(([9; 20], address(PAYEE), payer(1)), 10_000, None, at + 50);
    let settled = hex::encode(&chain.world().made[0].transaction);
    let good = chain.send(address(PAYEE), payer(1), 10_000, at + 100);
    for (transaction, says) in [
        ("0x12".to_owned(), "it is no transaction's hash"),
        (hex::encode(&[9; 32]), "it is not on the chain"),
        (hex::encode(&other_token), "or moves no"),
        (settled, "or moves no"),
        (chain.send(address(PAYEE), payer(2), 10_000, at + 60), "or moves no"),
        (chain.send(address(PAYEE), payer(1), 9_999, at + 60), "the whole of it"),
        (chain.send(payer(1), payer(1), 10_000, at + 60), "the whole of it"),
        (chain.send(address(PAYEE), payer(1), 10_000, at - 60), "it is older than the payment"),
        // Not deep enough.
        (chain.send(address(PAYEE), payer(1), 10_000, now() - 4), "not deep enough"),
    ] {
        let ended = paid(&store, &chain, &transaction, &first).await;
        assert_eq!(ended.status.code(), Some(1), "{ended:?}");
        assert!(ended.errors.contains(says), "{says}: {ended:?}");
    }
    let ended = paid(&store, &chain, &good, &granted).await;
    assert!(ended.errors.contains("it is not owed"), "{ended:?}");
    let unheard = Payment::new(payer(7), "a", at);
    let ended = paid(&store, &chain, &good, &unheard).await;
    assert!(ended.errors.contains("this store does not know it"), "{ended:?}");
    paid(&store, &chain, &good, &first).await.well();
    let ended = paid(&store, &chain, &good, &second).await;
    assert!(ended.errors.contains("one transaction pays back one payment"), "{ended:?}");
    let another = chain.send(address(PAYEE), payer(1), 10_000, at + 120);
    let ended = paid(&store, &chain, &another, &first).await;
    assert!(ended.errors.contains(&format!("was paid back by {good} before")), "{ended:?}");
    paid(&store, &chain, &another, &second).await.well();
}

#[tokio::test(flavor = "multi_thread")]
async fn recording_breaks_off_anywhere_and_is_run_again() {
    for steps in 1..=3 {
        let (store, chain, at) = (Store::start().await, Chain::start(now()).await, long_ago());
        let payment = Payment::new(payer(1), "a", at);
        store.put(&payment, &payment.charged()).await;
        chain.pay(&payment);
        let back = chain.send(address(PAYEE), payer(1), 10_000, at + 100);
        let rival = chain.send(address(PAYEE), payer(1), 10_000, at + 110);
        // So many changes are made, and the last one is not answered.
        store.server.hang_after(steps);
        let name = payment.mark().payment.to_string();
        let words = ["--rpc", &chain.url, "--confirmations", "5", "paid", &back, "--for", &name];
        let mut child = store.command_of("refunds", &words).spawn().unwrap();
        store.server.hung().await;
        child.kill().await.unwrap();
        store.server.go_on();
        store.server.quiet().await;
        // From the second step on, another transaction comes too late.
        if steps > 1 {
            let ended = paid(&store, &chain, &rival, &payment).await;
            assert!(ended.errors.contains("was paid back by"), "{steps}: {ended:?}");
        }
        paid(&store, &chain, &back, &payment).await.well();
        assert_eq!(owed(&store, &chain).await, [], "{steps}");
    }
}
