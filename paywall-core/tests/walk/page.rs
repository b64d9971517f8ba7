//! What people at a browser are answered, and who is one.

use price_table::challenge::MAX_PAGE_BYTES;
use price_table::page::MAX_PAYWALL_BYTES;
use serde_json::{Value, json};

use crate::support::{BROWSER, NOW, Payment, Scenario, open_table};

/// The data block with this id.
fn block(page: &str, id: &str) -> Value {
    let start = format!(r#"<script type="application/json" id="{id}">"#);
    let (_, rest) = page.split_once(&start).unwrap_or_else(|| panic!("no {id}: {page}"));
    serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap()
}

fn page(scenario: &mut Scenario, path: &str) -> String {
    scenario.send("GET", path, &BROWSER).refused().body.clone().unwrap()
}

#[test]
fn it_says_what_the_header_says() {
    let mut scenario = Scenario::open();
    let ended = scenario.send("GET", "/a.json", &BROWSER);
    let response = ended.refused();
    let header = |name: &str| response.headers.first(name);
    assert_eq!(response.status, "402");
    assert_eq!(header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(header("cache-control"), Some("no-store"));
    assert_eq!(header("vary"), Some("Accept, Sec-Fetch-Dest, Sec-Fetch-Mode, User-Agent"));
    let policy = header("content-security-policy").unwrap();
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    // In a header they would hide the wallets that inject inline.
    assert!(!policy.contains("script-src") && !policy.contains("default-src"), "{policy}");

    let body = response.body.as_deref().unwrap();
    assert!(body.len() <= MAX_PAGE_BYTES);
    for text in [
        "A report",
        "What it says",
        "$0.01",
        "0.01 USDC on Base Sepolia (test money)",
        "a.json",
        "1 kB",
    ] {
        assert!(body.contains(text), "{text}: {body}");
    }
    assert_eq!(block(body, "terms"), ended.decoded("payment-required"));
    // What agents are told, for those that ask as browsers do.
    let told = block(body, "paywall");
    assert_eq!(told, scenario.get("/a.json").body()["paywall"]);
    assert_eq!(told["code"], "payment_required");
    assert!(told.to_string().len() <= MAX_PAYWALL_BYTES);
    assert_eq!(
        block(body, "page"),
        json!({ "file": "a.json", "size": 1_000, "type": "application/json", "seconds": 0, "time": NOW })
    );
}

#[test]
fn what_one_payment_buys() {
    let timed = page(&mut Scenario::open(), "/timed.json");
    assert!(timed.contains("downloads for 10 minutes"), "{timed}");
    assert_eq!(block(&timed, "page")["seconds"], 600);
    assert!(page(&mut Scenario::open(), "/a.json").contains("one download"));
}

#[test]
fn terms_that_do_not_fit_are_left_out() {
    let mut table = open_table();
    for rule in table.rules.to_mut() {
        rule.description = "é".repeat(450).into();
        rule.title = "\"".repeat(100).into();
    }
    let mut scenario = Scenario::of(table);
    let ended = scenario.send("GET", "/a.json", &BROWSER);
    let body = ended.refused().body.as_deref().unwrap();
    assert!(body.len() <= MAX_PAGE_BYTES, "{}", body.len());
    assert!(!body.contains("id=\"terms\"") && !body.contains('\u{1}'), "{body}");
    assert!(body.trim_end().ends_with("</html>"), "{body}");
    assert_eq!(ended.decoded("payment-required")["x402Version"], 2);
}

#[test]
fn nothing_of_the_seller_s_becomes_markup() {
    const HOSTILE: &str =
        "</title><script>alert(1)</script><img src=x onerror=\"alert(1)\">'\u{1}a\u{1}l";
    let mut table = open_table();
    for rule in table.rules.to_mut() {
        (rule.title, rule.description) = (HOSTILE.into(), HOSTILE.into());
        rule.mime_type = Some(HOSTILE.into());
    }
    let body = page(&mut Scenario::of(table), "/a.json");
    for markup in ["<script>", "<img", "onerror=\"", "\u{1}"] {
        assert!(!body.contains(markup), "{markup}: {body}");
    }
    assert_eq!(block(&body, "page")["type"], HOSTILE);
}

#[test]
fn everybody_else_is_answered_in_json() {
    for headers in [
        &[("Accept", "application/json, text/html;q=0.1"), ("User-Agent", "Mozilla/5.0")][..],
        &[("Accept", "text/html"), ("User-Agent", "curl/8")],
        &[("Accept", "text/html"), ("User-Agent", "Mozilla/5.0"), ("Sec-Fetch-Mode", "cors")],
        &[],
    ] {
        let ended = Scenario::open().send("GET", "/a.json", headers);
        assert_eq!(ended.body()["x402Version"], 1, "{headers:?}");
        assert_eq!(ended.refused().headers.first("content-security-policy"), None);
    }
    // Only who has not paid is shown the price; what became of a payment is told to the page's script.
    let payment = Payment::v2(1).valid_until(NOW).header();
    let asked = [&BROWSER[..], &[("PAYMENT-SIGNATURE", &payment)]].concat();
    let ended = Scenario::open().send("GET", "/a.json", &asked);
    assert!(ended.body()["paywall"]["code"].is_string());
}

#[test]
fn a_head_has_the_page_s_headers_and_no_body() {
    let ended = Scenario::open().send("HEAD", "/a.json", &BROWSER);
    assert_eq!(ended.refused().body, None);
    assert_eq!(ended.refused().headers.first("content-type"), Some("text/html; charset=utf-8"));
}

#[test]
fn a_seller_may_have_none() {
    let mut table = open_table();
    table.site.page = None;
    let mut scenario = Scenario::of(table);
    let ended = scenario.send("GET", "/a.json", &BROWSER);
    assert_eq!(ended.body()["x402Version"], 1);
    assert_eq!(ended.refused().headers.first("vary"), None);
}
