//! `check --listing`: what catalogues make of shops, good and bad, and what their validator says when it is asked.
#![cfg(feature = "cli")]

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc;
use std::thread;

use content_config::cli;
use serde_json::{Value, json};
use tempfile::TempDir;

const BASE: &str = "base/usdc";
const GOOD: &str = r#"
discovery = true
name = "Harbour Reports"
tags = ["freight", "ports"]
icon = "https://shop.example/icon.png"
contact = "shop@example.com"
"#;

const RULES: &str = r#"
[[rule]]
path = "favicon.ico"
free = true

[[rule]]
path = "reports/**"
price = "0.01"
title = "Reports"
description = "Container freight rates of the North Sea ports, one report a month."
sample = { month = "2026-01", usdPerFeu = 2140 }

[[rule]]
path = "reports/*.txt"
price = "0.002"
description = "The same in a page of plain text."
sample = "CNSHA-NLRTM 2140"
"#;

const FILES: [&str; 4] = ["favicon.ico", "reports/2026.txt", "reports/a.json", "reports/b.json"];

const CDP: &str = r#"{ url = "https://api.cdp.coinbase.com/platform/v2/x402", auth = "cdp" }"#;
const PAYAI: &str = r#""https://facilitator.payai.network""#;

struct Shop(TempDir);

impl Shop {
    /// A shop under a URL that accepts a token, with more of `[site]`, facilitators, rules and files.
    fn new(
        url: &str,
        site: &str,
        (accept, facilitators): (&str, &str),
        rules: &str,
        files: &[&str],
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join("content").join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, file).unwrap();
        }
        let text = format!(
            "[site]\nid = \"shop\"\nurls = [\"{url}\"]\ncontent = \"content\"\n{site}\n\
             [payment]\npay_to = \"0x209693Bc6afc0C5328bA36FaF03C514EF312287C\"\n\
             accept = [\"{accept}\"]\nfacilitators = [{facilitators}]\n{rules}"
        );
        fs::write(folder.path().join("content.toml"), text).unwrap();
        Shop(folder)
    }

    fn good() -> Self {
        let feeds = format!("{CDP}, {PAYAI}");
        Shop::new("https://shop.example", GOOD, (BASE, &feeds), RULES, &FILES)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.0.path().join("content").join(name), text).unwrap();
    }

    fn add(&self, text: &str) {
        let path = self.0.path().join("content.toml");
        fs::write(&path, fs::read_to_string(&path).unwrap() + text).unwrap();
    }

    /// Exit code, standard output and standard error of `check`, with the folder's own name cut out.
    fn check(&self, arguments: &[&str]) -> (u8, String, String) {
        let config = self.0.path().join("content.toml");
        let (mut out, mut errors) = (Vec::new(), Vec::new());
        let config = ["content-config", "check", "--config", config.to_str().unwrap()];
        let all = [&config, arguments].concat();
        let code = cli::run(all.into_iter().map(Into::into), false, &mut out, &mut errors);
        let folder = format!("{}/", self.0.path().display());
        let plain = |bytes| String::from_utf8(bytes).unwrap().replace(&folder, "");
        (code, plain(out), plain(errors))
    }

    fn json(&self, arguments: &[&str]) -> (u8, Value) {
        let (code, out, errors) = self.check(&[&["--json", "--listing"], arguments].concat());
        assert_eq!(errors, "");
        (code, serde_json::from_str(&out).unwrap())
    }
}

/// The checks that are not met, of the first object, as `catalogue: name`.
fn unmet(answer: &Value, verdict: &str) -> Vec<String> {
    let listing = &answer["listing"];
    let seen = listing["objects"][0]["catalogues"].as_array().cloned().unwrap_or_default();
    let of_site = json!({ "catalogue": "site", "checks": listing["site"], "asked": [] });
    let mut found = Vec::new();
    for seen in [vec![of_site], seen].concat() {
        let asked = seen["asked"].as_array().cloned().unwrap_or_default();
        for check in [seen["checks"].as_array().unwrap().clone(), asked].concat() {
            if check["verdict"] == verdict {
                found.push(format!(
                    "{}: {}",
                    seen["catalogue"].as_str().unwrap(),
                    check["name"].as_str().unwrap()
                ));
            }
        }
    }
    found
}

