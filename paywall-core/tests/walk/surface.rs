//! The HTTP surface of an object before anything is paid.

use paywall_core::event::{Headers, Output};
use paywall_core::hex;
use serde_json::json;

use price_table::{Access, Key, Table, challenge};

use crate::support::{ETAG, Payment, Scenario, answer, offer, priced, table};

fn header<'a>(headers: &'a Headers, name: &str) -> Option<&'a str> {
    headers.first(name)
}

#[test]
fn a_free_object_goes_on_under_its_one_spelling() {
    for uri in ["/free.txt", "/%66ree.txt", "/free%2Etxt?x=1", "/"] {
        let ended = Scenario::open().get(uri);
        assert_eq!(ended.granted().uri, "/free.txt", "{uri}");
        assert_eq!(ended.granted().querystring, "");
        assert_eq!(ended.log.outcome, "free");
    }
}

#[test]
fn a_free_object_keeps_its_conditions() {
    let ended = Scenario::open().send("GET", "/free.txt", &[("If-None-Match", ETAG)]);
    assert_eq!(ended.granted().headers.first("if-none-match"), Some(ETAG));
}

#[test]
fn what_is_not_listed_is_not_for_sale() {
    for uri in ["/nothing", "/a.json2", "/A.JSON", "/%2561.json", "/a.json%20"] {
        assert_eq!(Scenario::open().get(uri).code(), (404, "not_for_sale".into()), "{uri}");
    }
    for uri in ["/a//b", "/../a.json", "/a%2fb", "/a\\b", "/%", "/%00", "/a/", ""] {
        assert_eq!(Scenario::open().get(uri).code(), (400, "invalid_path".into()), "{uri}");
    }
}

#[test]
fn the_402_speaks_v2_in_its_headers_and_v1_in_its_body() {
    let ended = Scenario::open().get("/b%20%2B%c3%A9.json?coupon=1");
    let headers = &ended.refused().headers;
    assert_eq!(ended.code(), (402, "payment_required".into()));
    assert_eq!(
        ended.decoded("payment-required"),
        json!({
            "x402Version": 2,
            "error": "payment_required",
            "resource": {
                "url": "https://site.example/b%20%2B%C3%A9.json",
                "description": "What it says",
                "mimeType": "application/json",
            },
            "accepts": [{
                "scheme": "exact",
                "network": "eip155:84532",
                "amount": "10000",
                "asset": "0x036CbD53842c5426634e7929541eC2318f3dCF7e",
                "payTo": "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
                "maxTimeoutSeconds": 60,
                "extra": { "name": "USDC", "version": "2", "paymentFlow": "upfront" },
            }],
        })
    );
    assert_eq!(header(headers, "payment-required"), header(headers, "x-payment-required"));
    let body = ended.body();
    assert_eq!(body["x402Version"], 1);
    assert_eq!(
        body["accepts"],
        json!([{
            "scheme": "exact",
            "network": "base-sepolia",
            "maxAmountRequired": "10000",
            "asset": "0x036CbD53842c5426634e7929541eC2318f3dCF7e",
            "payTo": "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
            "resource": "https://site.example/b%20%2B%C3%A9.json",
            "description": "What it says",
            "mimeType": "application/json",
            "maxTimeoutSeconds": 60,
            "extra": { "name": "USDC", "version": "2" },
        }])
    );
    assert_eq!(body["error"], "payment_required");
    assert_eq!(body["paywall"]["retryable"], true);
    assert_eq!(body["paywall"]["resendSamePayment"], false);
    assert_eq!(header(headers, "content-type"), Some("application/json"));
    assert_eq!(header(headers, "cache-control"), Some("no-store"));
    assert_eq!(header(headers, "vary"), Some("Accept, Sec-Fetch-Dest, Sec-Fetch-Mode, User-Agent"));
    assert_eq!(header(headers, "access-control-allow-origin"), Some("*"));
    assert_eq!(header(headers, "access-control-allow-credentials"), None);
    let exposed = header(headers, "access-control-expose-headers").unwrap();
    for name in [
        "PAYMENT-REQUIRED",
        "PAYMENT-RESPONSE",
        "X-PAYMENT-RESPONSE",
        "Retry-After",
        "Accept-Ranges",
        "Content-Encoding",
        "Content-Disposition",
    ] {
        assert!(exposed.contains(name), "{name}");
    }
}

