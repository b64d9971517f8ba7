//! Objects bought once each of `paywall dev`, for the catalogues.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use edge_local::buyer::ANVIL_KEY;
use serde_json::Value;

use crate::purchase::{Dev, text};
use crate::shop::{PAYEE, Told, paywall};

fn seed(folder: &Path, more: &[&str]) -> Told {
    let words = [&["seed-listings", "--key-env", "PAYER", "--yes"][..], more].concat();
    Told::of(paywall(folder, &words).env("PAYER", ANVIL_KEY).output().unwrap())
}

/// The transactions of the last run, by URL.
fn bought(told: &Told) -> Vec<(String, String)> {
    let facts: Value =
        serde_json::from_str(&told.out).unwrap_or_else(|_| panic!("{}", told.errors));
    let list = facts["bought"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    list.map(|one| (text(&one["url"]), text(&one["transaction"]))).collect()
}

#[test]
fn each_object_is_bought_once_whatever_comes_between() {
    let folder = tempfile::tempdir().unwrap();
    let shop = folder.path();
    fs::create_dir(shop.join("content")).unwrap();
    for name in ["a.txt", "b.txt", "c.txt"] {
        fs::write(shop.join("content").join(name), name).unwrap();
    }
    let config = shop.join("content.toml");
    let write = |url: &str, discovery: &str| {
        let priced = "[[rule]]\npath = \"c.txt\"\nprice = \"0.02\"\n";
        let text = text(url, "base-sepolia/usdc", PAYEE) + priced;
        fs::write(&config, text.replace("discovery = false", discovery)).unwrap();
    };
    write("http://127.0.0.1:8402", "discovery = true");
    let (_dev, url) = Dev::start(shop);
    write(&url, "discovery = true");
    let record = shop.join("listings.jsonl");

    let asked = Told::of(paywall(shop, &["seed-listings", "*", "--dry-run"]).output().unwrap());
    let cost = "2 objects for 0.03 USDC on eip155:84532, in test money, paid to 0x2096";
    assert!(asked.done && asked.out.contains(cost), "{}{}", asked.out, asked.errors);
    assert!(!record.exists());

    let first = bought(&seed(shop, &["*", "/c.txt", "--json"]));
    assert_eq!(first.len(), 2, "{first:?}");
    assert_eq!(record.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let written = fs::read_to_string(&record).unwrap();
    assert!(!written.contains(&ANVIL_KEY[2..]));

    let again = seed(shop, &["*"]);
    assert!(again.done && again.out.contains("2 of them bought"), "{}", again.out);
    assert!(again.out.contains("nothing to buy") && !again.out.contains("bought  "));
    assert_eq!(fs::read_to_string(&record).unwrap(), written);

    // Cut off after each line: what was sent is sent again, and was paid once.
    let lines: Vec<_> = written.split_inclusive('\n').collect();
    assert_eq!(lines.len(), 4);
    for kept in [1, 3] {
        fs::write(&record, lines[..kept].concat()).unwrap();
        let anew = bought(&seed(shop, &["*", "--json"]));
        assert_eq!(anew[0], first[kept / 2], "{kept}");
        // What had not been begun is another payment.
        assert!(kept == 3 || anew[1].1 != first[1].1);
    }

    // A payment that is worth nothing is no reason to stop.
    let broken = lines[0].replace("\"value\":\"", "\"value\":\"AAAA");
    fs::write(&record, broken).unwrap();
    assert_eq!(bought(&seed(shop, &["a.txt", "--json"])).len(), 1);

    let renewed = bought(&seed(shop, &["a.txt", "--renew", "0", "--json"]));
    assert!(renewed.len() == 1 && renewed[0].1 != first[0].1);

    for (words, why) in [
        (&["b.txt"][..], "b.txt is free"),
        (&["d.txt"], "d.txt is not for sale"),
        (&["d/**"], "d/** is not for sale"),
        (&["a.txt", "--record", "content/r"], "lies in the content folder"),
    ] {
        let told = seed(shop, words);
        assert!(!told.done && told.errors.contains(why), "{}", told.errors);
    }
    write(&url, "discovery = false");
    let hidden = seed(shop, &["a.txt"]);
    assert!(!hidden.done && hidden.errors.contains("no catalogue is told"), "{}", hidden.errors);
}

#[test]
fn what_an_earlier_purchase_opens_is_not_said_to_be_sold() {
    let folder = tempfile::tempdir().unwrap();
    let shop = folder.path();
    fs::create_dir(shop.join("content")).unwrap();
    for name in ["a.txt", "b.txt", "p1.txt", "p2.txt"] {
        fs::write(shop.join("content").join(name), name).unwrap();
    }
    let config = shop.join("content.toml");
    let write = |url: &str| {
        let priced =
            "[[rule]]\npath = \"p*.txt\"\nprice = \"0.02\"\naccess = \"60d\"\npass = \"rule\"\n";
        let text = text(url, "base-sepolia/usdc", PAYEE) + priced;
        fs::write(&config, text.replace("discovery = false", "discovery = true")).unwrap();
    };
    write("http://127.0.0.1:8402");
    let (_dev, url) = Dev::start(shop);
    write(&url);
    let told = seed(shop, &["p*.txt"]);
    assert!(told.done, "{}{}", told.out, told.errors);
    let lines = |word: &str| told.out.lines().filter(|line| line.starts_with(word)).count();
    assert_eq!((lines("bought  "), lines("left  ")), (1, 1), "{}", told.out);
    // A listing is renewed by a sale, and not by what a sale opened.
    let renewed = seed(shop, &["p1.txt", "--renew", "0"]);
    assert!(renewed.done && renewed.out.contains("an earlier purchase"), "{}", renewed.out);
}
