//! The documents for agents, and the table against a bucket.

use std::fs;
use std::path::PathBuf;

use content_config::{Code, Compiled, Source, Stored, cli, compile};
use price_table::{Key, Sale};
use serde_json::{Value, json};

const RULES: &str = r#"
[payment]
pay_to = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8" # a public test account
accept = ["base-sepolia/usdc"]
facilitators = ["https://www.x402.org/facilitator"]

[[rule]]
path = "reports/**"
price = "0.01"
access = "10m"
title = "Reports"
description = "One a month."
sample = { month = "2026-01", usd = 2140 }

[[rule]]
path = "free.txt"
free = true
"#;

/// What catalogues show of the shop.
const SHOWN: &str =
    "discovery = true\nname = \"Harbour Reports\"\ncontact = \"shop@shop.example\"\n";

struct Shop(tempfile::TempDir);

impl Shop {
    fn new(site: &str, files: &[&str]) -> Shop {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join("content").join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, file).unwrap();
        }
        let head =
            "[site]\nid = \"shop\"\nurls = [\"https://shop.example\"]\ncontent = \"content\"\n";
        fs::write(folder.path().join("content.toml"), format!("{head}{site}\n{RULES}")).unwrap();
        Shop(folder)
    }

    fn config(&self) -> PathBuf {
        self.0.path().join("content.toml")
    }

    fn table(&self) -> Compiled {
        compile(&self.config()).unwrap_or_else(|report| panic!("{report}"))
    }

    fn run(&self, arguments: &[&str]) -> (u8, String, String) {
        let (mut out, mut errors) = (Vec::new(), Vec::new());
        let config = self.config();
        let config = ["--config", config.to_str().unwrap()];
        let arguments = ["content-config"].iter().chain(arguments).chain(&config).map(Into::into);
        let code = cli::run(arguments, false, &mut out, &mut errors);
        (code, String::from_utf8(out).unwrap(), String::from_utf8(errors).unwrap())
    }
}

const FILES: [&str; 3] = ["free.txt", "reports/May + é.json", "reports/a.json"];

fn document(table: &Compiled, key: &str) -> String {
    let document = table.documents().iter().find(|document| document.key == key).unwrap();
    String::from_utf8(document.body.clone()).unwrap()
}

#[test]
fn documents() {
    let table = Shop::new(SHOWN, &FILES).table();
    for (key, name) in [
        (".well-known/x402", "well-known-x402"),
        ("llms.txt", "llms"),
        ("mcp/tools", "mcp-tools"),
        ("openapi.json", "openapi"),
    ] {
        insta::assert_snapshot!(name, document(&table, key));
    }
}

#[test]
fn they_are_free_objects_under_rules_of_their_own() {
    let shop = Shop::new("discovery = true", &FILES);
    let table = shop.table();
    assert_eq!(table.table().objects.len(), FILES.len() + 4 + table.page_files().len());
    for document in table.documents() {
        let listing = table.listing(&document.key).unwrap();
        assert_eq!(listing.rule.sale, Sale::Free);
        assert_eq!(listing.rule.pattern, document.key);
        assert_eq!(listing.mime_type, document.mime_type);
        assert_eq!(listing.object.size, document.body.len() as u64);
    }
    // Every other object keeps its rule.
    let report = table.listing("reports/a.json").unwrap();
    assert_eq!(report.rule.pattern, "reports/**");
    let (code, out, _) = shop.run(&["explain", "/mcp/tools"]);
    assert_eq!(code, 0);
    assert!(out.contains("rule     mcp/tools (line 5): free"), "{out}");

    assert!(Shop::new("discovery = false", &FILES).table().documents().is_empty());
}

#[test]
fn a_file_of_the_seller_comes_first() {
    let shop = Shop::new("discovery = true", &FILES);
    fs::write(shop.0.path().join("content/llms.txt"), "my own").unwrap();
    let config = fs::read_to_string(shop.config()).unwrap();
    let rule = "[[rule]]\npath = \"llms.txt\"\nprice = \"0.5\"\n";
    fs::write(shop.config(), config + rule).unwrap();
    let table = shop.table();
    assert_eq!(table.documents().len(), 3);
    let own = table.contents().find(|content| content.key == "llms.txt").unwrap();
    assert!(matches!(own.source, Source::File(_)));
    assert_ne!(table.listing("llms.txt").unwrap().rule.sale, Sale::Free);
    let warnings = table.warnings();
    assert_eq!(warnings.problems()[0].code, Code::OwnDocument);
    assert_eq!(warnings.place(&warnings.problems()[0]).unwrap().1, 5, "{warnings}");
}