#[test]
fn the_resource_is_on_one_of_the_site_s_own_hosts() {
    for (host, site) in [
        ("site.example", "https://site.example"),
        ("www.site.example", "https://www.site.example"),
        ("evil.example", "https://site.example"),
    ] {
        let ended = Scenario::open().send("GET", "/a.json", &[("Host", host)]);
        let url = &ended.decoded("payment-required")["resource"]["url"];
        assert_eq!(url, &json!(format!("{site}/a.json")));
    }
}

#[test]
fn head_quotes_the_price_and_never_settles() {
    let mut scenario = Scenario::open();
    let payment = Payment::v2(1).header();
    for headers in [vec![], vec![("PAYMENT-SIGNATURE", payment.as_str())]] {
        let ended = scenario.send("HEAD", "/a.json", &headers);
        assert_eq!(ended.status(), 402);
        assert_eq!(ended.refused().body, None);
        assert_eq!(ended.decoded("payment-required")["accepts"][0]["amount"], "10000");
    }
    assert_eq!(scenario.calls, []);
}

#[test]
fn options_is_a_preflight_whatever_the_path() {
    for uri in ["/a.json", "/free.txt", "/nothing", "/a//b"] {
        let ended = Scenario::open().send("OPTIONS", uri, &[("Origin", "https://a.example")]);
        let headers = &ended.refused().headers;
        assert_eq!(ended.status(), 204);
        assert_eq!(ended.refused().body, None);
        for name in ["allow", "access-control-allow-methods"] {
            assert_eq!(header(headers, name), Some("GET, HEAD, OPTIONS"));
        }
        let allowed = header(headers, "access-control-allow-headers").unwrap();
        let allowed: Vec<_> = allowed.split(", ").collect();
        for name in [
            "PAYMENT-SIGNATURE",
            "X-PAYMENT",
            "Access-Control-Expose-Headers",
            "Range",
            "Content-Type",
            "Authorization",
            "If-Match",
            "If-None-Match",
            "If-Modified-Since",
            "Cache-Control",
            "Pragma",
        ] {
            assert!(allowed.contains(&name), "{name}");
        }
    }
}

#[test]
fn other_methods_are_refused() {
    for method in ["POST", "PUT", "DELETE", "PATCH", "get"] {
        let ended = Scenario::open().send(method, "/a.json", &[]);
        assert_eq!(ended.code(), (405, "method_not_allowed".into()));
        assert_eq!(header(&ended.refused().headers, "allow"), Some("GET, HEAD, OPTIONS"));
    }
}

#[test]
fn conditions_are_answered_free_with_a_payment() {
    let mut scenario = Scenario::open();
    let payment = Payment::v2(1).header();
    let paid = ("PAYMENT-SIGNATURE", payment.as_str());
    for method in ["GET", "HEAD"] {
        let ended = scenario.send(method, "/a.json", &[paid, ("If-None-Match", ETAG)]);
        assert_eq!(ended.status(), 304);
        assert_eq!(ended.refused().body, None);
        let headers = &ended.refused().headers;
        assert_eq!(header(headers, "etag"), Some(ETAG));
        assert_eq!(header(headers, "access-control-allow-origin"), Some("*"));
        // What a 200 would say, and nothing of what the content is like.
        assert_eq!(header(headers, "cache-control"), Some("max-age=0, private"));
        assert_eq!(header(headers, "content-type"), None);

        let ended = scenario.send(method, "/a.json", &[paid, ("If-Match", "\"other\"")]);
        assert_eq!(ended.status(), 412);
    }
    // A range is GET's only: https://www.rfc-editor.org/rfc/rfc9110.html#section-14.2
    let past = [paid, ("Range", "bytes=1000-")];
    assert_eq!(scenario.send("HEAD", "/a.json", &past).status(), 402);
    assert_eq!((scenario.calls.len(), scenario.trips), (0, 0));
    // The payment is still good for the object.
    let same = [paid, ("If-Match", ETAG), ("If-None-Match", "\"old\"")];
    scenario.send("GET", "/a.json", &same).granted();
}

