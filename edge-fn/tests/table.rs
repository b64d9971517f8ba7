//! A table whose file changes under the function: what was changed is refused, and nothing else.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use edge_fn::io::clock::now;
use edge_fn::io::sandbox::Sandbox;
use edge_fn::io::secrets::Source;
use edge_fn::io::settings::{Settings, Store};
use edge_fn::io::table;
use paywall_core::clock::Micros;
use paywall_core::paywall::Overrides;
use price_table::{Object, Objects, Sale, Table, file};
use serde_json::value::to_raw_value;
use serde_json::{Value, json};
use site_secrets::Inline;

const OBJECTS: usize = 5_000;

fn key(nth: usize) -> String {
    format!("data/item-{nth:05}.json")
}

/// The sample's rules, of which one is free and one priced, with so many objects that they are read by need.
fn large() -> Table {
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/../content-config/sample/content.toml");
    let mut table = content_config::compile(sample.as_ref()).unwrap().table().clone();
    let at = |free: bool| table.rules.iter().position(|rule| (rule.sale == Sale::Free) == free);
    let rules = [at(false).unwrap() as u16, at(true).unwrap() as u16];
    let keys: Vec<_> = (0..OBJECTS).map(key).collect();
    let object = |(nth, key): (usize, &String)| Object {
        key: key.clone().into(),
        etag: format!("\"{nth:032x}\"").into(),
        rule: rules[nth % 2],
        mime_type: 0,
        size: 1,
    };
    let objects: Vec<_> = keys.iter().enumerate().map(object).collect();
    table.objects = Objects::build(&objects).unwrap();
    table
}

fn sandbox(folder: &Path) -> Sandbox {
    let key = |digit: &str| vec![digit.repeat(64)];
    let secrets = Inline { handover: key("a"), pass: key("b"), ..Inline::default() };
    let overrides = Overrides { memory: Some(true), ..Overrides::default() };
    let settings =
        Settings { secrets: Source::Known(secrets), overrides, store: Some(Store::Memory) };
    Sandbox::new(table::open(folder).unwrap(), settings)
}

/// The status, or 200 for what goes on, and the code of a refusal.
fn ask(sandbox: &Sandbox, nth: usize) -> (String, String) {
    let event = json!({"Records": [{"cf": {
        "config": {
            "distributionDomainName": "d111111abcdef8.cloudfront.net",
            "distributionId": "EDFDVBD6EXAMPLE",
            "eventType": "viewer-request",
            "requestId": "4TyzHTaYWb1GX1qTfsHhEqV6HUDd_BzoBZnwfnvQc_1oF26ClkoUSEQ==",
        },
        "request": {
            "clientIp": "203.0.113.178",
            "headers": {"host": [{"key": "Host", "value": "d111111abcdef8.cloudfront.net"}]},
            "method": "GET",
            "querystring": "",
            "uri": format!("/{}", key(nth)),
        },
    }}]});
    let deadline = Micros(now().0 + 4_000_000);
    let answer = sandbox.answer(&to_raw_value(&event).unwrap(), deadline).unwrap();
    let answer: Value = serde_json::from_str(answer.get()).unwrap();
    let status = answer["status"].as_str().unwrap_or("200").to_owned();
    let body: Value = serde_json::from_str(answer["body"].as_str().unwrap_or("{}")).unwrap();
    (status, body["paywall"]["code"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn what_changes_under_the_function_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(file::NAME);
    let bytes = file::write(&large()).unwrap();
    assert!(bytes.len() > 256 * 1024, "{} bytes are read whole", bytes.len());
    fs::write(&path, &bytes).unwrap();
    let sandbox = sandbox(folder.path());
    let is = |nth: usize| match nth % 2 {
        0 => ("402".to_owned(), "payment_required".to_owned()),
        _ => ("200".to_owned(), String::new()),
    };
    let damaged = ("503".to_owned(), "price_table_damaged".to_owned());

    for nth in [0, 1, 2_500, OBJECTS - 1] {
        assert_eq!(ask(&sandbox, nth), is(nth));
        // Its rule: priced becomes free, or free priced, if nobody looks.
        let row = key(nth).into_bytes();
        let at = bytes.windows(row.len()).position(|window| window == row).unwrap() - 12;
        let file = OpenOptions::new().write(true).open(&path).unwrap();
        for bit in 0..8 {
            file.write_all_at(&[bytes[at] ^ 1 << bit], at as u64).unwrap();
            assert_eq!(ask(&sandbox, nth), damaged, "object {nth}, bit {bit}");
        }
        file.write_all_at(&bytes[at..=at], at as u64).unwrap();
        assert_eq!(ask(&sandbox, nth), is(nth));
    }

    // Cut short: what is gone is refused, and what is there is sold.
    OpenOptions::new().write(true).open(&path).unwrap().set_len(bytes.len() as u64 / 2).unwrap();
    let answers: Vec<_> =
        (0..OBJECTS).step_by(53).map(|nth| (ask(&sandbox, nth), is(nth))).collect();
    let refused = answers.iter().filter(|(answer, _)| *answer == damaged).count();
    assert!(answers.iter().all(|(answer, is)| answer == is || *answer == damaged));
    assert!(refused > 0 && refused < answers.len(), "{refused} of {}", answers.len());
}
