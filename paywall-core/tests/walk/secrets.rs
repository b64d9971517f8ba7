//! No secret in a line: each is planted wherever a request, a facilitator, a node, a store or an origin can say it,
//! whole and in halves, as it is and encoded.

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use paywall_core::clock::Micros;
use paywall_core::event::{Headers, Response};
use paywall_core::facilitator::Outcome;
use paywall_core::handover;
use paywall_core::hex;
use paywall_core::log::Line;
use paywall_core::node;
use paywall_core::purchase::{Effect, Heard};
use paywall_core::sale::Next;
use paywall_core::store::{Ask, Failed, Reply, Version};
use paywall_core::viewer_response::viewer_response;
use paywall_core::visit::{Decision, Invocation};
use paywall_core::waf;
use paywall_core::walk;
use paywall_core::world::Phases;
use price_table::{Seal, Table};
use serde_json::{Value, json};

use crate::passthrough;
use crate::search::{Pieces, forms};
use crate::support::*;

/// What nobody may find: random, of the kinds that there are. None is anybody's.
fn secrets() -> Vec<String> {
    let signature = hex::encode(&Payment::v2(1).signature());
    vec![
        signature,
        Payment::v2(1).header(),
        // A bearer token, Coinbase's key, a node's key, the keys of the hand-over and of passes, a seal, a pass.
        "fac_live_Zq7RtB2xWk9LmP4vNs8HdYc3".into(),
        "k2Q9v0mYJx7eTq3rZb8LwN5cHs1uGd6fAoKiXpWnRjEyMtVhBlCzDgSaUwQeIr4P0k7Jm2Tx9Yb5VnLqZsRhWg=="
            .into(),
        "QmJ8xVt2LpR7nKs4WdYz9HcG3fBa6TeU".into(),
        "9f1c7ae04bd23586e0a7f4c9d1b83e5276fa0cd94e81b35a72c6d09f8e4ab135".into(),
        "c4u7qkzm2xw5rjhtfy3vnbgadpe6sioq".chars().take(26).collect(),
        // What a web ACL says: the code of a switch, its nonce, and the word by which it vouches.
        "b7f03c19d2a64e58917c0de4f5a2831bc690d87e3145fa2b9c0d6e71f8a3b425".into(),
        "c41d9a7be2036f58d17ac094be3f6821".into(),
        "1760000600.3fa9c2.0xf39fd6.mZx3Rk9QvT7bLw2YcNs5HdJp8GfXa4Ue".into(),
    ]
}

/// All values of a line, in order, with nothing between them.
fn values(line: &Line) -> String {
    fn add(value: &Value, to: &mut String) {
        match value {
            Value::Object(map) => map.values().for_each(|value| add(value, to)),
            Value::Array(all) => all.iter().for_each(|value| add(value, to)),
            Value::String(text) => to.push_str(text),
            Value::Null => {}
            other => to.push_str(&other.to_string()),
        }
    }
    let mut all = String::new();
    // `Value` sorts names, so the text is read in both orders that a search may see.
    add(&serde_json::from_str(&line.to_json()).unwrap(), &mut all);
    all + &line.to_json().replace(['"', ',', ':', '{', '}', '[', ']'], "")
}

/// Walks a request, with whatever the outside says.
fn drive(
    table: Table,
    request: paywall_core::event::Request,
    mut outside: impl FnMut(&Effect, &mut Scenario) -> Option<Heard>,
) -> Line {
    let mut scenario = Scenario::of(table);
    let began = Micros::from_secs(NOW);
    let invocation =
        Invocation { request_id: "request-1".into(), began, deadline: Micros(began.0 + 5_000_000) };
    let mut next = walk::begin(scenario.paywall, invocation, request);
    let mut steps = 0;
    loop {
        match next {
            Next::Done(decision) => {
                let Decision { log, .. } = *decision;
                return checked(log);
            }
            Next::Ask(effect, selling) => {
                steps += 1;
                assert!(steps < 200, "it goes on for ever");
                let heard = outside(&effect, &mut scenario)
                    .unwrap_or_else(|| scenario.answer(&effect, &mut began.clone()).unwrap());
                next = selling.hear(heard, Phases::default(), began);
            }
        }
    }
}

