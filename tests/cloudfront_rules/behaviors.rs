//! Cache behaviors: which one a path belongs to, and what it does.

use std::fs;

use cloudfront::path_pattern::PathPattern;
use edge_local::behavior::{Behavior, S3Origin};
use edge_local::{Bucket, Edge, Options};
use next_step::Told;
use reqwest::{Method, StatusCode};

use crate::shop::{FUNCTION, HELLO, Shop, content};

/// A behavior that the function knows nothing of.
pub(crate) fn ungated() -> Behavior {
    Behavior { viewer_request: false, viewer_response: false, ..Behavior::default() }
}

#[tokio::test]
async fn the_first_that_matches_is_used() {
    let shop = Shop::with(|options| {
        let no_options =
            Behavior { allowed_methods: vec![Method::GET, Method::HEAD], ..Behavior::default() };
        options.distribution.behaviors = vec![
            (PathPattern::new("generated/free/*"), ungated()),
            (PathPattern::new("generated/*"), no_options),
        ];
    })
    .await;
    let free = shop.get("/generated/free/x").await;
    assert_eq!(free.status, StatusCode::FORBIDDEN, "the bucket answers, and has no such object");
    assert_eq!(shop.get("/generated/x").await.status, StatusCode::PAYMENT_REQUIRED);
    let preflight = |path: &'static str| shop.send(Method::OPTIONS, path, &[]);
    assert_eq!(preflight("/generated/x").await.status, StatusCode::FORBIDDEN);
    assert_eq!(preflight("/generated").await.status, StatusCode::PAYMENT_REQUIRED, "the default");
}

#[tokio::test]
async fn one_event_alone() {
    let shop = Shop::with(|options| {
        let request_only = Behavior { viewer_response: false, ..Behavior::default() };
        options.distribution.behaviors = vec![(PathPattern::new("/hello.*"), request_only)];
    })
    .await;
    let answer = shop.get("/hello.txt").await;
    assert_eq!((answer.status, answer.header("x-saw-status")), (StatusCode::OK, ""));
    assert!(shop.logged("viewer-request") && !shop.logged("viewer-response"));
}

#[tokio::test]
async fn origins_and_their_paths() {
    let other = tempfile::tempdir().expect("a folder");
    fs::create_dir(other.path().join("assets")).expect("a folder");
    fs::write(other.path().join("assets/hello.txt"), "from the other bucket").expect("a file");
    let origin = |id: &str, bucket: &str, path: &str| Behavior {
        origin: Some(S3Origin { id: id.into(), bucket: bucket.into(), path: path.into() }),
        ..ungated()
    };
    let shop = Shop::with(|options| {
        fs::create_dir(folder(&options.content).join("inner")).expect("a folder");
        fs::write(folder(&options.content).join("inner/hello.txt"), "deeper").expect("a file");
        options.distribution.behaviors = vec![
            (PathPattern::new("/hello.txt"), origin("files", "other", "/assets")),
            (PathPattern::new("/h*.txt"), origin("below", "content", "/inner")),
        ];
        options.other_origins.insert("files".into(), other.path().into());
    })
    .await;
    assert_eq!(shop.get("/hello.txt").await.body, "from the other bucket");
    let shop = Shop::with(|options| {
        fs::create_dir(folder(&options.content).join("inner")).expect("a folder");
        fs::write(folder(&options.content).join("inner/hello.txt"), "deeper").expect("a file");
        options.distribution.behaviors =
            vec![(PathPattern::new("/h*.txt"), origin("below", "content", "/inner"))];
    })
    .await;
    assert_eq!(shop.get("/hello.txt").await.body, "deeper", "the same bucket, further down");
}

fn folder(bucket: &Bucket) -> &std::path::Path {
    match bucket {
        Bucket::Folder(folder) => folder,
        Bucket::S3(url) => panic!("{url} is no folder"),
    }
}

#[tokio::test]
async fn every_bucket_has_to_be_known() {
    let content = content();
    let mut options = Options::new(FUNCTION, content.path());
    let elsewhere = S3Origin { id: "free".into(), bucket: "gratis".into(), path: String::new() };
    let behavior = Behavior { origin: Some(elsewhere), ..ungated() };
    options.distribution.behaviors = vec![(PathPattern::new("/free/*"), behavior)];
    let error = Edge::start(options.clone()).await.expect_err("it does not start");
    let error = Told::from(error).to_string();
    assert!(error.contains("--origin free=") && error.contains("gratis"), "{error}");

    options.other_origins.insert("free".into(), content.path().into());
    options.other_origins.insert("typo".into(), content.path().into());
    let error = Edge::start(options).await.expect_err("it does not start").to_string();
    assert!(error.contains("no behavior of the distribution uses an origin typo"), "{error}");
}

#[tokio::test]
async fn an_origin_that_is_not_emulated_answers_502() {
    let shop = Shop::with(|options| {
        let behavior = Behavior { origin: None, ..ungated() };
        options.distribution.behaviors = vec![(PathPattern::new("/api/*"), behavior)];
    })
    .await;
    let answer = shop.get("/api/x").await;
    assert_eq!((answer.status, answer.x_cache()), (StatusCode::BAD_GATEWAY, "Error"));
    assert!(shop.logged("/api/x: the origin of its behavior is not emulated"));
    assert_eq!(shop.get("/hello.txt").await.body, HELLO);
}

#[tokio::test]
async fn the_default_root_object() {
    let shop = Shop::with(|options| {
        options.distribution.default_root_object = Some("hello.txt".into());
    })
    .await;
    let answer = shop.get("/").await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, HELLO));
    assert_eq!(answer.header("x-saw-uri"), "/hello.txt");
}
