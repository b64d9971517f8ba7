//! The function's sandboxes: one request at a time each; they die, stand still, and are killed at the
//! deadline. And the world as the function sees it from one of them.

use std::cell::{Cell, RefCell};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::Poll;

use paywall_core::clock::Micros;
use paywall_core::facilitator::{Call, Endpoint, Outcome};
use paywall_core::paywall::Paywall;
use paywall_core::store::{Ask, Failed, Memory, Reply};
use paywall_core::walk::{Decision, Invocation, viewer_request};
use paywall_core::world::{Called, RpcCall, World};
use price_table::Table;

use crate::facilitator;
use crate::oracle::Departure;
use crate::sabotage::Desk;
use crate::schedule::Slot;
use crate::shop::FACILITATORS;
use crate::universe::Universe;

/// The time limit of an invocation, in microseconds: the shorter of the two that Lambda@Edge may have.
const TIMEOUT: u64 = 5_000_000;

/// All sandboxes.
pub struct Fleet {
    table: &'static Table,
    sandboxes: RefCell<Vec<Rc<Sandbox>>>,
}

/// One of them.
pub struct Sandbox {
    number: u32,
    paywall: Paywall<'static>,
    memory: RefCell<Memory>,
    busy: Cell<bool>,
}

impl Fleet {
    /// So many, with nothing in memory.
    pub fn new(table: &'static Table, count: u32) -> Self {
        let sandboxes = (0..count).map(|number| Rc::new(Sandbox::new(table, number))).collect();
        Fleet { table, sandboxes: RefCell::new(sandboxes) }
    }

    /// One that is free.
    fn take(&self, universe: &Universe) -> Option<Rc<Sandbox>> {
        let sandboxes = self.sandboxes.borrow();
        let first = universe.choices.below(sandboxes.len() as u32) as usize;
        let order = (0..sandboxes.len()).map(|n| &sandboxes[(first + n) % sandboxes.len()]);
        let free = order.clone().find(|sandbox| !sandbox.busy.get())?;
        free.busy.set(true);
        Some(free.clone())
    }

    /// Puts a new one in the place of a dead one.
    fn replace(&self, dead: &Sandbox) {
        let fresh = Rc::new(Sandbox::new(self.table, dead.number));
        self.sandboxes.borrow_mut()[dead.number as usize] = fresh;
    }
}

impl Sandbox {
    fn new(table: &'static Table, number: u32) -> Self {
        Sandbox {
            number,
            paywall: crate::paywall(table),
            memory: RefCell::default(),
            busy: Cell::new(false),
        }
    }
}

/// How an invocation ends for CloudFront.
pub enum Ended {
    /// The function answered; also what its viewer-response will need.
    Answered(Box<Decision>, Rc<Sandbox>),
    /// It did not: 503.
    Failed,
}

impl Sandbox {
    /// What it judges by.
    pub fn paywall(&self) -> &Paywall<'static> {
        &self.paywall
    }
}

/// Runs viewer-request for a request.
pub async fn invoke(
    universe: &Universe,
    id: String,
    request: paywall_core::event::Request,
    visit: Visit,
) -> Ended {
    let sandbox = loop {
        match universe.fleet.take(universe) {
            Some(sandbox) => break sandbox,
            None => universe.schedule.sleep(50_000).await,
        }
    };
    let began = universe.now();
    let deadline = Micros(began.0 + TIMEOUT);
    let inside =
        Inside { universe: universe.clone(), sandbox: sandbox.clone(), visit, desk: Rc::default() };
    let invocation = Invocation { request_id: id, began, deadline };
    let decision = {
        let walk = pin!(viewer_request(&sandbox.paywall, &inside, invocation, request));
        survive(universe, &sandbox, walk, deadline).await
    };
    match decision {
        Some(decision) => {
            sandbox.busy.set(false);
            Ended::Answered(Box::new(decision), sandbox)
        }
        None => {
            universe.fleet.replace(&sandbox);
            Ended::Failed
        }
    }
}

