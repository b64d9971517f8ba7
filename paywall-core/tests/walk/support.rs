//! A scenario: a paywall, a store, facilitators that say what they are told to, and a clock that
//! stands still.

use std::cell::RefCell;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use paywall_core::clock::Micros;
use paywall_core::event::{Headers, Output, Request, Response};
use paywall_core::facilitator::{Call, Endpoint, Outcome};
use paywall_core::handover::Keys;
use paywall_core::hex;
use paywall_core::log::Line;
use paywall_core::pass;
use paywall_core::paywall::Paywall;
use paywall_core::store::{Ask, Failed, Memory, Reply};
use paywall_core::walk::{Invocation, viewer_request};
use paywall_core::world::{Called, RpcCall, World};
use price_table::{
    Access, Address, Asset, Auth, BodyVersion, Dialect, Evm, Facilitator, Network, Object, Objects,
    Offer, PassScope, Purchases, Redemptions, Rule, Sale, Site, Table, Terms, VerifyPolicy,
};
use serde_json::{Value, json};

pub use crate::payment::Payment;

pub const NOW: u64 = 1_760_000_000;
pub const ETAG: &str = "\"0123456789abcdef0123456789abcdef\"";
pub const TX: &str = "0x086c05ea76014b2cc4612ba53052596be091876c22eb1fa4476746e181e1cfc6";

pub struct Scenario {
    pub paywall: &'static Paywall<'static>,
    pub store: Memory,
    pub now: u64,
    /// Milliseconds from the event to the platform's deadline.
    pub time_ms: u64,
    /// Answers to `/settle` and `/verify`, in turn; the last one is repeated.
    pub settle: Vec<Outcome>,
    pub verify: Vec<Outcome>,
    pub calls: Vec<Call>,
    /// How long each call takes, in milliseconds.
    pub call_ms: u64,
    /// What facilitators answer that do not get as far as `settle` and `verify`, by base URL.
    pub down: Vec<(&'static str, Outcome)>,
    /// What the node answers, request by request.
    pub node: Option<Node>,
    pub rpc_calls: Vec<RpcCall>,
    pub requests: usize,
    /// Trips to the store.
    pub trips: usize,
    /// The store answers nothing from this trip on, if any.
    pub store_fails_at: Option<usize>,
    /// The sandbox dies when it has sent a `/settle`.
    pub dies_settling: bool,
}

/// From a JSON-RPC request to its result.
pub type Node = Box<dyn Fn(&Value) -> Value>;

/// The scenario as one request sees it.
struct Outside<'s> {
    scenario: RefCell<&'s mut Scenario>,
    now: RefCell<Micros>,
    calls: RefCell<Vec<Call>>,
}

impl World for Outside<'_> {
    fn now(&self) -> Micros {
        *self.now.borrow()
    }

    async fn call(&self, call: &Call) -> Called {
        if call.endpoint == Endpoint::Settle && self.scenario.borrow().dies_settling {
            std::future::pending::<()>().await;
        }
        let scenario = &mut **self.scenario.borrow_mut();
        self.now.borrow_mut().0 += scenario.call_ms * 1_000;
        self.calls.borrow_mut().push(call.clone());
        if let Some((_, outcome)) = scenario.down.iter().find(|(url, _)| *url == call.facilitator) {
            return outcome.clone().into();
        }
        let answers = match call.endpoint {
            Endpoint::Verify => &mut scenario.verify,
            Endpoint::Settle => &mut scenario.settle,
        };
        if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() }.into()
    }

    async fn rpc(&self, call: &RpcCall) -> Called {
        let scenario = &mut **self.scenario.borrow_mut();
        scenario.rpc_calls.push(call.clone());
        let Some(node) = &scenario.node else {
            return Outcome::NotSent("no node".into()).into();
        };
        let asked: Value = serde_json::from_str(&call.body).unwrap();
        let one =
            |asked: &Value| json!({ "jsonrpc": "2.0", "id": asked["id"], "result": node(asked) });
        answer(match &asked {
            Value::Array(batch) => batch.iter().map(one).collect(),
            asked => one(asked),
        })
        .into()
    }

    async fn records(&self, asks: Vec<Ask>, timeout_ms: u64) -> Vec<Result<Reply, Failed>> {
        assert!(timeout_ms > 0, "the store is asked without time");
        let scenario = &mut **self.scenario.borrow_mut();
        scenario.trips += 1;
        if scenario.store_fails_at.is_some_and(|first| scenario.trips >= first) {
            return asks.iter().map(|_| Err(Failed("silence".into()))).collect();
        }
        let now = *self.now.borrow();
        asks.into_iter().map(|ask| scenario.store.ask(ask, now)).collect()
    }
}

