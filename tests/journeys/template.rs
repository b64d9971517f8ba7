//! Sales through the distribution that the project's own template describes.

use std::path::{Path, PathBuf};

use cloudfront::path_pattern::PathPattern;
use edge_local::behavior::Behavior;
use edge_local::template::{self, Settings};
use edge_local::{DistributionConfig, Options};

use crate::s3_server::S3Server;
use crate::shop::{DATASET, FREE, REPORT, Shop, Site, published};

fn template() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/site.yaml")
}

fn read(parameters: &[(&str, &str)]) -> DistributionConfig {
    let pairs = parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let settings = Settings { parameters: pairs.collect(), ..Settings::default() };
    let read = template::read(&template(), &settings);
    read.unwrap_or_else(|error| panic!("{error}")).config
}

#[tokio::test]
async fn the_template_sells() {
    let shop = Shop::with(|options| options.distribution = read(&[])).await;
    let payment = shop.sign(REPORT).await;
    let sold = shop.pay(REPORT, &payment).await;
    sold.is_sold(REPORT);
    assert_eq!(sold.header("x-content-type-options"), "nosniff", "its response headers policy");
    assert_eq!(shop.get(FREE).await.status, 200);
    let escaped = shop.get(&REPORT.replacen("/2026/", "%2F2026%2F", 1)).await;
    assert_ne!(escaped.status, 200, "no spelling goes around the function");
}

#[tokio::test]
async fn free_content_in_a_bucket_of_its_own_reaches_nothing_priced() {
    let assets = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(assets.path().join("assets")).expect("a folder");
    std::fs::write(assets.path().join("assets/logo.svg"), "<svg/>").expect("a file");
    let bucket = assets.path().to_owned();
    let shop = Shop::with(|options: &mut Options| {
        options.distribution =
            read(&[("FreePathPattern", "/assets/*"), ("FreeBucketName", "assets")]);
        options.other_origins.insert("free".into(), bucket.into());
    })
    .await;
    assert_eq!(shop.get("/assets/logo.svg").await.body, b"<svg/>");
    for path in [REPORT.to_owned(), format!("/assets/..%2F{}", &REPORT[1..])] {
        let answer = shop.get(&path).await;
        assert_ne!(answer.status, 200, "{path}");
        assert_ne!(answer.body, published(REPORT), "{path}");
    }
}

#[tokio::test]
async fn one_behavior_without_the_function_gives_an_open_site_s_priced_objects_away() {
    let shop = Shop::of(Site::Open, |options| {
        let mut distribution = read(&[]);
        let ungated = Behavior {
            viewer_request: false,
            viewer_response: false,
            ..distribution.default_behavior.clone()
        };
        distribution.behaviors.push((PathPattern::new("*.json"), ungated));
        options.distribution = distribution;
    })
    .await;
    for path in [REPORT.to_owned(), REPORT.replace('.', "%2E")] {
        let answer = shop.get(&path).await;
        assert_eq!((answer.status, answer.body), (200, published(REPORT)), "{path}");
    }
    assert_eq!(shop.get(DATASET).await.status, 402);
    assert_eq!(shop.transfers(), 0);
}

#[tokio::test]
async fn a_bucket_behind_an_s3_api_sells() {
    let server = S3Server::start().await;
    let seal = "s3".repeat(13);
    for path in [REPORT, FREE] {
        let text = String::from_utf8(published(path)).expect("text");
        server.put(&(seal.clone() + path), &text, &[("content-type", "application/json")]).await;
    }
    let shop = Shop::with(|options| {
        let document = format!(r#"{{"site": "sample", "seal": "{seal}"}}"#);
        options.function = options.function.clone().with_seal(&document).expect("a file");
        options.distribution = read(&[]);
        options.content = server.url("").into();
        options.credentials = Some(server.credentials());
    })
    .await;
    assert_eq!(shop.get(FREE).await.status, 200);
    assert_eq!(shop.get(REPORT).await.status, 402);
    let payment = shop.sign(REPORT).await;
    let sold = shop.pay(REPORT, &payment).await;
    sold.is_sold(REPORT);
    assert_eq!(sold.header("x-cache"), "Miss from cloudfront");
    let again = shop.sign(REPORT).await;
    let hit = shop.pay(REPORT, &again).await;
    hit.is_sold(REPORT);
    assert_eq!(hit.header("x-cache"), "Hit from cloudfront");
}
