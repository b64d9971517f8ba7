//! `paywall books`: the chain held against records and logs.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use paywall_core::hex;
use paywall_core::purchase::{PaymentId, Why};
use serde_json::Value;

use super::payments::{Payment, SIGNATURE, SITE, TOKEN, json};
use super::server::BUCKET;
use super::shop::{Ended, Shop, ended, paywall};
use super::store::{Store, payer};
use super::world::{Chain, address};

pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// Noon of the day before, so that no test meets midnight.
fn noon() -> u64 {
    (now() / 86_400 - 1) * 86_400 + 43_200
}

async fn books(store: &Store, chain: &Chain, more: &[&str]) -> Ended {
    let words = [&["--rpc", &chain.url, "--confirmations", "5"], more].concat();
    ended(store.command_of("books", &words)).await
}

async fn rows(store: &Store, chain: &Chain, more: &[&str]) -> Vec<Value> {
    let out = books(store, chain, &[&["--format", "json"], more].concat()).await.well();
    serde_json::from_str(&out).unwrap()
}

/// What each posting comes to, in atomic units.
fn sums(rows: &[Value]) -> BTreeMap<String, u128> {
    let mut sums = BTreeMap::new();
    for row in rows {
        let amount: u128 = row["atomicAmount"].as_str().unwrap().parse().unwrap();
        *sums.entry(row["posting"].as_str().unwrap().to_owned()).or_default() += amount;
    }
    sums
}