pub struct Ended {
    pub output: Output,
    pub log: Line,
    pub calls: Vec<Call>,
}

pub fn usdc() -> Evm {
    let address = |eip55: &'static str| Address {
        bytes: hex::decode_array(eip55).unwrap(),
        eip55: eip55.into(),
    };
    Evm {
        chain_id: 84532,
        asset: Asset {
            address: address("0x036CbD53842c5426634e7929541eC2318f3dCF7e"),
            name: "USDC".into(),
            version: "2".into(),
            decimals: 6,
        },
        pay_to: address("0x70997970C51812dc3A010C7d01b50e0d17dc79C8"),
    }
}

pub fn offer() -> Offer {
    Offer {
        network: Network {
            caip2: "eip155:84532".into(),
            v1: Some("base-sepolia".into()),
            rpc: None,
        },
        amount: 10_000,
        max_timeout_seconds: 60,
        facilitators: vec![Facilitator {
            url: "https://facilitator.example".into(),
            verify: VerifyPolicy::WhenNeeded,
            auth: Auth::None,
            dialect: Dialect::Reference,
            refusals: vec![].into(),
        }]
        .into(),
        terms: Terms::Evm(usdc()),
    }
}

pub fn rule(sale: Sale) -> Rule {
    Rule {
        pattern: "**".into(),
        title: "A report".into(),
        description: "What it says".into(),
        mime_type: None,
        sale,
    }
}

pub fn sale(offers: Vec<Offer>, access: Access) -> Sale {
    Sale::Priced {
        offers: offers.into(),
        access,
        pass: PassScope::Object,
        access_epoch: 0,
        purchases: Purchases::OneAtATime,
    }
}

pub fn priced(offer: Offer, access: Access) -> Rule {
    rule(sale(vec![offer], access))
}

pub fn table(rules: Vec<Rule>, objects: &[(&str, u16)]) -> Table {
    let objects: Vec<_> = objects
        .iter()
        .map(|(key, rule)| Object { key, etag: ETAG, rule: *rule, mime_type: 0, size: 1_000 })
        .collect();
    Table {
        site: Site {
            id: "site".into(),
            urls: vec!["https://site.example".into(), "https://www.site.example".into()].into(),
            default_root_object: Some("free.txt".into()),
            cors_origins: vec!["*".into()].into(),
            body: BodyVersion::V1,
        },
        redemptions: Redemptions::Memory,
        rules: rules.into(),
        mime_types: vec!["application/json".into()].into(),
        objects: Objects::build(&objects).unwrap(),
    }
}

impl Scenario {
    /// One free object, and priced ones of each kind.
    pub fn open() -> Self {
        let verify_first = {
            let mut offer = offer();
            let mut facilitator = offer.facilitators[0].clone();
            facilitator.verify = VerifyPolicy::First;
            offer.facilitators = vec![facilitator].into();
            offer
        };
        Scenario::of(table(
            vec![
                rule(Sale::Free),
                priced(offer(), Access::Request),
                priced(offer(), Access::Seconds(600)),
                priced(verify_first, Access::Request),
            ],
            &[
                ("free.txt", 0),
                ("a.json", 1),
                ("b +é.json", 1),
                ("timed.json", 2),
                ("first.json", 3),
            ],
        ))
    }

    pub fn of(table: Table) -> Self {
        Scenario {
            paywall: Box::leak(Box::new(paywall(Box::leak(Box::new(table))))),
            store: Memory::default(),
            now: NOW,
            time_ms: 5_000,
            settle: vec![settled()],
            verify: vec![answer(json!({ "isValid": true }))],
            calls: vec![],
            call_ms: 0,
            down: vec![],
            node: None,
            rpc_calls: vec![],
            requests: 0,
            trips: 0,
            store_fails_at: None,
            dies_settling: false,
        }
    }

    pub fn get(&mut self, uri: &str) -> Ended {
        self.send("GET", uri, &[])
    }

    pub fn pay(&mut self, uri: &str, payment: &Payment) -> Ended {
        self.send("GET", uri, &[("PAYMENT-SIGNATURE", &payment.header())])
    }

