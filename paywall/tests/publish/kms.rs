//! A bucket that encrypts with KMS keys: its ETags are no digests of the bytes.

use super::objects::Encryption;
use super::server::Server;
use super::shop::Shop;

#[tokio::test(flavor = "multi_thread")]
async fn the_table_takes_the_etags_that_the_bucket_gave() {
    let server = Server::with(Encryption::Kms).await;
    let shop = Shop::new();
    shop.write("a.txt", "a");
    shop.write("b.txt", "b");

    let errors = shop.publish(&server, &[]).await.badly();
    assert!(errors.contains("Add `published = \"published.jsonl\"` to [site]"), "{errors}");
    assert_eq!(server.puts(), 2);

    shop.site("published = \"published.jsonl\"");
    shop.discovery();
    let out = shop.publish(&server, &[]).await.well();
    assert!(out.contains("4 to upload"), "the documents:\n{out}");
    let table = shop.table();
    for content in table.contents() {
        assert!(content.etag.starts_with("\"kms-"), "{}: {}", content.key, content.etag);
    }
    assert!(table.inputs().contains(&shop.path("published.jsonl")), "a build looks at it");
    server.puts();
    let out = shop.publish(&server, &[]).await.well();
    assert!(out.contains("0 to upload"), "the checksum tells, not the ETag:\n{out}");

    shop.write("a.txt", "A");
    let table = shop.table();
    let changed = table.contents().find(|content| content.key == "a.txt").unwrap();
    assert!(!changed.etag.starts_with("\"kms-"), "not yet published");
    shop.publish(&server, &[]).await.well();
    assert_eq!(server.puts(), 1);
}