/// Goes on with the walk unless the sandbox dies, stands still, or is past its deadline.
async fn survive(
    universe: &Universe,
    sandbox: &Sandbox,
    mut walk: Pin<&mut impl Future<Output = Decision>>,
    deadline: Micros,
) -> Option<Decision> {
    loop {
        let weather = universe.weather();
        if universe.choices.chance(weather.death) {
            universe.note(|| format!("  sandbox {} dies", sandbox.number));
            return None;
        }
        if universe.choices.chance(weather.freeze) {
            let seconds = 1 + universe.choices.below(30);
            universe.note(|| format!("  sandbox {} stands still for {seconds} s", sandbox.number));
            universe.schedule.sleep(u64::from(seconds) * 1_000_000).await;
            // What is past the deadline is killed, if not at once.
            let mortal = universe.configuration.mortal;
            if mortal && universe.now() > deadline && universe.choices.chance(500) {
                universe.note(|| format!("  sandbox {} is killed at its deadline", sandbox.number));
                return None;
            }
        }
        let mut first = true;
        let step = std::future::poll_fn(|cx| {
            match walk.as_mut().poll(cx) {
                Poll::Ready(decision) => Poll::Ready(Some(decision)),
                Poll::Pending if first => {
                    first = false;
                    Poll::Pending
                }
                // It was woken and goes on: dangers may strike again.
                Poll::Pending => Poll::Ready(None),
            }
        })
        .await;
        if let Some(decision) = step {
            return Some(decision);
        }
    }
}

/// What the promises are judged by: which request this is.
#[derive(Clone)]
pub struct Visit {
    /// The request's number.
    pub number: u64,
    /// Its method.
    pub method: String,
    /// The key that it asks for, if it is on sale.
    pub product: Option<crate::shop::Product>,
    /// The payment that it bears.
    pub payment: Option<crate::wallet::Authorization>,
}

/// The world from inside a sandbox.
struct Inside {
    universe: Universe,
    sandbox: Rc<Sandbox>,
    visit: Visit,
    desk: Rc<Desk>,
}

impl World for Inside {
    fn now(&self) -> Micros {
        self.universe.now()
    }

    async fn call(&self, call: &Call) -> Called {
        let universe = &self.universe;
        let give_up = Micros(self.now().0 + call.timeout_ms * 1_000);
        let weather = universe.weather();
        if universe.choices.chance(weather.refused) {
            universe.note(|| format!("  {} refuses the connection", call.facilitator));
            universe.schedule.sleep(universe.hop()).await;
            return Outcome::NotSent("connection refused".into()).into();
        }
        let body = call.body.clone().into_bytes();
        let payment = facilitator::payment(&body);
        if call.endpoint == Endpoint::Settle {
            universe.note(|| format!("  /settle of {}", universe.name(&payment.authorization)));
            universe.oracle.departs(
                universe,
                Departure {
                    at: self.now(),
                    payment: payment.authorization.clone(),
                    product: self.visit.product,
                    method: self.visit.method.clone(),
                    request: self.visit.number,
                },
            );
        }
        let answer = Slot::new();
        let which = FACILITATORS.iter().position(|url| *url == call.facilitator);
        let facilitator = universe.facilitators[which.expect("one of the table's")].clone();
        let (there, back, endpoint) = (universe.clone(), answer.clone(), call.endpoint);
        let departed = self.now();
        universe.schedule.spawn(async move {
            let weather = there.weather();
            if there.choices.chance(weather.request_lost) {
                return there.note(|| "  the request is lost".into());
            }
            let late = there.choices.chance(weather.request_late);
            let travel = if late { 1_000_000 * u64::from(5 + there.choices.below(40)) } else { 0 };
            there.schedule.sleep(there.hop() + travel).await;
            let given = match endpoint {
                Endpoint::Verify => facilitator.verify(&there, &body),
                Endpoint::Settle => facilitator.settle(there.clone(), body, departed).await,
            };
            let weather = there.weather();
            if there.choices.chance(weather.answer_lost) {
                return there.note(|| "  the answer is lost".into());
            }
            let given =
                if there.choices.chance(weather.garbled) { garble(&there, given) } else { given };
            there.schedule.sleep(there.hop()).await;
            there.schedule.fill(&back, given);
        });
        let outcome = match universe.schedule.take(&answer, give_up).await {
            Some((status, body)) => {
                universe.note(|| format!("  answer {status} {}", String::from_utf8_lossy(&body)));
                Outcome::Answered { status, body, location: None }
            }
            None => Outcome::Lost("timed out".into()),
        };
        match universe.sabotage {
            Some(sabotage) => sabotage.hears(outcome),
            None => outcome,
        }
        .into()
    }

