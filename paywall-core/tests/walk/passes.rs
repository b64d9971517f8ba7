//! Passes on the walk: given out with timed access, and taken instead of a payment.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use paywall_core::event::{Headers, Response};
use paywall_core::viewer_response::viewer_response;
use price_table::{Access, PassScope, Purchases, Rule, Sale};
use serde_json::Value;

use crate::support::{ETAG, Ended, NOW, Payment, Scenario, offer, rule, table};

/// What viewer-response adds to a granted request's answer.
fn finished(scenario: &Scenario, ended: &Ended) -> Headers {
    let response = Response {
        status: "200".into(),
        status_description: "OK".into(),
        headers: Default::default(),
        body: None,
    };
    let id = &ended.log.request_id;
    let (response, _) = viewer_response(scenario.paywall, id, ended.granted(), response);
    response.headers
}

/// The pass that a granted request gives out, if any.
fn given(scenario: &Scenario, ended: &Ended) -> Option<String> {
    finished(scenario, ended).first("x-payment-pass").map(str::to_owned)
}

/// The cookie that a granted request gives out, as browsers send it back; and its path.
fn cookie(scenario: &Scenario, ended: &Ended) -> (String, String) {
    let headers = finished(scenario, ended);
    let mut parts = headers.first("set-cookie").expect("a cookie").split("; ");
    let (pair, path) = (parts.next().unwrap(), parts.next().unwrap());
    (pair.to_owned(), path.to_owned())
}

#[test]
fn timed_access_gives_a_pass_that_opens_without_a_payment() {
    let mut scenario = Scenario::open();
    let ended = scenario.pay("/timed.json", &Payment::v2(1));
    let pass = given(&scenario, &ended).expect("a pass");
    let trips = scenario.trips;
    let (pair, path) = cookie(&scenario, &ended);
    assert_eq!((pair.split_once('=').unwrap().1, &*path), (&*pass, "Path=/timed.json"));
    let cookie = format!("a=b; {pair}");
    scenario.now = NOW + 599;
    for header in [("X-PAYMENT-PASS", pass.as_str()), ("Cookie", &cookie)] {
        for method in ["GET", "HEAD"] {
            let ranged = [header, ("Range", "bytes=5-"), ("If-Range", ETAG)];
            let ended = scenario.send(method, "/timed.json", &ranged);
            assert_eq!(ended.log.outcome, "pass");
            assert_eq!(ended.granted().headers.first("range"), Some("bytes=5-"));
            assert_eq!(ended.granted().headers.first("x-payment-pass"), None);
        }
        // A payment beside it is not looked at.
        let both = [header, ("PAYMENT-SIGNATURE", &*Payment::v2(2).header())];
        assert_eq!(scenario.send("GET", "/timed.json", &both).log.outcome, "pass");
        assert_eq!(scenario.send("GET", "/a.json", &[header]).status(), 402);
    }
    assert_eq!(scenario.trips, trips);
    scenario.now = NOW + 600;
    assert_eq!(scenario.send("GET", "/timed.json", &[("X-PAYMENT-PASS", &pass)]).status(), 402);
}

#[test]
fn its_life_is_counted_from_the_settlement() {
    let mut scenario = Scenario::open();
    scenario.pay("/timed.json", &Payment::v2(1)).granted();
    scenario.now = NOW + 40;
    for payment in [Payment::v2(1), Payment::v2(2)] {
        let ended = scenario.pay("/timed.json", &payment);
        let pass = given(&scenario, &ended).expect("a pass");
        assert_eq!(pass.split('.').next(), Some((NOW + 600).to_string().as_str()));
    }
}

#[test]
fn one_grant_gives_no_pass() {
    let mut scenario = Scenario::open();
    let ended = scenario.pay("/a.json", &Payment::v2(1));
    assert_eq!(given(&scenario, &ended), None);
}

/// A rule that is sold as one.
fn sold_as_one(pattern: &'static str) -> Rule {
    let sale = Sale::Priced {
        offers: vec![offer()].into(),
        access: Access::Seconds(600),
        pass: PassScope::Rule,
        access_epoch: 0,
        purchases: Purchases::OneAtATime,
        dry_run: None,
    };
    Rule { pattern: pattern.into(), ..rule(sale) }
}

#[test]
fn the_second_of_two_rules_leaves_the_first_one_open() {
    let rules = vec![sold_as_one("**/*.pdf"), sold_as_one("**/*.csv")];
    let mut scenario =
        Scenario::of(table(rules, &[("a.pdf", 0), ("b.pdf", 0), ("a.csv", 1), ("b.csv", 1)]));
    // A browser keeps the last cookie of each name and path.
    let mut jar = std::collections::BTreeMap::new();
    for (nonce, uri) in [(1, "/a.pdf"), (2, "/a.csv")] {
        let ended = scenario.pay(uri, &Payment::v2(nonce));
        let (pair, path) = cookie(&scenario, &ended);
        let (name, value) = pair.split_once('=').unwrap();
        assert_eq!(path, "Path=/");
        jar.insert((name.to_owned(), path), value.to_owned());
    }
    let sent: Vec<_> = jar.iter().map(|((name, _), value)| format!("{name}={value}")).collect();
    let sent = sent.join("; ");
    for uri in ["/a.pdf", "/b.pdf", "/a.csv", "/b.csv"] {
        let ended = scenario.send("GET", uri, &[("Cookie", &sent)]);
        assert_eq!(ended.log.outcome, "pass", "{uri}");
        assert_eq!(ended.granted().headers.first("cookie"), None);
    }
    assert_eq!(scenario.calls.len(), 2);
}

#[test]
fn a_pass_answers_conditions() {
    let mut scenario = Scenario::open();
    let ended = scenario.pay("/timed.json", &Payment::v2(1));
    let pass = given(&scenario, &ended).expect("a pass");
    let pass = ("X-PAYMENT-PASS", pass.as_str());
    for method in ["GET", "HEAD"] {
        for (condition, value, status) in [
            ("If-None-Match", ETAG, 304),
            ("If-Match", "\"other\"", 412),
            ("If-Match", "\"other\", \"another\"", 0),
            ("If-None-Match", "*", 0),
        ] {
            let ended = scenario.send(method, "/timed.json", &[pass, (condition, value)]);
            match status {
                0 => assert_eq!(ended.log.outcome, "pass", "{condition}: {value}"),
                status => assert_eq!(ended.status(), status, "{condition}: {value}"),
            }
            // Nor does it tell anything of what it is not for.
            let ended = scenario.send(method, "/a.json", &[pass, (condition, value)]);
            assert_eq!(ended.status(), 402, "{condition}: {value}");
        }
    }
}

#[test]
fn a_receipt_names_the_network_as_who_gets_it_knows_it() {
    for (first, then, names) in [
        (Payment::v2(1), Payment::v1(1), ["eip155:84532", "base-sepolia"]),
        (Payment::v1(1), Payment::v2(1), ["base-sepolia", "eip155:84532"]),
    ] {
        let mut scenario = Scenario::open();
        let both = [scenario.pay("/timed.json", &first), scenario.pay("/timed.json", &then)];
        assert_eq!(scenario.calls.len(), 1, "the second opens what the first bought");
        for (ended, name) in both.iter().zip(names) {
            let receipt = finished(&scenario, ended).first("payment-response").unwrap().to_owned();
            let receipt: Value =
                serde_json::from_slice(&STANDARD.decode(receipt).unwrap()).unwrap();
            assert_eq!(receipt["network"], name);
        }
    }
}
