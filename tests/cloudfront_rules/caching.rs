//! The cache, and parts of objects.

use std::fs;

use edge_local::Metadata;
use reqwest::{Method, StatusCode};

use crate::shop::{HELLO, PATIENCE, Shop};

#[tokio::test]
async fn the_second_request_is_a_hit() {
    let shop = Shop::open().await;
    let first = shop.get("/hello.txt").await;
    assert_eq!(
        (first.status, first.x_cache(), first.body.as_str()),
        (StatusCode::OK, "Miss", HELLO)
    );
    assert_eq!(first.header("age"), "");
    assert_eq!(first.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(first.header("accept-ranges"), "bytes");

    fs::write(shop.content.path().join("hello.txt"), "changed").unwrap();
    let second = shop.get("/hello.txt?a=query").await;
    assert_eq!((second.x_cache(), second.body.as_str()), ("Hit", HELLO));
    assert!(second.header("age").parse::<u64>().is_ok());
    assert_eq!(second.header("etag"), first.header("etag"));
}

#[tokio::test]
async fn a_stale_copy_is_confirmed_by_the_origin() {
    let shop = Shop::with(|options| {
        let private = Metadata { cache_control: Some("private".into()), ..Metadata::default() };
        options.metadata.insert("hello.txt".into(), private);
    })
    .await;
    let first = shop.get("/hello.txt").await;
    assert_eq!((first.x_cache(), first.header("cache-control")), ("Miss", "private"));
    let refreshed = async {
        loop {
            let answer = shop.get("/hello.txt").await;
            if answer.x_cache() != "Hit" {
                return answer;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    let answer = tokio::time::timeout(PATIENCE, refreshed).await.expect("it goes stale");
    assert_eq!((answer.x_cache(), answer.body.as_str()), ("RefreshHit", HELLO));
}

#[tokio::test]
async fn parts_of_an_object() {
    let shop = Shop::open().await;
    for _ in ["not cached yet", "cached"] {
        let part = shop.send(Method::GET, "/hello.txt", &[("range", "bytes=6-9")]).await;
        assert_eq!(part.status, StatusCode::PARTIAL_CONTENT);
        assert_eq!(part.body, "from");
        assert_eq!(part.header("content-range"), format!("bytes 6-9/{}", HELLO.len()));
        assert_eq!(part.header("content-length"), "4");
        assert_eq!(part.header("x-saw-status"), "206", "viewer-response runs");
    }
    let tail = shop.send(Method::GET, "/hello.txt", &[("range", "bytes=-4")]).await;
    assert_eq!((tail.x_cache(), tail.body.as_str()), ("Hit", "edge"));

    for range in ["bytes=0-1,3-4", "bytes=4-2", "nonsense"] {
        let whole = shop.send(Method::GET, "/hello.txt", &[("range", range)]).await;
        assert_eq!((whole.status, whole.body.as_str()), (StatusCode::OK, HELLO), "{range}");
    }
    let stale = [("range", "bytes=0-1"), ("if-range", "\"another\"")];
    assert_eq!(shop.send(Method::GET, "/hello.txt", &stale).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_part_that_does_not_exist() {
    let shop = Shop::open().await;
    let answer = shop.send(Method::GET, "/hello.txt", &[("range", "bytes=100-")]).await;
    assert_eq!(answer.status, StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(answer.header("content-range"), format!("bytes */{}", HELLO.len()));
    assert_eq!(answer.x_cache(), "Error");
    assert_eq!(answer.header("x-saw-status"), "", "viewer-response does not run");
    assert!(!answer.body.contains("hello"));
}

#[tokio::test]
async fn an_object_that_the_viewer_has() {
    let shop = Shop::open().await;
    let first = shop.get("/hello.txt").await;
    for (name, value) in [
        ("if-none-match", first.header("etag")),
        ("if-modified-since", first.header("last-modified")),
    ] {
        let answer = shop.send(Method::GET, "/hello.txt", &[(name, value)]).await;
        assert_eq!(answer.status, StatusCode::NOT_MODIFIED, "{name}");
        assert_eq!((answer.body.as_str(), answer.x_cache()), ("", "Hit"));
        assert_eq!(answer.header("etag"), first.header("etag"));
        assert_eq!(answer.header("content-length"), "");
    }
}

#[tokio::test]
async fn head_is_answered_from_the_same_copy() {
    let shop = Shop::open().await;
    shop.get("/hello.txt").await;
    let head = shop.send(Method::HEAD, "/hello.txt", &[]).await;
    assert_eq!((head.status, head.x_cache(), head.body.as_str()), (StatusCode::OK, "Hit", ""));
    assert_eq!(head.header("content-length"), HELLO.len().to_string());
}

#[tokio::test]
async fn an_object_that_is_missing() {
    let shop = Shop::open().await;
    for path in ["/missing", "/missing", "/", "/%2fhello.txt", "//hello.txt"] {
        let answer = shop.get(path).await;
        assert_eq!((answer.status, answer.x_cache()), (StatusCode::FORBIDDEN, "Error"), "{path}");
        assert!(answer.body.contains("<Code>AccessDenied</Code>"), "{path}: {}", answer.body);
        assert_eq!(answer.header("x-saw-status"), "", "viewer-response does not run");
    }
    let calls =
        shop.edge.log_lines().iter().filter(|line| line.contains("viewer-response")).count();
    assert_eq!(calls, 0);
}

#[tokio::test]
async fn names_as_s3_reads_them() {
    let shop = Shop::open().await;
    for path in ["/name%20with%20%2B%20%C3%BC.txt", "/name+with+%2B+%c3%bc.txt"] {
        let answer = shop.get(path).await;
        assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, "odd"), "{path}");
    }
    let literal = shop.get("/name%20with%20+%20%C3%BC.txt").await;
    assert_eq!(literal.status, StatusCode::FORBIDDEN, "a raw plus is a space");
}
