//! Passes on the walk: given out with timed access, and taken instead of a payment.

use paywall_core::event::Response;
use paywall_core::viewer_response::viewer_response;

use crate::support::{ETAG, Ended, NOW, Payment, Scenario};

/// The pass that a granted request gives out, if any.
fn given(scenario: &Scenario, ended: &Ended) -> Option<String> {
    let response = Response {
        status: "200".into(),
        status_description: "OK".into(),
        headers: Default::default(),
        body: None,
    };
    let id = &ended.log.request_id;
    let (response, _) = viewer_response(scenario.paywall, id, ended.granted(), response);
    response.headers.first("x-payment-pass").map(str::to_owned)
}

#[test]
fn timed_access_gives_a_pass_that_opens_without_a_payment() {
    let mut scenario = Scenario::open();
    let ended = scenario.pay("/timed.json", &Payment::v2(1));
    let pass = given(&scenario, &ended).expect("a pass");
    let trips = scenario.trips;
    let cookie = format!("a=b; __Secure-x402-pass={pass}");
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