#[test]
fn a_good_shop() {
    let (code, out, errors) = Shop::good().check(&["--listing"]);
    assert_eq!((code, errors.as_str()), (0, ""), "{out}");
    insta::assert_snapshot!("good", out);
}

#[test]
fn a_good_shop_as_json() {
    let (code, answer) = Shop::good().json(&["reports/*.txt"]);
    assert_eq!((code, &answer["ok"]), (0, &json!(true)));
    insta::assert_snapshot!("good-json", format!("{:#}\n", answer["listing"]));
}

#[test]
fn a_shop_with_every_fault() {
    let rules = "[[rule]]\npath = \"**\"\nprice = \"0.0005\"\n";
    let files: Vec<_> = (0..41).map(|nth| format!("{nth}.csv")).collect();
    let files: Vec<_> = files.iter().map(String::as_str).collect();
    let terms = (
        "celo/usdc",
        "\"https://facilitator.payai.network\", { url = \"https://cdp.example\", dialect = \"reference\" }",
    );
    let shop = Shop::new("http://127.0.0.1:8402", "discovery = true", terms, rules, &files);
    let (code, out, errors) = shop.check(&["--listing"]);
    assert_eq!(code, 1, "{out}");
    assert!(errors.contains("[no-description] Warning"), "{errors}");
    insta::assert_snapshot!("faults", out);
}

#[test]
fn one_that_does_not_want_to_be_listed() {
    let shop = Shop::new("https://shop.example", "discovery = false", (BASE, CDP), RULES, &FILES);
    let (code, out, _) = shop.check(&["--listing"]);
    assert_eq!(code, 0);
    insta::assert_snapshot!("discovery-false", out);
    let (code, answer) = shop.json(&[]);
    assert_eq!((code, &answer["ok"]), (0, &json!(true)));
    assert_eq!(answer["listing"]["discovery"], false);
    assert_eq!(answer["listing"]["objects"], json!([]));
}

#[test]
fn what_is_looked_at() {
    let shop = Shop::good();
    let keys = |named: &str| {
        let (code, answer) = shop.json(&[named]);
        assert_eq!(code, 0);
        let objects = answer["listing"]["objects"].as_array().unwrap().clone();
        let covered = answer["listing"]["covered"].as_str().unwrap().to_owned();
        let keys = objects.iter().map(|object| object["key"].as_str().unwrap().to_owned());
        (keys.collect::<Vec<_>>().join(" "), covered)
    };
    for (named, wanted, covered) in [
        ("reports/**", "reports/a.json", "1 of 2 objects of this rule"),
        ("reports/b.json", "reports/b.json", "this object"),
        ("/reports/b.json", "reports/b.json", "this object"),
        ("https://shop.example/reports/b.json?x=1", "reports/b.json", "this object"),
        ("favicon.ico", "", "nothing: it is free"),
    ] {
        let (keys, told) = keys(named);
        assert_eq!(keys, wanted, "{named}");
        assert!(told.starts_with(covered), "{named}: {told}");
    }
    for named in ["reports/c.json", "reports/../b.json"] {
        for json in [&["--json"][..], &[]] {
            let (code, out, errors) = shop.check(&[&["--listing", named], json].concat());
            assert_eq!((code, out.as_str()), (3, ""), "{named}");
            assert!(errors.starts_with(&format!("error: {named}")), "{errors}");
        }
    }
    let (_, _, errors) = shop.check(&["--listing", "reports/c.json"]);
    assert!(errors.contains("reports/a.json"), "{errors}");
    // Without the word it is what it was.
    let (_, out, _) = shop.check(&[]);
    assert!(out.contains("CHALLENGE BYTES") && !out.contains("x402scan and agentcash"), "{out}");
}

#[test]
fn catalogues_hear_of_what_their_facilitators_settle() {
    for (facilitators, wanted) in [
        (CDP, ["taken", "taken", "not-told", "taken"]),
        (PAYAI, ["not-told", "taken", "taken", "taken"]),
        ("\"https://x.example\"", ["not-told", "taken", "not-told", "taken"]),
    ] {
        let shop = Shop::new("https://shop.example", GOOD, (BASE, facilitators), RULES, &FILES);
        let (code, answer) = shop.json(&[]);
        assert_eq!(code, 0);
        let seen = answer["listing"]["objects"][0]["catalogues"].as_array().unwrap().clone();
        let listing: Vec<_> = seen.iter().map(|seen| seen["listing"].as_str().unwrap()).collect();
        assert_eq!(listing, wanted, "{facilitators}");
    }
}

