//! A dry run: everything is served, nothing is charged, and the answer says what would have been.

use paywall_core::event::{Headers, Response};
use paywall_core::viewer_response::viewer_response;
use price_table::{Access, Rule, Sale};

use crate::support::{ETAG, Ended, NOW, Payment, Scenario, offer, priced, table};

const UNTIL: u64 = NOW + 30;

fn rules() -> Vec<Rule> {
    let dry = |access| {
        let mut rule = priced(offer(), access);
        if let Sale::Priced { dry_run, .. } = &mut rule.sale {
            *dry_run = Some(UNTIL);
        }
        rule
    };
    vec![dry(Access::Request), dry(Access::Seconds(600)), priced(offer(), Access::Request)]
}

fn shop() -> Scenario {
    Scenario::of(table(rules(), &[("a.json", 0), ("timed.json", 1), ("sold.json", 2)]))
}

fn finished(scenario: &Scenario, ended: &Ended) -> (Headers, String) {
    let mut headers = Headers::default();
    headers.set("X-PAYMENT-DRY-RUN", "the origin's");
    let response =
        Response { status: "200".into(), status_description: "OK".into(), headers, body: None };
    let id = &ended.log.request_id;
    let (response, log) = viewer_response(scenario.paywall, id, ended.granted(), response);
    (response.headers, log.outcome.to_string())
}

#[test]
fn everything_is_served_and_nothing_asked() {
    let mut scenario = shop();
    for (path, method) in [("/a.json", "GET"), ("/a.json", "HEAD"), ("/timed.json", "GET")] {
        let ended = scenario.send(method, path, &[("Range", "bytes=5-")]);
        assert_eq!(ended.log.outcome, "dry_run");
        let would = ended.log.payment.as_ref().map(|it| (it.payer.as_deref(), it.amount.as_str()));
        assert_eq!(would, (method == "GET").then_some((None, "10000")));
        assert_eq!(ended.granted().headers.first("range"), Some("bytes=5-"));
        let (headers, outcome) = finished(&scenario, &ended);
        assert_eq!(outcome, "dry_run");
        let told = headers.first("x-payment-dry-run").expect("what would have been charged");
        assert!(told.starts_with("amount=\"10000\", asset=\"0x"), "{told}");
        assert!(
            told.ends_with(&format!("pay-to=\"{}\", until={UNTIL}", offer().pay_to())),
            "{told}"
        );
        assert_eq!(headers.first("cache-control"), Some("private"));
        for name in ["payment-response", "x-payment-pass", "set-cookie"] {
            assert_eq!(headers.first(name), None, "{name}");
        }
    }
    assert_eq!(scenario.send("GET", "/a.json", &[("If-None-Match", ETAG)]).status(), 304);
    assert_eq!(scenario.send("GET", "/a.json", &[("Range", "bytes=5000-")]).status(), 416);
    assert_eq!(scenario.trips, 0);
}

#[test]
fn a_payment_is_not_looked_at() {
    let mut scenario = shop();
    for header in [Payment::v2(1).header(), "nonsense".to_owned(), "x".repeat(20_000)] {
        let ended = scenario.send("GET", "/a.json", &[("PAYMENT-SIGNATURE", &header)]);
        assert_eq!(ended.log.outcome, "dry_run");
        assert_eq!(ended.granted().headers.first("payment-signature"), None);
    }
    assert_eq!(scenario.trips, 0);
}

#[test]
fn who_has_a_pass_would_not_be_charged() {
    let mut scenario = shop();
    scenario.now = UNTIL;
    let ended = scenario.pay("/timed.json", &Payment::v2(1));
    let pass = finished(&scenario, &ended).0.first("x-payment-pass").expect("a pass").to_owned();
    scenario.now = UNTIL - 1;
    let ended = scenario.send("GET", "/timed.json", &[("X-PAYMENT-PASS", &pass)]);
    assert_eq!((ended.log.outcome.as_str(), ended.log.payment), ("pass", None));
}

#[test]
fn it_is_of_its_rule_alone_and_ends_at_its_second() {
    let mut scenario = shop();
    assert_eq!(scenario.send("GET", "/sold.json", &[]).status(), 402);
    assert_eq!(scenario.send("GET", "/other.json", &[]).status(), 404);
    scenario.now = UNTIL - 1;
    let ended = scenario.send("GET", "/a.json", &[]);
    // The answer to what was granted in time may come later.
    scenario.now = UNTIL;
    assert_eq!(finished(&scenario, &ended).1, "dry_run");
    assert_eq!(scenario.send("GET", "/a.json", &[]).status(), 402);
    scenario.pay("/a.json", &Payment::v2(1)).granted();
}

#[test]
fn nobody_says_it_but_the_function() {
    let mut scenario = shop();
    scenario.now = UNTIL;
    let forged = [("x-x402-handover", "~amount=\"1\".00"), ("X-PAYMENT-DRY-RUN", "until=9")];
    let ended = scenario.send("GET", "/a.json", &forged);
    assert_eq!(ended.status(), 402);
    let granted = scenario.pay("/a.json", &Payment::v2(1));
    let (headers, outcome) = finished(&scenario, &granted);
    assert_eq!((headers.first("x-payment-dry-run"), outcome.as_str()), (None, "receipt"));
}
