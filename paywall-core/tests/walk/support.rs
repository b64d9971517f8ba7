//! A scenario: a paywall, a store, facilitators that say what they are told to, nodes of a chain in
//! memory, and a clock that stands still.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use paywall_core::clock::Micros;
use paywall_core::event::{Output, Request, Response};
use paywall_core::facilitator::{Call, Endpoint, Outcome};
use paywall_core::limits;
use paywall_core::log::{Line, OUTCOMES};
use paywall_core::node::Said;
use paywall_core::paywall::Paywall;
use paywall_core::purchase::{Effect, Heard};
use paywall_core::sale::Next;
use paywall_core::store::{Ask, Failed, Memory, Reply};
use paywall_core::visit::{Decision, Invocation};
use paywall_core::walk;
use paywall_core::world::Phases;
use price_table::Table;
use serde_json::{Value, json};

pub use crate::offers::*;
pub use crate::payment::Payment;
use crate::testnode::{Chain, TestNode, payment_of};

pub const TX: &str = "0x086c05ea76014b2cc4612ba53052596be091876c22eb1fa4476746e181e1cfc6";

pub struct Scenario {
    pub paywall: &'static Paywall<'static>,
    pub store: Memory,
    pub now: u64,
    /// Milliseconds from the event to the platform's deadline.
    pub time_ms: u64,
    /// Where the viewer is.
    pub client_ip: &'static str,
    /// Answers to `/settle` and `/verify`, in turn; the last one is repeated.
    pub settle: Vec<Outcome>,
    pub verify: Vec<Outcome>,
    /// Whether each `/settle` is put on the chain, whatever its answer says.
    pub mines: bool,
    pub calls: Vec<Call>,
    /// How long each call takes, in milliseconds.
    pub call_ms: u64,
    /// What facilitators answer that do not get as far as `settle` and `verify`, by base URL.
    pub down: Vec<(&'static str, Outcome)>,
    /// The nodes, in the order in which they are named; `None` for one that is silent.
    pub nodes: Vec<Option<TestNode>>,
    pub requests: usize,
    /// Trips to the store.
    pub trips: usize,
    /// The store answers nothing from this trip on, if any.
    pub store_fails_at: Option<usize>,
    /// What happens to a write of the store, by its trip.
    pub faults: Vec<(usize, Fault)>,
    /// The sandbox dies when it has sent a `/settle`.
    pub dies_settling: bool,
    /// It dies when it has done so many things, before it hears of the last one.
    pub dies_at: Option<usize>,
}

/// What a store does to a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(dead_code)]
pub enum Fault {
    /// Does it, and says nothing.
    DoneInSilence,
    /// Does it, and answers as if somebody else had been first: a proxy sent it twice.
    DoneAndConflict,
    /// Does not do it, and says nothing.
    Silence,
    /// Does not do it, and answers that something else is being done:
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>
    Conflict,
}

pub struct Ended {
    pub output: Output,
    pub log: Line,
    pub calls: Vec<Call>,
    /// Everything that was asked, in order.
    pub effects: Vec<Effect>,
}

impl Scenario {
    /// One free object, and priced ones of each kind.
    pub fn open() -> Self {
        Scenario::of(open_table())
    }

    /// Records in S3, and nobody else sells for the payee.
    pub fn alone(mut table: Table) -> Self {
        table.redemptions = s3();
        Scenario::of(table)
    }

    pub fn of(table: Table) -> Self {
        Scenario::selling(Box::leak(Box::new(paywall(Box::leak(Box::new(table))))))
    }

    pub fn selling(paywall: &'static Paywall<'static>) -> Self {
        Scenario {
            paywall,
            store: Memory::default(),
            now: NOW,
            time_ms: 5_000,
            client_ip: "203.0.113.7",
            settle: vec![settled()],
            verify: vec![answer(json!({ "isValid": true }))],
            mines: false,
            calls: vec![],
            call_ms: 0,
            down: vec![],
            nodes: vec![],
            requests: 0,
            trips: 0,
            store_fails_at: None,
            faults: vec![],
            dies_settling: false,
            dies_at: None,
        }
    }

