//! What the tool prints, and its exit codes.

use std::fs;
use std::path::Path;

use content_config::cli;

const SAMPLE: &str = "sample/content.toml";

/// Exit code, standard output and standard error.
fn run(arguments: &[&str]) -> (u8, String, String) {
    let (mut out, mut errors) = (Vec::new(), Vec::new());
    let arguments = ["content-config"].iter().chain(arguments).map(Into::into);
    let code = cli::run(arguments, false, &mut out, &mut errors);
    (code, String::from_utf8(out).unwrap(), String::from_utf8(errors).unwrap())
}

/// Standard output of a command on the sample that ends with this code and no complaint.
fn sample(code: u8, arguments: &[&str]) -> String {
    let (found, out, errors) = run(&[arguments, &["--config", SAMPLE]].concat());
    assert_eq!((found, errors.as_str()), (code, ""), "{arguments:?}\n{out}");
    out
}

#[test]
fn check() {
    insta::assert_snapshot!("check", sample(0, &["check"]));
    insta::assert_snapshot!("check-json", sample(0, &["check", "--json"]));
}

#[test]
fn check_of_errors() {
    let (code, out, errors) = run(&["check", "--config", "tests/errors/many-at-once.toml"]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(errors.ends_with("7 errors, 0 warnings\n"), "{errors}");

    let (code, out, _) = run(&["check", "--json", "--config", "tests/errors/zero-price.toml"]);
    assert_eq!(code, 1);
    insta::assert_snapshot!("check-json-of-errors", out);
}

#[test]
fn check_of_warnings() {
    let (code, out, errors) = run(&["check", "--config", "tests/errors/v1-cannot-pay.toml"]);
    assert_eq!(code, 0);
    assert!(out.contains("arbitrum-sepolia"), "{out}");
    assert!(errors.ends_with("0 errors, 1 warning\n"), "{errors}");
}

#[test]
fn list() {
    insta::assert_snapshot!("list", sample(0, &["list"]));
    insta::assert_snapshot!("list-json", sample(0, &["list", "--json"]));
}

#[test]
fn explain() {
    for (name, code, path) in [
        ("priced", 0, "reports/2026/summary.txt"),
        ("timed", 0, "datasets/prices.csv"),
        ("free", 0, "/"),
        ("url", 0, "https://example.com/notes/Caf%C3%A9%20%2B%20Quay%203.txt?x=1#y"),
        ("misspelt", 3, "reports/2026/markets.json"),
        ("hidden", 3, "/.git/config"),
        ("ambiguous", 3, "/free/../reports/2026/market.json"),
    ] {
        insta::assert_snapshot!(format!("explain-{name}"), sample(code, &["explain", path]));
    }
    let json = sample(0, &["explain", "reports/2026/summary.txt", "--json"]);
    insta::assert_snapshot!("explain-json", json);
    let json = sample(3, &["explain", "nothing", "--json"]);
    insta::assert_snapshot!("explain-json-of-nothing", json);
}

#[test]
fn offers_on_other_networks() {
    let config = ["--config", "tests/everything/content.toml"];
    for (name, arguments) in [
        ("check-pass-through", &["check"][..]),
        ("list-independent", &["list"]),
        ("explain-independent", &["explain", "books/freedom.epub"]),
        ("explain-next", &["explain", "books/más.epub"]),
        ("explain-next-json", &["explain", "books/más.epub", "--json"]),
        ("explain-pass-through", &["explain", "maps/north/1.pdf"]),
        ("explain-pass-through-json", &["explain", "maps/north/1.pdf", "--json"]),
    ] {
        let (code, out, errors) = run(&[arguments, &config].concat());
        // Of the rule whose payments are independent.
        assert_eq!((code, errors.contains("0 errors, 1 warning")), (0, name.contains("check")));
        insta::assert_snapshot!(name, out);
    }
}

#[test]
fn a_price_change_whose_time_has_come_is_in_force() {
    let config = ["--config", "tests/errors/price-has-changed.toml"];
    let key = fs::read_dir("tests/errors/content").unwrap().next().unwrap().unwrap().file_name();
    let key = key.to_str().unwrap();
    let told = |arguments: &[&str]| {
        let (code, out, _) = run(&[arguments, &config].concat());
        assert_eq!(code, 0, "{arguments:?}: {out}");
        out
    };
    for arguments in [&["check"][..], &["list"], &["explain", key]] {
        let out = told(arguments);
        assert!(out.contains("$0.02, since 2020-12-24T00:00:00Z"), "{out}");
        assert!(!out.contains("$0.01") && !out.contains("later"), "{out}");
    }
    let explained: serde_json::Value =
        serde_json::from_str(&told(&["explain", key, "--json"])).unwrap();
    let offer = &explained["offers"][0];
    assert_eq!((&offer["amount"], &offer["price"]), (&"20000".into(), &"$0.02".into()));
    assert!(offer.get("next").is_none() && offer.get("previous").is_none(), "{offer}");
}

#[test]
fn a_manifest_makes_the_same_table() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("manifest.jsonl");
    let file_name = file.to_str().unwrap();
    // The documents for agents are objects of the folder alone.
    let content =
        fs::read_to_string(SAMPLE).unwrap().replace("discovery = true", "discovery = false");
    let sold = Path::new("sample/content").canonicalize().unwrap();
    let whole = folder.path().join("whole.toml");
    let absolute = format!("content = {:?}", sold.to_str().unwrap());
    fs::write(&whole, content.replace("content = \"content\"", &absolute)).unwrap();
    let config = ["--config", whole.to_str().unwrap()];
    let (code, out, _) = run(&[&["manifest", "--output", file_name], &config[..]].concat());
    assert_eq!((code, out.as_str()), (0, ""));
    let (_, out, _) = run(&[&["manifest"], &config[..]].concat());
    assert_eq!(out, fs::read_to_string(&file).unwrap());
    let (code, of_folder, errors) = run(&["manifest", "sample/content"]);
    assert_eq!((code, errors.as_str()), (0, ""));
    assert_eq!(of_folder, fs::read_to_string(&file).unwrap());

    let content = content.replace("content = \"content\"", "manifest = \"manifest.jsonl\"");
    let copy = folder.path().join("content.toml");
    fs::write(&copy, content).unwrap();
    let table = |path| content_config::compile(path).unwrap_or_else(|report| panic!("{report}"));
    let (listed, scanned) = (table(&copy), table(&whole));
    assert_eq!(listed.table(), scanned.table());
    assert_eq!(listed.inputs(), [copy, file]);
    assert_eq!(scanned.inputs().len(), 2);
    assert!(scanned.inputs()[1].is_dir());
}

#[test]
fn files_that_cannot_be_used() {
    let (code, _, errors) = run(&["manifest", "nowhere"]);
    assert_eq!(code, 1);
    assert!(errors.starts_with("[unreadable] Error: nowhere cannot be read"), "{errors}");
    let (code, _, errors) = run(&["manifest", "sample/content", "-o", "nowhere/m.jsonl"]);
    assert_eq!(code, 1);
    assert!(errors.starts_with("error: nowhere/m.jsonl: "), "{errors}");
    let (code, _, errors) = run(&["check", "--config", "nowhere/content.toml"]);
    assert_eq!(code, 1);
    assert!(errors.contains("nowhere/content.toml cannot be read"), "{errors}");
}

#[test]
fn a_wrong_command_line() {
    assert_eq!(run(&["chekc"]).0, 2);
    assert_eq!(run(&["explain"]).0, 2);
    assert_eq!(run(&["--help"]).0, 0);
}
