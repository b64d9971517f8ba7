//! What the web ACL says: switches, and for whom it vouches. Whatever is not the site's own word says nothing.

use paywall_core::clock::Micros;
use paywall_core::event::{Headers, Output, Request, Response};
use paywall_core::facilitator::Endpoint;
use paywall_core::handover::Keys;
use paywall_core::log::Alarm;
use paywall_core::purchase::Effect;
use paywall_core::sale::Next;
use paywall_core::store::{Ask, Memory};
use paywall_core::viewer_response::viewer_response;
use paywall_core::visit::Invocation;
use paywall_core::waf::{Position, Switch, vouched_value};
use paywall_core::walk;
use paywall_core::world::Phases;
use price_table::{Access, PassScope, Sale, Table, VerifyPolicy};
use proptest::prelude::*;

use crate::support::{
    ETAG, Ended, NOW, Payment, Scenario, facilitator, failed, keys, lost, offer, open_table,
    priced, rule, settled, table,
};

const SWITCH: &str = "x-amzn-waf-x402-switch";
const VOUCHED: &str = "x-amzn-waf-x402-vouched";
const UNTIL: u64 = NOW + 3_600;
const OTHERS: [&str; 2] = ["https://first.example/x402", "https://second.example:8443"];

fn switch(position: Position, until: u64) -> Switch {
    Switch { position, until, nonce: [7; 16] }
}

fn value(position: Position, until: u64) -> String {
    switch(position, until).value(&keys(), "shop")
}

fn closed() -> String {
    value(Position::Closed, 0)
}

fn free() -> String {
    value(Position::Free, UNTIL)
}

fn off(hosts: &str) -> String {
    value(Position::FacilitatorsOff(hosts.into()), 0)
}

fn vouching() -> Table {
    let mut table = open_table();
    table.site.vouched_epoch = Some(3);
    table
}

fn vouched() -> String {
    vouched_value(&keys(), "shop", 3)
}

/// With these headers, each of them as often as it stands here.
fn with(headers: &[(&str, &str)], uri: &str) -> Request {
    let mut request = crate::support::request("GET", uri, &[]);
    headers.iter().for_each(|(name, value)| request.headers.add(name, *value));
    request
}

fn ask(scenario: &mut Scenario, headers: &[(&str, &str)], uri: &str) -> Ended {
    scenario.try_request(with(headers, uri)).expect("the sandbox lives")
}

fn outcome(scenario: &mut Scenario, name: &str, value: &str) -> String {
    ask(scenario, &[(name, value)], "/a.json").log.outcome.to_string()
}

fn finished(scenario: &Scenario, ended: &Ended) -> (Headers, String) {
    let response = Response {
        status: "200".into(),
        status_description: "OK".into(),
        headers: Headers::default(),
        body: None,
    };
    let id = &ended.log.request_id;
    let (response, log) = viewer_response(scenario.paywall, id, ended.granted(), response);
    (response.headers, log.outcome.to_string())
}

#[test]
fn free_gives_everything_and_says_so() {
    let mut scenario = Scenario::open();
    for uri in ["/a.json", "/timed.json", "/first.json"] {
        let ended = ask(&mut scenario, &[(SWITCH, &free())], uri);
        assert_eq!((ended.log.outcome.as_str(), ended.log.payment.as_ref()), ("given_away", None));
        assert_eq!(ended.log.alarm_code, Some(Alarm::SwitchFree));
        let (headers, outcome) = finished(&scenario, &ended);
        assert_eq!(outcome, "given_away");
        assert_eq!(headers.first("cache-control"), Some("private"));
        for name in ["payment-response", "x-payment-pass", "x-payment-dry-run", "set-cookie"] {
            assert_eq!(headers.first(name), None, "{name}");
        }
    }
    let paid = [(SWITCH, free()), ("payment-signature", Payment::v2(1).header())];
    let paid = paid.each_ref().map(|(name, value)| (*name, value.as_str()));
    assert_eq!(ask(&mut scenario, &paid, "/a.json").log.outcome, "given_away");
    assert_eq!(scenario.trips, 0, "a payment is not looked at");
}