#[test]
fn what_they_say_is_what_the_table_says() {
    let table = Shop::new("discovery = true", &FILES).table();
    let known: Value = serde_json::from_str(&document(&table, ".well-known/x402")).unwrap();
    let urls: Vec<_> =
        known["resources"].as_array().unwrap().iter().map(|url| url.as_str().unwrap()).collect();
    assert_eq!(urls.len(), 2, "what is free is not for sale");
    for url in urls {
        let path = url.strip_prefix("https://shop.example").unwrap();
        let key = Key::from_uri_path(path).unwrap();
        let listing = table.listing(key.as_str()).unwrap();
        let Sale::Priced { offers, .. } = &listing.rule.sale else { panic!("{url} is free") };
        assert_eq!(offers[0].price.amount, 10_000);
        let openapi: Value = serde_json::from_str(&document(&table, "openapi.json")).unwrap();
        let price = &openapi["paths"][path]["get"]["x-payment-info"]["price"];
        assert_eq!((&price["amount"], &price["currency"]), (&"0.01".into(), &"USD".into()));
    }
}

/// A document has no clock: it tells both prices where there is room, and the one of now where not.
#[test]
fn a_price_that_changes_is_told_with_its_time() {
    let shop = Shop::new("discovery = true", &FILES);
    let text = fs::read_to_string(shop.config()).unwrap();
    let next = "price = \"0.01\"\nnext = { price = \"0.002\", from = 2999-12-24T00:00:00+01:00 }";
    fs::write(shop.config(), text.replace("price = \"0.01\"", next)).unwrap();
    let table = shop.table();
    let told = "$0.01, from 2999-12-23T23:00:00Z $0.002, open for 10m";
    assert!(document(&table, "llms.txt").contains(told));
    let read = |key| serde_json::from_str::<Value>(&document(&table, key)).unwrap();
    let price = json!({ "mode": "dynamic", "currency": "USD", "min": "0.002", "max": "0.01" });
    let (_, operation) = read("openapi.json")["paths"]
        .as_object()
        .unwrap()
        .iter()
        .next()
        .map(|(a, b)| (a.clone(), b.clone()))
        .unwrap();
    assert_eq!(operation["get"]["x-payment-info"]["price"], price);
    let tool = read("mcp/tools")["tools"][0]["tool_description"].to_string();
    assert!(
        tool.contains("(0.01 USDC) on base-sepolia. From 2999-12-23T23:00:00Z it costs $0.002."),
        "{tool}"
    );
}

#[test]
fn big_shops_are_described_in_part_and_listed_whole() {
    let files: Vec<_> = (0..1_200).map(|n| format!("reports/{n:04}.txt")).collect();
    let files: Vec<_> = files.iter().map(String::as_str).chain(["free.txt"]).collect();
    let table = Shop::new("discovery = true", &files).table();
    let known: Value = serde_json::from_str(&document(&table, ".well-known/x402")).unwrap();
    assert_eq!(known["resources"].as_array().unwrap().len(), 1_200);
    assert!(document(&table, "llms.txt").contains("- and 1180 more"));
    let openapi: Value = serde_json::from_str(&document(&table, "openapi.json")).unwrap();
    assert_eq!(openapi["paths"].as_object().unwrap().len(), 40);
    let told = openapi["info"]["description"].as_str().unwrap();
    assert!(told.starts_with("40 of 1200 files"), "{told}");
}

/// A rule of a thousand objects leaves room for a rule of one.
#[test]
fn every_rule_is_described() {
    let files: Vec<_> = (0..100).map(|n| format!("reports/{n:04}.txt")).collect();
    let files: Vec<_> = files.iter().map(String::as_str).chain(["free.txt", "z.csv"]).collect();
    let shop = Shop::new("discovery = true", &files);
    let text = fs::read_to_string(shop.config()).unwrap();
    fs::write(shop.config(), text + "[[rule]]\npath = \"z.csv\"\nprice = \"0.02\"\n").unwrap();
    let openapi: Value = serde_json::from_str(&document(&shop.table(), "openapi.json")).unwrap();
    let paths: Vec<_> = openapi["paths"].as_object().unwrap().keys().collect();
    assert_eq!(
        (paths.len(), paths[0].as_str(), paths[39].as_str()),
        (40, "/reports/0000.txt", "/z.csv")
    );
}

