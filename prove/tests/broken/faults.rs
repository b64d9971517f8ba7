//! Every fault that must be found, with the checks that must find it, and no others.

use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine as _};
use serde_json::{Value, json};

use crate::seller::Fault::{self, Answers, Mends, Opens, Takes, Terms};
use crate::seller::{CONTENT, ETAG, PATH};
use crate::server::{Request, Response};

/// What is broken, the checks that are wrong by it, and how.
pub(crate) type Row = (&'static str, &'static [&'static str], Fault);

fn decode(response: &Response, name: &str) -> Value {
    let json = BASE64_STANDARD.decode(response.header(name)).expect("base64");
    serde_json::from_slice(&json).expect("JSON")
}

/// The purchases that are compared, not the one of a part.
fn buys(request: &Request, name: &str) -> bool {
    request.has(name) && request.has("origin")
}

fn receipt(request: &Request, response: &mut Response, change: fn(&mut Value)) {
    if buys(request, "PAYMENT-SIGNATURE") && response.status == 200 {
        let mut json = decode(response, "PAYMENT-RESPONSE");
        change(&mut json);
        response.set("PAYMENT-RESPONSE", BASE64_STANDARD.encode(json.to_string()));
    }
}

/// Nothing but what every request bears.
fn is_plain(request: &Request) -> bool {
    request.method == "GET"
        && request.path == PATH
        && request.query.is_empty()
        && request.headers() <= 2
}

fn is_garbage(request: &Request) -> bool {
    matches!(request.header("PAYMENT-SIGNATURE"), "%%%")
        || matches!(request.header("X-PAYMENT"), "%%%")
}

fn value(payment: &Value) -> u128 {
    let value = payment["payload"]["authorization"]["value"].as_str();
    value.and_then(|value| value.parse().ok()).unwrap_or(10_000)
}

#[rustfmt::skip]
pub(crate) const WRONG: &[Row] = &[
    ("crawlers are let in by Accept", &["challenge.status"], Opens(|r, _| r.header("accept").starts_with("application/json, text"))),
    ("a page without terms", &["challenge.terms"], Answers(|r, a| if r.header("accept").contains("html") { a.remove("PAYMENT-REQUIRED"); })),
    ("terms of v2 in the body alone", &["challenge.terms", "terms.header", "terms.version"], Answers(|_, a| if a.status == 402 {
        let terms = decode(a, "PAYMENT-REQUIRED");
        a.remove("PAYMENT-REQUIRED");
        a.body = terms.to_string().into();
    })),
    ("a 402 that caches keep", &["cache.challenge"], Answers(|_, a| if a.status == 402 { a.set("Cache-Control", "public, max-age=60"); })),
    ("a 402 that caches keep until", &["cache.challenge"], Answers(|_, a| if a.status == 402 {
        a.remove("Cache-Control");
        a.set("Expires", "Thu, 31 Dec 2099 23:59:59 GMT");
    })),
    ("a page for everybody", &["cache.challenge", "cache.vary"], Answers(|_, a| if a.status == 402 {
        a.set("Cache-Control", "s-maxage=60");
        a.remove("Vary");
    })),
    ("what was bought lies in a cache for all", &["cache.after-purchase"], Opens(|r, bought| bought && is_plain(r))),

    ("who pays gets nothing", &["purchase.v2"], Answers(|r, a| if buys(r, "PAYMENT-SIGNATURE") { *a = Response::new(402, "{}"); })),
    ("who pays in v1 gets nothing", &["purchase.v1"], Answers(|r, a| if buys(r, "X-PAYMENT") { *a = Response::new(500, "{}"); })),
    ("no receipt", &["purchase.v2.receipt"], Answers(|r, a| if buys(r, "PAYMENT-SIGNATURE") { a.remove("PAYMENT-RESPONSE"); })),
    ("no receipt in v1", &["purchase.v1.receipt"], Answers(|r, a| if buys(r, "X-PAYMENT") { a.remove("X-PAYMENT-RESPONSE"); })),
    ("a receipt that is no base64", &["purchase.v2.receipt"], Answers(|r, a| if buys(r, "PAYMENT-SIGNATURE") { a.set("PAYMENT-RESPONSE", "{}"); })),
    ("a receipt without success", &["purchase.v2.receipt"], Answers(|r, a| receipt(r, a, |json| json["success"] = "true".into()))),
    ("a receipt without a transaction", &["purchase.v2.receipt"], Answers(|r, a| receipt(r, a, |json| json["transaction"] = "".into()))),
    ("a receipt of another network", &["purchase.v2.receipt"], Answers(|r, a| receipt(r, a, |json| json["network"] = "eip155:1".into()))),
    ("a receipt of another payer", &["purchase.v2.receipt"], Answers(|r, a| receipt(r, a, |json| json["payer"] = "0x0000000000000000000000000000000000000001".into()))),
    ("content that caches keep", &["purchase.v2.cache"], Answers(|r, a| if r.has("PAYMENT-SIGNATURE") && a.status == 200 { a.set("Cache-Control", "public, max-age=60"); })),
    ("content of v1 that caches keep", &["purchase.v1.cache"], Answers(|r, a| if r.has("X-PAYMENT") && a.status == 200 { a.set("Cache-Control", "max-age=60"); })),
    ("a receipt that pages cannot read", &["purchase.v2.cors"], Answers(|r, a| if buys(r, "PAYMENT-SIGNATURE") { a.set("Access-Control-Expose-Headers", "ETag"); })),
    ("a receipt of v1 that pages cannot read", &["purchase.v1.cors"], Answers(|r, a| if buys(r, "X-PAYMENT") { a.remove("Access-Control-Expose-Headers"); })),
    ("charged again", &["purchase.v2.again"], Answers(|r, a| if a.again && r.has("PAYMENT-SIGNATURE") {
        let mut json = decode(a, "PAYMENT-RESPONSE");
        json["transaction"] = "0x1".into();
        a.set("PAYMENT-RESPONSE", BASE64_STANDARD.encode(json.to_string()));
    })),
    ("the same payment again breaks it", &["purchase.v1.again"], Answers(|r, a| if a.again && r.has("X-PAYMENT") { *a = Response::new(500, "{}"); })),
    ("a refusal with the content's tag", &["purchase.v2.etag"], Answers(|r, a| if a.again && r.has("PAYMENT-SIGNATURE") { *a = Response::new(402, "{}").with("ETag", ETAG); })),
    ("a refusal in v1 with the content's tag", &["purchase.v1.etag"], Answers(|r, a| if a.again && r.has("X-PAYMENT") { *a = Response::new(402, "{}").with("ETag", ETAG); })),
    ("one payment opens two things", &["purchase.v2.elsewhere"], Opens(|r, _| r.path.contains("other") && r.has("PAYMENT-SIGNATURE"))),
    ("a payment opens what it names", &["purchase.v2.elsewhere"], Opens(|r, _| {
        let payment = BASE64_STANDARD.decode(r.header("PAYMENT-SIGNATURE")).unwrap_or_default();
        r.path.contains("other") && String::from_utf8_lossy(&payment).contains("/shop/other")
    })),
    ("one payment of v1 opens two things", &["purchase.v1.elsewhere"], Opens(|r, _| r.path.contains("other") && r.has("X-PAYMENT"))),
    ("another part than is paid", &["purchase.range"], Answers(|_, a| if a.status == 206 { a.body.rotate_left(1); })),
    ("a part without a receipt", &["purchase.range"], Answers(|_, a| if a.status == 206 { a.remove("PAYMENT-RESPONSE"); })),

    ("base64 of another alphabet", &["challenge.terms", "terms.header"], Answers(|_, a| if a.status == 402 {
        let json = decode(a, "PAYMENT-REQUIRED").to_string();
        a.set("PAYMENT-REQUIRED", BASE64_URL_SAFE_NO_PAD.encode(json + " "));
    })),
    ("another version", &["terms.version"], Terms(|v2, _| v2["x402Version"] = 3.into())),
    ("nobody is paid", &["terms.offers"], Terms(|v2, _| drop(v2["accepts"][0].as_object_mut().unwrap().remove("payTo")))),
    ("no offers", &["terms.offers"], Terms(|v2, _| v2["accepts"] = json!([]))),
    ("a word for a network in v2", &["terms.network", "terms.agree"], Terms(|v2, _| v2["accepts"][0]["network"] = "base-sepolia".into())),
    ("CAIP-2 in v1", &["terms.network"], Terms(|_, v1| v1["accepts"][0]["network"] = "eip155:84532".into())),
    ("an amount that is a number", &["terms.amount"], Terms(|v2, _| v2["accepts"][0]["amount"] = 10_000.into())),
    ("an amount with a point", &["terms.amount"], Terms(|_, v1| v1["accepts"][0]["maxAmountRequired"] = json!(0.01))),
    ("no time to pay", &["terms.timeout"], Terms(|v2, _| v2["accepts"][0]["maxTimeoutSeconds"] = "60".into())),
    ("a path for a resource", &["terms.resource"], Terms(|v2, _| v2["resource"]["url"] = PATH.into())),
    ("no resource in v1", &["terms.resource"], Terms(|_, v1| v1["accepts"][0]["resource"] = Value::Null)),
    ("no domain to sign", &["terms.domain"], Terms(|v2, _| v2["accepts"][0]["extra"] = json!({"name": "USDC"}))),
    ("no description in v1", &["terms.body"], Terms(|_, v1| v1["accepts"][0]["description"] = Value::Null)),
    ("no error in v1", &["terms.body"], Terms(|_, v1| v1["error"] = Value::Null)),
    ("another price in the body", &["terms.agree"], Terms(|_, v1| v1["accepts"][0]["maxAmountRequired"] = "20000".into())),
    ("headers that Node.js does not take", &["terms.size"], Answers(|_, a| if a.status == 402 { a.set("X-Filler", "x".repeat(17_000)); })),

    ("a letter in hex opens it", &["path.percent"], Opens(|r, _| r.path.contains("%72") || r.path.contains("/%73"))),
    ("dots open it", &["path.dots"], Opens(|r, _| r.path.starts_with("/./"))),
    ("up and down opens it", &["path.dots"], Opens(|r, _| r.path.starts_with("/x402-prove/.."))),
    ("a way out of a free folder", &["path.folders"], Opens(|r, _| r.path.starts_with("/static/"))),
    ("a way out in hex alone", &["path.folders"], Opens(|r, _| r.path.starts_with("/free/..%2f"))),
    ("two slashes open it", &["path.slashes"], Opens(|r, _| r.path.starts_with("//"))),
    ("a slash in hex opens it", &["path.slashes"], Opens(|r, _| r.path == "/shop%2freport.json")),
    ("upper case opens it", &["path.case"], Opens(|r, _| r.path.contains("REPORT"))),
    ("a parameter opens it", &["path.suffix"], Opens(|r, _| r.path.contains(';'))),
    ("a query opens it", &["path.suffix"], Opens(|r, _| !r.query.is_empty())),
    ("a NUL breaks it", &["path.suffix"], Answers(|r, a| if r.path.ends_with("%00") { *a = Response::new(500, "x"); })),
    ("overlong UTF-8 breaks it", &["path.malformed"], Answers(|r, a| if r.path.contains("%c0%af") { *a = Response::new(500, "x"); })),
    ("hex of hex opens it", &["path.malformed"], Opens(|r, _| r.path.contains("%2572"))),

    ("HEAD as if it were paid", &["method.head"], Answers(|r, a| if r.method == "HEAD" { *a = Response::new(200, CONTENT).with("ETag", ETAG); })),
    ("HEAD has no answer", &["method.head"], Answers(|r, a| if r.method == "HEAD" { a.status = 0; })),
    ("POST opens it", &["method.others"], Opens(|r, _| r.method == "POST")),
    ("DELETE breaks it", &["method.others"], Answers(|r, a| if r.method == "DELETE" { *a = Response::new(500, "x"); })),
    ("a part for nothing", &["range.unpaid"], Answers(|r, a| if r.has("range") && a.status == 402 { *a = Response::new(206, &CONTENT[..1]); })),
    ("all for who asks for a part", &["range.unpaid"], Opens(|r, _| r.header("range").contains(','))),
    ("a condition is judged unpaid", &["condition.unpaid"], Answers(|r, a| if r.header("if-none-match") == ETAG { *a = Response::new(304, ""); })),
    ("a date is judged unpaid", &["condition.unpaid"], Answers(|r, a| if r.has("if-modified-since") { *a = Response::new(304, ""); })),
    ("a preflight has to pay", &["cors.preflight"], Answers(|r, a| if r.has("access-control-request-method") { a.status = 402; })),
    ("pages may not pay", &["cors.preflight"], Answers(|r, a| if r.method == "OPTIONS" { a.set("Access-Control-Allow-Headers", "x-payment"); })),
    ("pages cannot read the terms", &["cors.readable"], Answers(|r, a| if r.has("origin") && a.status == 402 { a.remove("Access-Control-Expose-Headers"); })),
    ("two values for pages", &["cors.readable"], Answers(|r, a| if r.has("origin") && a.status == 402 { *a = a.clone().with("Access-Control-Allow-Origin", "*"); })),

    ("an address that is let in", &["forged.proxy"], Opens(|r, _| r.header("x-forwarded-for") == "127.0.0.1")),
    ("another URL by a header", &["forged.proxy"], Opens(|r, _| r.has("x-original-url"))),
    ("a firewall's header breaks it", &["forged.proxy"], Answers(|r, a| if r.has("x-amzn-waf-bot") { *a = Response::new(500, "x"); })),
    ("a receipt opens it", &["forged.receipt"], Opens(|r, _| r.has("payment-response"))),
    ("a cookie opens it", &["forged.receipt"], Opens(|r, _| r.header("cookie").contains("paid=true"))),
    ("a host opens it", &["forged.host"], Opens(|r, _| r.has("x-forwarded-host"))),

    ("garbage breaks it", &["payment.garbage"], Answers(|r, a| if is_garbage(r) { *a = Response::new(500, "x"); })),
    ("garbage pays", &["payment.garbage"], Takes(Value::is_array)),
    ("any version pays", &["payment.version"], Takes(|p| p["x402Version"] == 99)),
    ("any network pays", &["payment.terms"], Takes(|p| p["accepted"]["network"] == "eip155:31337" || p["network"] == "peaq")),
    ("any scheme pays", &["payment.terms"], Takes(|p| p["scheme"] == "x402-prove")),
    ("any token pays", &["payment.asset"], Takes(|p| p["accepted"]["asset"] == "0x4242424242424242424242424242424242424242")),
    ("any amount pays", &["payment.amount"], Takes(|p| (1..10_000).contains(&value(p)))),
    ("nothing pays", &["payment.amount"], Takes(|p| value(p) == 0)),
    ("any payee pays", &["payment.payee"], Takes(|p| {
        let authorization = &p["payload"]["authorization"];
        authorization.is_object() && authorization["to"] == authorization["from"]
    })),
    ("any time pays", &["payment.time"], Takes(|p| {
        let after = p["payload"]["authorization"]["validAfter"].as_str();
        after.is_some_and(|after| after.parse::<i64>().unwrap() > jiff::Timestamp::now().as_second() + 60)
    })),
    ("old payments pay", &["payment.time"], Takes(|p| {
        let before = p["payload"]["authorization"]["validBefore"].as_str();
        before.is_some_and(|before| before.parse::<i64>().unwrap() < jiff::Timestamp::now().as_second())
    })),
    ("no signature pays", &["payment.signature"], Takes(|p| p["payload"]["signature"] == "0x")),
    ("zeros pay", &["payment.signature"], Takes(|p| p["payload"]["signature"].as_str().is_some_and(|s| s.len() > 9 && s[2..].bytes().all(|b| b == b'0')))),
    ("a large payment breaks it", &["payment.size"], Answers(|_, a| if a.status == 431 { *a = Response::new(500, "x"); })),
];

#[rustfmt::skip]
pub(crate) const NOTED: &[Row] = &[
    ("a receipt in words of v1", &["purchase.v2.receipt"], Answers(|r, a| receipt(r, a, |json| json["network"] = "base-sepolia".into()))),
    ("browsers read for nothing", &["challenge.status"], Opens(|r, _| r.header("user-agent").contains("Mozilla"))),
    ("a 402 from a cache", &["cache.age"], Answers(|_, a| if a.status == 402 { a.set("Age", "5"); })),
    ("clients that are turned away", &["challenge.status"], Answers(|r, a| if r.header("user-agent").contains("python") { *a = Response::new(403, "no"); })),
    ("pages of the seller alone", &["cors.preflight", "cors.readable", "purchase.v1.cors", "purchase.v2.cors"], Answers(|_, a| a.set("Access-Control-Allow-Origin", "https://shop.example"))),
    ("any version is settled", &["payment.version"], Mends(|payment, version| payment["x402Version"] = version.into())),
    ("another price for pages", &["challenge.steady"], Answers(|r, a| if r.header("accept").contains("html") {
        let mut json = decode(a, "PAYMENT-REQUIRED");
        json["accepts"][0]["amount"] = "99".into();
        a.set("PAYMENT-REQUIRED", BASE64_STANDARD.encode(json.to_string()));
    })),
    ("no page", &["challenge.page"], Answers(|_, a| if a.status == 402 { a.set("Content-Type", "application/json"); })),
    ("the resource's host by a header", &["forged.resource"], Answers(|r, a| if r.has("x-forwarded-host") {
        let mut json = decode(a, "PAYMENT-REQUIRED");
        json["resource"]["url"] = format!("http://{}/", r.header("x-forwarded-host")).into();
        a.set("PAYMENT-REQUIRED", BASE64_STANDARD.encode(json.to_string()));
    })),
    ("no reason", &["payment.reason"], Answers(|_, a| if a.status == 400 {
        a.remove("PAYMENT-REQUIRED");
        a.body.clear();
    })),
];

#[rustfmt::skip]
pub(crate) const LIMITED: &[Row] = &[
    ("who asks too often", &["method.others", "transport.plain-http"], Answers(|r, a| if r.method == "PUT" { *a = Response::new(429, "").with("Retry-After", "0"); })),
];