#[test]
fn a_dry_run_by_switch_is_one_by_the_table() {
    let mut scenario = Scenario::open();
    let ended = ask(&mut scenario, &[(SWITCH, &value(Position::DryRun, UNTIL))], "/a.json");
    assert_eq!(ended.log.outcome, "dry_run");
    assert_eq!(ended.log.alarm_code, Some(Alarm::SwitchDryRun));
    assert_eq!(ended.log.payment.as_ref().map(|it| it.amount.as_str()), Some("10000"));
    let (headers, _) = finished(&scenario, &ended);
    let told = headers.first("x-payment-dry-run").expect("what would have been charged");
    assert!(told.ends_with(&format!("until={UNTIL}")), "{told}");
}

#[test]
fn what_gives_away_ends_and_ends_soon() {
    let mut scenario = Scenario::open();
    for position in [Position::Free, Position::DryRun] {
        for (until, on) in [
            (0, false),
            (NOW, false),
            (NOW + 1, true),
            (NOW + 30 * 86_400 + 60, true),
            (NOW + 31 * 86_400, true),
            (NOW + 31 * 86_400 + 1, false),
            (u64::MAX, false),
        ] {
            let outcome = outcome(&mut scenario, SWITCH, &value(position.clone(), until));
            assert_eq!(outcome != "payment_required", on, "{position:?} {until}");
        }
    }
    for (until, on) in [(0, true), (NOW, false), (NOW + 1, true), (u64::MAX, true)] {
        let outcome = outcome(&mut scenario, SWITCH, &value(Position::Closed, until));
        assert_eq!(outcome == "closed", on, "{until}");
    }
    // A clock that is a minute off moves the end by as much, and by no more.
    let ends = value(Position::Free, NOW + 30);
    scenario.now = NOW - 60;
    assert_eq!(outcome(&mut scenario, SWITCH, &ends), "given_away");
    scenario.now = NOW + 60;
    assert_eq!(outcome(&mut scenario, SWITCH, &ends), "payment_required");
}

#[test]
fn closed_asks_nobody_for_money_and_takes_none() {
    let mut scenario = Scenario::open();
    let closed = closed();
    for headers in [
        vec![],
        vec![("payment-signature", Payment::v2(1).header())],
        vec![("payment-signature", "nonsense".to_owned())],
        vec![("accept", "text/html".to_owned()), ("user-agent", "Mozilla/5.0".to_owned())],
    ] {
        for uri in ["/a.json", "/timed.json", "/first.json"] {
            let mut headers: Vec<_> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
            headers.push((SWITCH, &closed));
            let ended = ask(&mut scenario, &headers, uri);
            assert_eq!(ended.code(), (503, "closed".into()), "{uri} {headers:?}");
            assert_eq!(ended.refused().headers.first("payment-required"), None);
            assert_eq!(ended.refused().headers.first("retry-after"), Some("60"));
            assert_eq!(ended.log.alarm_code, Some(Alarm::SwitchClosed));
        }
    }
    assert_eq!(scenario.calls.len(), 0);
    let head = scenario.send("HEAD", "/a.json", &[(SWITCH, &closed)]);
    assert_eq!(head.status(), 503);
    // Free objects, preflights and what is not there are as ever.
    for (method, uri, outcome) in [
        ("GET", "/free.txt", "free"),
        ("OPTIONS", "/a.json", "preflight"),
        ("GET", "/no", "not_for_sale"),
    ] {
        let ended = scenario.send(method, uri, &[(SWITCH, &closed)]);
        assert_eq!((ended.log.outcome.as_str(), ended.log.alarm), (outcome, false));
    }
    // Nothing was written, so the same payment buys when it is open again.
    assert_eq!(scenario.pay("/a.json", &Payment::v2(1)).log.outcome, "settled");
}