#[test]
fn what_a_price_becomes_counts() {
    let rules = "[[rule]]\npath = \"**\"\nprice = \"0.01\"\ndescription = \"d\"\nsample = 1\n\
                 next = { price = \"0.0005\", from = 2999-01-01T00:00:00Z }\n";
    let settles = "{ url = \"https://cdp.example\", dialect = \"reference\" }, \"https://facilitator.payai.network\"";
    let shop = Shop::new("https://shop.example", GOOD, (BASE, settles), rules, &["a.txt"]);
    let (_, answer) = shop.json(&[]);
    assert_eq!(unmet(&answer, "refused"), ["CDP Bazaar: accepts[0].amount"]);
    let checks =
        answer["listing"]["objects"][0]["catalogues"][0]["checks"].as_array().unwrap().clone();
    let amount = checks.iter().find(|check| check["name"] == "accepts[0].amount").unwrap();
    let message = amount["message"].as_str().unwrap();
    assert!(message.starts_with("from 2999-01-01T00:00:00Z on: 500 atomic units"), "{message}");
}

#[test]
fn an_openapi_json_of_the_seller_s_own_is_read() {
    let rule = "\n[[rule]]\npath = \"openapi.json\"\n";
    let of_site = |text: &str, price: &str| {
        let shop = Shop::good();
        shop.write("openapi.json", text);
        shop.add(&format!("{rule}{price}\n"));
        let (code, answer) = {
            let (code, out, _) = shop.check(&["--json", "--listing"]);
            (code, serde_json::from_str::<Value>(&out).unwrap())
        };
        let x402scan = &answer["listing"]["objects"][0]["catalogues"][1]["listing"];
        assert_eq!(x402scan, "refused", "{text}");
        (code, unmet(&answer, "refused"))
    };
    let gone = vec!["site: OPENAPI_NOT_FOUND".to_owned()];
    assert_eq!(of_site("{", "free = true"), (1, gone.clone()));
    assert_eq!(of_site("{}", "price = \"0.5\"\ndescription = \"d\""), (1, gone));
    let (code, refused) = of_site("{\"paths\": {\"/other\": {\"get\": {}}}}", "free = true");
    assert_eq!(
        (code, refused),
        (1, vec!["x402scan and agentcash: path in openapi.json".to_owned()])
    );
}

#[test]
fn a_link_in_the_page_is_a_favicon() {
    let site = format!("default_root_object = \"index.html\"\n{GOOD}");
    let rules = "[[rule]]\npath = \"index.html\"\nfree = true\n\
                 [[rule]]\npath = \"a.txt\"\nprice = \"0.01\"\ndescription = \"d\"\n";
    for (page, missing) in [("<link rel=icon href=/i.svg>", false), ("<p>", true)] {
        let shop =
            Shop::new("https://shop.example", &site, (BASE, CDP), rules, &["index.html", "a.txt"]);
        shop.write("index.html", page);
        let (_, answer) = shop.json(&[]);
        let advice = unmet(&answer, "advice");
        assert_eq!(advice.contains(&"site: FAVICON_MISSING".to_owned()), missing, "{advice:?}");
    }
}

/// A validator that answers each request so: its base URL, and what it was asked.
fn validator(status: u16, body: String) -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let (asked, heard) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") {
                stream.read_exact(&mut byte).unwrap();
                head.push(byte[0]);
            }
            let head = String::from_utf8(head).unwrap();
            let lower = head.to_ascii_lowercase();
            let length = lower.lines().find_map(|line| line.strip_prefix("content-length: "));
            let mut json = vec![0; length.map_or(0, |digits| digits.parse().unwrap())];
            stream.read_exact(&mut json).unwrap();
            let line = head.lines().next().unwrap();
            let validates = line.starts_with("POST /validate ");
            // What facilitators settle is asked as well.
            let (status, body) = match validates {
                true => (status, body.clone()),
                false => {
                    let kind =
                        json!({ "x402Version": 2, "scheme": "exact", "network": "eip155:8453" });
                    (200, json!({ "kinds": [kind] }).to_string())
                }
            };
            if validates {
                let _ = asked.send(String::from_utf8(json).unwrap());
            }
            let length = body.len();
            write!(
                stream,
                "HTTP/1.1 {status} x\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
            )
            .unwrap();
        }
    });
    (base, heard)
}