    async fn rpc(&self, call: &RpcCall) -> Called {
        let universe = &self.universe;
        let weather = universe.weather();
        universe.schedule.sleep(universe.hop()).await;
        let fault = universe.choices.chance(weather.node).then(|| universe.choices.below(4));
        let request = serde_json::from_str(&call.body).expect("the function asks in JSON");
        let now = self.now();
        universe.chain.advance(now);
        let answer = |lag| {
            let body = universe.chain.answer(&request, now, lag).to_string().into_bytes();
            Outcome::Answered { status: 200, body, location: None }
        };
        match fault {
            None => answer(0),
            Some(0) => answer(1_000_000 * u64::from(universe.choices.below(120))),
            Some(1) => Outcome::Lost("timed out".into()),
            Some(2) => Outcome::NotSent("connection refused".into()),
            Some(_) => {
                Outcome::Answered { status: 429, body: b"slow down".to_vec(), location: None }
            }
        }
        .into()
    }

    async fn records(&self, asks: Vec<Ask>, timeout_ms: u64) -> Vec<Result<Reply, Failed>> {
        let universe = &self.universe;
        if !universe.configuration.shared {
            let now = self.now();
            let mut memory = self.sandbox.memory.borrow_mut();
            return asks.into_iter().map(|ask| memory.ask(ask, now)).collect();
        }
        let give_up = Micros(self.now().0 + timeout_ms * 1_000);
        let mut slots = vec![];
        for ask in asks {
            let slot = Slot::new();
            slots.push(slot.clone());
            let (there, desk) = (universe.clone(), self.desk.clone());
            let (payment, product) = (self.visit.payment.clone(), self.visit.product);
            universe.schedule.spawn(async move {
                there.schedule.sleep(there.hop()).await;
                let sabotage = there.sabotage;
                let place = match &ask {
                    Ask::Get(key) | Ask::Create(key, _) | Ask::Replace(key, ..) => {
                        Desk::place(sabotage, key)
                    }
                };
                let ask = match sabotage.map_or(Ok(ask.clone()), |s| desk.asks(s, ask)) {
                    Ok(ask) => ask,
                    Err(reply) => return there.schedule.fill(&slot, Ok(reply)),
                };
                let apply = |ask| {
                    let sale = is_sale(&ask);
                    let reply = there.bucket.apply(place, ask);
                    if let (true, Reply::Written(_), Some(payment)) = (sale, &reply, &payment) {
                        there.oracle.recorded(there.now(), payment.clone(), product);
                    }
                    match sabotage {
                        Some(sabotage) => desk.reads(sabotage, reply, there.now()),
                        None => reply,
                    }
                };
                let fault = there.choices.chance(there.weather().store);
                let fault = fault.then(|| there.choices.below(4));
                let reply = match fault {
                    // Refused before anything was done, or lost on the way there.
                    Some(0) => Err(Failed("503 SlowDown".into())),
                    // Done, and the answer is lost.
                    Some(1) => {
                        apply(ask);
                        Err(Failed("connection reset".into()))
                    }
                    // Done long after the answer was waited for.
                    Some(2) => {
                        there.schedule.fill(&slot, Err(Failed("connection reset".into())));
                        there
                            .schedule
                            .sleep(1_000_000 * u64::from(1 + there.choices.below(20)))
                            .await;
                        apply(ask);
                        return;
                    }
                    // Slow.
                    Some(_) => {
                        there.schedule.sleep(1_000 * u64::from(there.choices.below(4_000))).await;
                        Ok(apply(ask))
                    }
                    None => Ok(apply(ask)),
                };
                there.schedule.fill(&slot, reply);
            });
        }
        let mut replies = vec![];
        for slot in &slots {
            let reply = universe.schedule.take(slot, give_up).await;
            let reply = reply.unwrap_or_else(|| Err(Failed("timed out".into())));
            if let Err(Failed(why)) = &reply {
                universe.note(|| format!("  the store fails: {why}"));
            }
            replies.push(reply);
        }
        replies
    }
}

/// Whether an account is written that says what was granted.
fn is_sale(ask: &Ask) -> bool {
    match ask {
        Ask::Create(_, record) | Ask::Replace(_, record, _) => {
            record.json.contains("\"granted\":{")
        }
        Ask::Get(_) => false,
    }
}

/// Not what the facilitator said.
fn garble(universe: &Universe, (status, body): facilitator::Answer) -> facilitator::Answer {
    match universe.choices.below(5) {
        0 => (502, b"<html>Bad Gateway</html>".to_vec()),
        1 => (status, body[..body.len() / 2].to_vec()),
        2 => (200, br#"{"success":"true","transaction":"0x00"}"#.to_vec()),
        3 => (200, br#"{"success":false}"#.to_vec()),
        // Another payment's.
        _ => {
            let mut a = universe.drawer.payment(0, crate::shop::Product::Once, 0).authorization;
            a.from = [0xee; 20];
            (200, facilitator::receipt(&a, &[0xee; 32]).to_string().into_bytes())
        }
    }
}