#[test]
fn who_has_paid_is_served_while_it_is_closed() {
    let closed = closed();
    let paying = |scenario: &mut Scenario, uri: &str, payment: &Payment| {
        let header = payment.header();
        ask(scenario, &[("payment-signature", &header), (SWITCH, &closed)], uri)
    };
    let mut scenario = Scenario::open();
    // The same payment again, and a pass.
    assert_eq!(scenario.pay("/a.json", &Payment::v2(1)).log.outcome, "settled");
    assert_eq!(paying(&mut scenario, "/a.json", &Payment::v2(1)).log.outcome, "resent");
    let timed = scenario.pay("/timed.json", &Payment::v2(2));
    let pass = finished(&scenario, &timed).0.first("x-payment-pass").expect("a pass").to_owned();
    let ended = ask(&mut scenario, &[("x-payment-pass", &pass), (SWITCH, &closed)], "/timed.json");
    assert_eq!(ended.log.outcome, "pass");
    // A fresh signature opens the time that was bought, and is not sent.
    let before = scenario.calls.len();
    assert_eq!(paying(&mut scenario, "/timed.json", &Payment::v2(3)).log.outcome, "owned");
    // What may have been sent is asked for, of whoever has it.
    scenario.pay_and_die("/a.json", &Payment::v2(4));
    scenario.now += 6;
    assert_eq!(paying(&mut scenario, "/a.json", &Payment::v2(4)).log.outcome, "resolved");
    assert_eq!(scenario.calls.len(), before + 2);
}

#[test]
fn a_fresh_signature_opens_what_is_owed_while_it_is_closed_and_buys_nothing() {
    let closed = closed();
    // No refusal is believed on a second asking: what was sent stays open until its time is over, and is given up then.
    for (answer, later, expected) in [
        (settled(), 6, "resolved"),
        (failed("insufficient_funds"), 6, "earlier_payment_unknown"),
        (lost(), 6, "earlier_payment_unknown"),
        (lost(), 3_600, "closed"),
    ] {
        let mut scenario = Scenario::open();
        scenario.pay_and_die("/a.json", &Payment::v2(1));
        scenario.now += later;
        scenario.settle = vec![answer];
        let fresh = Payment::v2(2).valid_until(scenario.now + 60).header();
        let ended =
            ask(&mut scenario, &[("payment-signature", &fresh), (SWITCH, &closed)], "/a.json");
        assert_eq!(ended.log.outcome, expected);
        assert!(ended.calls.iter().all(|call| !call.body.contains(&"02".repeat(32))), "sent");
    }
}

/// What it opened was there when it looked, and is gone when it writes: it holds the payment then, and gives it back.
#[test]
fn what_is_gone_meanwhile_is_not_bought_while_it_is_closed() {
    let mut scenario = Scenario::open();
    assert_eq!(scenario.pay("/timed.json", &Payment::v2(1)).log.outcome, "settled");
    let fresh = Payment::v2(2).header();
    let request = with(&[("payment-signature", &fresh), (SWITCH, &closed())], "/timed.json");
    let mut now = Micros::from_secs(NOW);
    let deadline = Micros(now.0 + 5_000_000);
    let invocation = Invocation { request_id: "late".into(), began: now, deadline };
    let mut next = walk::begin(scenario.paywall, invocation, request);
    let mut written = false;
    let ended = loop {
        match next {
            Next::Done(decision) => break *decision,
            Next::Ask(effect, selling) => {
                assert!(matches!(effect, Effect::Store { .. }), "it is sent: {effect:?}");
                if let Effect::Store { asks, .. } = &effect
                    && matches!(asks[0], Ask::Create(..))
                {
                    scenario.store = Memory::default();
                    written = true;
                }
                let heard = scenario.answer(&effect, &mut now).expect("the sandbox lives");
                next = selling.hear(heard, Phases::default(), now);
            }
        }
    };
    assert!(written && ended.log.outcome == "closed", "{}", ended.log.to_json());
    // It was given back: open again, it buys.
    assert_eq!(scenario.pay("/timed.json", &Payment::v2(2)).log.outcome, "settled");
}

