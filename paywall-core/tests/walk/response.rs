//! The viewer-response: receipts, caches, browsers.

use paywall_core::event::{Headers, Request, Response};
use paywall_core::handover;
use paywall_core::log::Line;
use paywall_core::viewer_response::viewer_response;

use crate::support::{ETAG, Payment, Scenario, checked, request};

pub fn origin(fields: &[(&str, &str)]) -> Response {
    let mut headers = Headers::default();
    headers.set("Content-Type", "application/json");
    headers.set("ETag", ETAG);
    for (name, value) in fields {
        headers.set(name, *value);
    }
    Response { status: "200".into(), status_description: "OK".into(), headers, body: None }
}

fn finish(request: &Request, response: Response) -> (Response, Line) {
    let scenario = Scenario::open();
    let (response, line) = viewer_response(scenario.paywall, "request-1", request, response);
    (response, checked(line))
}

fn paid() -> Request {
    Scenario::open().pay("/a.json", &Payment::v2(1)).granted().clone()
}

#[test]
fn a_receipt_that_was_handed_over_is_emitted() {
    let (response, log) = finish(&paid(), origin(&[("Cache-Control", "max-age=60")]));
    let get = |name| response.headers.first(name);
    assert!(get("payment-response").is_some());
    assert_eq!(get("payment-response"), get("x-payment-response"));
    assert_eq!(get("cache-control"), Some("max-age=60, private"));
    assert_eq!(get("access-control-allow-origin"), Some("*"));
    assert_eq!(get(handover::HEADER), None);
    assert_eq!((log.outcome.as_str(), log.alarm), ("receipt", false));
}

#[test]
fn nobody_else_may_keep_a_paid_answer() {
    let shared = origin(&[("Cache-Control", "Public, max-age=60, s-maxage=600")]);
    let (response, _) = finish(&paid(), shared);
    assert_eq!(response.headers.first("cache-control"), Some("max-age=60, private"));
    let (response, log) = finish(&request("GET", "/unlisted", &[]), origin(&[]));
    assert_eq!(response.headers.first("cache-control"), Some("no-store"));
    assert!(log.alarm);
}

#[test]
fn credentials_are_never_allowed_whatever_the_origin_says() {
    for path in ["/a.json", "/free.txt"] {
        let origin = origin(&[("Access-Control-Allow-Credentials", "true")]);
        let (response, _) = finish(&request("GET", path, &[]), origin);
        assert_eq!(response.headers.first("access-control-allow-credentials"), None, "{path}");
        assert_eq!(response.headers.first("access-control-allow-origin"), Some("*"));
    }
}

#[test]
fn the_viewer_s_own_request_has_no_receipt_and_stays_private() {
    let original = request("GET", "/%61.json?x=1", &[("PAYMENT-SIGNATURE", "e30=")]);
    let (response, log) = finish(&original, origin(&[]));
    assert_eq!(response.headers.first("payment-response"), None);
    assert_eq!(response.headers.first("cache-control"), Some("private"));
    assert_eq!(log.outcome, "receipt_not_handed_over");
}

#[test]
fn a_forged_receipt_is_not_emitted() {
    let signed = paid().headers.first(handover::HEADER).unwrap().to_owned();
    let spoiled = signed.replacen("ey", "ez", 1);
    for (uri, value) in
        [("/a.json", spoiled.as_str()), ("/a.json", "e30="), ("/timed.json", &signed)]
    {
        let forged = request("GET", uri, &[(handover::HEADER, value)]);
        let origin = origin(&[("PAYMENT-RESPONSE", "from the origin")]);
        let (response, log) = finish(&forged, origin);
        assert_eq!(response.headers.first("payment-response"), None, "{value}");
        assert_eq!(log.outcome, "receipt_forged");
    }
}

#[test]
fn a_free_object_stays_as_cacheable_as_it_is() {
    let free = request("GET", "/free.txt", &[]);
    let (response, log) = finish(&free, origin(&[("Cache-Control", "max-age=60")]));
    assert_eq!(response.headers.first("cache-control"), Some("max-age=60"));
    assert_eq!(response.headers.first("access-control-allow-origin"), Some("*"));
    assert_eq!(log.outcome, "free");
}

#[test]
fn content_other_than_published_raises_an_alarm() {
    let (_, log) = finish(&paid(), origin(&[("ETag", "\"other\"")]));
    assert!(log.alarm);
    let (_, log) = finish(&paid(), origin(&[("ETag", &format!("W/{ETAG}"))]));
    assert!(!log.alarm);
}

#[test]
fn a_timed_access_comes_with_its_pass() {
    let mut scenario = Scenario::open();
    let bought = scenario.pay("/timed.json", &Payment::v2(1)).granted().clone();
    let own = [("Set-Cookie", "theme=dark"), ("X-PAYMENT-PASS", "from the origin")];
    let (response, log) = finish(&bought, origin(&own));
    assert_eq!(log.outcome, "receipt");
    assert!(response.headers.first("payment-response").is_some());
    let pass = response.headers.first("x-payment-pass").unwrap();
    let cookies: Vec<_> = response.headers.all("set-cookie").collect();
    let right = cookies[1].to_owned();
    assert_eq!((cookies.len(), cookies[0]), (2, "theme=dark"));
    let (name, rest) = right.split_once('=').unwrap();
    let digits = name.strip_prefix("__Secure-x402-").unwrap();
    assert!(digits.len() == 8 && digits.bytes().all(|b| b.is_ascii_hexdigit()), "{name}");
    let attributes = "Path=/timed.json; Max-Age=600; Secure; HttpOnly; SameSite=Lax";
    assert_eq!(rest, format!("{pass}; {attributes}"));

    // A download that goes on: by the pass alone, and the rest of the file.
    for (name, value) in [("x-payment-pass", pass), ("cookie", right.split(';').next().unwrap())] {
        let fields = [(name, value), ("range", "bytes=500-"), ("if-range", ETAG)];
        // The id that `finish` answers to.
        scenario.requests = 0;
        let again = scenario.send("GET", "/timed.json", &fields).granted().clone();
        assert_eq!(again.headers.first("range"), Some("bytes=500-"));
        assert_eq!(again.headers.first("if-range"), Some(ETAG));
        assert_eq!(
            (again.headers.first("x-payment-pass"), again.headers.first("cookie")),
            (None, None)
        );
        let (response, log) = finish(&again, origin(&own));
        assert_eq!((log.outcome.as_str(), log.alarm), ("pass", false));
        assert_eq!(response.headers.first("payment-response"), None);
        assert_eq!(response.headers.first("x-payment-pass"), None);
        assert_eq!(response.headers.first("cache-control"), Some("private"));
    }
    assert_eq!(scenario.calls.len(), 1);
    let elsewhere = scenario.send("GET", "/a.json", &[("x-payment-pass", pass)]);
    assert_eq!(elsewhere.status(), 402);
}