/// In the form of <https://docs.cdp.coinbase.com/x402/validate-endpoint>.
fn validation(accepted: bool, indexed: bool) -> String {
    let check = |name: &str, passed: bool, severity: &str| json!({ "check": name, "passed": passed, "severity": severity, "detail": format!("of {name}") });
    let mut validation = json!({
        "valid": accepted,
        "statusCode": 402,
        "preflight": [
            check("reachable", true, "required"),
            check("returns_402", accepted, "required"),
            check("bazaar.info.output.example", false, "advisory"),
            check("of_tomorrow", true, "required"),
        ],
        "simulation": { "outcome": if accepted { "accepted" } else { "rejected" } },
    });
    if !accepted {
        validation["simulation"]["rejectionReason"] = "no payment scheme".into();
    }
    if indexed {
        validation["index"] = json!({ "active": true, "lastCrawledAt": "2026-06-01T12:00:00Z" });
    }
    validation.to_string()
}

fn settled_by(base: &str, url: &str) -> Shop {
    let facilitator = format!("{{ url = \"{base}\", dialect = \"cdp\" }}");
    Shop::new(url, &format!("body = \"v2\"\n{GOOD}"), (BASE, &facilitator), RULES, &FILES)
}

#[test]
fn the_validator_is_asked() {
    let (base, heard) = validator(200, validation(true, true));
    let shop = settled_by(&base, "https://shop.example");
    let (code, out, errors) = shop.check(&["--listing", "--online"]);
    assert_eq!((code, errors.as_str()), (0, ""), "{out}");
    for url in ["reports/a.json", "reports/2026.txt"] {
        let asked: Value = serde_json::from_str(&heard.try_recv().unwrap()).unwrap();
        let resource = format!("https://shop.example/{url}");
        assert_eq!(asked, json!({ "resource": resource, "method": "GET" }));
    }
    assert!(heard.try_recv().is_err(), "one of each rule");
    assert!(out.contains("    asked, it says\n"), "{out}");
    assert!(
        out.contains("advice       bazaar.info.output.example: of bazaar.info.output.example"),
        "{out}"
    );
    assert!(
        out.contains("passed       reachable, returns_402, of_tomorrow, simulation, index"),
        "{out}"
    );
    assert!(!out.contains("needs online"), "{out}");
    // And facilitators, as without `--listing`.
    assert!(out.contains(&format!("ok          {base} settles on eip155:8453")), "{out}");
    // Nobody is asked without the word.
    let (code, _) = shop.json(&[]);
    assert_eq!((code, heard.try_recv().is_err()), (0, true));
}

#[test]
fn what_the_validator_says_counts() {
    let asked = |status: u16, body: String| {
        let (base, _heard) = validator(status, body);
        let (code, answer) =
            settled_by(&base, "https://shop.example").json(&["reports/a.json", "--online"]);
        (code, unmet(&answer, "refused"), unmet(&answer, "advice"))
    };
    let cdp = |names: &[&str]| -> Vec<String> {
        names.iter().map(|name| format!("CDP Bazaar: {name}")).collect()
    };
    let (code, refused, advice) = asked(200, validation(false, false));
    assert_eq!((code, refused), (1, cdp(&["returns_402", "simulation"])));
    assert!(advice.contains(&"CDP Bazaar: index".to_owned()), "{advice:?}");
    // What does not answer says nothing against the shop.
    for (status, body) in [(200, "<html>".to_owned()), (429, String::new()), (500, String::new())] {
        let (code, refused, advice) = asked(status, body);
        assert_eq!((code, refused), (0, vec![]), "{status}");
        assert!(advice.contains(&"CDP Bazaar: validate".to_owned()), "{advice:?}");
    }
}

#[test]
fn what_is_not_deployed_is_not_asked_about() {
    let (base, heard) = validator(200, validation(true, true));
    let (code, answer) = settled_by(&base, "http://127.0.0.1:8402").json(&["--online"]);
    assert_eq!(code, 1);
    assert!(heard.try_recv().is_err());
    assert!(unmet(&answer, "advice").contains(&"CDP Bazaar: validate".to_owned()));
    assert_eq!(unmet(&answer, "needs-online").len(), 2, "still to be seen");
}
