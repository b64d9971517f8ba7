//! Objects that are not on sale any more.

use super::server::Server;
use super::shop::Shop;

#[tokio::test(flavor = "multi_thread")]
async fn what_went_is_deleted_when_it_is_asked_for_and_nobody_buys_it() {
    let (server, shop) = (Server::start().await, Shop::new());
    for key in ["stays.txt", "goes + é.txt"] {
        shop.write(key, key);
    }
    shop.publish(&server, &[]).await.well();
    let deployed = shop.deploy();
    let before = deployed.to_str().unwrap().to_owned();
    shop.remove("goes + é.txt");

    let out = shop.publish(&server, &["--deployed", &before]).await.well();
    assert!(
        out.contains("1 in the bucket are not on sale (left alone; --delete deletes)"),
        "{out}"
    );
    assert_eq!(server.get("goes + é.txt").await.status, 200);

    // The function that is live still sells it.
    let out = shop.publish(&server, &["--deployed", &before, "--delete"]).await.well();
    assert!(out.contains("1 not deleted: deploy first"), "{out}");
    assert_eq!(server.get("goes + é.txt").await.status, 200);

    let out = shop.publish(&server, &["--delete"]).await.well();
    assert!(out.contains("1 not deleted: deploy first"), "not known is not enough:\n{out}");

    let now = shop.deploy();
    let out =
        shop.publish(&server, &["--deployed", now.to_str().unwrap(), "--delete"]).await.well();
    assert!(out.contains("1 deleted"), "{out}");
    assert_eq!(server.get("goes + é.txt").await.status, 404);
    assert_eq!(server.get("stays.txt").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn records_of_sales_are_not_content() {
    let (server, shop) = (Server::start().await, Shop::new());
    shop.write("a.txt", "a");
    let text = std::fs::read_to_string(shop.config()).unwrap();
    let store = "\n[redemptions]\nstore = \"s3\"\nbucket = \"shop\"\nregion = \"us-east-1\"\n\
                 prefix = \"sales\"\naccept_unresolved = true\n";
    std::fs::write(shop.config(), text + store).unwrap();
    server.put("sales/1", "a claim").await;
    shop.publish(&server, &[]).await.well();
    let deployed = shop.deploy();
    let out =
        shop.publish(&server, &["--deployed", deployed.to_str().unwrap(), "--delete"]).await.well();
    assert!(!out.contains("not on sale"), "{out}");
    assert_eq!(server.get("sales/1").await.bytes, b"a claim");
}
