//! Which payments may have to be paid back: by how they ended.

use paywall_core::purchase::Why;
use serde_json::Value;

use super::payments::Payment;
use super::store::{Store, long_ago, payer};

#[tokio::test(flavor = "multi_thread")]
async fn what_may_be_owed_is_listed_and_what_is_over_only_on_demand() {
    let (store, at) = (Store::start().await, long_ago());
    let payment = |n, object: &str| Payment::new(payer(n), object, at);
    for (n, object, why) in [
        (1, "given-up", Why::GivenUp),
        (2, "unproven", Why::Unproven),
        (3, "refused", Why::Refused),
        (4, "never-paid", Why::Never),
        (5, "refunded", Why::Refunded),
    ] {
        let payment = payment(n, object);
        store.put(&payment, &payment.closed(why, "a_code")).await;
    }
    let packed = payment(6, "packed");
    store.put(&packed, &packed.packed()).await;
    let list = async |more: &[&str]| -> Vec<(String, String)> {
        let out = store.list(&[&["--format", "json"], more].concat()).await.well();
        let list: Vec<Value> = serde_json::from_str(&out).unwrap();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let mut list: Vec<_> =
            list.iter().map(|entry| (text(&entry["name"]), text(&entry["state"]))).collect();
        list.sort();
        list
    };
    let named = |name: &str| (name.to_owned(), name.to_owned());
    assert_eq!(list(&[]).await, [named("given-up"), named("unproven")]);
    let all = list(&["--all"]).await;
    for state in ["given-up", "never-paid", "packed", "refunded", "refused", "unproven"] {
        assert!(all.contains(&named(state)), "{state}: {all:?}");
    }
}
