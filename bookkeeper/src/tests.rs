use std::io::{Cursor, Read as _};

use deployment::check::{Deployed, Expected, Owned, Owner, key};
use deployment::control_plane::{Answer, Configuration, Failure, Kind};
use serde_json::{Value, json};
use zip::ZipArchive;

use super::*;
use fake::Fake;

mod fake;

const VERSION: &str = "arn:aws:lambda:us-east-1:111122223333:function:shop-EdgeFunction-1A:7";
const ID: &str = "EDFDVBD6EXAMPLE";

fn settings() -> Settings {
    let variables = [
        ("STACK", "shop-watch"),
        ("DISTRIBUTION_ID", ID),
        ("EXPECTED_BUCKET", "artifacts"),
        ("EXPECTED_KEY", "shop/expected.json"),
    ];
    Settings::read(|name| {
        variables.iter().find(|(there, _)| *there == name).map(|(_, value)| (*value).to_owned())
    })
    .unwrap()
}

fn config(version: &str) -> Value {
    let on = |event: &str| json!({"EventType": event, "LambdaFunctionARN": version, "IncludeBody": false});
    json!({
        "Enabled": true,
        "Origins": {"Quantity": 1, "Items": [{"Id": "content", "DomainName": "shop.s3.us-east-1.amazonaws.com"}]},
        "DefaultCacheBehavior": {
            "TargetOriginId": "content", "ViewerProtocolPolicy": "https-only",
            "LambdaFunctionAssociations": {"Quantity": 2, "Items": [on("viewer-request"), on("viewer-response")]},
        },
    })
}

fn deployed() -> Fake {
    deployed_by(None)
}

fn deployed_by(owned: Option<&Owned>) -> Fake {
    let config = config(VERSION);
    let guarded = ["default".to_owned()];
    let deployed = Deployed {
        stack: "shop",
        distribution: ID,
        version: VERSION,
        guarded: &guarded,
        config: &config,
        web_acl: None,
        owned,
    };
    let expected = Expected::of(&deployed).unwrap();
    Fake {
        configuration: Ok(Some(Configuration { etag: "E".to_owned(), config })),
        object: Ok(Some(expected.to_json())),
        package: Err(denied()),
    }
}

/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html>
fn event() -> Event {
    serde_json::from_value(json!({
        "version": "0",
        "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "123456789012",
        "time": "2015-10-08T16:53:06Z",
        "region": "us-east-1",
        "resources": ["arn:aws:events:us-east-1:123456789012:rule/my-scheduled-rule"],
        "detail": {}
    }))
    .unwrap()
}

fn denied() -> Failure {
    Failure {
        asked: "cloudfront GetDistributionConfig".to_owned(),
        kind: Kind::Denied,
        code: "AccessDenied".to_owned(),
        message: "not authorized".to_owned(),
    }
}

#[tokio::test]
async fn all_well_is_a_metric_of_nothing() {
    let checked = look(&deployed(), &settings()).await.unwrap();
    let lines = lines(&checked, &settings(), &event(), 1_800_000_000_000);
    let [line] = lines.as_slice() else { panic!("{lines:?}") };
    assert_eq!(
        serde_json::from_str::<Value>(line).unwrap(),
        json!({
            "_aws": {"Timestamp": 1_800_000_000_000_u64, "CloudWatchMetrics": [
                {"Namespace": "x402", "Dimensions": [["Stack"]], "Metrics": [{"Name": "Findings", "Unit": "Count"}]}]},
            "Stack": "shop-watch", "Findings": 0, "because": "Scheduled Event",
        })
    );
}

#[tokio::test]
async fn each_finding_is_a_line() {
    let aws = Fake {
        configuration: Ok(Some(Configuration {
            etag: "E".to_owned(),
            config: config(&VERSION.replace(":7", ":6")),
        })),
        ..deployed()
    };
    let checked = look(&aws, &settings()).await.unwrap();
    let lines: Vec<Value> = lines(&checked, &settings(), &event(), 0)
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 3);
    assert_eq!((&lines[0]["finding"], &lines[2]["Findings"]), (&json!("other-version"), &json!(2)));
    assert_eq!(lines[0]["distribution"], ID);
    // In the line of the metric there is nothing that would make a second one.
    assert!(lines[0].get("_aws").is_none());
}

#[tokio::test]
async fn what_was_deployed_must_be_known() {
    for (object, code) in [
        (None, "expected-gone"),
        (Some(b"{}".to_vec()), "expected-unreadable"),
        (Some(b"{\"v\": 2}".to_vec()), "expected-unreadable"),
    ] {
        let aws = Fake { object: Ok(object), ..deployed() };
        assert_eq!(look(&aws, &settings()).await.unwrap().findings[0].code(), code);
    }
    let another = Settings { distribution: "E2SECONDSHOP".to_owned(), ..settings() };
    assert_eq!(
        look(&deployed(), &another).await.unwrap().findings[0].code(),
        "expected-of-another"
    );
}

#[tokio::test]
async fn an_aws_that_does_not_say_is_no_answer() {
    let aws = Fake { configuration: Err(denied()), ..deployed() };
    look(&aws, &settings()).await.unwrap_err();
    let aws = Fake { object: Err(denied()), ..deployed() };
    look(&aws, &settings()).await.unwrap_err();
}

