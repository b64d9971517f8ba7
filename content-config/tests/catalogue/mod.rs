//! A big catalogue: 100,000 objects under 200 rules.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

pub(crate) const OBJECTS: usize = 100_000;
pub(crate) const RULES: usize = 200;

/// The key of an object. Every rule has as many.
pub(crate) fn key(nth: usize) -> String {
    format!("shelf-{}/box {}/item-{nth}.json", nth % RULES, nth / RULES % 25)
}

/// A key that looks like one and is none.
pub(crate) fn invented(nth: usize) -> String {
    format!("shelf-{}/box {}/item-{}.json", nth % RULES, nth / RULES % 25, nth + OBJECTS)
}

/// A content.toml with its manifest, in a folder that goes when this does.
pub(crate) struct Catalogue {
    folder: tempfile::TempDir,
}

impl Catalogue {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut content =
            "[site]\nid = \"shop\"\ndiscovery = false\nurls = [\"https://shop.example\"]\nmanifest = \"m.jsonl\"\n\
            [payment]\npay_to = \"0x70997970C51812dc3A010C7d01b50e0d17dc79C8\"\n\
            accept = [\"base-sepolia/usdc\"]\nfacilitators = [\"https://facilitator.example\"]\n"
                .to_owned();
        for rule in 0..RULES {
            // Both kinds of wildcard, and prices to tell the rules by.
            let path = if rule % 2 == 0 {
                format!("shelf-{rule}/**")
            } else {
                format!("shelf-{rule}/*/item-*.json")
            };
            writeln!(content, "[[rule]]\npath = {path:?}\nprice = \"0.{:03}\"", rule + 1).unwrap();
        }
        let mut manifest = String::new();
        for nth in 0..OBJECTS {
            let key = key(nth);
            writeln!(manifest, "{{\"key\":\"{key}\",\"size\":{nth},\"etag\":\"{nth:032x}\"}}")
                .unwrap();
        }
        fs::write(folder.path().join("content.toml"), content).unwrap();
        fs::write(folder.path().join("m.jsonl"), manifest).unwrap();
        Catalogue { folder }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("content.toml")
    }
}
