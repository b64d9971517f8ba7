//! Origin groups: when the second origin is asked.
//! <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorOriginGroups.html>

use std::fs;
use std::path::Path;

use cloudfront::path_pattern::PathPattern;
use edge_local::S3Url;
use edge_local::behavior::{Behavior, CachePolicy, Failover, S3Origin};
use edge_local::distribution_config::{ErrorPage, Page};
use reqwest::{Method, StatusCode};

use crate::behaviors::ungated;
use crate::shop::{HELLO, NOBODY, Shop};

const SPARE: &str = "from the spare bucket";

/// A bucket that has `spare.txt`, and a `hello.txt` of its own.
fn spare() -> tempfile::TempDir {
    let spare = tempfile::tempdir().expect("a folder");
    for name in ["spare.txt", "hello.txt"] {
        fs::write(spare.path().join(name), SPARE).expect("a file");
    }
    spare
}

/// Without the function: first the shop's bucket, then the spare one.
fn group(statuses: &[StatusCode]) -> Behavior {
    let spare = S3Origin { id: "spare".into(), bucket: "spare".into(), path: String::new() };
    let statuses = statuses.iter().copied().collect();
    Behavior {
        failover: Some(Failover { statuses, origin: Some(spare) }),
        allowed_methods: vec![Method::GET, Method::HEAD, Method::OPTIONS, Method::POST],
        ..ungated()
    }
}

async fn shop(behavior: Behavior, spare: &Path) -> Shop {
    Shop::with(|options| {
        options.distribution.default_behavior = behavior;
        options.other_origins.insert("spare".into(), spare.into());
    })
    .await
}

#[tokio::test]
async fn the_second_is_asked_for_what_the_first_refuses() {
    let spare = spare();
    let shop = shop(group(&[StatusCode::FORBIDDEN]), spare.path()).await;
    assert_eq!(shop.get("/hello.txt").await.body, HELLO, "the first has it");
    let answer = shop.get("/spare.txt").await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, SPARE));
    assert_eq!(answer.x_cache(), "Miss");
    assert_eq!(shop.get("/spare.txt").await.x_cache(), "Hit", "under the same key");
    let part = shop.send(Method::GET, "/spare.txt", &[("range", "bytes=0-3")]).await;
    assert_eq!((part.status, part.body.as_str()), (StatusCode::PARTIAL_CONTENT, "from"));
    let neither = shop.get("/missing").await;
    assert_eq!((neither.status, neither.x_cache()), (StatusCode::FORBIDDEN, "Error"));
}

#[tokio::test]
async fn the_first_is_asked_each_time() {
    let spare = spare();
    let behavior = Behavior {
        cache_policy: CachePolicy::caching_disabled(),
        ..group(&[StatusCode::FORBIDDEN])
    };
    let shop = shop(behavior, spare.path()).await;
    assert_eq!(shop.get("/spare.txt").await.body, SPARE);
    fs::write(shop.content.path().join("spare.txt"), "here now").expect("a file");
    assert_eq!(shop.get("/spare.txt").await.body, "here now");
}

#[tokio::test]
async fn other_statuses_and_other_methods_do_not_fail_over() {
    let spare = spare();
    let strict = shop(group(&[StatusCode::NOT_FOUND]), spare.path()).await;
    assert_eq!(strict.get("/spare.txt").await.status, StatusCode::FORBIDDEN);
    let shop = shop(group(&[StatusCode::FORBIDDEN]), spare.path()).await;
    let post = shop.send(Method::POST, "/spare.txt", &[]).await;
    assert_eq!(post.status, StatusCode::FORBIDDEN);
    let head = shop.send(Method::HEAD, "/hello.txt", &[]).await;
    assert_eq!(head.header("content-length"), HELLO.len().to_string());
}

#[tokio::test]
async fn head_fails_over() {
    let spare = spare();
    let shop = shop(group(&[StatusCode::FORBIDDEN]), spare.path()).await;
    let head = shop.send(Method::HEAD, "/spare.txt", &[]).await;
    assert_eq!((head.status, head.body.as_str()), (StatusCode::OK, ""));
    assert_eq!(head.header("content-length"), SPARE.len().to_string());
}

#[tokio::test]
async fn the_second_is_asked_when_the_first_does_not_answer() {
    let gone: S3Url = NOBODY.parse().expect("it");
    let spare = spare();
    let shop = Shop::with(|options| {
        options.content = gone.into();
        options.distribution.default_behavior = group(&[StatusCode::INTERNAL_SERVER_ERROR]);
        options.other_origins.insert("spare".into(), spare.path().into());
    })
    .await;
    assert_eq!(shop.get("/spare.txt").await.body, SPARE);
    assert_eq!(shop.get("/missing").await.status, StatusCode::FORBIDDEN, "the second's answer");
}

#[tokio::test]
async fn a_second_that_is_not_emulated_is_502() {
    let shop = Shop::with(|options| {
        let mut behavior = group(&[StatusCode::FORBIDDEN]);
        behavior.failover.as_mut().expect("it has one").origin = None;
        options.distribution.default_behavior = behavior;
    })
    .await;
    assert_eq!(shop.get("/hello.txt").await.body, HELLO);
    assert_eq!(shop.get("/missing").await.status, StatusCode::BAD_GATEWAY);
    assert!(shop.logged("the second origin of the group is not emulated"));
}

#[tokio::test]
async fn an_error_page_is_for_what_the_second_says() {
    let spare = spare();
    fs::create_dir(spare.path().join("errors")).expect("a folder");
    fs::write(spare.path().join("errors/403.html"), "nothing here").expect("a file");
    let shop = Shop::with(|options| {
        options.distribution.default_behavior = group(&[StatusCode::FORBIDDEN]);
        options.other_origins.insert("spare".into(), spare.path().into());
        options.distribution.error_pages.push(ErrorPage {
            status: StatusCode::FORBIDDEN,
            caching_min_ttl: Default::default(),
            // By the same group: the first has no such page.
            page: Some(Page { path: "/errors/403.html".into(), status: StatusCode::NOT_FOUND }),
        });
    })
    .await;
    assert_eq!(shop.get("/spare.txt").await.body, SPARE, "nothing is shown of the first's 403");
    let answer = shop.get("/missing").await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::NOT_FOUND, "nothing here"));
}

#[tokio::test]
async fn the_function_runs_once_and_before_both() {
    let spare = spare();
    let shop = Shop::with(|options| {
        let gated = Behavior::default();
        let group = group(&[StatusCode::FORBIDDEN]);
        options.distribution.behaviors =
            vec![(PathPattern::new("*"), Behavior { failover: group.failover, ..gated })];
        options.other_origins.insert("spare".into(), spare.path().into());
    })
    .await;
    assert_eq!(shop.get("/spare.txt").await.body, SPARE);
    let lines = shop.edge.log_lines();
    let runs = |event: &str| lines.iter().filter(|line| line.contains(event)).count();
    assert_eq!((runs("viewer-request"), runs("viewer-response")), (1, 1), "{lines:#?}");
}