/// What two texts can be said as, by a facilitator.
fn said_by_facilitators(a: &str, b: &str) -> Vec<Outcome> {
    let bodies = [
        json!({ "success": false, "errorReason": a, "errorMessage": b, "transaction": "" }),
        json!({ "success": false, "errorReason": format!("{a}: {b}"), "transaction": b }),
        json!({ "errorType": a, "errorMessage": b }),
        // Whose beginning is known, and so the buyer is told all of it.
        json!({ "error": format!("Address blocked: {a} {b}") }),
        json!({ "error": a, "detail": b }),
        json!({ "isValid": false, "invalidReason": a, "invalidMessage": b }),
        json!({ "isValid": false, "invalidReason": format!("bad {a} {b}") }),
        json!({ "success": true, "transaction": a, "payer": b }),
        json!({ "success": true, "transaction": TX, "network": a, "payer": b }),
        json!({ "success": a, "transaction": { a: b } }),
        json!({ "detail": [{ "msg": a, "input": b }] }),
        json!(format!("{a} {b}")),
        json!({}),
        json!({ "success": true, "isValid": true, "transaction": TX }),
    ];
    let statuses = [200, 400, 401, 403, 402, 403, 404, 409, 429, 500, 502, 503, 308, 422];
    let bazaar = [
        json!({ "bazaar": { "status": a, "rejectedReason": b } }),
        json!({ "bazaar": { "status": "rejected", "rejectedReason": format!("{a} {b}") } }),
    ];
    let mut outcomes: Vec<_> = bodies
        .iter()
        .enumerate()
        .flat_map(|(at, body)| [(200, at, body), (statuses[at], at, body)])
        .map(|(status, at, body)| Outcome::Answered {
            status,
            body: body.to_string().into_bytes(),
            location: Some(format!("https://{a}.example/{b}?{a}")),
            extensions: Some(STANDARD.encode(bazaar[at % 2].to_string())),
        })
        .collect();
    outcomes.extend([
        Outcome::Answered {
            status: 308,
            body: format!("<html>{a} {b}").into_bytes(),
            location: Some(format!("https://f.example/{a}{b}")),
            extensions: Some(a.to_owned()),
        },
        Outcome::NotSent(format!("bad header {a}")),
        Outcome::Lost(format!("reset: {a} at https://node.example/v2/{b}")),
    ]);
    outcomes
}

/// What a node can say: through the reader of its answers.
fn said_by_nodes(a: &str, b: &str) -> Vec<node::Said> {
    let ask = |status, body: String| {
        let questions = [node::Question::ChainId, node::Question::BlockNumber];
        node::ask(&questions, &mut true, |_| Outcome::Answered {
            status,
            body: body.clone().into_bytes(),
            location: None,
            extensions: None,
        })
    };
    let error =
        |code: Value| json!({ "id": 0, "error": { "code": code, "message": format!("{a} {b}") } });
    let one = |code: Value| {
        node::ask(&[node::Question::ChainId], &mut true, |_| Outcome::Answered {
            status: 200,
            body: error(code.clone()).to_string().into_bytes(),
            location: None,
            extensions: None,
        })
    };
    let wrong = |answers: node::Said| answers.map(|answers| vec![answers[0].clone(); 4]);
    vec![
        wrong(one((-32000).into())),
        wrong(one(a.into())),
        wrong(one(json!({ a: b }))),
        ask(403, a.to_owned()),
        ask(200, format!("{a} {b}")),
        Err(format!("the node: bad URI https://node.example/v2/{a}: {b}")),
        Ok(vec![Ok(json!(a)), Ok(json!(b)), Ok(json!(a)), Ok(json!(b))]),
    ]
}

/// Whose turn it is: of so many ways one is gone, so that in the end each was gone with all kinds of texts.
struct Turns {
    every: usize,
    at: usize,
}

impl Turns {
    fn is_next(&mut self) -> bool {
        self.at += 1;
        self.at.is_multiple_of(self.every)
    }
}