/// A line of the log.
fn line(payment: &Payment, outcome: &str, status: Option<u16>) -> String {
    let PaymentId::Eip3009 { from, nonce, .. } = payment.mark().payment else {
        panic!("{payment:?}")
    };
    let time = jiff::Timestamp::from_second(payment.at as i64 + 2).unwrap();
    let line = serde_json::json!({
        "v": 1, "requestId": "r", "site": SITE, "event": "viewer-request", "outcome": outcome, "status": status,
        "object": payment.object, "payer": hex::encode(&from), "nonce": hex::encode(&nonce), "amount": "10000",
        "asset": TOKEN, "network": "eip155:84532", "transaction": hex::encode(&[payment.nonce; 32]),
    });
    format!("{time} 2026/11/28/[7]abc {line}\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_chain_paid_is_sales_and_owed_and_not_ours() {
    let (store, chain, at) = (Store::start().await, Chain::start(now()).await, noon());
    let payment = |n: u16, name: &str| Payment::new(payer(n), name, at);
    for (payment, account) in [
        (payment(1, "sale"), payment(1, "sale").granted()),
        (payment(2, "packed"), payment(2, "packed").packed()),
        (payment(3, "not-granted"), payment(3, "not-granted").charged()),
        (payment(4, "unresolved"), payment(4, "unresolved").under_way()),
        (payment(5, "unproven"), payment(5, "unproven").closed(Why::Unproven, "0x")),
        (payment(6, "given-up"), payment(6, "given-up").closed(Why::GivenUp, "")),
        (payment(7, "refused-yet-paid"), payment(7, "refused-yet-paid").closed(Why::Refused, "no")),
    ] {
        store.put(&payment, &account).await;
        chain.pay(&payment);
    }
    // The packed one's account has eight later sales.
    for nonce in 100..108 {
        let later = Payment { nonce, ..payment(2, "packed") };
        store.put_binding(&later);
        chain.pay(&later);
    }
    let open = Payment { window: 200_000, ..payment(8, "open") };
    store.put(&open, &open.under_way()).await;
    chain.pay(&open);
    store.put_binding(&payment(9, "not-known"));
    chain.pay(&payment(9, "not-known"));
    // Refused and not paid, and a sale that is not on the chain.
    store.put(&payment(10, "x"), &payment(10, "x").closed(Why::Refused, "no")).await;
    store
        .put(&payment(11, "settled-not-on-chain"), &payment(11, "settled-not-on-chain").granted())
        .await;
    // Nobody's, another shop's, another token's, and another amount under the same nonce.
    chain.send([1; 20], address(super::payments::PAYEE), 777, at);
    chain.pay(&payment(12, "elsewhere"));
    let other = payment(13, "other");
    store.put(&other, &other.granted()).await;
    chain.pay_at(&other, 9_999, at);
    chain.world().pay(([9; 20], payer(14), address(super::payments::PAYEE)), 5, None, at);

    let list = rows(&store, &chain, &[]).await;
    for row in &list {
        let (posting, name) = (row["posting"].as_str().unwrap(), row["name"].as_str());
        match posting {
            "sale" => assert!(matches!(name, Some("sale" | "packed")), "{row}"),
            "no-record" | "plain-transfer" => assert_eq!(name, None, "{row}"),
            "other-transfer" => assert_eq!(name, Some("other"), "{row}"),
            posting => assert_eq!(name.unwrap_or_default(), posting, "{row}"),
        }
    }
    let sums = sums(&list);
    let expected = [
        ("sale", 100_000),
        ("not-granted", 10_000),
        ("unresolved", 10_000),
        ("unproven", 10_000),
        ("given-up", 10_000),
        ("refused-yet-paid", 10_000),
        ("open", 10_000),
        ("not-known", 10_000),
        ("plain-transfer", 777),
        ("no-record", 10_000),
        ("other-transfer", 9_999),
        ("settled-not-on-chain", 10_000),
    ];
    assert_eq!(sums, BTreeMap::from(expected.map(|(name, sum)| (name.to_owned(), sum))));

    let told = books(&store, &chain, &[]).await.well();
    assert!(told.contains("eip155:84532, received"), "{told}");
    assert!(told.contains("0.190776 USDC        20\n"), "{told}");
    assert!(
        told.contains("  balanced, token 0x036cbd53842c5426634e7929541ec2318f3dcf7e"),
        "{told}"
    );
    let csv = books(&store, &chain, &["--format", "csv"]).await.well();
    assert_eq!(csv.lines().count(), 1 + list.len());
    assert!(!format!("{told}{csv}{list:?}").contains(SIGNATURE));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_leaves_logs_out_or_is_of_another_chain_makes_no_books() {
    let (store, chain, at) = (Store::start().await, Chain::start(now()).await, noon());
    let payment = Payment::new(payer(1), "a", at);
    store.put(&payment, &payment.granted()).await;
    chain.pay(&payment);
    let hidden = chain.world().made[0].transaction;
    chain.world().hidden.push(hidden);
    let ended = books(&store, &chain, &["--format", "json"]).await;
    assert_eq!((ended.status.code(), ended.out.as_str()), (Some(1), ""), "{ended:?}");
    assert!(ended.errors.contains("the node left logs out"), "{ended:?}");
    // Without the state of old blocks it cannot be caught: the sale is missed, and it is said that nothing is proven.
    chain.world().memory = 100;
    let ended = books(&store, &chain, &["--format", "json"]).await;
    assert_eq!(ended.status.code(), Some(3), "{ended:?}");
    assert!(ended.errors.contains("is not proven") && ended.out.contains("settled-not-on-chain"));
    chain.world().chain_id = 8_453;
    let ended = books(&store, &chain, &[]).await;
    assert!(
        ended.errors.contains("no --rpc is a node of a network that is sold for (eip155:84532)"),
        "{ended:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sale_at_midnight_is_of_the_day_of_its_block() {
    let (store, chain) = (Store::start().await, Chain::start(now()).await);
    // Written the day before by the sandbox's clock, mined the day after.
    let midnight = (now() / 86_400 - 1) * 86_400;
    let payment = Payment::new(payer(1), "a", midnight - 2);
    store.put(&payment, &payment.granted()).await;
    chain.pay_at(&payment, 10_000, midnight);
    let day = |second: u64| {
        jiff::Timestamp::from_second(second as i64).unwrap().to_string()[..10].to_owned()
    };
    let (before, after) = (day(midnight - 1), day(midnight));
    let of = async |from: &str, to: &str| {
        let list = rows(&store, &chain, &["--from", from, "--to", to]).await;
        list.iter().map(|row| row["posting"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(of(&after, &after).await, ["sale"]);
    assert_eq!(of(&before, &before).await, [""; 0]);
    assert_eq!(of(&before, &after).await, ["sale"]);
    let turned = books(&store, &chain, &["--from", &after, "--to", &before]).await;
    assert!(turned.errors.contains("is later than"), "{turned:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_cannot_be_read_is_named_and_takes_no_sale_along() {
    let (store, chain, at) = (Store::start().await, Chain::start(now()).await, noon());
    let (good, bad) = (Payment::new(payer(1), "good", at), Payment::new(payer(2), "bad", at));
    for payment in [&good, &bad] {
        store.put(payment, &payment.granted()).await;
        chain.pay(payment);
    }
    store.server.put(&format!("x402/shop/{}", bad.key()), "{").await;
    // A copy of a record under another name, which would be a second sale.
    let copy = good.key().replace(&hex::encode(&payer(1)), &hex::encode(&payer(3)));
    store.server.put(&format!("x402/shop/{copy}"), &json(&good.granted())).await;
    let ended = books(&store, &chain, &["--format", "json"]).await;
    assert_eq!(ended.status.code(), Some(3), "{ended:?}");
    assert!(ended.errors.contains(&format!("{copy} is left out")), "{ended:?}");
    let list: Vec<Value> = serde_json::from_str(&ended.out).unwrap();
    let sums = sums(&list);
    assert_eq!(
        (sums["sale"], sums["unclear"], sums["unreadable"]),
        (10_000, 10_000, 0),
        "{list:?}"
    );
    assert_eq!(list.iter().filter(|row| row["posting"] == "unreadable").count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_memory_the_books_are_the_chain_against_the_log_and_say_so() {
    let (chain, at) = (Chain::start(now()).await, noon());
    let shop = Shop::with("[[rule]]\npath = \"**\"\nprice = \"0.01\"\n");
    shop.write("a.txt", "a");
    let payment = |n: u16| Payment { nonce: n as u8, ..Payment::new(payer(n), "a.txt", at) };
    (1..=4).for_each(|n| drop(chain.pay(&payment(n))));
    // The first was sold, the second's outcome was not learnt, the third's line is lost, the fourth's comes twice, and the
    // fifth was not paid.
    let sold = |n| line(&payment(n), "settled", None);
    let log =
        [sold(4), line(&payment(2), "settlement_unknown", Some(503)), sold(1), sold(4), sold(5)];
    shop.write("../log.txt", log.concat());
    let mut command = paywall();
    command.arg("books").arg("--config").arg(shop.config()).args(["--format", "json"]);
    command.args(["--rpc", &chain.url, "--confirmations", "5", "--log"]);
    command.arg(shop.config().with_file_name("log.txt"));
    let list: Vec<Value> = serde_json::from_str(&ended(command).await.well()).unwrap();
    let expected = [
        ("sale", 20_000),
        ("said-by-log", 10_000),
        ("no-record", 10_000),
        ("line-not-on-chain", 10_000),
    ];
    assert_eq!(sums(&list), BTreeMap::from(expected.map(|(name, sum)| (name.to_owned(), sum))));
    for row in &list {
        let log = row["posting"] != "no-record";
        assert_eq!(row["restsOn"], if log { "log" } else { "nothing" }, "{row}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_open_is_resolved_by_the_chain_alone() {
    let (store, chain, at) = (Store::start().await, Chain::start(now()).await, noon());
    let of = |n: u16| Payment::new(payer(n), &format!("{n}"), at);
    let contradicted = |payment: &Payment| {
        let mut account = payment.under_way();
        let open = account.open.as_mut().unwrap();
        (open.contradicted, open.look) = (true, None);
        account
    };
    // Paid; never paid; paid before it was sent, and nobody had looked; not bound to this; not over yet.
    for n in [1, 2] {
        store.put(&of(n), &of(n).under_way()).await;
    }
    chain.pay(&of(1));
    let early = of(3);
    store.put(&early, &contradicted(&early)).await;
    chain.pay_at(&early, 10_000, at - 60);
    store.put_account(&of(4), &of(4).under_way()).await;
    chain.pay(&of(4));
    let held = Payment { window: 200_000, ..of(5) };
    store.put(&held, &held.under_way()).await;
    let resolved = books(&store, &chain, &["--resolve", "--format", "json"]).await;
    assert!(resolved.errors.contains("resolved: 3"), "{resolved:?}");
    let stands = async |n: u16| {
        let account = store.account(&of(n)).await;
        let closed: Vec<_> = account.closed.iter().map(|closed| closed.why).collect();
        (account.open.is_some(), account.sales.len(), closed)
    };
    assert_eq!(stands(1).await, (false, 1, vec![]));
    assert_eq!(stands(2).await, (false, 0, vec![Why::Never]));
    assert_eq!(stands(3).await, (false, 0, vec![Why::Unproven]));
    assert_eq!(stands(4).await, (true, 0, vec![]));
    assert_eq!(stands(5).await, (true, 0, vec![]));
    let list: Vec<Value> = serde_json::from_str(&resolved.well()).unwrap();
    assert_eq!(
        sums(&list),
        BTreeMap::from(
            [("not-granted", 10_000), ("unproven", 10_000), ("no-record", 10_000)]
                .map(|(name, sum)| (name.to_owned(), sum))
        )
    );
    // There is nothing left to do, and nothing is written again.
    let again = books(&store, &chain, &["--resolve"]).await;
    assert!(again.errors.contains("resolved: 0"), "{again:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_asked_is_told() {
    let (store, chain) = (Store::start().await, Chain::start(now()).await);
    for (more, says) in [
        (&["--payee", "0x12"][..], "not an address"),
        (&["--from", "yesterday"], "a day is written as 2026-11-28"),
        (&["--format", "parquet"], "--output"),
        (&["--log", "/no/such/log"], "cannot be opened"),
    ] {
        let ended = books(&store, &chain, more).await;
        assert!(!ended.status.success() && ended.errors.contains(says), "{ended:?}");
    }
    let mut command = paywall();
    command.args(["books", "--bucket", BUCKET, "--prefix", "x402/shop", "--rpc", &chain.url]);
    command.args(["--endpoint-url", &store.server.url]);
    let ended = ended(command).await;
    assert!(ended.errors.contains("the books need the content.toml"), "{ended:?}");
}
