//! Ways around the function: behaviors are matched on another spelling of a path than the one that S3
//! reads, so a behavior without the function that reaches the same bucket opens all of it. Each test
//! shows a hole that CloudFront has as well; what closes them is that every behavior which reaches
//! priced objects has the function.

use std::fs;
use std::time::Duration;

use cloudfront::path_pattern::PathPattern;
use edge_local::behavior::Behavior;
use edge_local::distribution_config::{ErrorPage, Page};
use reqwest::StatusCode;

use crate::behaviors::ungated;
use crate::shop::Shop;

const PRICED: &str = "bytes worth money";

/// A shop whose function answers 402 below `/generated/`, where there are priced objects.
async fn shop(default: Behavior, behaviors: Vec<(&str, Behavior)>) -> Shop {
    let shop = Shop::with(|options| {
        options.distribution.default_behavior = default;
        let patterns = behaviors.into_iter();
        options.distribution.behaviors =
            patterns.map(|(pattern, behavior)| (PathPattern::new(pattern), behavior)).collect();
    })
    .await;
    let folder = shop.content.path().join("generated");
    fs::create_dir(&folder).expect("a folder");
    for name in ["photo.jpg", "report.txt"] {
        fs::write(folder.join(name), PRICED).expect("a file");
    }
    shop
}

async fn is_gated(shop: &Shop, path: &str) {
    let answer = shop.get(path).await;
    assert_ne!(answer.body, PRICED, "{path} gives the object away");
    let refused = [StatusCode::PAYMENT_REQUIRED, StatusCode::FORBIDDEN];
    assert!(refused.contains(&answer.status), "{path}: {}", answer.status);
}

async fn leaks(shop: &Shop, path: &str) {
    let answer = shop.get(path).await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, PRICED), "{path}");
}

#[tokio::test]
async fn a_behavior_by_extension() {
    let shop = shop(Behavior::default(), vec![("*.jpg", ungated())]).await;
    is_gated(&shop, "/generated/report.txt").await;
    for path in [
        "/generated/photo.jpg",
        "/generated/photo%2Ejpg",
        "/generated/photo.jp%67",
        "/%67enerated/photo.jpg",
    ] {
        leaks(&shop, path).await;
    }
}

#[tokio::test]
async fn a_gate_on_one_path_alone() {
    let shop = shop(ungated(), vec![("/generated/*", Behavior::default())]).await;
    is_gated(&shop, "/generated/report.txt").await;
    is_gated(&shop, "//generated/report.txt").await;
    // HTTP clients resolve dot segments; these go over the wire as they are.
    for (path, status) in [
        ("/generated/./report.txt", "402"),
        ("/generated/x/../report.txt", "402"),
        ("/generated/%2e/report.txt", "402"),
        ("/x/../generated/report.txt", "403"),
    ] {
        let answer = shop.raw_get(path).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{path}: {answer}");
        assert!(!answer.contains(PRICED), "{path}");
    }
    // An escaped slash stays escaped for the pattern, and S3 decodes it.
    leaks(&shop, "/generated%2Freport.txt").await;
    leaks(&shop, "/generated%2freport.txt").await;
}

#[tokio::test]
async fn the_function_everywhere_leaves_none() {
    let shop = shop(Behavior::default(), vec![("*.jpg", Behavior::default())]).await;
    for path in ["/generated/photo.jpg", "/generated/photo%2Ejpg", "/generated/report.txt"] {
        is_gated(&shop, path).await;
    }
}

#[tokio::test]
async fn an_error_page_from_the_same_bucket() {
    let shop = Shop::with(|options| {
        options.distribution.error_pages = vec![ErrorPage {
            status: StatusCode::FORBIDDEN,
            caching_min_ttl: Duration::from_secs(1),
            page: Some(Page { path: "/generated/report.txt".into(), status: StatusCode::OK }),
        }];
    })
    .await;
    fs::create_dir(shop.content.path().join("generated")).expect("a folder");
    fs::write(shop.content.path().join("generated/report.txt"), PRICED).expect("a file");
    is_gated(&shop, "/generated/report.txt").await;
    let shown = shop.get("/missing").await;
    assert_eq!((shown.status, shown.body.as_str()), (StatusCode::OK, PRICED));
    assert_eq!(shown.x_cache(), "Error");
    assert_eq!(shown.header("x-saw-status"), "", "the function did not run for the page");
}