/// The lines that can be had with two texts in every place.
fn lines(a: &str, b: &str, header: &str, turns: &mut Turns) -> Vec<Line> {
    let pay = |uri: &str| request("GET", uri, &[("PAYMENT-SIGNATURE", header)]);
    let mut lines = vec![];
    for outcome in said_by_facilitators(a, b) {
        for uri in ["/a.json", "/first.json", "/timed.json"] {
            if !turns.is_next() {
                continue;
            }
            lines.push(drive(open_table(), pay(uri), |effect, _| {
                matches!(effect, Effect::Facilitator { .. })
                    .then(|| Heard::Facilitator(outcome.clone()))
            }));
        }
        let opaque = request(
            "GET",
            "/a.json",
            &[("PAYMENT-SIGNATURE", &passthrough::payment("AQAB").header())],
        );
        // Whoever says success names the transaction, to the buyer as well: it is no word.
        let names = |outcome: &Outcome| {
            let Outcome::Answered { body, .. } = outcome else { return false };
            let json: Value = serde_json::from_slice(body).unwrap_or_default();
            json["success"] == true && json["transaction"] != TX
        };
        if !names(&outcome) && turns.is_next() {
            let opaque = drive(passthrough::offers(), opaque, |effect, _| match effect {
                Effect::Facilitator { .. } => Some(Heard::Facilitator(outcome.clone())),
                // What settled cannot be recorded.
                Effect::Store { asks, .. } if matches!(asks[0], Ask::Replace(..)) => Some(
                    Heard::Store(asks.iter().map(|_| Err(Failed(format!("{a} {b}")))).collect()),
                ),
                _ => None,
            });
            lines.push(opaque);
        }
    }
    for said in said_by_nodes(a, b) {
        for settle in [lost(), failed("insufficient_funds"), settled()] {
            if !turns.is_next() {
                continue;
            }
            let mut table = with_node(open_table());
            table.redemptions = s3();
            lines.push(drive(table, pay("/a.json"), |effect, _| match effect {
                Effect::Node { calls, .. } => {
                    Some(Heard::Node(calls.iter().map(|_| said.clone()).collect()))
                }
                Effect::Facilitator { .. } => Some(Heard::Facilitator(settle.clone())),
                Effect::Store { .. } => None,
            }));
        }
    }
    let replies = [
        Err(Failed(format!("S3, reading {a}: 403 {b}"))),
        Ok(Reply::Found(
            json!({ "v": a, "writer": b }).to_string().into_bytes(),
            Version("1".into()),
        )),
        Ok(Reply::Found(format!("{a} {b}").into_bytes(), Version(a.into()))),
        Ok(Reply::Missing),
    ];
    for reply in replies {
        for trip in 0..3 {
            if !turns.is_next() {
                continue;
            }
            let mut trips = 0;
            lines.push(drive(open_table(), pay("/a.json"), |effect, _| match effect {
                Effect::Store { asks, .. } => {
                    trips += 1;
                    (trips > trip)
                        .then(|| Heard::Store(asks.iter().map(|_| reply.clone()).collect()))
                }
                _ => None,
            }));
        }
    }
    let requests = requests(a, b).into_iter().filter(|_| turns.is_next());
    lines.extend(requests.map(|request| drive(open_table(), request, |_, _| None)));
    if turns.is_next() {
        lines.extend(answers(a, b));
    }
    lines
}

/// What a viewer can say.
fn requests(a: &str, b: &str) -> Vec<paywall_core::event::Request> {
    let changed = |pointer: &str| {
        let mut json = Payment::v2_unsigned();
        *json.pointer_mut(pointer).unwrap() = a.into();
        STANDARD.encode(json.to_string())
    };
    let mut headers: Vec<(&str, String)> = [
        "/x402Version",
        "/accepted",
        "/accepted/scheme",
        "/accepted/network",
        "/accepted/asset",
        "/accepted/payTo",
        "/accepted/amount",
        "/payload",
        "/payload/signature",
        "/payload/authorization",
        "/payload/authorization/from",
        "/payload/authorization/value",
        "/payload/authorization/validBefore",
    ]
    .map(|pointer| ("PAYMENT-SIGNATURE", changed(pointer)))
    .to_vec();
    for name in [
        "PAYMENT-SIGNATURE",
        "X-PAYMENT",
        "X-PAYMENT-PASS",
        "Authorization",
        "Cookie",
        "If-Match",
        "If-None-Match",
        "Range",
        "Origin",
        "Host",
        "Accept",
        "User-Agent",
        "Access-Control-Request-Headers",
        handover::HEADER,
        "x-amzn-waf-x402-switch",
        "x-amzn-waf-x402-vouched",
        waf::PROBE,
    ] {
        headers.push((name, a.to_owned()));
    }
    headers.push(("Cookie", format!("x402-pass-00000000={a}; other={b}")));
    let mut requests = vec![];
    for (name, value) in &headers {
        for (method, uri) in [("GET", "/a.json"), ("HEAD", "/timed.json"), ("OPTIONS", "/a.json")] {
            let uri = format!("{uri}?{a}&{b}");
            requests.push(request(method, &uri, &[(name, value), ("Referer", b)]));
        }
    }
    requests.push(request("GET", &format!("/{a}"), &[]));
    requests.push(request("GET", &format!("/free.txt?{a}"), &[("Authorization", b)]));
    requests.push(request(a, &format!("/a.json?{b}"), &[]));
    requests
}