#[test]
fn a_contract_wallet_is_not_verified_for_nothing() {
    let mut scenario = Scenario::open();
    let wallet = Payment::v2(1).wrapped();
    let header = wallet.header();
    let ended =
        ask(&mut scenario, &[("payment-signature", &header), (SWITCH, &closed())], "/a.json");
    assert_eq!(ended.code(), (503, "closed".into()));
    assert_eq!(scenario.calls.len(), 0);
}

/// Whose access has not ended opens it by the payment that bought it. Another one would have to be shown to a facilitator, which could
/// settle it.
#[test]
fn a_contract_wallet_that_has_access_shows_no_new_payment_to_a_facilitator_that_is_off() {
    let mut scenario = Scenario::open();
    let first = Payment::v2(1).wrapped();
    assert_eq!(scenario.pay("/timed.json", &first).log.outcome, "settled");
    let before = scenario.calls.len();
    let (first, fresh) = (first.header(), Payment::v2(2).wrapped().header());
    for switch in [closed(), off("facilitator.example")] {
        let new = [("payment-signature", &*fresh), (SWITCH, &*switch)];
        assert_eq!(ask(&mut scenario, &new, "/timed.json").code(), (503, "closed".into()));
        let same = [("payment-signature", &*first), (SWITCH, &*switch)];
        assert_eq!(ask(&mut scenario, &same, "/timed.json").log.outcome, "resent");
    }
    assert_eq!(scenario.calls.len(), before);
}

fn two_facilitators() -> Table {
    let mut offer = offer();
    offer.facilitators =
        OTHERS.map(|url| facilitator(url, VerifyPolicy::WhenNeeded)).to_vec().into();
    table(vec![priced(offer, Access::Request)], &[("a.json", 0)])
}

#[test]
fn a_facilitator_that_is_off_gets_no_new_payment_and_is_asked_about_old_ones() {
    for (hosts, asked) in [
        ("first.example", Some(1)),
        ("FIRST.example", Some(1)),
        ("second.example:8443", Some(0)),
        ("second.example", Some(0)),
        ("other.example", Some(0)),
        ("first.example+second.example:8443", None),
        ("", Some(0)),
    ] {
        let mut scenario = Scenario::of(two_facilitators());
        let quoted = ask(&mut scenario, &[(SWITCH, &off(hosts))], "/a.json");
        let header = Payment::v2(1).header();
        let ended =
            ask(&mut scenario, &[("payment-signature", &header), (SWITCH, &off(hosts))], "/a.json");
        assert_eq!(ended.log.alarm_code, Some(Alarm::SwitchFacilitator));
        match asked {
            Some(at) => {
                assert_eq!(quoted.status(), 402);
                assert_eq!(ended.log.outcome, "settled", "{hosts}");
                assert_eq!(scenario.calls[0].facilitator, OTHERS[at], "{hosts}");
            }
            None => {
                assert_eq!(quoted.code(), (503, "closed".into()));
                assert_eq!(ended.code(), (503, "closed".into()));
                assert_eq!(scenario.calls.len(), 0);
            }
        }
    }
    // The next one, after one that did not take it, is not one that is off either.
    let mut scenario = Scenario::of(two_facilitators());
    scenario.down = vec![(OTHERS[0], paywall_core::facilitator::Outcome::NotSent("no".into()))];
    let header = Payment::v2(1).header();
    let second = off("second.example:8443");
    let ended = ask(&mut scenario, &[("payment-signature", &header), (SWITCH, &second)], "/a.json");
    assert_eq!(ended.code(), (503, "facilitator_unavailable".into()));
    assert_eq!(scenario.calls.len(), 1);
    // What was sent to it before is asked of it.
    let mut scenario = Scenario::of(two_facilitators());
    scenario.pay_and_die("/a.json", &Payment::v2(1));
    scenario.now += 6;
    let header = Payment::v2(1).header();
    for hosts in ["first.example", "first.example+second.example:8443"] {
        let first = off(hosts);
        let ended =
            ask(&mut scenario, &[("payment-signature", &header), (SWITCH, &first)], "/a.json");
        assert!(ended.log.outcome == "resolved" || ended.log.outcome == "resent");
    }
    let asked: Vec<_> = scenario.calls.iter().map(|call| call.facilitator.as_str()).collect();
    assert_eq!(asked, [OTHERS[0], OTHERS[0]]);
    assert_eq!(scenario.count(Endpoint::Verify), 0);
}

