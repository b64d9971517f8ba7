//! A site whose objects lie below a seal: the same in everything that a viewer or a seller sees.

use paywall_core::event::{Headers, Output, Request, Response};
use paywall_core::log::Line;
use paywall_core::viewer_response::viewer_response;
use price_table::Seal;

use crate::support::{BROWSER, ETAG, Ended, Payment, Scenario, open_table, paywall};

fn seal() -> Seal {
    Seal::new(*b"a seal that nobody may see")
}

fn sealed(seal: Seal) -> Scenario {
    let mut table = open_table();
    table.site.sealed = true;
    let mut scenario = Scenario::open();
    let mut paywall = paywall(Box::leak(Box::new(table)));
    paywall.seal = Some(seal);
    scenario.paywall = Box::leak(Box::new(paywall));
    scenario
}

/// Method, path and headers.
type Ask<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)]);

/// What the viewer asks, in turn, of a scenario.
fn journey(scenario: &mut Scenario) -> Vec<(Request, Ended)> {
    let (once, timed) = (Payment::v2(1).header(), Payment::v2(2).header());
    let bought = scenario.pay("/timed.json", &Payment::v2(2)).granted().clone();
    let (response, _) = viewer_response(scenario.paywall, "request-1", &bought, origin(&[]));
    let pass = response.headers.first("x-payment-pass").expect("a pass").to_owned();
    let asks: &[Ask<'_>] = &[
        ("GET", "/", &[]),
        ("GET", "/free.txt", &[]),
        ("GET", "/fr%65e.txt?x=1", &[("Origin", "https://page.example")]),
        ("GET", "/a.json", &[]),
        ("HEAD", "/a.json", &[]),
        ("OPTIONS", "/a.json", &[]),
        ("POST", "/a.json", &[]),
        ("GET", "/a.json", &BROWSER),
        ("GET", "/a.json", &[("PAYMENT-SIGNATURE", &once)]),
        ("GET", "/a.json", &[("PAYMENT-SIGNATURE", "e30=")]),
        ("GET", "/timed.json", &[("PAYMENT-SIGNATURE", &timed)]),
        ("GET", "/timed.json", &[("x-payment-pass", &pass), ("Range", "bytes=1-")]),
        ("GET", "/timed.json", &[("x-payment-pass", &pass), ("If-None-Match", ETAG)]),
        ("GET", "/unlisted", &[]),
        ("GET", "/../a.json", &[]),
    ];
    let ask = |(method, uri, headers): &Ask<'_>| {
        let ended = scenario.send(method, uri, headers);
        (crate::support::request(method, uri, headers), ended)
    };
    asks.iter().map(ask).collect()
}

fn origin(fields: &[(&str, &str)]) -> Response {
    let mut headers = Headers::default();
    headers.set("ETag", ETAG);
    for (name, value) in fields {
        headers.set(name, *value);
    }
    Response { status: "200".into(), status_description: "OK".into(), headers, body: None }
}

fn finish(scenario: &Scenario, at: usize, request: &Request) -> (Response, Line) {
    // The first one was the pass's purchase.
    viewer_response(scenario.paywall, &format!("request-{}", at + 2), request, origin(&[]))
}

/// As CloudFront shows a request to viewer-response, if it shows it as the viewer sent it.
fn as_sent(viewer: &Request, granted: &Request) -> Request {
    Request { uri: viewer.uri.clone(), querystring: viewer.querystring.clone(), ..granted.clone() }
}

#[test]
fn a_sealed_site_answers_as_an_open_one_and_asks_for_other_objects() {
    let (mut open, mut closed) = (Scenario::open(), sealed(seal()));
    let (with, without) = (journey(&mut closed), journey(&mut open));
    assert_eq!(with.len(), without.len());
    let mut granted = 0;
    for (at, ((viewer, closed_end), (_, open_end))) in with.iter().zip(&without).enumerate() {
        let what = format!("{} {} {:?}", viewer.method, viewer.uri, viewer.headers);
        assert_eq!(closed_end.log, open_end.log, "{what}");
        match (&closed_end.output, &open_end.output) {
            (Output::Response(closed), Output::Response(open)) => {
                assert_eq!(closed, open, "{what}")
            }
            (Output::Request(on), Output::Request(open_on)) => {
                granted += 1;
                assert_eq!(on.uri, format!("/{}{}", seal().as_str(), open_on.uri), "{what}");
                assert_eq!(Request { uri: open_on.uri.clone(), ..on.clone() }, *open_on, "{what}");
                let expected = finish(&open, at, open_on);
                for shown in [on.clone(), as_sent(viewer, on), as_sent(viewer, open_on)] {
                    assert_eq!(finish(&closed, at, &shown), expected, "{what}");
                }
            }
            other => panic!("{what}: {other:?}"),
        }
    }
    assert_eq!(granted, 6, "free ones, a payment each, a pass");
}

#[test]
fn nobody_asks_for_a_path_below_the_seal() {
    let mut scenario = sealed(seal());
    let nowhere = scenario.get("/nowhere");
    for path in ["/free.txt", "/a.json", "/", ""] {
        let asked = scenario.get(&format!("/{}{path}", seal().as_str()));
        let (Output::Response(asked), Output::Response(nowhere)) = (&asked.output, &nowhere.output)
        else {
            panic!("{path} is served")
        };
        match path {
            "/" => assert_eq!(asked.status, "400"),
            _ => assert_eq!(asked, nowhere, "{path}"),
        }
    }
}

#[test]
fn only_this_seal_comes_off() {
    let scenario = sealed(seal());
    let other = Seal::new([3; Seal::LENGTH]);
    let twice = seal().path(&seal().path("/free.txt"));
    for path in [other.path("/free.txt"), "/folder/free.txt".to_owned(), twice] {
        let request = crate::support::request("GET", &path, &[]);
        let (response, log) = viewer_response(scenario.paywall, "id", &request, origin(&[]));
        assert_eq!((log.outcome.as_str(), log.alarm), ("not_listed", true), "{path}");
        assert_eq!(response.headers.first("cache-control"), Some("no-store"));
    }
}

#[test]
fn what_an_origin_says_of_the_place_is_taken_out() {
    let scenario = sealed(seal());
    let request = crate::support::request("GET", &seal().path("/free.txt"), &[]);
    let place = format!("https://b.s3.eu-west-1.amazonaws.com{}", request.uri);
    let redirect = Response { status: "307".into(), ..origin(&[("Location", &place)]) };
    let (response, log) = viewer_response(scenario.paywall, "id", &request, redirect);
    assert_eq!(response.headers.first("location"), None);
    assert!(log.alarm);
    assert!(!format!("{response:?}{}", log.to_json()).contains(seal().as_str()));
    let elsewhere = origin(&[("Location", "https://elsewhere.example/")]);
    let (response, log) = viewer_response(scenario.paywall, "id", &request, elsewhere);
    assert_eq!(response.headers.first("location"), Some("https://elsewhere.example/"));
    assert!(!log.alarm);
}
