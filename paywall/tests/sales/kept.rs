//! `paywall books --keep`: the ledger that is kept in the bucket.

use std::collections::BTreeMap;

use paywall_core::purchase::Why;
use serde_json::Value;

use super::books::now;
use super::payments::{PAYEE, Payment};
use super::shop::{Ended, ended};
use super::store::{Store, payer};
use super::world::{Chain, address};

const STATE: &str = "x402/shop/books/shop/state.json";

async fn keep(store: &Store, chain: &Chain, more: &[&str]) -> Ended {
    let words = [&["--rpc", &chain.url, "--confirmations", "5", "--keep"], more].concat();
    ended(store.command_of("books", &words)).await
}

/// The ledger's rows, by the names of what they sold.
async fn kept(store: &Store, from: u64) -> BTreeMap<String, (String, String)> {
    let from = day(from);
    let words = ["--kept", "--format", "json", "--from", &from];
    let out = ended(store.command_of("books", &words)).await.well();
    let rows: Vec<Value> = serde_json::from_str(&out).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let count = rows.len();
    let rows: BTreeMap<_, _> = rows
        .iter()
        .map(|row| {
            let name = match text(&row["posting"]).starts_with("paid-back") {
                true => "paid-back".to_owned(),
                false => text(&row["name"]),
            };
            (name, (text(&row["posting"]), text(&row["day"])))
        })
        .collect();
    assert_eq!(rows.len(), count, "a row stands twice");
    rows
}

fn day(second: u64) -> String {
    jiff::Timestamp::from_second(second as i64).unwrap().to_string()[..10].to_owned()
}

/// Every file of the ledger.
async fn files(store: &Store, from: u64) -> Vec<Vec<u8>> {
    let mut files = vec![store.server.get(STATE).await.bytes];
    for second in [from, from + 86_400, from + 2 * 86_400] {
        let key = format!("x402/shop/books/shop/{}.parquet", day(second));
        files.push(store.server.get(&key).await.bytes);
    }
    files
}

/// The day before yesterday, at noon.
fn began() -> u64 {
    (now() / 86_400 - 2) * 86_400 + 43_200
}

/// Two days of trade: what was sold, what is owed, and what nobody knows.
async fn trade(store: &Store, chain: &Chain) {
    let at = began();
    for (n, day, name) in [(1, 0, "first"), (2, 1, "second"), (3, 1, "third")] {
        let payment = Payment::new(payer(n), name, at + day * 86_400);
        let account = if n == 3 { payment.charged() } else { payment.granted() };
        store.put(&payment, &account).await;
        chain.pay(&payment);
    }
    let open = Payment::new(payer(4), "open", at + 10);
    store.put(&open, &open.under_way()).await;
    chain.pay(&open);
    let lied = Payment::new(payer(5), "lied", at + 20);
    store.put(&lied, &lied.granted()).await;
    chain.send([1; 20], address(PAYEE), 7, at + 30);
}