#[test]
fn whom_waf_vouches_for_reads_free_where_the_site_says_so() {
    let mut scenario = Scenario::of(vouching());
    let ended = ask(&mut scenario, &[(VOUCHED, &vouched())], "/a.json");
    assert_eq!((ended.log.outcome.as_str(), ended.log.alarm), ("vouched", false));
    assert_eq!(finished(&scenario, &ended).1, "vouched");
    assert_eq!(scenario.send("HEAD", "/a.json", &[(VOUCHED, &vouched())]).log.outcome, "vouched");
    let both = [(VOUCHED, vouched()), (SWITCH, closed())];
    let both = both.each_ref().map(|(name, value)| (*name, value.as_str()));
    assert_eq!(ask(&mut scenario, &both, "/a.json").code(), (503, "closed".into()));
    // Not where the table does not say so, whatever WAF says; nor by another epoch's word.
    assert_eq!(outcome(&mut Scenario::open(), VOUCHED, &vouched()), "payment_required");
    for epoch in [0, 2, 4, u32::MAX] {
        let word = vouched_value(&keys(), "shop", epoch);
        assert_eq!(outcome(&mut scenario, VOUCHED, &word), "payment_required", "{epoch}");
    }
}

/// In a rotation the rule has its value before the function has its keys: the function of before it knows the value as well.
#[test]
fn whom_waf_vouches_for_reads_free_while_keys_are_rotated() {
    let rotated = Keys::parse(&format!("{} {}", "7".repeat(64), "5".repeat(64))).unwrap();
    let value = vouched_value(&rotated, "shop", 3);
    let mut scenario = Scenario::of(vouching());
    assert_eq!(outcome(&mut scenario, VOUCHED, &value), "vouched");
}

#[test]
fn a_web_acl_that_is_gone_makes_everybody_pay() {
    let mut scenario = Scenario::of(vouching());
    assert_eq!(scenario.get("/a.json").status(), 402);
    assert_eq!(scenario.pay("/a.json", &Payment::v2(1)).log.outcome, "settled");
}

#[test]
fn nobody_sees_a_value_behind_the_function() {
    let mut scenario = Scenario::of(vouching());
    let values = [free(), vouched(), "07".repeat(16)];
    for uri in ["/a.json", "/free.txt"] {
        let headers = [
            (SWITCH, values[0].as_str()),
            (VOUCHED, &values[1]),
            ("x-x402-probe", "00"),
            ("x-amzn-waf-x402-anything", "1"),
            ("x-amzn-waf-other", "stays"),
        ];
        let ended = ask(&mut scenario, &headers, uri);
        let names: Vec<_> = ended.granted().headers.iter().map(|(name, _)| name).collect();
        assert!(!names.iter().any(|name| name.contains("x402-switch") || name.contains("probe")));
        assert!(!names.iter().any(|name| name.starts_with("x-amzn-waf-x402-")), "{names:?}");
        assert!(names.contains(&"x-amzn-waf-other"), "another rule's is another's business");
        let told = format!("{:?}{}", ended.output, ended.log.to_json());
        for value in values.iter().flat_map(|value| value.split('/')).filter(|it| it.len() > 20) {
            assert!(!told.contains(value), "{told}");
        }
    }
    let ended = ask(&mut scenario, &[(SWITCH, &closed())], "/a.json");
    let told = format!("{:?}{}", ended.output, ended.log.to_json());
    assert!(!told.contains(&"07".repeat(16)) && !told.contains("x402-switch"), "{told}");
}

