//! A table whose file changes under the function: what was changed is refused, and nothing else.

mod viewer;

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use edge_fn::io::clock::now;
use edge_fn::io::sandbox::Sandbox;
use edge_fn::io::secrets::Source;
use edge_fn::io::settings::{Settings, Store};
use edge_fn::io::table;
use paywall_core::clock::Micros;
use paywall_core::paywall::Overrides;
use price_table::{Object, Objects, ReadAt, Sale, Table, file};
use serde_json::Value;
use serde_json::value::to_raw_value;
use site_secrets::{Inline, Parameter};

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
        sha256: None,
    };
    let objects: Vec<_> = keys.iter().enumerate().map(object).collect();
    table.objects = Objects::build(&objects).unwrap();
    table
}

fn known() -> Source {
    let key = |digit: &str| vec![digit.repeat(64)];
    Source::Known(Inline { handover: key("a"), pass: key("b"), ..Inline::default() })
}

fn sandbox(table: &'static Table, secrets: Source) -> Sandbox {
    let overrides = Overrides { memory: Some(true), ..Overrides::default() };
    Sandbox::new(table, None, Settings { secrets, overrides, store: Some(Store::Memory) })
}

/// The status, or 200 for what goes on, and the code of a refusal.
fn ask(sandbox: &Sandbox, nth: usize) -> (String, String) {
    let event = viewer::event("GET", &format!("/{}", key(nth)), ("Accept", "*/*"));
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
    let sandbox = sandbox(table::open(folder.path()).unwrap(), known());
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

/// The rules are of the table that was opened: rows that name other rules by the same numbers are not sold.
#[test]
fn another_table_in_the_same_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(file::NAME);
    let mut other = large();
    other.rules.to_mut().reverse();
    let (bytes, other) = (file::write(&large()).unwrap(), file::write(&other).unwrap());
    assert_eq!(bytes.len(), other.len());
    fs::write(&path, &bytes).unwrap();
    let sandbox = sandbox(table::open(folder.path()).unwrap(), known());
    assert_eq!(ask(&sandbox, 0).0, "402");
    OpenOptions::new().write(true).open(&path).unwrap().write_all_at(&other, 0).unwrap();
    for nth in (0..OBJECTS).step_by(97) {
        assert_eq!(ask(&sandbox, nth).1, "price_table_damaged");
    }
}

/// Bytes of which the next read fails, if it is told so.
#[derive(Debug)]
struct Flaky {
    bytes: Vec<u8>,
    fails: AtomicBool,
}

#[derive(Debug)]
struct Shared(Arc<Flaky>);

impl ReadAt for Shared {
    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<()> {
        if self.0.fails.swap(false, Ordering::Relaxed) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let at = usize::try_from(at).unwrap();
        buffer.copy_from_slice(&self.0.bytes[at..at + buffer.len()]);
        Ok(())
    }
}

/// Without secrets nothing is quoted, and a read that fails once does not get around that.
#[test]
fn a_read_that_fails_once_quotes_nothing_without_secrets() {
    let flaky =
        Arc::new(Flaky { bytes: file::write(&large()).unwrap(), fails: AtomicBool::new(false) });
    let length = flaky.bytes.len() as u64;
    let table = file::by_need(Arc::new(Shared(Arc::clone(&flaky))), length).unwrap();
    let parameter = Parameter { name: "/x402/shop".into(), region: "no-region.invalid".into() };
    let sandbox = sandbox(Box::leak(Box::new(table)), Source::Ssm(parameter));
    assert_eq!(ask(&sandbox, 0).0, "503");
    flaky.fails.store(true, Ordering::Relaxed);
    assert_eq!(ask(&sandbox, 0).0, "503");
    assert!(!flaky.fails.load(Ordering::Relaxed), "it was read");
}