#[test]
fn guesses_at_entity_tags_are_not_answered_for_nothing() {
    let forged = Payment::v2(1).signed(hex::encode(&[7; 65])).header();
    let [forged, broken, foreign] = [
        ("PAYMENT-SIGNATURE", forged.as_str()),
        ("PAYMENT-SIGNATURE", "%%%"),
        ("X-PAYMENT-PASS", "1990000000.01234567.0x11.AAAA"),
    ];
    let invalid = json!({ "isValid": false, "invalidReason": "invalid_exact_evm_signature" });
    for tags in [
        ("If-None-Match", ETAG),
        ("If-None-Match", "*"),
        ("If-Match", ETAG),
        ("If-Match", "\"other\""),
    ] {
        // Each forgery costs one of the signatures that a network may have judged.
        let mut scenario = Scenario::open();
        scenario.verify = vec![answer(invalid.clone())];
        for method in ["GET", "HEAD"] {
            for uri in ["/a.json", "/timed.json"] {
                for by in [vec![], vec![foreign], vec![forged], vec![broken]] {
                    let plain = scenario.send(method, uri, &by);
                    let asked = scenario.send(method, uri, &[&*by, &[tags]].concat());
                    assert_eq!(asked.output, plain.output, "{method} {uri} {tags:?} {by:?}");
                    assert!(matches!(asked.status(), 400 | 402), "{}", asked.status());
                }
            }
        }
    }
    // Nor in lists to who can pay: they are as if they were not there.
    let mut scenario = Scenario::open();
    let payment = Payment::v2(2).header();
    for (name, list) in [("If-None-Match", format!("\"x\", {ETAG}")), ("If-Match", "*".into())] {
        let listed = [("PAYMENT-SIGNATURE", payment.as_str()), (name, list.as_str())];
        assert_eq!(scenario.send("HEAD", "/a.json", &listed).status(), 402);
        scenario.send("GET", "/a.json", &listed).granted();
    }
}

#[test]
fn a_range_past_the_end_is_free_for_all() {
    let mut scenario = Scenario::open();
    let payment = Payment::v2(1).header();
    for by in [vec![], vec![("PAYMENT-SIGNATURE", payment.as_str())], vec![("X-PAYMENT", "%")]] {
        let past = [&*by, &[("Range", "bytes=1000-"), ("If-None-Match", "\"old\"")]].concat();
        let ended = scenario.send("GET", "/a.json", &past);
        assert_eq!(ended.status(), 416);
        assert_eq!(header(&ended.refused().headers, "content-range"), Some("bytes */1000"));
    }
    assert_eq!((scenario.calls.len(), scenario.trips), (0, 0));
}

#[test]
fn the_biggest_answers_keep_within_the_platform_s_limit() {
    // The longest key, and the longest description beside it that the compiler lets through, in
    // characters that JSON and HTML blow up.
    let key = "é".repeat(500);
    let with_description = |length: usize| {
        let mut rule = priced(offer(), Access::Request);
        rule.title = "\"".repeat(5_000).into();
        rule.description = "\u{1}".repeat(length).into();
        table(vec![rule], &[(key.as_str(), 0)])
    };
    let fits = |table: &Table| {
        let listing = table.get(&key).unwrap().unwrap();
        let url = challenge::resource_url("https://site.example", &listing);
        challenge::header_bytes(&listing, &url) <= challenge::MAX_HEADER_BYTES
    };
    let table = (0..).map(with_description).take_while(fits).last().unwrap();
    let mut scenario = Scenario::of(table);
    let path = Key::parse(&key).unwrap().to_uri_path();
    for (accept, agent) in [("*/*", "a client"), ("text/html", "Mozilla/5.0")] {
        let asked = [("Accept", accept), ("User-Agent", agent)];
        let ended = scenario.send("GET", &path, &asked);
        let Output::Response(response) = &ended.output else { unreachable!() };
        let headers: usize =
            response.headers.iter().map(|(name, value)| name.len() + value.len() + 4).sum();
        let bytes = headers + response.body.as_deref().unwrap_or_default().len();
        assert!(bytes < paywall_core::limits::GENERATED_RESPONSE_BYTES, "{accept}: {bytes}");
    }
}
