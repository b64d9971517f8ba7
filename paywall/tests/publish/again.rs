//! Every time after that.

use super::server::Server;
use super::shop::Shop;

#[tokio::test(flavor = "multi_thread")]
async fn only_what_changed_travels() {
    let (server, shop) = (Server::start().await, Shop::new());
    for key in ["a.txt", "b.txt", "c.txt"] {
        shop.write(key, key);
    }
    shop.publish(&server, &[]).await.well();
    assert_eq!(server.puts(), 3);

    let deployed = shop.deploy();
    let deployed = deployed.to_str().unwrap();
    let out = shop.publish(&server, &["--deployed", deployed]).await.well();
    assert!(out.contains("0 to upload (0 B), 3 up to date"), "{out}");
    assert!(out.contains("nothing to deploy"), "{out}");
    assert_eq!(server.puts(), 0);

    // As many bytes as before: the digest tells.
    shop.write("b.txt", "B.txt");
    let out = shop.publish(&server, &["--deployed", deployed]).await.well();
    assert_eq!(server.puts(), 1);
    assert!(out.contains("1 to upload"), "{out}");
    assert!(out.contains("the live function has another table; next: `paywall deploy`"), "{out}");
    assert!(out.contains("changed objects are sold as the new bytes at the old price"), "{out}");
    assert!(out.contains("create-invalidation --distribution-id ID --paths '/b.txt'"), "{out}");
    assert_eq!(server.get("b.txt").await.bytes, b"B.txt");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_price_is_no_upload_and_a_deployment() {
    let (server, shop) = (Server::start().await, Shop::new());
    shop.write("a.txt", "a");
    shop.publish(&server, &[]).await.well();
    let deployed = shop.deploy();
    server.puts();

    shop.rules("[[rule]]\npath = \"**\"\nprice = \"0.02\"\n");
    let out = shop.publish(&server, &["--deployed", deployed.to_str().unwrap()]).await.well();
    assert_eq!(server.puts(), 0);
    assert!(out.contains("0 to upload"), "{out}");
    assert!(out.contains("next: `paywall deploy`"), "{out}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_tool_stored_is_set_right() {
    let (server, shop) = (Server::start().await, Shop::new());
    shop.write("a.json", "{}");
    server.put("a.json", "{}").await;
    let out = shop.publish(&server, &[]).await.well();
    assert!(out.contains("other headers"), "{out}");
    assert_eq!(server.puts(), 1);
    let got = server.get("a.json").await;
    assert_eq!(got.content_type, "application/json");
    assert_eq!(got.cache_control, "max-age=0, s-maxage=86400");
}