    pub fn send(&mut self, method: &str, uri: &str, headers: &[(&str, &str)]) -> Ended {
        self.try_send(method, uri, headers).expect("the sandbox lives")
    }

    /// Sends a payment to a sandbox that dies while it settles it, and leaves its store behind.
    pub fn pay_and_die(&mut self, uri: &str, payment: &Payment) {
        self.dies_settling = true;
        let header = payment.header();
        assert!(self.try_send("GET", uri, &[("PAYMENT-SIGNATURE", &header)]).is_none());
        self.dies_settling = false;
    }

    fn try_send(&mut self, method: &str, uri: &str, headers: &[(&str, &str)]) -> Option<Ended> {
        let request = request(method, uri, headers);
        let began = Micros::from_secs(self.now);
        self.requests += 1;
        let invocation = Invocation {
            request_id: format!("request-{}", self.requests),
            began,
            deadline: Micros(began.0 + self.time_ms * 1_000),
        };
        let paywall = self.paywall;
        let world = Outside {
            scenario: RefCell::new(self),
            now: RefCell::new(began),
            calls: RefCell::default(),
        };
        let polled = pin!(viewer_request(paywall, &world, invocation, request))
            .poll(&mut Context::from_waker(Waker::noop()));
        let Outside { scenario, now, calls } = world;
        let calls = calls.into_inner();
        scenario.into_inner().calls.extend(calls.iter().cloned());
        let Poll::Ready(decision) = polled else { return None };
        let took = now.into_inner().millis_since(began);
        assert!(took <= self.time_ms || self.call_ms > 0, "an answer after the deadline");
        Some(Ended { output: decision.output, log: decision.log, calls })
    }

    pub fn count(&self, endpoint: Endpoint) -> usize {
        self.calls.iter().filter(|call| call.endpoint == endpoint).count()
    }
}

impl Ended {
    /// The request that goes on.
    #[track_caller]
    pub fn granted(&self) -> &Request {
        match &self.output {
            Output::Request(request) => request,
            Output::Response(response) => panic!("refused: {response:?}"),
        }
    }

    /// The answer that the function generated.
    #[track_caller]
    pub fn refused(&self) -> &Response {
        match &self.output {
            Output::Response(response) => response,
            Output::Request(request) => panic!("granted: {request:?}"),
        }
    }

    #[track_caller]
    pub fn status(&self) -> u16 {
        self.refused().status.parse().unwrap()
    }

    /// Status and code of a refusal.
    #[track_caller]
    pub fn code(&self) -> (u16, String) {
        (self.status(), self.body()["paywall"]["code"].as_str().unwrap().to_owned())
    }

    #[track_caller]
    pub fn body(&self) -> Value {
        serde_json::from_str(self.refused().body.as_deref().unwrap()).unwrap()
    }

    /// A header of the answer, decoded.
    #[track_caller]
    pub fn decoded(&self, name: &str) -> Value {
        let value = self.refused().headers.first(name).expect(name);
        serde_json::from_slice(&STANDARD.decode(value).unwrap()).unwrap()
    }
}

pub fn paywall(table: &Table) -> Paywall<'_> {
    Paywall {
        table,
        keys: keys(),
        passes: pass::Keys::parse(&"6".repeat(64)).unwrap(),
        overrides: Default::default(),
        budget: Default::default(),
        breakers: Default::default(),
    }
}

pub fn keys() -> Keys {
    Keys::parse(&"5".repeat(64)).unwrap()
}

pub fn request(method: &str, uri: &str, fields: &[(&str, &str)]) -> Request {
    let mut headers = Headers::default();
    headers.set("Host", "site.example");
    for (name, value) in fields {
        headers.set(name, *value);
    }
    let (uri, querystring) = uri.split_once('?').unwrap_or((uri, ""));
    Request {
        client_ip: "203.0.113.7".into(),
        headers,
        method: method.into(),
        querystring: querystring.into(),
        uri: uri.into(),
    }
}

pub fn answer(json: Value) -> Outcome {
    Outcome::Answered { status: 200, body: json.to_string().into_bytes(), location: None }
}

pub fn settled() -> Outcome {
    answer(json!({ "success": true, "transaction": TX, "network": "eip155:84532" }))
}

pub fn failed(code: &str) -> Outcome {
    answer(json!({ "success": false, "errorReason": code, "transaction": "" }))
}

pub fn lost() -> Outcome {
    Outcome::Lost("timeout: global".into())
}
