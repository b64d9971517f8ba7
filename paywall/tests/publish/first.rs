//! The first time.

use super::server::Server;
use super::shop::Shop;

const RULES: &str = r#"
[[rule]]
path = "**"
price = "0.01"

[[rule]]
path = "free/**"
free = true

[[rule]]
path = "plain"
price = "0.25"
mime_type = "application/json"
"#;

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_stored_as_it_is_sold() {
    let (server, shop) = (Server::start().await, Shop::with(RULES));
    for (key, bytes) in [
        ("reports/a.json", "{}"),
        ("free/hello.txt", "hello"),
        ("plain", "[1]"),
        ("notes/Café + Quay 3.txt", "odd"),
        ("notes/a+b & c=d?#100%.txt", "odder"),
        ("empty.bin", ""),
    ] {
        shop.write(key, bytes);
    }
    let out = shop.publish(&server, &["--not-deployed"]).await.well();
    assert!(out.contains("6 to upload"), "{out}");
    assert!(out.contains("$0.25"), "{out}");
    assert!(
        out.contains("next: `paywall deploy`, or `paywall attach`; until then nothing is sold"),
        "{out}"
    );
    assert_eq!(server.puts(), 6);

    let table = shop.table();
    for content in table.contents() {
        let got = server.get(content.key).await;
        let content_config::Source::File(path) = &content.source else { panic!("a file") };
        assert_eq!((got.status, got.bytes), (200, std::fs::read(path).unwrap()), "{}", content.key);
        assert_eq!(got.etag, content.etag, "{}", content.key);
        assert_eq!(got.content_type, content.mime_type, "{}", content.key);
        assert_eq!(got.cache_control, "max-age=0, s-maxage=86400");
    }
    assert_eq!(server.get("plain").await.content_type, "application/json");

    let manifest = std::fs::read_to_string(shop.path("published.jsonl")).unwrap();
    assert_eq!(manifest.lines().count(), 6);
    let stored = content_config::Stored::read(&manifest, "").unwrap();
    assert!(table.diff(stored).is_complete());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prefix_is_in_the_bucket_and_not_in_the_url() {
    let (server, shop) = (Server::start().await, Shop::new());
    shop.write("a.txt", "a");
    server.put("a.txt", "somebody else's").await;
    let out = shop.publish(&server, &["--prefix", "site/v1"]).await.well();
    assert!(!out.contains("not on sale"), "what is outside the prefix is not ours:\n{out}");
    assert_eq!(server.get("site/v1/a.txt").await.bytes, b"a");
    assert_eq!(server.get("a.txt").await.bytes, b"somebody else's");
    let manifest = std::fs::read_to_string(shop.path("published.jsonl")).unwrap();
    assert!(manifest.starts_with(r#"{"key":"a.txt","#), "{manifest}");

    let out = shop.publish(&server, &["--prefix", "site/v1/"]).await.well();
    assert!(out.contains("0 to upload"), "{out}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_changes_nothing() {
    let (server, shop) = (Server::start().await, Shop::new());
    shop.write("a.txt", "a");
    let out = shop.publish(&server, &["--dry-run"]).await.well();
    assert!(out.contains("1 to upload"), "{out}");
    assert_eq!(server.puts(), 0);
    assert!(!shop.path("published.jsonl").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documents_for_agents_are_objects() {
    let (server, shop) = (Server::start().await, Shop::new());
    shop.discovery();
    shop.write("a.txt", "a");
    shop.publish(&server, &[]).await.well();
    for (key, kind) in [
        (".well-known/x402", "application/json"),
        ("mcp/tools", "application/json"),
        ("openapi.json", "application/json"),
        ("llms.txt", "text/plain; charset=utf-8"),
    ] {
        let got = server.get(key).await;
        assert_eq!((got.status, got.content_type.as_str()), (200, kind), "{key}");
        let table = shop.table();
        let listing = table.listing(key).unwrap();
        assert_eq!(listing.rule.sale, price_table::Sale::Free, "{key}");
        assert_eq!(listing.object.etag, got.etag, "{key}");
    }
    let out = shop.publish(&server, &[]).await.well();
    assert!(out.contains("0 to upload"), "{out}");

    // A price is in them, but for the list of URLs, so another price is another document.
    shop.rules("[[rule]]\npath = \"**\"\nprice = \"0.02\"\n");
    shop.discovery();
    let out = shop.publish(&server, &[]).await.well();
    assert!(out.contains("3 to upload"), "{out}");
}