/// What an origin can say, or a viewer behind the cache.
fn answers(a: &str, b: &str) -> Vec<Line> {
    let mut paywall = paywall(Box::leak(Box::new(open_table())));
    paywall.seal = Seal::parse("c4u7qkzm2xw5rjhtfy3vnbgadp");
    let mut lines = vec![];
    for uri in
        ["/a.json", "/free.txt", &format!("/{a}"), &format!("/c4u7qkzm2xw5rjhtfy3vnbgadp/{a}")]
    {
        let mut headers = Headers::default();
        for (name, value) in [
            ("ETag", a),
            ("Location", b),
            ("Cache-Control", a),
            ("X-Seal", "c4u7qkzm2xw5rjhtfy3vnbgadp"),
        ] {
            headers.set(name, value);
        }
        let response =
            Response { status: "200".into(), status_description: a.into(), headers, body: None };
        let request = request("GET", uri, &[(handover::HEADER, &format!("{a}.{b}"))]);
        lines.push(checked(viewer_response(&paywall, "request-1", &request, response).1));
    }
    lines
}

#[test]
fn no_line_has_a_piece_of_a_secret() {
    // A prime: else the same kinds of lines might always be the ones.
    search(17);
}

#[test]
#[ignore = "a minute: `cargo test -p paywall-core --test walk -- --ignored`"]
fn no_line_has_a_piece_of_a_secret_whichever_way_it_comes() {
    search(1);
}

fn search(every: usize) {
    let header = Payment::v2(1).header();
    let mut turns = Turns { every, at: 0 };
    let mut outcomes = HashSet::new();
    for secret in secrets() {
        let forms = forms(&secret);
        let pieces = Pieces::of(&forms);
        for form in &forms {
            let (left, right) = form.split_at(form.len() / 2);
            for (a, b) in [(form.as_str(), form.as_str()), (left, right), (right, left)] {
                for line in lines(a, b, &header, &mut turns) {
                    assert_eq!(pieces.find(&values(&line)), None, "{form}: {}", line.to_json());
                    outcomes.insert(line.outcome.to_string());
                }
            }
        }
    }
    for outcome in [
        "settled",
        "free",
        "preflight",
        "not_for_sale",
        "invalid_payload",
        "payment_required",
        "settlement_unknown",
        "facilitator_unavailable",
        "cannot_settle",
        "store_unavailable",
        "verification_unclear",
        "method_not_allowed",
        "not_listed",
        "receipt_forged",
    ] {
        assert!(outcomes.contains(outcome), "{outcome} is not among {outcomes:?}");
    }
    assert!(outcomes.iter().any(|it| it.starts_with("Address blocked: ")), "{outcomes:?}");
}

/// What the search finds if it is there: else the test above could not fail.
#[test]
fn the_search_finds_what_is_there() {
    let secret = "QmJ8xVt2LpR7nKs4WdYz9HcG3fBa6TeU";
    let line = |object: &str, transaction: &str| Line {
        object: Some(object.into()),
        transaction: Some(transaction.into()),
        ..Line::default()
    };
    for form in forms(secret) {
        let pieces = Pieces::of(std::slice::from_ref(&form));
        let (left, right) = form.split_at(form.len() / 2);
        for line in [line(&form, ""), line(left, right), line("", &format!("x {right}"))] {
            assert!(pieces.find(&values(&line)).is_some(), "{form}");
        }
    }
}
