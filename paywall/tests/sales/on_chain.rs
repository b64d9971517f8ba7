//! Unresolved payments, looked up on a chain.

use paywall_core::purchase::Why;
use serde_json::Value;

use super::node::Node;
use super::payments::Payment;
use super::server::BUCKET;
use super::shop::{ended, paywall};
use super::store::{Store, long_ago, payer};

#[tokio::test(flavor = "multi_thread")]
async fn who_was_charged_and_who_was_not() {
    let (store, node) = (Store::start().await, Node::start().await);
    let (began, last) = node.times();
    // The payments of the recorded chain, by their nonces.
    for (nonce, object, window) in [
        (1, "paid", 3_600),
        (2, "burned", 3_600),
        (3, "cancelled", 3_600),
        (4, "unspent", last - began - 1),
    ] {
        let payment = Payment { nonce, window, ..Payment::new(node.payer(), object, began) };
        store.put(&payment, &payment.under_way()).await;
    }
    // A refusal that was believed wrongly, and one that was not.
    for (nonce, object) in [(6, "contradicted"), (5, "believed")] {
        let payment = Payment { nonce, window: 3_600, ..Payment::new(node.payer(), object, began) };
        store.put(&payment, &payment.closed(Why::Refused, "no")).await;
    }
    // Begun for a second object, and never submitted for it: that sale is the first one's.
    let second = Payment::new(node.payer(), "second", began);
    store.put_account(&second, &second.under_way()).await;
    let charged = Payment::new(payer(9), "charged", began);
    store.put(&charged, &charged.charged()).await;

    node.throttle(2);
    let ended = store.list(&["--format", "json", "--rpc", &node.url, "--confirmations", "1"]).await;
    assert!(ended.errors.contains("looked up on chain: 2 settled, 4 not settled"), "{ended:?}");
    assert!(!format!("{ended:?}").contains("key-of-the-seller"), "{ended:?}");
    let list: Vec<Value> = serde_json::from_str(&ended.well()).unwrap();
    let of = |object: &str| list.iter().find(|entry| entry["name"] == object).unwrap();
    let hash = node.transaction("paid");
    assert_eq!(of("paid")["onChain"], "settled");
    assert_eq!(of("paid")["transaction"], *hash);
    let why = |object: &str| of(object)["why"].as_str().unwrap().to_owned();
    assert!(why("paid").starts_with(&format!("settled on chain: {hash}")), "{}", why("paid"));
    assert_eq!(
        (&of("contradicted")["state"], &of("contradicted")["onChain"]),
        (&"refused".into(), &"settled".into())
    );
    assert!(list.iter().all(|entry| entry["name"] != "believed"), "{list:?}");
    for (object, says) in [
        ("burned", "not settled: its payer took it back, or its nonce was spent"),
        ("cancelled", "not settled: its payer took it back"),
        ("unspent", "not settled: its payer took it back"),
    ] {
        assert_eq!(of(object)["onChain"], "not settled", "{object}");
        assert_eq!(of(object)["transaction"], Value::Null, "{object}");
        assert!(why(object).starts_with(says), "{}", why(object));
    }
    assert!(list.iter().all(|entry| entry["name"] != "second"), "{list:?}");
    // What is known to have settled need not be looked up.
    assert_eq!(of("charged")["onChain"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_chain_does_not_tell() {
    let (store, node) = (Store::start().await, Node::start().await);
    let (began, _) = node.times();
    let open = Payment { nonce: 4, ..Payment::new(node.payer(), "open", began) };
    let mut account = open.under_way();
    // The node is behind: no block of it is so late.
    account.open.as_mut().unwrap().ends = long_ago() + 40_000;
    store.put(&open, &account).await;
    let elsewhere = Payment::new(payer(1), "elsewhere", began);
    let mut account = elsewhere.under_way();
    account.open.as_mut().unwrap().bill.network = "eip155:8453".into();
    store.put(&elsewhere, &account).await;
    let rpc = ["--rpc", node.url.as_str(), "--format", "json"];
    let list = async |more: &[&str]| -> Vec<Value> {
        let out = store.list(&[&rpc[..], more].concat()).await.well();
        serde_json::from_str(&out).unwrap()
    };
    let says = |entry: &Value, says: &str| {
        let why = entry["why"].as_str().unwrap();
        assert!(why.contains(says), "{why}");
    };
    let shallow = list(&["--confirmations", "1"]).await;
    let of = |list: &[Value], object: &str| {
        list.iter().find(|entry| entry["name"] == object).unwrap().clone()
    };
    let open = of(&shallow, "open");
    assert_eq!(open["onChain"], "unknown");
    says(&open, "its nonce is unspent as yet");
    says(&open, "it can settle no more");
    let elsewhere = of(&shallow, "elsewhere");
    assert_eq!(elsewhere["onChain"], Value::Null);
    says(&elsewhere, "no --rpc is a node of its network");
    // Nine hundred blocks deep, if nobody says otherwise.
    says(&of(&list(&[]).await, "open"), "the chain is not deep enough yet");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_given_back_and_sent_all_the_same() {
    let (store, node) = (Store::start().await, Node::start().await);
    let (began, _) = node.times();
    for (nonce, object) in [(1, "spent"), (4, "unspent")] {
        let payment = Payment { nonce, ..Payment::new(node.payer(), object, began) };
        store.put_binding(&payment);
    }
    let out = store.list(&["--format", "json", "--rpc", &node.url]).await.well();
    let list: Vec<Value> = serde_json::from_str(&out).unwrap();
    assert_eq!(list.len(), 1, "{list:?}");
    assert_eq!((&list[0]["name"], &list[0]["state"]), (&"spent".into(), &"not-known".into()));
    assert_eq!(list[0]["onChain"], "spent");
    // Nobody says how much it was.
    assert_eq!(list[0]["atomicAmount"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_cannot_be_asked() {
    let node = Node::start().await;
    let gone = Node::start().await.url.clone();
    for (urls, says) in [
        (
            vec!["http://node.example/key-of-the-seller"],
            "write https://, or http:// for this machine",
        ),
        (vec![gone.as_str()], "the node at 127.0.0.1 does not tell its chain"),
        (vec![node.url.as_str(), node.url.as_str()], "two nodes of eip155:84532"),
    ] {
        let mut command = paywall();
        command.args(["sales", "--bucket", BUCKET, "--prefix", "x402"]);
        command.args(["--endpoint-url", "http://127.0.0.1:9"]);
        for url in urls {
            command.args(["--rpc", url]);
        }
        let errors = ended(command).await.badly();
        assert!(errors.contains(says) && !errors.contains("key-of-the-seller"), "{errors}");
    }
}
