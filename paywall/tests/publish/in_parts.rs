//! Objects that S3 does not take at once: here those over 5 MiB, the smallest part that S3 takes.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use super::objects::Encryption;
use super::server::Server;
use super::shop::{Ended, Shop};

const PART: usize = 5 << 20;
const ABOVE: [&str; 2] = ["--in-parts-above", "5242880"];

/// Bytes that are not the same anywhere, so that no part can stand for another.
fn bytes(count: usize, seed: u8) -> Vec<u8> {
    let mut bytes = vec![seed; count];
    for (at, block) in bytes.chunks_exact_mut(4_096).enumerate() {
        block[..8].copy_from_slice(&at.to_le_bytes());
    }
    bytes
}

/// A part and a bit.
fn big(seed: u8) -> Vec<u8> {
    bytes(PART + 7, seed)
}

async fn publish(shop: &Shop, server: &Server, more: &[&str]) -> Ended {
    shop.publish(server, &[&ABOVE, more].concat()).await
}

/// All that is on sale is there, as the table has it, and nothing is begun.
async fn is_there(shop: &Shop, server: &Server, folder: &str) {
    let table = shop.table_in_parts(PART as u64);
    for content in table.contents() {
        let got = server.get(&format!("{folder}{}", content.key)).await;
        let wanted = fs::read(shop.path("content").join(content.key)).unwrap();
        assert!((got.status, got.bytes) == (200, wanted), "{}", content.key);
        assert_eq!((got.etag.as_str(), &*got.content_type), (content.etag, content.mime_type));
        assert_eq!(got.cache_control, "max-age=0, s-maxage=86400");
    }
    assert_eq!(server.uploads.begun(), []);
}

/// Kills a run when so many changes are made; whether it came that far.
async fn kill(shop: &Shop, server: &Server, changes: usize, more: &[&str]) -> bool {
    server.hang_after(changes);
    let mut run = shop.start(server, &[&ABOVE, &["--parallel", "1"], more].concat());
    let killed = tokio::select! {
        () = server.hung() => true,
        ended = run.wait() => { assert!(ended.unwrap().success()); false }
    };
    run.start_kill().ok();
    run.wait().await.unwrap();
    server.quiet().await;
    server.go_on();
    killed
}