#[test]
fn who_has_set_a_switch_can_ask_for_it() {
    let mut scenario = Scenario::open();
    let nonce = "07".repeat(16);
    for (value, probe, seen) in [
        (closed(), nonce.as_str(), true),
        (free(), &nonce, true),
        (off("first.example"), &nonce, true),
        (closed(), &"08".repeat(16), false),
        (closed(), "", false),
        (value(Position::Free, NOW), &nonce, false),
        ("closed/0/07070707070707070707070707070707/00".into(), &nonce, false),
    ] {
        let ended = ask(&mut scenario, &[(SWITCH, &value), ("x-x402-probe", probe)], "/a.json");
        assert_eq!(ended.log.outcome == "switch_seen", seen, "{value} {probe}");
        if let (true, Output::Response(response)) = (seen, &ended.output) {
            assert_eq!((response.status.as_str(), response.body.as_deref()), ("204", None));
            assert_eq!(response.headers.first("cache-control"), Some("no-store"));
        }
    }
    assert_eq!(ask(&mut scenario, &[("x-x402-probe", &nonce)], "/a.json").status(), 402);
}

/// What says nothing, for one of ours.
fn forgeries(ours: &str) -> Vec<String> {
    let mut all: Vec<String> =
        ["", "/", "///", "free", "closed", "true", "1", "free/0//", "é", "\0"]
            .map(str::to_owned)
            .to_vec();
    // Each byte of it another one, or gone.
    for at in 0..ours.len() {
        let (before, after) = (&ours[..at], &ours[at + 1..]);
        for byte in ['0', 'f', '/', 'A', ' ', '9', ',', '\u{7f}', 'é'] {
            if !ours[at..].starts_with(byte) {
                all.push(format!("{before}{byte}{after}"));
            }
        }
        all.push(format!("{before}{after}"));
        all.push(before.to_owned());
    }
    all.extend([
        format!("{ours}0"),
        format!("{ours}00"),
        format!(" {ours}"),
        format!("{ours} "),
        format!("{ours}, {ours}"),
        format!("{ours},{ours}"),
        format!("\"{ours}\""),
        format!("0x{ours}"),
        ours.repeat(2),
        "a".repeat(8_192),
    ]);
    all
}

#[test]
fn whatever_is_not_the_sites_own_word_says_nothing() {
    let mut scenario = Scenario::of(vouching());
    let other = Keys::parse(&"9".repeat(64)).unwrap();
    for position in [
        Position::Free,
        Position::DryRun,
        Position::Closed,
        Position::FacilitatorsOff("facilitator.example".into()),
    ] {
        let ours = value(position.clone(), UNTIL);
        assert_ne!(outcome(&mut scenario, SWITCH, &ours), "payment_required");
        let mut wrong = forgeries(&ours);
        // Another key's, another site's, and one that says it for longer.
        wrong.push(switch(position.clone(), UNTIL).value(&other, "shop"));
        wrong.push(switch(position.clone(), UNTIL).value(&keys(), "sister"));
        wrong.push(ours.replace(&UNTIL.to_string(), &(UNTIL + 1).to_string()));
        wrong.push(ours.replace(&UNTIL.to_string(), &format!("+{UNTIL}")));
        wrong.push(ours.replace(&position.name(), "free").replace("free/", "closed/"));
        for value in wrong.iter().filter(|wrong| **wrong != ours && !is_same_code(wrong, &ours)) {
            assert_eq!(outcome(&mut scenario, SWITCH, value), "payment_required", "{value:?}");
        }
    }
    let ours = vouched();
    let mut wrong = forgeries(&ours);
    wrong.push(vouched_value(&other, "shop", 3));
    wrong.push(vouched_value(&keys(), "sister", 3));
    for value in wrong.iter().filter(|wrong| !wrong.eq_ignore_ascii_case(&ours)) {
        assert_eq!(outcome(&mut scenario, VOUCHED, value), "payment_required", "{value:?}");
    }
    // One kind's word under the other's name.
    assert_eq!(outcome(&mut scenario, VOUCHED, &free()), "payment_required");
    assert_eq!(outcome(&mut scenario, SWITCH, &ours), "payment_required");
}

