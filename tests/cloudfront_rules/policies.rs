//! Cache policies, response headers policies and custom error responses at work.

use std::fs;
use std::time::Duration;

use cloudfront::selection::Selection;
use edge_local::behavior::CachePolicy;
use edge_local::distribution_config::{ErrorPage, Page};
use edge_local::response_headers::SetHeader;
use reqwest::{Method, StatusCode};

use crate::shop::{HELLO, Shop};

#[tokio::test]
async fn requests_that_differ_in_the_key_share_no_copy() {
    let shop = Shop::with(|options| {
        let key = &mut options.distribution.default_behavior.cache_policy.key;
        key.query = Selection::Only(["v".to_owned()].into());
    })
    .await;
    for (path, x_cache) in [
        ("/hello.txt?v=1", "Miss"),
        ("/hello.txt?v=1&w=2", "Hit"),
        ("/hello.txt?v=2", "Miss"),
        ("/hello.txt?w=1", "Miss"),
        ("/hello.txt", "Hit"),
    ] {
        assert_eq!(shop.get(path).await.x_cache(), x_cache, "{path}");
    }
}

#[tokio::test]
async fn caching_disabled() {
    let shop = Shop::with(|options| {
        options.distribution.default_behavior.cache_policy = CachePolicy::caching_disabled();
    })
    .await;
    for _ in 0..2 {
        assert_eq!(shop.get("/hello.txt").await.x_cache(), "Miss");
    }
}

#[tokio::test]
async fn headers_are_added_to_objects_and_errors_and_not_to_generated_responses() {
    let shop = Shop::with(|options| {
        let policy = &mut options.distribution.default_behavior.response_headers;
        policy.remove = vec!["server".into(), "x-saw-uri".into()];
        policy.set = vec![SetHeader {
            name: "x-frame-options".into(),
            value: "DENY".into(),
            overrides: true,
        }];
    })
    .await;
    for (path, status) in [("/hello.txt", StatusCode::OK), ("/missing", StatusCode::FORBIDDEN)] {
        let answer = shop.get(path).await;
        assert_eq!((answer.status, answer.header("x-frame-options")), (status, "DENY"));
        assert_eq!((answer.header("server"), answer.header("x-saw-uri")), ("", ""));
    }
    let generated = shop.get("/generated").await;
    assert_eq!(
        (generated.header("x-frame-options"), generated.header("server")),
        ("", "CloudFront")
    );
}

fn error_page(status: StatusCode, path: &str, shown: StatusCode) -> ErrorPage {
    let page = Some(Page { path: path.into(), status: shown });
    ErrorPage { status, caching_min_ttl: Duration::from_secs(10), page }
}

#[tokio::test]
async fn pages_instead_of_errors() {
    let shop = Shop::with(|options| {
        options.distribution.error_pages = vec![
            error_page(StatusCode::FORBIDDEN, "/oops.html", StatusCode::NOT_FOUND),
            error_page(
                StatusCode::SERVICE_UNAVAILABLE,
                "/oops.html",
                StatusCode::SERVICE_UNAVAILABLE,
            ),
            error_page(StatusCode::RANGE_NOT_SATISFIABLE, "/gone.html", StatusCode::OK),
            error_page(StatusCode::PAYMENT_REQUIRED, "/oops.html", StatusCode::OK),
        ];
    })
    .await;
    fs::write(shop.content.path().join("oops.html"), "<p>oops").expect("a file");
    let missing = shop.get("/missing").await;
    assert_eq!((missing.status, missing.body.as_str()), (StatusCode::NOT_FOUND, "<p>oops"));
    assert_eq!(
        (missing.x_cache(), missing.header("content-type")),
        ("Error", "text/html; charset=utf-8")
    );
    let forbidden = shop.send(Method::PUT, "/hello.txt", &[]).await;
    assert_eq!((forbidden.status, forbidden.body.as_str()), (StatusCode::NOT_FOUND, "<p>oops"));
    let crashed = shop.get("/crash").await;
    assert_eq!((crashed.status.as_u16(), crashed.body.as_str()), (503, "<p>oops"));
    let beyond = shop.send(Method::GET, "/hello.txt", &[("range", "bytes=100-")]).await;
    assert_eq!(beyond.status, StatusCode::FORBIDDEN, "the page is missing: that is what is told");
    let generated = shop.get("/generated").await;
    assert_eq!((generated.status.as_u16(), generated.body.as_str()), (402, "pay"));
    assert_eq!(shop.get("/hello.txt").await.body, HELLO);
}

#[tokio::test]
async fn a_throttled_request_has_no_custom_page() {
    let shop = Shop::with(|options| {
        options.sandboxes = 1;
        options.queue = 0;
        options.distribution.error_pages =
            vec![error_page(StatusCode::SERVICE_UNAVAILABLE, "/hello.txt", StatusCode::OK)];
    })
    .await;
    let (a, b) = tokio::join!(shop.get("/slow"), shop.get("/slow"));
    let mut statuses = [a.status.as_u16(), b.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 503]);
}
