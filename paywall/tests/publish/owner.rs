//! Whose the bucket must be: every request says so, under its signature.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::process::ExitCode;

use clap::Parser;
use next_step::Told;
use ship::s3::{Access, Credentials};
use ship::upload::{Context, Function, Invalidated, Live};

use super::server::{ACCESS_KEY, BUCKET, SECRET_KEY, Server};
use super::shop::Shop;

const OWNER: &str = "111122223333";

#[derive(Parser)]
struct Publish {
    #[command(flatten)]
    arguments: ship::upload::Arguments,
}

#[derive(Parser)]
struct Sales {
    #[command(flatten)]
    arguments: books::sales::Arguments,
}

fn access(owner: &str) -> Access {
    let credentials = Credentials {
        access_key_id: ACCESS_KEY.to_owned(),
        secret_access_key: SECRET_KEY.to_owned(),
        session_token: None,
    };
    Access { credentials, owner: Some(owner.to_owned()) }
}

async fn publish(
    server: &Server,
    shop: &Shop,
    context: &Context<'_>,
    more: &[&str],
) -> Result<ExitCode, Told> {
    let config = shop.config();
    let words = ["publish", "--yes", "--endpoint-url", &server.url, "--config"];
    let words = words.iter().copied().chain(config.to_str()).chain(more.iter().copied());
    Ok(ship::upload::publish(&Publish::parse_from(words).arguments, context).await?.code())
}

fn set(words: &[String]) -> BTreeSet<&str> {
    words.iter().map(String::as_str).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_request_of_a_publication_names_the_owner() {
    let (server, shop) = (Server::start().await, Shop::new());
    for key in ["stays.txt", "goes.txt"] {
        shop.write(key, key);
    }
    server.belong_to(Some(OWNER));
    let dropped = RefCell::new(Vec::new());
    let invalidate = |distribution: String, paths: Vec<String>| -> Invalidated<'_> {
        Box::pin(async {
            dropped.borrow_mut().push((distribution, paths));
            Ok(())
        })
    };
    let mut context = Context {
        access: access(OWNER),
        live: Live::Nothing,
        again: None,
        bucket: Some(BUCKET.to_owned()),
        distribution: Some("EDFDVBD6EXAMPLE".to_owned()),
        keeper: None,
        invalidate: Some(&invalidate),
    };
    publish(&server, &shop, &context, &[]).await.unwrap();
    assert_eq!(server.puts(), 2);
    assert!(dropped.borrow().is_empty(), "there were no copies");

    shop.remove("goes.txt");
    shop.write("stays.txt", "STAYS.TXT");
    context.live = Live::Function(Function {
        table_sha256: ship::preflight::table_sha256(&shop.table()),
        seal: None,
        name: "one".to_owned(),
    });
    publish(&server, &shop, &context, &["--delete"]).await.unwrap();
    let asked = server.belong_to(None);
    assert_eq!(set(&asked), BTreeSet::from(["GET list", "HEAD", "POST", "PUT"]), "{asked:?}");
    assert_eq!(server.get("stays.txt").await.bytes, b"STAYS.TXT");
    assert_eq!(server.get("goes.txt").await.status, 404);
    let paths = vec!["/stays.txt".to_owned()];
    assert_eq!(*dropped.borrow(), [("EDFDVBD6EXAMPLE".to_owned(), paths)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_of_somebody_else_is_refused() {
    let (server, shop) = (Server::start().await, Shop::new());
    shop.write("a.txt", "a");
    server.belong_to(Some("444455556666"));
    let context = Context::plain(access(OWNER));
    let told = publish(&server, &shop, &context, &["--bucket", BUCKET]).await.unwrap_err();
    assert!(told.to_string().contains("the bucket must be account 111122223333's"), "{told}");
    assert_eq!(server.puts(), 0);
    let told = publish(&server, &shop, &context, &[]).await.unwrap_err().to_string();
    assert!(told.contains("no bucket is named") && told.contains("--bucket"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cloudfront_keeps_is_told() {
    let (server, shop) = (Server::start().await, Shop::new());
    shop.write("a.txt", "a");
    let invalidate = |_, _| -> Invalidated<'_> { Box::pin(async { Err("it may not".to_owned()) }) };
    let mut context = Context::plain(access(OWNER));
    context.invalidate = Some(&invalidate);
    let more = ["--bucket", BUCKET, "--distribution", "E1"];
    publish(&server, &shop, &context, &more).await.unwrap();
    shop.write("a.txt", "A");
    let told = publish(&server, &shop, &context, &more).await.unwrap_err().to_string();
    assert!(told.contains("all is uploaded, and CloudFront keeps its old copies: it may not"));
    assert!(told.contains("create-invalidation --distribution-id E1 --paths '/*'"), "{told}");
}

const STORE: &str = "\n[redemptions]\nstore = \"s3\"\nbucket = \"shop\"\nregion = \"us-east-1\"\n\
                     prefix = \"sales\"\naccept_unresolved = true\n";

#[tokio::test(flavor = "multi_thread")]
async fn each_request_of_a_claim_and_of_a_list_names_the_owner() {
    let (server, shop) = (Server::start().await, Shop::new());
    shop.write("a.txt", "a");
    let text = std::fs::read_to_string(shop.config()).unwrap();
    std::fs::write(shop.config(), text + STORE).unwrap();
    let compiled = shop.table();
    let endpoint = server.url.parse().unwrap();
    let Access { credentials, owner } = access(OWNER);
    let claim = async |stack: &str, accept: bool, write: bool| {
        let (owner, table) = (owner.as_deref(), compiled.table());
        ship::site::claim(&credentials, owner, Some(&endpoint), table, stack, accept, write).await
    };
    server.belong_to(Some(OWNER));
    claim("one", false, false).await.unwrap();
    claim("one", false, true).await.unwrap();
    claim("one", false, false).await.unwrap();
    let told = claim("two", false, true).await.unwrap_err().to_string();
    assert!(told.contains("held by stack one"), "{told}");
    claim("two", true, true).await.unwrap();
    let told = claim("one", false, false).await.unwrap_err().to_string();
    assert!(told.contains("held by stack two"), "{told}");
    let asked = server.belong_to(Some(OWNER));
    assert_eq!(set(&asked), BTreeSet::from(["GET", "PUT"]), "{asked:?}");

    let config = shop.config();
    let words = ["sales", "--all", "--endpoint-url", &server.url, "--config"];
    let arguments = Sales::parse_from(words.iter().copied().chain(config.to_str())).arguments;
    let listed =
        tokio::task::spawn_blocking(move || books::sales::run(&arguments, || Ok(access(OWNER))));
    listed.await.unwrap().unwrap();
    let asked = server.belong_to(None);
    assert_eq!(set(&asked), BTreeSet::from(["GET list"]), "{asked:?}");
}