fn expected(at: u64) -> BTreeMap<String, (String, String)> {
    [
        ("first", "sale", 0),
        ("second", "sale", 1),
        ("third", "not-granted", 1),
        ("open", "not-granted", 0),
        ("lied", "settled-not-on-chain", 0),
        ("", "plain-transfer", 0),
    ]
    .map(|(name, posting, days)| (name.to_owned(), (posting.to_owned(), day(at + days * 86_400))))
    .into()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ledger_is_kept_day_by_day_and_goes_on_where_it_stopped() {
    let (store, chain, at) = (Store::start().await, Chain::start(now()).await, began());
    trade(&store, &chain).await;
    let from = day(at);
    let told = keep(&store, &chain, &["--from", &from]).await.well();
    assert!(told.contains("resolved: 1; days written:"), "{told}");
    assert_eq!(kept(&store, at).await, expected(at));
    // Nothing new: not a byte changes.
    let before = files(&store, at).await;
    let told = keep(&store, &chain, &[]).await.well();
    assert!(told.contains("resolved: 0; days written: \n"), "{told}");
    assert_eq!(files(&store, at).await, before);

    // A past that is another one than it was is not booked over.
    chain.send(address(PAYEE), payer(4), 10_000, at + 2_000);
    chain.world().head += 30;
    let ended = keep(&store, &chain, &[]).await;
    assert!(ended.errors.contains("the node left logs out"), "{ended:?}");
    assert_eq!(files(&store, at).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_later_changes_its_row_and_what_is_deleted_does_not() {
    let (store, chain, at) = (Store::start().await, Chain::start(now()).await, began());
    trade(&store, &chain).await;
    // The refund is there from the beginning on, and recorded later.
    let back = chain.send(address(PAYEE), payer(4), 10_000, at + 2_000);
    keep(&store, &chain, &["--from", &day(at)]).await.well();
    let third = Payment::new(payer(3), "third", at + 86_400);
    store.put(&third, &third.granted()).await;
    let name = Payment::new(payer(4), "open", at + 10).mark().payment.to_string();
    let words = ["--rpc", &chain.url, "--confirmations", "5", "paid", &back, "--for", &name];
    ended(store.command_of("refunds", &words)).await.well();
    let first = Payment::new(payer(1), "first", at);
    for key in [first.key(), first.binding_key()] {
        store.server.delete_file(&format!("x402/shop/{key}"));
    }
    let late = Payment::new(payer(6), "late", now() + 20);
    store.put(&late, &late.granted()).await;
    chain.pay(&late);
    chain.world().head += 30;
    keep(&store, &chain, &[]).await.well();
    let mut expected = expected(at);
    for (name, posting, when) in [
        ("third", "sale", at + 86_400),
        ("open", "refunded", at),
        ("paid-back", "paid-back", at),
        ("late", "sale", late.at + 2),
    ] {
        expected.insert(name.to_owned(), (posting.to_owned(), day(when)));
    }
    assert_eq!(kept(&store, at).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_dies_anywhere_and_is_run_again_keeps_the_same_ledger() {
    let whole = {
        let (store, chain, at) = (Store::start().await, Chain::start(now()).await, began());
        trade(&store, &chain).await;
        keep(&store, &chain, &["--from", &day(at)]).await.well();
        kept(&store, at).await
    };
    // The account of what is resolved, two days, and the state.
    for step in 1..=4 {
        let (store, chain, at) = (Store::start().await, Chain::start(now()).await, began());
        trade(&store, &chain).await;
        store.server.hang_after(step);
        let from = day(at);
        let words = ["--rpc", &chain.url, "--confirmations", "5", "--keep", "--from", &from];
        let mut child = store.command_of("books", &words).spawn().unwrap();
        store.server.hung().await;
        child.kill().await.unwrap();
        store.server.go_on();
        store.server.quiet().await;
        keep(&store, &chain, &["--from", &from]).await.well();
        assert_eq!(kept(&store, at).await, whole, "{step}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_at_once_keep_one_ledger() {
    let (store, chain, at) = (Store::start().await, Chain::start(now()).await, began());
    trade(&store, &chain).await;
    let from = day(at);
    let run = async || keep(&store, &chain, &["--from", &from]).await;
    let (one, other) = tokio::join!(run(), run());
    for ended in [one, other] {
        let met = ended.errors.contains("was written by another run of the books meanwhile");
        assert!(ended.status.success() || met, "{ended:?}");
    }
    keep(&store, &chain, &["--from", &from]).await.well();
    assert_eq!(kept(&store, at).await, expected(at));
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_that_are_replaced_and_files_that_are_damaged_stop_it() {
    let (store, chain, at) = (Store::start().await, Chain::start(now()).await, began());
    trade(&store, &chain).await;
    keep(&store, &chain, &["--from", &day(at)]).await.well();
    let before = files(&store, at).await;
    {
        let mut world = chain.world();
        let replaced = world.head - 10;
        world.replaced.insert(replaced, 1);
        world.head += 30;
    }
    let ended = keep(&store, &chain, &[]).await;
    assert!(ended.errors.contains("blocks were replaced deeper"), "{ended:?}");
    assert_eq!(files(&store, at).await, before);
    store.server.put(STATE, "{").await;
    let ended = keep(&store, &chain, &[]).await;
    assert!(ended.errors.contains("state.json cannot be read"), "{ended:?}");
    store.server.delete_file(STATE);
    let key = format!("x402/shop/books/shop/{}.parquet", day(at));
    store.server.put(&key, "PAR1").await;
    let ended = keep(&store, &chain, &["--from", &day(at)]).await;
    assert!(ended.errors.contains("it is no ledger"), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_is_closed_stays_read_and_one_that_is_open_is_read_again() {
    let (store, chain, at) = (Store::start().await, Chain::start(now()).await, began());
    let refused = Payment::new(payer(1), "refused", at);
    store.put(&refused, &refused.closed(Why::Refused, "no")).await;
    let granted = Payment::new(payer(2), "granted", at);
    store.put(&granted, &granted.granted()).await;
    chain.pay(&granted);
    keep(&store, &chain, &["--from", &day(at)]).await.well();
    store.server.calls();
    keep(&store, &chain, &[]).await.well();
    // Three lists and the state, twice; and nothing that was read before.
    let calls = store.server.calls();
    assert!(calls <= 6, "{calls} calls");
}

/// A payee who is in the plan only from now on: what came before is booked as well.
#[tokio::test(flavor = "multi_thread")]
async fn who_is_paid_from_now_on_is_booked_from_the_beginning() {
    let (store, chain, at) = (Store::start().await, Chain::start(now()).await, began());
    let (other, from) = ([0xb0; 20], day(at));
    trade(&store, &chain).await;
    chain.send([1; 20], other, 9, at + 40);
    keep(&store, &chain, &["--from", &from]).await.well();
    assert_eq!(kept(&store, at).await, expected(at));
    let rows = async || {
        let words = ["--kept", "--format", "json", "--from", &from];
        let out = ended(store.command_of("books", &words)).await.well();
        let rows: Vec<Value> = serde_json::from_str(&out).unwrap();
        let to_other = paywall_core::hex::encode(&other);
        let new = rows.iter().filter(|row| row["payee"] == *to_other).count();
        (rows.len(), new)
    };
    let (before, none) = rows().await;
    assert_eq!(none, 0);
    let payee = ["--payee", &paywall_core::hex::encode(&other)];
    keep(&store, &chain, &payee).await.well();
    assert_eq!(rows().await, (before + 1, 1));
    // Once more changes nothing.
    let kept_files = files(&store, at).await;
    keep(&store, &chain, &payee).await.well();
    assert_eq!(files(&store, at).await, kept_files);
}
