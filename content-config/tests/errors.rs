//! The whole text of every kind of problem.
//!
//! Each `errors/CODE.toml` or `errors/CODE--VARIANT.toml` has problems of one kind; what is said of
//! them is in `snapshots/`.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::Path;

use content_config::{Code, Report, Severity, compile};

/// Kinds that only a folder made by a test can have.
const MADE_HERE: [Code; 2] = [Code::BadSymlink, Code::TooMany];

/// A fixture on purpose with problems of several kinds.
const MANY: &str = "many-at-once";

#[test]
fn every_kind_is_explained() {
    let mut covered = BTreeSet::new();
    let mut fixtures: Vec<_> = fs::read_dir("tests/errors")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    fixtures.sort();
    for path in fixtures {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let report = problems(&path);
        let code = name.split("--").next().unwrap();
        for problem in report.problems() {
            assert!(
                name == MANY || problem.code.name() == code,
                "{name} should have problems of its own kind only:\n{report}"
            );
            assert!(problem.help.is_some(), "{name}: no way out of {}", problem.message);
            assert!(report.place(problem).is_some(), "{name}: no place for {}", problem.message);
        }
        assert!(!report.is_empty(), "{name} has no problem");
        covered.insert(code.to_owned());
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(name, report.render(false));
        });
    }
    for code in Code::ALL.iter().filter(|code| !MADE_HERE.contains(code)) {
        assert!(covered.contains(code.name()), "no tests/errors/{code}.toml");
    }
}

/// The errors, or the warnings if there is none.
fn problems(path: &Path) -> Report {
    match compile(path) {
        Ok(compiled) => {
            let warnings = compiled.warnings();
            assert!(warnings.problems().iter().all(|p| p.code.severity() == Severity::Warning));
            warnings.clone()
        }
        Err(report) => {
            assert!(report.has_errors());
            report
        }
    }
}

/// What is wrong with a folder, with the folder's own path cut out of the text.
fn folder_problems(fill: impl FnOnce(&Path)) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("content.toml");
    fs::copy("tests/errors/zero-price.toml", &path).unwrap();
    let text = fs::read_to_string(&path).unwrap().replace("price = \"0.00\"", "free = true");
    fs::write(&path, text).unwrap();
    let content = folder.path().join("content");
    fs::create_dir(&content).unwrap();
    fill(&content);
    let rendered = match compile(&path) {
        Ok(_) => "no problem".to_owned(),
        Err(report) => report.render(false),
    };
    rendered.replace(&format!("{}/", folder.path().display()), "")
}

#[test]
fn a_link_that_leaves_the_folder() {
    let report = folder_problems(|content| {
        fs::write(content.join("../secret.txt"), "secret").unwrap();
        symlink("../secret.txt", content.join("out.txt")).unwrap();
        symlink("..", content.join("parent")).unwrap();
    });
    insta::assert_snapshot!(report);
}

#[test]
fn a_link_in_circles() {
    let report = folder_problems(|content| {
        fs::create_dir_all(content.join("a/b")).unwrap();
        symlink("../../a", content.join("a/b/again")).unwrap();
        symlink("nowhere", content.join("dangling")).unwrap();
    });
    insta::assert_snapshot!(report);
}

#[test]
fn links_within_the_folder_are_followed() {
    let folder = tempfile::tempdir().unwrap();
    fs::copy("tests/errors/rules-tie.toml", folder.path().join("content.toml")).unwrap();
    let content = folder.path().join("content");
    fs::create_dir_all(content.join("a")).unwrap();
    fs::write(content.join("a/x.txt"), "x").unwrap();
    symlink("a", content.join("b")).unwrap();
    symlink("a/x.txt", content.join("y.txt")).unwrap();
    let text = "[site]\nid = \"shop\"\ndiscovery = false\nurls = [\"https://shop.example\"]\ncontent = \"content\"\n\
                [[rule]]\npath = \"**\"\nfree = true\n";
    fs::write(folder.path().join("content.toml"), text).unwrap();
    let compiled = compile(&folder.path().join("content.toml")).unwrap();
    let mut keys: Vec<_> =
        compiled.listings().into_iter().map(|l| l.object.key.into_owned()).collect();
    keys.sort();
    assert_eq!(keys, ["a/x.txt", "b/x.txt", "y.txt"]);
}

#[test]
fn more_than_cloudfront_delivers() {
    let report = folder_problems(|content| {
        let file = fs::File::create(content.join("big.tar")).unwrap();
        file.set_len(50_000_000_001).unwrap();
    });
    insta::assert_snapshot!(report);
}

#[test]
fn names_that_cannot_be_keys() {
    let report = folder_problems(|content| {
        fs::write(content.join("back\\slash.txt"), "").unwrap();
        fs::write(content.join("new\nline.txt"), "").unwrap();
        fs::write(content.join(std::ffi::OsStr::from_bytes(b"latin-\xe9.txt")), "").unwrap();
        let socket = std::os::unix::net::UnixListener::bind(content.join("socket")).unwrap();
        drop(socket);
    });
    insta::assert_snapshot!(report);
}

#[test]
fn hidden_files_are_not_for_sale() {
    let report = folder_problems(|content| {
        fs::write(content.join(".DS_Store"), "").unwrap();
        fs::create_dir(content.join(".git")).unwrap();
        fs::write(content.join(".git/config"), "").unwrap();
    });
    insta::assert_snapshot!(report);
}

#[test]
fn more_types_than_a_table_holds() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("content.toml");
    let content = "[site]\nid = \"shop\"\ndiscovery = false\nurls = [\"https://shop.example\"]\nmanifest = \"m.jsonl\"\n\
                   [[rule]]\npath = \"**\"\nfree = true\n";
    fs::write(&path, content).unwrap();
    let line = |n| format!("{{\"key\":\"{n}\",\"size\":1,\"type\":\"x/{n}\",\"etag\":\"1\"}}\n");
    let lines = |count| (0..count).map(line).collect::<String>();
    fs::write(folder.path().join("m.jsonl"), lines(65_536)).unwrap();
    assert!(compile(&path).is_ok());
    fs::write(folder.path().join("m.jsonl"), lines(65_537)).unwrap();
    let report = compile(&path).unwrap_err();
    assert_eq!(report.problems().len(), 1);
    assert_eq!(report.problems()[0].code, Code::TooMany);
}

#[test]
fn a_content_toml_that_is_not_there() {
    let report = compile(Path::new("tests/errors/nowhere.toml")).unwrap_err();
    insta::assert_snapshot!(report.render(false));
}