    /// The first node.
    #[track_caller]
    pub fn node(&mut self) -> &mut TestNode {
        self.nodes[0].as_mut().expect("a node")
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

    /// Sends a request; `None` if the sandbox dies of it.
    pub fn try_send(&mut self, method: &str, uri: &str, headers: &[(&str, &str)]) -> Option<Ended> {
        self.try_request(request(method, uri, headers))
    }

    /// The same, whatever its headers.
    pub fn try_request(&mut self, mut request: Request) -> Option<Ended> {
        request.client_ip = self.client_ip.into();
        let began = Micros::from_secs(self.now);
        self.requests += 1;
        let invocation = Invocation {
            request_id: format!("request-{}", self.requests),
            began,
            deadline: Micros(began.0 + self.time_ms * 1_000),
        };
        let (mut now, mut effects, calls_before) = (began, vec![], self.calls.len());
        let mut next = walk::begin(self.paywall, invocation, request);
        let decision = loop {
            match next {
                Next::Done(decision) => break *decision,
                Next::Ask(effect, selling) => {
                    effects.push(effect.clone());
                    let heard = self.answer(&effect, &mut now)?;
                    if self.dies_at == Some(effects.len()) {
                        return None;
                    }
                    next = selling.hear(heard, Phases::default(), now);
                }
            }
        };
        let took = now.millis_since(began);
        assert!(took <= self.time_ms || self.call_ms > 0, "an answer after the deadline");
        let Decision { output, log } = decision;
        let log = checked(log);
        Some(Ended { output, log, calls: self.calls[calls_before..].to_vec(), effects })
    }

    /// `None` if the sandbox dies of it.
    pub fn answer(&mut self, effect: &Effect, now: &mut Micros) -> Option<Heard> {
        Some(match effect {
            Effect::Store { asks, timeout_ms } => {
                assert!(*timeout_ms > 0, "the store is asked without time");
                self.trips += 1;
                Heard::Store(asks.iter().map(|ask| self.record(ask, *now)).collect())
            }
            Effect::Facilitator { call, .. } => {
                now.0 += self.call_ms * 1_000;
                self.calls.push(call.clone());
                let outcome = self.call(call, *now);
                if self.dies_settling && call.endpoint == Endpoint::Settle {
                    return None;
                }
                Heard::Facilitator(outcome)
            }
            Effect::Node { calls, .. } => {
                let said = calls.iter().map(|call| {
                    assert_eq!(call.network, "eip155:84532");
                    let at = NODES.iter().position(|url| Some(*url) == call.url.as_deref());
                    self.say(at.expect("a node of the table"), &call.questions, *now)
                });
                Heard::Node(said.collect())
            }
        })
    }

    fn record(&mut self, ask: &Ask, now: Micros) -> Result<Reply, Failed> {
        let silence = || Err(Failed("silence".into()));
        if self.store_fails_at.is_some_and(|first| self.trips >= first) {
            return silence();
        }
        let fault = self.faults.iter().find(|(trip, _)| *trip == self.trips);
        match (ask, fault) {
            (Ask::Get(_), _) | (_, None) => self.store.ask(ask, now),
            (_, Some((_, Fault::Silence))) => silence(),
            (_, Some((_, Fault::Conflict))) => Ok(Reply::Conflict),
            (_, Some((_, Fault::DoneInSilence))) => {
                self.store.ask(ask, now).and_then(|_| silence())
            }
            (_, Some((_, Fault::DoneAndConflict))) => {
                self.store.ask(ask, now).map(|_| Reply::Conflict)
            }
        }
    }

    fn call(&mut self, call: &Call, now: Micros) -> Outcome {
        if let Some((_, outcome)) = self.down.iter().find(|(url, _)| *url == call.facilitator) {
            return outcome.clone();
        }
        if self.mines && call.endpoint == Endpoint::Settle {
            let body: Value = serde_json::from_str(&call.body).unwrap();
            let nonce = &body["paymentPayload"]["payload"]["authorization"]["nonce"];
            let nonce = paywall_core::hex::decode_array(nonce.as_str().unwrap()).unwrap();
            for node in self.nodes.iter_mut().flatten() {
                node.chain.grow(now.secs());
                node.chain.mine(payment_of(nonce));
            }
        }
        let answers = match call.endpoint {
            Endpoint::Verify => &mut self.verify,
            Endpoint::Settle => &mut self.settle,
        };
        if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() }
    }

    fn say(&mut self, at: usize, asked: &[paywall_core::node::Question], now: Micros) -> Said {
        match self.nodes.get_mut(at) {
            Some(Some(node)) => {
                node.chain.grow(now.secs());
                node.say(asked)
            }
            _ => Err("silence".into()),
        }
    }

    pub fn count(&self, endpoint: Endpoint) -> usize {
        self.calls.iter().filter(|call| call.endpoint == endpoint).count()
    }
}

impl Chain {
    /// Adds a block every 2 s up to a time.
    pub fn grow(&mut self, until: u64) {
        while self.last() + 2 <= until {
            self.0.push((self.last() + 2, vec![]));
        }
    }

    /// Puts a transaction into a new block, unless it would spend a nonce again.
    pub fn mine(&mut self, logs: Vec<crate::testnode::Log>) {
        let nonce = logs[0].1[2];
        if !self.spends(crate::testnode::PAYER, nonce, self.0.len()) {
            self.0.push((self.last() + 2, vec![logs]));
        }
    }

    fn last(&self) -> u64 {
        self.0.last().map_or(0, |(time, _)| *time)
    }
}

impl Ended {
    /// How many effects of each kind were asked for: nodes, facilitators, the store.
    pub fn trips(&self) -> [usize; 3] {
        let count = |wanted: fn(&Effect) -> bool| self.effects.iter().filter(|e| wanted(e)).count();
        [
            count(|effect| matches!(effect, Effect::Node { .. })),
            count(|effect| matches!(effect, Effect::Facilitator { .. })),
            count(|effect| matches!(effect, Effect::Store { .. })),
        ]
    }

    /// The second at which a 503 says that what holds the payment ends by itself.
    #[track_caller]
    pub fn until(&self) -> u64 {
        self.body()["paywall"]["until"].as_u64().expect("an `until`")
    }

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

/// A line, which is what its type reads, and as long as it may be.
#[track_caller]
pub fn checked(line: Line) -> Line {
    let json = line.to_json();
    assert!(json.len() <= limits::LINE_BYTES, "{json}");
    let read = Line::read(&json).unwrap_or_else(|why| panic!("{why}: {json}"));
    assert_eq!(read.to_json(), json);
    assert_eq!(line.alarm, line.alarm_code.is_some(), "{json}");
    assert_eq!(line.operator.is_some(), line.operator_code.is_some(), "{json}");
    let is_listed = OUTCOMES.iter().any(|(code, _)| line.outcome == *code);
    assert!(is_listed || line.status.is_some(), "docs/log.md does not name {json}");
    line
}

pub fn answer(json: Value) -> Outcome {
    Outcome::Answered {
        status: 200,
        body: json.to_string().into_bytes(),
        location: None,
        extensions: None,
    }
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
