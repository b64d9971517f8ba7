//! What is listed, and how it is written.

use paywall_core::purchase::{AccountKind, Why};
use serde_json::{Value, json};

use super::payments::{FACILITATOR, PAYEE, Payment, SIGNATURE, SITE, TOKEN};
use super::store::{Store, long_ago, payer};

/// One payment of each kind, the first by the last payer.
async fn one_of_each() -> (Store, [Payment; 4]) {
    let (store, at) = (Store::start().await, long_ago());
    let unresolved = Payment::new(payer(4), "=cmd|'/c calc'!A0", at);
    let charged = Payment { nonce: 2, ..Payment::new(payer(3), "b, \"quoted\".txt", at) };
    let in_progress = Payment { window: 1_000_000, ..Payment::new(payer(2), "c.txt", at) };
    let granted = Payment::new(payer(1), "d.txt", at);
    store.put(&unresolved, &unresolved.under_way()).await;
    store.put(&charged, &charged.charged()).await;
    store.put(&in_progress, &in_progress.under_way()).await;
    store.put(&granted, &granted.granted()).await;
    // What else lies in the bucket is none of it.
    store.server.put("x402/shop/v2/sites/shop.json", "{}").await;
    store.server.put("x402/shop/accounts/0x1.json", "{}").await;
    store.server.put("x402/shop-b/v2/accounts/0x1.json", "{}").await;
    (store, [unresolved, charged, in_progress, granted])
}