/// The code's digits may be upper case: it is the same code.
fn is_same_code(one: &str, other: &str) -> bool {
    let parts = |it: &str| it.rsplit_once('/').map(|(a, b)| (a.to_owned(), b.to_ascii_lowercase()));
    parts(one) == parts(other)
}

#[test]
fn two_are_none() {
    let mut scenario = Scenario::of(vouching());
    let (free, closed, vouched) = (free(), closed(), vouched());
    for headers in [
        vec![(SWITCH, &free), (SWITCH, &free)],
        vec![(SWITCH, &free), (SWITCH, &closed)],
        vec![(SWITCH, &closed), (SWITCH, &free)],
        vec![(VOUCHED, &vouched), (VOUCHED, &vouched)],
        vec![("X-Amzn-Waf-X402-Vouched", &vouched), (VOUCHED, &vouched)],
    ] {
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(ask(&mut scenario, &headers, "/a.json").status(), 402, "{headers:?}");
    }
    // Names have no case, and no order.
    let upper = [("X-AMZN-WAF-X402-SWITCH", free.as_str()), ("A", "b")];
    assert_eq!(ask(&mut scenario, &upper, "/a.json").log.outcome, "given_away");
}

#[test]
fn what_is_free_or_has_a_pass_of_a_rule_is_not_changed_by_it() {
    let mut sale = crate::support::sale(vec![offer()], Access::Seconds(600));
    if let Sale::Priced { pass, .. } = &mut sale {
        *pass = PassScope::Rule;
    }
    let mut scenario = Scenario::of(table(vec![rule(sale)], &[("a.json", 0), ("b.json", 0)]));
    let paid = scenario.pay("/a.json", &Payment::v2(1));
    let pass = finished(&scenario, &paid).0.first("x-payment-pass").expect("a pass").to_owned();
    for value in [free(), closed(), off("facilitator.example")] {
        let headers = [("x-payment-pass", pass.as_str()), (SWITCH, &value)];
        let ended = ask(&mut scenario, &headers, "/b.json");
        assert_eq!(ended.log.outcome, "pass");
        let mut cached = headers.to_vec();
        cached.push(("if-none-match", ETAG));
        assert_eq!(ask(&mut scenario, &cached, "/b.json").status(), 304);
    }
}

proptest! {
    #[test]
    fn a_value_is_read_as_it_was_meant(
        which in 0..4_usize, until: u64, nonce: [u8; 16], hosts in "[a-z0-9.:+-]{0,60}",
    ) {
        let positions =
            [Position::Closed, Position::Free, Position::DryRun, Position::FacilitatorsOff(hosts)];
        let switch = Switch { position: positions[which].clone(), until, nonce };
        let value = switch.value(&keys(), "shop");
        prop_assert_eq!(Switch::read(&value, &keys(), "shop"), Some(switch.clone()));
        prop_assert_eq!(Switch::unproven(&value), Some(switch));
        prop_assert_eq!(Switch::read(&value, &keys(), "sho"), None);
    }

    #[test]
    fn no_text_is_one(text in "\\PC{0,300}", name in "(free|closed|dry-run|off:a)", until: u64) {
        prop_assert_eq!(Switch::read(&text, &keys(), "shop"), None);
        let near = format!("{name}/{until}/{}/{text}", "07".repeat(16));
        prop_assert_eq!(Switch::read(&near, &keys(), "shop"), None);
        let _ = Switch::unproven(&near);
    }
}
