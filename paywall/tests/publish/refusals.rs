//! Runs that stop, and say why.

use super::server::{BUCKET, Server};
use super::shop::{Shop, ended, paywall, upload};

#[tokio::test(flavor = "multi_thread")]
async fn an_object_without_a_rule_stops_the_run() {
    let server = Server::start().await;
    let shop = Shop::with("[[rule]]\npath = \"priced/**\"\nprice = \"0.01\"\n");
    shop.write("priced/a.txt", "a");
    shop.write("forgotten/b.txt", "b");
    let errors = shop.publish(&server, &[]).await.badly();
    assert!(errors.contains("no rule covers `forgotten/b.txt`"), "{errors}");
    assert!(errors.contains("nothing is uploaded"), "{errors}");
    assert_eq!(server.puts(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_credentials() {
    let (server, shop) = (Server::start().await, Shop::new());
    shop.write("a.txt", "a");
    for (name, value, says) in [
        ("AWS_ACCESS_KEY_ID", "AKIAI44QH8DHBEXAMPLE", "check AWS_ACCESS_KEY_ID, or the profile"),
        ("AWS_SECRET_ACCESS_KEY", "wrong", "check AWS_SECRET_ACCESS_KEY, or the profile"),
        ("AWS_ACCESS_KEY_ID", "", "no AWS credentials"),
    ] {
        let mut command = shop.command(&server, &[]);
        command.env(name, value);
        let errors = ended(command).await.badly();
        assert!(errors.contains(says), "{name}={value}: {errors}");
        assert!(!errors.contains("X-Amz-Signature"), "{errors}");
    }
    assert_eq!(server.puts(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_buckets() {
    let (server, shop) = (Server::start().await, Shop::new());
    shop.write("a.txt", "a");
    for (bucket, says) in [
        ("shpo", "there is no bucket shpo: check the name"),
        ("s3://shop", "without `s3://`"),
        ("Shop", "cannot be the name of a bucket"),
    ] {
        let mut command = paywall();
        command.arg("publish").arg("--config").arg(shop.config()).arg("--yes");
        command.args(["--endpoint-url", &server.url, "--bucket", bucket]);
        let errors = ended(command).await.badly();
        assert!(errors.contains(says), "{bucket}: {errors}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_region_names_the_right_one() {
    let (server, shop) = (Server::start().await, Shop::new());
    shop.write("a.txt", "a");
    server.move_to("eu-west-1");
    let errors = shop.publish(&server, &[]).await.badly();
    assert!(
        errors.contains("the bucket shop is in eu-west-1: add `--region eu-west-1`"),
        "{errors}"
    );
    shop.publish(&server, &["--region", "eu-west-1"]).await.well();
    assert_eq!(server.puts(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_there() {
    let shop = Shop::new();
    shop.write("a.txt", "a");
    let mut command = paywall();
    command.arg("publish").arg("--config").arg(shop.config());
    // No test is ever given a port below 1024: one that was just closed could be another's by now.
    command.args(["--yes", "--endpoint-url", "http://127.0.0.1:1", "--bucket", BUCKET]);
    let errors = ended(command).await.badly();
    assert!(
        errors.contains("check the network, the region (us-east-1) and --endpoint-url"),
        "{errors}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_to_ask() {
    let (server, shop) = (Server::start().await, Shop::new());
    shop.write("a.txt", "a");
    let mut command = paywall();
    command.arg("publish").arg("--config").arg(shop.config());
    command.args(["--endpoint-url", &server.url, "--bucket", BUCKET]);
    let errors = ended(command).await.badly();
    assert!(errors.contains("say --yes"), "{errors}");
    assert_eq!(server.puts(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manifest_has_no_bytes() {
    let (server, shop) = (Server::start().await, Shop::new());
    shop.write("a.txt", "a");
    let text = std::fs::read_to_string(shop.config()).unwrap();
    let text = text.replace("content = \"content\"", "manifest = \"m.jsonl\"");
    std::fs::write(shop.config(), text).unwrap();
    std::fs::write(shop.path("m.jsonl"), "{\"key\":\"a.txt\",\"size\":1,\"etag\":\"x\"}\n")
        .unwrap();
    let errors = ended(upload(&shop.config(), &server, &[])).await.badly();
    assert!(
        errors.contains("name the folder that it is in, `content = \"...\"` in [site]"),
        "{errors}"
    );
}