#[tokio::test(flavor = "multi_thread")]
async fn the_table_has_the_etag_that_s3_gives() {
    let (server, shop) = (Server::start().await, Shop::new());
    shop.write("big é.bin", big(0));
    shop.write("whole.bin", bytes(PART, 0));
    let out = publish(&shop, &server, &[]).await.well();
    assert!(out.contains("2 to upload") && out.contains("2 uploaded"), "{out}");
    assert_eq!(server.puts(), 2 + 1);
    assert!(server.get("big é.bin").await.etag.ends_with("-2\""));
    assert!(!server.get("whole.bin").await.etag.contains('-'));
    is_there(&shop, &server, "").await;

    let out = publish(&shop, &server, &[]).await.well();
    assert!(out.contains("2 up to date") && server.puts() == 0, "{out}");
    // One byte, in the last part.
    let mut bytes = big(0);
    *bytes.last_mut().unwrap() ^= 1;
    shop.write("big é.bin", bytes);
    let out = publish(&shop, &server, &[]).await.well();
    assert!(out.contains("changed") && server.puts() == 2, "{out}");
    is_there(&shop, &server, "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_each_change_it_sends_no_part_twice() {
    let mut changes = 0;
    loop {
        changes += 1;
        let (server, shop) = (Server::start().await, Shop::new());
        shop.write("big.bin", big(0));
        if !kill(&shop, &server, changes, &[]).await {
            break;
        }
        let there: usize = server.uploads.begun().iter().map(|(_, parts)| parts).sum();
        let done = server.keys().await.len();
        server.puts();
        publish(&shop, &server, &[]).await.well();
        assert_eq!(server.puts(), if done == 1 { 0 } else { 2 - there }, "{changes} changes");
        is_there(&shop, &server, "").await;
    }
    assert_eq!(changes, 1 + 2 + 1 + 1, "one begins it, one completes it");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_begun_with_other_bytes_or_headers_does_no_harm() {
    for changed in ["bytes", "headers", "small", "gone"] {
        let (server, shop) = (Server::start().await, Shop::new());
        shop.write("big.bin", big(0));
        shop.write("other.bin", big(9));
        assert!(kill(&shop, &server, 3, &[]).await);
        match changed {
            "bytes" => shop.write("big.bin", big(1)),
            "headers" => {
                shop.rules("[[rule]]\npath = \"**\"\nprice = \"0.01\"\nmime_type = \"x/y\"\n")
            }
            "small" => shop.write("big.bin", "small"),
            _ => shop.remove("big.bin"),
        }
        publish(&shop, &server, &[]).await.well();
        if changed == "gone" {
            // Somebody else may be sending what is not on sale; the bucket's rule ends it.
            assert_eq!(server.uploads.begun().len(), 1);
            assert_eq!(server.keys().await, ["other.bin"]);
        } else {
            is_there(&shop, &server, "").await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_have_begun_is_left_alone() {
    let (server, shop) = (Server::start().await, Shop::new());
    shop.write("a b&c=é.bin", big(0));
    // Ours: the last one is gone on with. Pages are of two.
    for _ in 0..4 {
        server.begin("a b&c=é.bin", "SHA256").await;
    }
    // Of another key, or with another checksum, as other tools begin.
    for (key, checksum) in
        [("a b&c=é.bin", "CRC64NVME"), ("a b&c=é.bin2", "SHA256"), ("a", "SHA256")]
    {
        server.begin(key, checksum).await;
    }
    publish(&shop, &server, &[]).await.well();
    let left: Vec<_> = server.uploads.begun().into_iter().map(|(key, _)| key).collect();
    assert_eq!(left, ["a", "a b&c=é.bin", "a b&c=é.bin2"]);
    assert!(server.get("a b&c=é.bin").await.bytes == big(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_runs_at_once_one_is_told_at_most_and_nothing_is_left() {
    let (server, shop) = (Server::start().await, Shop::new());
    shop.write("big.bin", big(0));
    // The second one finds the upload of the first.
    let mut first = shop.start(&server, &ABOVE);
    server.make_puts_take(Duration::from_millis(1_500));
    while server.uploads.begun().is_empty() {
        assert_eq!(first.try_wait().unwrap(), None);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let second = publish(&shop, &server, &[]).await;
    let first = first.wait_with_output().await.unwrap();
    let errors = String::from_utf8(first.stderr).unwrap();
    assert!(first.status.success() || second.status.success(), "{errors}\n{}", second.errors);
    for (status, errors) in [(first.status, errors), (second.status, second.errors)] {
        assert!(
            status.success() || errors.contains("another run sends the same object"),
            "{errors}"
        );
    }
    server.make_puts_take(Duration::ZERO);
    server.puts();
    publish(&shop, &server, &[]).await.well();
    assert_eq!(server.puts(), 0);
    is_there(&shop, &server, "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_with_kms_keys_tells_by_the_checksum_of_all_parts() {
    let server = Server::with(Encryption::Kms).await;
    let shop = Shop::new();
    shop.write("big.bin", big(0));
    let errors = publish(&shop, &server, &[]).await.badly();
    assert!(errors.contains("Add `published = \"published.jsonl\"` to [site]"), "{errors}");
    shop.site("published = \"published.jsonl\"");
    server.puts();
    let out = publish(&shop, &server, &[]).await.well();
    assert!(out.contains("0 to upload") && server.puts() == 0, "{out}");
    is_there(&shop, &server, "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rights_are_asked_for_where_there_are_parts_alone() {
    let (server, shop) = (Server::start().await, Shop::new());
    shop.write("small.bin", "small");
    server.deny(Some("uploads"));
    publish(&shop, &server, &[]).await.well();
    shop.write("big.bin", big(0));
    server.puts();
    let errors = publish(&shop, &server, &[]).await.badly();
    for right in
        ["s3:ListBucketMultipartUploads", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload"]
    {
        assert!(errors.contains(right), "{errors}");
    }
    assert_eq!(server.puts(), 0, "nothing is begun");

    // What is sent when something goes wrong stays, and is not sent again.
    server.deny(Some("partNumber=2"));
    publish(&shop, &server, &[]).await.badly();
    server.deny(None);
    let sent = server.puts();
    publish(&shop, &server, &[]).await.well();
    assert_eq!(sent + server.puts(), 2);
    is_there(&shop, &server, "").await;
}

const SEAL: &str = "seal.json";

async fn sealed(shop: &Shop, server: &Server, more: &[&str]) -> Ended {
    let file = shop.path(SEAL).to_str().unwrap().to_owned();
    publish(shop, server, &[&["--seal", &file], more].concat()).await
}

fn seal(shop: &Shop) -> String {
    let text = fs::read_to_string(shop.path(SEAL)).unwrap();
    let kept: serde_json::Value = serde_json::from_str(&text).unwrap();
    format!("{}/", kept["seal"].as_str().unwrap())
}

/// What an owner may give an object that is not on sale.
const GIVEN: [(&str, &str); 10] = [
    ("content-type", "application/x-tar"),
    ("cache-control", "max-age=7"),
    ("content-disposition", "attachment; filename=\"a b.tar\""),
    ("content-encoding", "gzip"),
    ("content-language", "pl"),
    ("x-amz-meta-edition", "second, mended"),
    ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
    ("x-amz-server-side-encryption", "aws:kms"),
    ("x-amz-server-side-encryption-aws-kms-key-id", "arn:aws:kms:us-east-1:111122223333:key/1"),
    ("x-amz-tagging", "shelf=a%20b%2B1&sold="),
];

/// A sealed shop, published, with a big object that is not on sale; its name there.
async fn shop(server: &Server) -> (Shop, String) {
    let shop = Shop::new();
    shop.site("sealed = true");
    shop.write("small.txt", "small");
    sealed(&shop, server, &[]).await.well();
    let delisted = format!("{}delisted é.tar", seal(&shop));
    server.put_with(&delisted, &big(2), &GIVEN).await;
    (shop, delisted)
}

/// What HEAD tells of it, but for what is new in every copy.
async fn head(server: &Server, key: &str) -> BTreeMap<String, String> {
    let mut head = server.head(key).await;
    for new in ["date", "etag", "last-modified", "x-amz-checksum-sha256", "x-amz-request-id"] {
        head.remove(new);
    }
    head
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_in_parts_has_all_that_its_source_has() {
    let server = Server::start().await;
    let (shop, delisted) = shop(&server).await;
    let old = seal(&shop);
    shop.write("big.bin", big(0));
    sealed(&shop, &server, &[]).await.well();
    server.puts();
    server.copies();
    let out = sealed(&shop, &server, &["--reseal"]).await.well();
    assert!(out.contains("3 copied below the new seal"), "{out}");
    assert_eq!((server.copies(), server.puts()), (2 + 2 + 1, 5), "nothing is sent");
    let new = seal(&shop);
    is_there(&shop, &server, &new).await;

    let copy = delisted.replace(&old, &new);
    assert!(server.get(&copy).await.bytes == big(2));
    let (was, is) = (head(&server, &delisted).await, head(&server, &copy).await);
    assert_eq!(was, is);
    for (name, value) in GIVEN.iter().filter(|(name, _)| *name != "x-amz-tagging") {
        assert_eq!(is.get(*name).map(String::as_str), Some(*value), "{name}");
    }
    let tags = [("shelf", "a b+1"), ("sold", "")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    assert_eq!(server.uploads.facts(&copy).tags, tags);
    assert!(server.get(&copy).await.etag.ends_with("-2\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_that_are_killed_after_each_change_leave_nothing_behind() {
    let mut changes = 0;
    loop {
        changes += 1;
        let server = Server::start().await;
        let (shop, delisted) = shop(&server).await;
        let old = seal(&shop);
        let file = shop.path(SEAL).to_str().unwrap().to_owned();
        let killed = kill(&shop, &server, changes, &["--seal", &file, "--reseal"]).await;
        sealed(&shop, &server, &[]).await.well();
        let new = seal(&shop);
        assert_ne!(new, old);
        is_there(&shop, &server, &new).await;
        let copy = delisted.replace(&old, &new);
        assert!(server.get(&copy).await.bytes == big(2));
        assert_eq!(head(&server, &copy).await, head(&server, &delisted).await);
        assert_eq!(server.uploads.facts(&copy).tags.len(), 2);
        if !killed {
            break;
        }
    }
    assert_eq!(changes, 1 + 2 + 1 + 1 + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_copy_would_lose_is_not_copied() {
    let server = Server::start().await;
    let (shop, delisted) = shop(&server).await;
    let old = seal(&shop);
    server.deny(Some("tagging"));
    let errors = sealed(&shop, &server, &["--reseal"]).await.badly();
    assert!(errors.contains("s3:GetObjectTagging"), "{errors}");
    assert!(!errors.contains(old.trim_end_matches('/')), "{errors}");
    assert_eq!((server.uploads.begun(), seal(&shop)), (vec![], old.clone()));
    // Half of it is given up.
    server.deny(Some("partNumber=2"));
    sealed(&shop, &server, &["--parallel", "1"]).await.badly();
    server.deny(None);
    assert_eq!((server.uploads.begun(), seal(&shop)), (vec![], old.clone()));

    let facts = server.uploads.facts(&delisted);
    let hidden = super::parts::Facts { missing: Some(1), ..facts.clone() };
    server.uploads.set_facts(&delisted, hidden);
    let errors = sealed(&shop, &server, &[]).await.badly();
    assert!(errors.contains("has metadata that no header can tell"), "{errors}");
    assert!(errors.contains("store it anew"), "{errors}");
    server.uploads.set_facts(&delisted, facts);
    sealed(&shop, &server, &[]).await.well();
    is_there(&shop, &server, &seal(&shop)).await;
}