#[tokio::test]
async fn in_its_owners_code_a_version_is_known_by_its_package() {
    let owned = Owned { by: Owner::Terraform, code_sha256: vec!["judged".to_owned()] };
    let moved = |package| Fake {
        configuration: Ok(Some(Configuration {
            etag: "E".to_owned(),
            config: config(&VERSION.replace(":7", ":8")),
        })),
        package,
        ..deployed_by(Some(&owned))
    };
    let look = async |fake: Fake| look(&fake, &settings()).await;
    assert!(look(moved(Ok(Some("judged".to_owned())))).await.unwrap().findings.is_empty());
    for package in [Some("another".to_owned()), None] {
        let checked = look(moved(Ok(package))).await.unwrap();
        let lines = lines(&checked, &settings(), &event(), 0);
        assert!(lines.len() == 3 && lines[0].contains("terraform apply"), "{lines:?}");
    }
    look(moved(Err(denied()))).await.unwrap_err();
}

#[test]
fn every_variable_must_be_there() {
    for lacks in ["STACK", "DISTRIBUTION_ID", "EXPECTED_BUCKET", "EXPECTED_KEY"] {
        let why = Settings::read(|name| (name != lacks).then(|| "x".to_owned())).unwrap_err();
        assert_eq!(why, format!("{lacks} is not set"));
    }
    Settings::read(|_| Some(String::new())).unwrap_err();
    assert_eq!(settings().key, key("shop"));
}

fn ledger_settings() -> ledger::Settings {
    let variables = [
        ("STACK", "shop-watch"),
        ("BOOKS_PLAN_BUCKET", "artifacts"),
        ("BOOKS_PLAN_KEY", "shop/books.json"),
        ("BOOKS_OWNER", "111122223333"),
    ];
    let read = |name: &str| {
        let found = variables.iter().find(|(there, _)| *there == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    ledger::Settings::read(read).unwrap().unwrap()
}

#[test]
fn which_function_it_is_the_environment_tells() {
    assert_eq!(ledger::Settings::read(|_| None), Ok(None));
    assert_eq!(ledger::Settings::read(|_| Some(String::new())), Ok(None));
    for lacks in ["STACK", "BOOKS_PLAN_BUCKET", "BOOKS_OWNER"] {
        let read = |name: &str| (name != lacks).then(|| "x".to_owned());
        assert_eq!(ledger::Settings::read(read), Err(format!("{lacks} is not set")));
    }
}

#[tokio::test]
async fn the_plan_of_the_books_must_be_there_and_be_one() {
    let plan = json!({
        "site": "shop", "bucket": "shop-sales", "region": "us-east-1", "prefix": "x402/", "alone": true,
        "chains": [{"network": "eip155:8453", "rpc": "https://node.example", "confirmations": 900, "looks": true,
            "payees": [], "tokens": []}],
    });
    let of = async |object: Answer<Option<Vec<u8>>>| {
        ledger_settings().plan(&Fake { object, ..deployed() }).await
    };
    assert_eq!(of(Ok(Some(plan.to_string().into_bytes()))).await.unwrap().site, "shop");
    for (object, says) in [
        (Ok(None), "there is no s3://artifacts/shop/books.json; `paywall books --plan`"),
        (Ok(Some(b"{}".to_vec())), "the plan of the books cannot be used"),
        (Ok(Some(plan.to_string().replace("alone", "lonely").into_bytes())), "unknown field"),
        (Err(denied()), "not authorized"),
    ] {
        let why = of(object).await.unwrap_err();
        assert!(why.contains(says), "{why}");
    }
}

#[test]
fn what_differs_from_the_chain_is_counted() {
    let report = books::bookkeeping::Report {
        resolved: 1,
        days: vec!["2026-11-28".to_owned()],
        rows: [("sale", 7), ("not-granted", 1), ("settled-not-on-chain", 2)]
            .map(|(name, rows)| (name.to_owned(), rows))
            .into(),
        wrong: vec!["s3://shop-sales/v2/accounts/a: it is not a record".to_owned()],
        ..books::bookkeeping::Report::default()
    };
    let lines = ledger::lines(&report, &ledger_settings(), &event(), 1_800_000_000_000);
    let lines: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let [wrong, differs, kept, metric] = lines.as_slice() else { panic!("{lines:?}") };
    assert_eq!(
        (&wrong["books"], &differs["posting"]),
        (&json!("wrong"), &json!("settled-not-on-chain"))
    );
    assert_eq!((&kept["resolved"], &kept["rows"]["sale"]), (&json!(1), &json!(7)));
    assert_eq!(metric["BooksWrong"], 2);
    assert_eq!(metric["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Name"], ledger::METRIC);
    let well = books::bookkeeping::Report::default();
    let lines = ledger::lines(&well, &ledger_settings(), &event(), 0);
    assert!(lines.len() == 2 && lines[1].contains("\"BooksWrong\":0"), "{lines:?}");
}

#[test]
fn the_package_holds_one_file_that_anybody_may_start() {
    let zip = package(b"\x7fELF").unwrap();
    assert_eq!(zip, package(b"\x7fELF").unwrap());
    let mut archive = ZipArchive::new(Cursor::new(zip)).unwrap();
    assert_eq!(archive.len(), 1);
    let mut file = archive.by_index(0).unwrap();
    assert_eq!(
        (file.name().unwrap().into_owned(), file.unix_mode()),
        ("bootstrap".to_owned(), Some(0o100_755))
    );
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).unwrap();
    assert_eq!(bytes, b"\x7fELF");
}
