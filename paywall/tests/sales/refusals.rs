//! Lists that cannot be made, or not whole.

use super::payments::{Payment, SIGNATURE, json};
use super::server::BUCKET;
use super::shop::{Shop, ended, paywall};
use super::store::{Store, long_ago, payer};

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_record_is_named_and_left_out() {
    let (store, at) = (Store::start().await, long_ago());
    let [good, cut, copied] = [1, 2, 3].map(|n| Payment::new(payer(n), "a.txt", at));
    store.put(&good, &good.charged()).await;
    let half = json(&cut.under_way());
    store.server.put(&format!("x402/shop/{}", cut.key()), &half[..half.len() / 2]).await;
    store.put(&copied, &good.charged()).await;
    let mut old = json(&Payment::new(payer(4), "a.txt", at).charged());
    old = old.replacen("\"v\":2", "\"v\":1", 1);
    store.server.put("x402/shop/v2/accounts/shop/old.json", &old).await;
    store.server.put("x402/shop/v2/accounts/long.json", &" ".repeat(1024 * 1024 + 1)).await;
    let ended = store.list(&["--format", "csv"]).await;
    assert_eq!(ended.status.code(), Some(3), "{ended:?}");
    for (key, why) in [
        (cut.key(), "it is not a record"),
        (copied.key(), "it is about another payer or object than its name says"),
        ("v2/accounts/long.json".to_owned(), "it is longer than any record"),
        ("v2/accounts/shop/old.json".to_owned(), "it is of version 1, and this program reads 2"),
    ] {
        let warning = format!("warning: s3://shop/x402/shop/{key} is left out: {why}");
        assert!(ended.errors.contains(&warning), "{}", ended.errors);
    }
    assert!(
        ended.errors.contains("the list is not complete: records could not be read: 4"),
        "{ended:?}"
    );
    assert!(!ended.errors.contains(SIGNATURE), "{ended:?}");
    assert_eq!(ended.out.lines().count(), 2, "{}", ended.out);
    assert!(ended.out.contains(&paywall_core::hex::encode(&good.payer)), "{}", ended.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_places() {
    let store = Store::start().await;
    for (more, says) in [
        (&["--bucket", "shpo"][..], "there is no bucket shpo: check `bucket` of [redemptions]"),
        (&["--bucket", "s3://shop"], "without `s3://`"),
        (&["--endpoint-url", "http://127.0.0.1:9"], "check the network, the region (us-east-1)"),
    ] {
        // The last of two options counts where both are given.
        let mut command = paywall();
        command.arg("sales").arg("--config").arg(store.shop.config());
        if !more.contains(&"--endpoint-url") {
            command.args(["--endpoint-url", &store.server.url]);
        }
        command.args(more);
        let ended = ended(command).await;
        assert_eq!(ended.out, "");
        let errors = ended.badly();
        assert!(errors.contains(says), "{more:?}: {errors}");
    }
    store.server.move_to("eu-west-1");
    let errors = store.list(&[]).await.badly();
    assert!(errors.contains("is in eu-west-1: add `--region eu-west-1`"), "{errors}");
    store.list(&["--region", "eu-west-1"]).await.well();
}

#[tokio::test(flavor = "multi_thread")]
async fn no_place_at_all() {
    let memory = Shop::new();
    memory.write("a.txt", "a");
    let config = memory.config();
    let elsewhere = tempfile::tempdir().unwrap();
    for (arguments, says) in [
        (vec![], "no records are named"),
        (vec!["--config", config.to_str().unwrap()], "remembers payments in memory"),
        (vec!["--bucket", BUCKET], "where in it are the records?\n       Add --prefix"),
        (vec!["--config", "nowhere.toml"], "nowhere.toml"),
        (vec!["--log", "nowhere.log"], "--log nowhere.log: cannot be opened"),
    ] {
        // Where no content.toml is above.
        let mut command = paywall();
        command.current_dir(elsewhere.path()).arg("sales").args(&arguments);
        let errors = ended(command).await.badly();
        assert!(errors.contains(says), "{arguments:?}: {errors}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_of_something_else() {
    let shop = Shop::new();
    std::fs::write(shop.path("log"), "START RequestId: 1\n{\"message\":\"hello\"}\n").unwrap();
    let mut command = paywall();
    command.arg("sales").arg("--log").arg(shop.path("log"));
    let errors = ended(command).await.badly();
    assert!(errors.contains("not one line of the function is in it"), "{errors}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_of_a_later_function_is_told_from_an_empty_list() {
    let shop = Shop::new();
    let line = "{\"v\":2,\"event\":\"viewer-request\",\"outcome\":\"settlement_unknown\"}\n";
    std::fs::write(shop.path("log"), line).unwrap();
    let mut command = paywall();
    command.arg("sales").arg("--log").arg(shop.path("log"));
    let ended = ended(command).await;
    assert_eq!(ended.status.code(), Some(3), "{ended:?}");
    assert!(ended.errors.contains("it is of version 2, and this program reads 1"), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_are_asked_for_where_a_bucket_is_read_alone() {
    let shop = Shop::new();
    let line = "{\"requestId\":\"r\",\"event\":\"viewer-request\",\"outcome\":\"settlement_unknown\",\
        \"status\":503,\"object\":\"a.txt\",\"payer\":\"0x1\",\"amount\":\"10000\",\"asset\":\"0x2\",\
        \"network\":\"eip155:84532\",\"alarm\":true,\"totalUs\":1}\n";
    std::fs::write(shop.path("log"), line).unwrap();
    let without = |words: &[&str]| {
        let mut command = paywall();
        command.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY");
        command.current_dir(shop.path(".")).arg("sales").args(words);
        command
    };
    let listed = ended(without(&["--log", "log", "--format", "json"])).await;
    assert!(
        listed.errors.contains("1 listed: 1 unresolved; lines of the function in"),
        "{listed:?}"
    );
    let list: serde_json::Value = serde_json::from_str(&listed.well()).unwrap();
    assert_eq!((&list[0]["payer"], &list[0]["name"]), (&"0x1".into(), &"a.txt".into()));
    let errors = ended(without(&["--bucket", BUCKET, "--prefix", "p"])).await.badly();
    assert!(
        errors.contains("no AWS credentials") && errors.contains("AWS_ACCESS_KEY_ID"),
        "{errors}"
    );
}