#[tokio::test(flavor = "multi_thread")]
async fn json() {
    let (store, [unresolved, charged, ..]) = one_of_each().await;
    let ended = store.list(&["--format", "json"]).await;
    assert!(ended.errors.contains("2 listed: 1 unresolved, 1 charged-not-granted"), "{ended:?}");
    assert!(ended.errors.contains("left out: 1 in-progress, 1 settled"), "{ended:?}");
    let list: Value = serde_json::from_str(&ended.well()).unwrap();
    let list = list.as_array().unwrap();
    assert_eq!(list.len(), 2);
    let of = |name: &str| list.iter().find(|entry| entry["name"] == name).unwrap();
    let first = of("b, \"quoted\".txt");
    assert_eq!(first["state"], "charged-not-granted");
    assert_eq!(first["payer"], paywall_core::hex::encode(&charged.payer));
    assert_eq!(first["transaction"], paywall_core::hex::encode(&[2; 32]));
    assert_eq!(first["boundAt"], Value::Null);
    let other = of("=cmd|'/c calc'!A0");
    let why = other["why"].clone();
    assert!(why.as_str().unwrap().contains("it can settle no more"), "{why}");
    let moment = |second: u64| jiff::Timestamp::from_second(second as i64).unwrap().to_string();
    let expected = json!({
        "state": "unresolved",
        "payer": paywall_core::hex::encode(&unresolved.payer),
        "amount": "0.01",
        "token": "USDC",
        "atomicAmount": "10000",
        "asset": TOKEN,
        "network": "eip155:84532",
        "payee": PAYEE,
        "transaction": null,
        "onChain": null,
        "site": SITE,
        "kind": "object",
        "name": "=cmd|'/c calc'!A0",
        "boundAt": moment(unresolved.at),
        "settledAt": null,
        "validBefore": moment(unresolved.at + 60),
        "facilitator": FACILITATOR,
        "nonce": format!("0x{:064x}", 1),
        "payment": unresolved.mark().payment.to_string(),
        "why": why,
    });
    assert_eq!(*other, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn csv() {
    let (store, payments) = one_of_each().await;
    let out = store.list(&["--format", "csv", "--all"]).await.well();
    let mut reader = csv::Reader::from_reader(out.as_bytes());
    let header = reader.headers().unwrap().clone();
    assert_eq!(header.len(), 20);
    let at = |name: &str| header.iter().position(|column| column == name).unwrap();
    let (state, object, amount) = (at("state"), at("name"), at("amount"));
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    let mut found: Vec<_> = rows.iter().map(|row| (&row[state], row[object].to_owned())).collect();
    found.sort_unstable();
    let [formula, quoted, plain, other] = payments.map(|payment| payment.object);
    let expected = [
        ("charged-not-granted", quoted),
        ("in-progress", plain),
        ("settled", other),
        ("unresolved", format!("'{formula}")),
    ];
    assert_eq!(found, expected);
    assert!(rows.iter().all(|row| &row[amount] == "0.01"));
    // No cell begins as a formula does.
    let tame = |cell: &str| !cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    assert!(rows.iter().all(|row| row.iter().all(tame)));
}

#[tokio::test(flavor = "multi_thread")]
async fn table() {
    let (store, [unresolved, charged, ..]) = one_of_each().await;
    let out = store.list(&[]).await.well();
    println!("{out}");
    for payment in [&unresolved, &charged] {
        assert!(out.contains(&paywall_core::hex::encode(&payment.payer)), "{out}");
        assert!(out.contains(&payment.object), "{out}");
    }
    assert!(out.contains("0.01 USDC"), "{out}");
    assert!(out.contains(&format!("transaction {}", paywall_core::hex::encode(&[2; 32]))), "{out}");
    assert!(!out.contains("d.txt"), "{out}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_signature_in_any() {
    let (store, _) = one_of_each().await;
    for format in ["table", "csv", "json"] {
        let ended = store.list(&["--format", format, "--all"]).await;
        let all = format!("{}{}", ended.errors, ended.out);
        assert!(!all.contains(SIGNATURE), "{all}");
        assert!(!all.contains(&"07".repeat(32)), "{all}");
        ended.well();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_table_amounts_are_atomic() {
    let (store, _) = one_of_each().await;
    let mut command = super::shop::paywall();
    command.args(["sales", "--bucket", super::server::BUCKET, "--prefix", "/x402/shop/"]);
    command.args(["--endpoint-url", &store.server.url, "--format", "json"]);
    let list: Value = serde_json::from_str(&super::shop::ended(command).await.well()).unwrap();
    assert_eq!(list[0]["amount"], Value::Null);
    assert_eq!(list[0]["atomicAmount"], "10000");
    assert_eq!(list.as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn payments_that_only_their_facilitator_understands() {
    let store = Store::start().await;
    let payment = Payment { opaque: true, ..Payment::new(payer(1), "a.txt", long_ago()) };
    let (transaction, payer) =
        ("5VERv8NMvzbJMEkV8xnrLkEaWRtSz9Co", "4fYNw3dojWmQ4dXtSGE9epjRGy9pFSx6");
    let account = payment.settled(transaction, payer);
    store.put_account(&payment, &account).await;
    let out = store.list(&["--format", "json"]).await.well();
    let list: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&list[0]["payer"], &list[0]["transaction"]), (&payer.into(), &transaction.into()));
    assert_eq!((&list[0]["nonce"], &list[0]["validBefore"]), (&Value::Null, &Value::Null));
    // Not a token of the table.
    assert_eq!((&list[0]["amount"], &list[0]["atomicAmount"]), (&Value::Null, &"10000".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_that_is_bound_to_another_object_is_not_owed_for_this_one() {
    let (store, at) = (Store::start().await, long_ago());
    let first = Payment::new(payer(1), "first.txt", at);
    let second = Payment { object: "second.txt".into(), ..first.clone() };
    let unbound = Payment::new(payer(2), "unbound.txt", at);
    store.put(&first, &first.granted()).await;
    store.put_account(&second, &second.under_way()).await;
    store.put_account(&unbound, &unbound.under_way()).await;
    let list = async |more: &[&str]| -> Vec<Value> {
        let out = store.list(&[&["--format", "json"], more].concat()).await.well();
        serde_json::from_str(&out).unwrap()
    };
    let owed = list(&[]).await;
    assert_eq!(owed.len(), 1, "{owed:?}");
    assert_eq!(
        (&owed[0]["name"], &owed[0]["state"]),
        (&"unbound.txt".into(), &"unresolved".into())
    );
    assert!(owed[0]["why"].as_str().unwrap().contains("may never have been submitted"), "{owed:?}");
    let all = list(&["--all"]).await;
    let second = all.iter().find(|entry| entry["name"] == "second.txt").unwrap();
    assert_eq!(second["state"], "never-submitted");
    assert_eq!(second["why"], "never submitted: this payment is bound to first.txt of shop");
    // A binding that cannot be read settles nothing.
    let key = unbound.binding_key();
    store.server.put_file(&format!("x402/shop/{key}"), "{");
    let ended = store.list(&["--format", "csv"]).await;
    assert_eq!(ended.status.code(), Some(3), "{ended:?}");
    assert!(ended.errors.contains(&format!("{key} is left out")), "{ended:?}");
    assert!(ended.out.contains("unbound.txt"), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ended_unsold_and_what_only_bindings_tell() {
    let (store, at) = (Store::start().await, long_ago());
    let named = |n: u16, name: &str| Payment::new(payer(n), name, at);
    let (packed, gone) = (named(1, "packed"), named(2, "not-known"));
    store.put(&packed, &packed.packed()).await;
    store.put_binding(&gone);
    for (n, name, why) in [
        (3, "given-up", Why::GivenUp),
        (4, "unproven", Why::Unproven),
        (5, "refused", Why::Refused),
        (6, "never-paid", Why::Never),
        (7, "refunded", Why::Refunded),
    ] {
        let payment = named(n, name);
        store.put(&payment, &payment.closed(why, "0x07")).await;
    }
    let independent = Payment { kind: AccountKind::Payment, ..named(8, "unresolved") };
    store.put(&independent, &independent.under_way()).await;
    let names = async |more: &[&str]| {
        let out = store.list(&[&["--format", "json"], more].concat()).await.well();
        let list: Vec<Value> = serde_json::from_str(&out).unwrap();
        // Each object is called as its payment should stand; the later sales of the packed one are whole.
        for entry in list.iter().filter(|entry| entry["state"] != "settled") {
            assert_eq!(entry["name"], entry["state"], "{entry}");
        }
        let text = |entry: &Value| entry["state"].as_str().unwrap().to_owned();
        let mut names: Vec<_> = list.iter().map(text).filter(|state| state != "settled").collect();
        names.sort_unstable();
        names
    };
    assert_eq!(names(&[]).await, ["given-up", "unproven", "unresolved"]);
    assert_eq!(
        names(&["--all"]).await,
        [
            "given-up",
            "never-paid",
            "not-known",
            "packed",
            "refunded",
            "refused",
            "unproven",
            "unresolved"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_bucket() {
    let store = Store::start().await;
    for (format, out) in
        [("json", "[]\n"), ("csv", "state,payer,amount,"), ("table", "no payment is")]
    {
        let ended = store.list(&["--format", format]).await;
        let all = format!("{}{}", ended.errors, ended.out);
        let says = "no payment is unresolved, and none was charged without a grant";
        assert!(
            all.contains(says) && all.contains("records in s3://shop/x402/shop/v2/accounts/: 0"),
            "{all}"
        );
        let written = ended.well();
        assert!(written.starts_with(out), "{written}");
    }
}
