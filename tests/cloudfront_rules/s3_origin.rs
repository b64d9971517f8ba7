//! A bucket behind an S3 API as the origin.

use std::fs;

use edge_local::{Credentials, S3Url};
use reqwest::StatusCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::s3_server::S3Server;
use crate::shop::{NOBODY, Shop};

const TEXT: &str = "hello from the bucket";

async fn bucket() -> S3Server {
    let server = S3Server::start().await;
    let headers = [
        ("content-type", "text/plain; charset=utf-8"),
        ("cache-control", "max-age=60"),
        ("content-disposition", "inline"),
        ("x-amz-meta-author", "someone"),
    ];
    server.put("hello.txt", TEXT, &headers).await;
    server.put("odd name+ü.txt", "odd", &[]).await;
    server.put("priced/generated/report.txt", "bytes worth money", &[]).await;
    server
}

async fn shop(server: &S3Server, prefix: &str) -> Shop {
    Shop::with(|options| {
        options.content = server.url(prefix).into();
        options.credentials = Some(server.credentials());
    })
    .await
}

#[tokio::test]
async fn objects_have_the_headers_of_s3() {
    let server = bucket().await;
    let shop = shop(&server, "").await;
    let first = shop.get("/hello.txt").await;
    assert_eq!((first.status, first.body.as_str()), (StatusCode::OK, TEXT), "{first:?}");
    assert_eq!((first.x_cache(), first.header("server")), ("Miss", "AmazonS3"));
    assert_eq!(first.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(first.header("cache-control"), "max-age=60");
    assert_eq!(first.header("content-disposition"), "inline");
    assert_eq!(first.header("x-amz-meta-author"), "someone");
    assert_eq!(first.header("x-amz-request-id"), "");
    assert!(first.header("etag").starts_with('"'), "{first:?}");
    assert!(first.header("last-modified").ends_with("GMT"), "{first:?}");

    let second = shop.get("/hello.txt").await;
    assert_eq!((second.x_cache(), second.header("etag")), ("Hit", first.header("etag")));
    let part = shop.send(reqwest::Method::GET, "/hello.txt", &[("range", "bytes=0-4")]).await;
    assert_eq!((part.status, part.body.as_str()), (StatusCode::PARTIAL_CONTENT, "hello"));
}

#[tokio::test]
async fn names_are_read_as_s3_reads_them() {
    let server = bucket().await;
    let shop = shop(&server, "").await;
    for path in ["/odd%20name%2B%C3%BC.txt", "/odd+name%2b%c3%bc.txt"] {
        let answer = shop.get(path).await;
        assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, "odd"), "{path}");
    }
    assert_eq!(shop.get("/odd+name+%C3%BC.txt").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn what_is_missing_is_403() {
    let server = bucket().await;
    let shop = shop(&server, "").await;
    for path in ["/missing", "/"] {
        let answer = shop.get(path).await;
        assert_eq!((answer.status, answer.x_cache()), (StatusCode::FORBIDDEN, "Error"), "{path}");
        assert!(answer.body.contains("<Code>AccessDenied</Code>"), "{path}: {}", answer.body);
        assert_eq!(answer.header("content-type"), "application/xml");
    }
    for path in ["/priced/../hello.txt", "/%2e%2e/shop/hello.txt", "/./hello.txt"] {
        let answer = shop.raw_get(path).await;
        assert!(answer.starts_with("HTTP/1.1 403 ") && !answer.contains(TEXT), "{path}: {answer}");
    }
    assert_eq!(shop.get("/%zz").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_prefix_and_the_function_in_front() {
    let server = bucket().await;
    let shop = shop(&server, "/priced").await;
    assert_eq!(shop.get("/generated/report.txt").await.status, StatusCode::PAYMENT_REQUIRED);
    assert_eq!(shop.get("/hello.txt").await.status, StatusCode::FORBIDDEN, "above the prefix");
    let rewritten = shop.get("/generated%2Freport.txt").await;
    assert_eq!(rewritten.body, "bytes worth money", "this function knows but one spelling");
}

#[tokio::test]
async fn requests_are_signed() {
    let server = bucket().await;
    for (credentials, said) in [
        (None, ""),
        (Some(Credentials::new("AKIAIOSFODNN7EXAMPLE", "wrong")), "SignatureDoesNotMatch"),
    ] {
        let shop = Shop::with(|options| {
            options.content = server.url("").into();
            options.credentials = credentials;
        })
        .await;
        assert_eq!(shop.get("/hello.txt").await.status, StatusCode::FORBIDDEN);
        assert!(shop.logged(said), "{:#?}", shop.edge.log_lines());
    }
}

/// A server that answers every request with the next of `answers`, and gives back what it was sent.
async fn canned(answers: &[&str]) -> (S3Url, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let answers: Vec<String> = answers.iter().map(|answer| answer.replace('\n', "\r\n")).collect();
    let requests = tokio::spawn(async move {
        let mut requests = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let mut request = vec![0; 16 * 1024];
            let length = stream.read(&mut request).await.expect("a request");
            requests.push(String::from_utf8_lossy(&request[..length]).into_owned());
            stream.write_all(answer.as_bytes()).await.expect("it listens");
        }
        requests
    });
    (format!("s3+http://{address}/shop").parse().expect("a location"), requests)
}

#[tokio::test]
async fn a_stale_copy_is_confirmed_by_s3() {
    let found = "HTTP/1.1 200 OK\nConnection: close\nETag: \"e\"\nCache-Control: max-age=0\nContent-Length: 3\nx-amz-version-id: v1\nx-amz-id-2: secret\nLast-Modified: Tue, 14 Nov 2023 22:13:20 GMT\n\nabc";
    let same = "HTTP/1.1 304 Not Modified\nConnection: close\nETag: \"e\"\n\n";
    let broken = "HTTP/1.1 500 Internal Server Error\nConnection: close\nContent-Length: 0\n\n";
    let (url, requests) = canned(&[found, same, broken]).await;
    let shop = Shop::with(|options| {
        options.content = url.into();
        let policy = &mut options.distribution.default_behavior.cache_policy;
        policy.min_ttl = std::time::Duration::ZERO;
        policy.key.query = cloudfront::selection::Selection::Only(["versionId".to_owned()].into());
        options.distribution.default_behavior.forwarded.headers =
            cloudfront::selection::Selection::Only(["origin".to_owned()].into());
    })
    .await;
    let get = || {
        shop.send(
            reqwest::Method::GET,
            "/hello.txt?versionId=v1&other=1",
            &[("origin", "https://a.example"), ("x-payment", "secret")],
        )
    };
    let first = get().await;
    assert_eq!((first.x_cache(), first.body.as_str()), ("Miss", "abc"));
    assert_eq!((first.header("x-amz-version-id"), first.header("x-amz-id-2")), ("v1", ""));
    assert_eq!(first.header("content-type"), "binary/octet-stream");
    let confirmed = get().await;
    assert_eq!((confirmed.x_cache(), confirmed.body.as_str()), ("RefreshHit", "abc"));
    assert_eq!(get().await.status, StatusCode::INTERNAL_SERVER_ERROR);

    let requests = requests.await.expect("no panic");
    let [first, second, _] = requests.as_slice() else { panic!("{requests:?}") };
    assert!(first.starts_with("GET /shop/hello.txt?versionId=v1 HTTP/1.1\r\n"), "{first}");
    assert!(first.contains("origin: https://a.example") && !first.contains("x-payment"), "{first}");
    assert!(!first.contains("if-none-match"), "{first}");
    assert!(second.contains("if-none-match: \"e\""), "{second}");
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/Redirects.html>
#[tokio::test]
async fn a_redirect_is_kept_and_handed_on() {
    let moved = "HTTP/1.1 307 Temporary Redirect\nConnection: close\nLocation: http://127.0.0.1:1/elsewhere\nContent-Length: 5\n\nmoved";
    let (url, requests) = canned(&[moved]).await;
    let shop = Shop::with(|options| options.content = url.into()).await;
    for _ in 0..2 {
        let answer = shop.get("/hello.txt").await;
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (StatusCode::TEMPORARY_REDIRECT, "moved")
        );
        assert_eq!(answer.header("location"), "http://127.0.0.1:1/elsewhere", "nobody follows it");
        assert_eq!(answer.header("x-saw-status"), "307", "it is no error: the function runs");
    }
    assert_eq!(requests.await.expect("no panic").len(), 1);
}

#[tokio::test]
async fn a_bucket_that_cannot_be_reached() {
    let shop =
        Shop::with(|options| options.content = NOBODY.parse::<S3Url>().expect("it").into()).await;
    let answer = shop.get("/hello.txt").await;
    assert_eq!((answer.status, answer.x_cache()), (StatusCode::BAD_GATEWAY, "Error"));
    assert!(shop.logged("origin content:"), "{:#?}", shop.edge.log_lines());
    assert!(!shop.logged("X-Amz-Signature"), "no signature in the log");
    // The folder that the shop had before is not asked instead.
    assert!(fs::metadata(shop.content.path().join("hello.txt")).is_ok());
}