/// JSON and text as the sample is; of bytes their type, since in OpenAPI 3.1 they are no string.
#[test]
fn what_a_file_is_like_is_told_by_its_type() {
    let files = ["free.txt", "reports/a.json", "a.json", "a.csv", "a.png"];
    let shop = Shop::new("discovery = true\ncontact = \"https://shop.example/contact\"", &files);
    let rules = "[[rule]]\npath = \"a.json\"\nprice = \"1\"\n\
        [[rule]]\npath = \"a.csv\"\nprice = \"1\"\nsample = \"day,usd\"\n\
        [[rule]]\npath = \"a.png\"\nprice = \"1\"\nsample = { width = 3 }\n";
    let text = fs::read_to_string(shop.config()).unwrap();
    fs::write(shop.config(), text + rules).unwrap();
    let openapi: Value = serde_json::from_str(&document(&shop.table(), "openapi.json")).unwrap();
    assert_eq!(openapi["info"]["contact"]["url"], "https://shop.example/contact");
    for (path, kind, content) in [
        (
            "/reports/a.json",
            "application/json",
            json!({ "schema": { "type": "object" }, "example": { "month": "2026-01", "usd": 2140 } }),
        ),
        ("/a.json", "application/json", json!({ "schema": {} })),
        (
            "/a.csv",
            "text/csv; charset=utf-8",
            json!({ "schema": { "type": "string" }, "example": "day,usd" }),
        ),
        ("/a.png", "image/png", json!({ "schema": { "contentMediaType": "image/png" } })),
    ] {
        let all = &openapi["paths"][path]["get"]["responses"]["200"]["content"];
        assert_eq!(all, &json!({ kind: content }), "{path}");
    }
}

/// Only what is there, an image, and free.
#[test]
fn check_misses_a_favicon() {
    let said = |site: &str, files: &[&str], rule: &str| {
        let shop = Shop::new(site, &[&FILES, files].concat());
        let text = fs::read_to_string(shop.config()).unwrap();
        fs::write(shop.config(), text + rule).unwrap();
        let (code, out, _) = shop.run(&["check"]);
        assert_eq!(code, 0, "{out}");
        out.contains("\nfavicon     none: ")
    };
    let free = "[[rule]]\npath = \"favicon.*\"\nfree = true\n";
    let priced = "[[rule]]\npath = \"favicon.*\"\nprice = \"0.01\"\n";
    assert!(said("discovery = true", &[], ""));
    assert!(said("discovery = true", &["favicon.png"], priced));
    assert!(said("discovery = true", &["favicon.txt"], free));
    assert!(!said("discovery = true", &["favicon.png"], free));
    assert!(!said("discovery = true", &["favicon.svg"], free));
    assert!(!said("discovery = false", &[], ""), "nobody looks for it");
}

#[test]
fn the_command_writes_them_into_a_folder() {
    let shop = Shop::new("discovery = false", &FILES);
    let folder = shop.0.path().join("out");
    let (code, out, errors) = shop.run(&["discovery", "--out", folder.to_str().unwrap()]);
    assert_eq!((code, errors.as_str()), (0, ""));
    assert!(out.ends_with("add `discovery = true` to [site]\n"), "{out}");
    let table = Shop::new("discovery = true", &FILES).table();
    for document in table.documents() {
        assert_eq!(fs::read(folder.join(&*document.key)).unwrap(), document.body);
    }
}

#[test]
fn a_bucket_both_ways() {
    let shop = Shop::new("discovery = false", &FILES);
    let table = shop.table();
    let mut bucket: Vec<_> = table
        .contents()
        .map(|content| Stored {
            key: content.key.to_owned(),
            size: content.size,
            etag: content.etag.to_owned(),
        })
        .collect();
    assert!(table.diff(bucket.clone()).is_complete());

    bucket[0].key = "else.txt".to_owned();
    bucket[1].etag = "\"0\"".to_owned();
    let listing: Vec<_> = bucket
        .iter()
        .map(|object| serde_json::json!({"Key": format!("v1/{}", object.key), "Size": object.size, "ETag": object.etag}))
        .collect();
    let file = shop.0.path().join("listing.json");
    fs::write(&file, serde_json::json!({ "Contents": listing }).to_string()).unwrap();
    let file = file.to_str().unwrap();
    let (code, out, errors) = shop.run(&["diff", "--bucket", file, "--prefix", "v1/"]);
    assert_eq!((code, errors.as_str()), (4, ""));
    insta::assert_snapshot!("diff", out);
    let (code, out, _) = shop.run(&["diff", "--bucket", file, "--prefix", "v1/", "--json"]);
    assert_eq!(code, 4);
    insta::assert_snapshot!("diff-json", out);

    let (code, _, errors) = shop.run(&["diff", "--bucket", "nowhere.json"]);
    assert_eq!(code, 1);
    assert!(errors.starts_with("error: nowhere.json: "), "{errors}");
    fs::write(file, "no listing").unwrap();
    let (code, _, errors) = shop.run(&["diff", "--bucket", file]);
    assert_eq!(code, 1);
    assert!(errors.contains("aws s3api list-objects-v2"), "{errors}");
}
