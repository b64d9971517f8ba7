//! The world as the function sees it from one of its sandboxes: what is asked is carried out, with all
//! that can go wrong on the way.

use std::rc::Rc;

use paywall_core::clock::Micros;
use paywall_core::facilitator::{Call, Endpoint, Outcome};
use paywall_core::node::{NodeCall, Said};
use paywall_core::purchase::{Effect, Heard};
use paywall_core::store::{Ask, Failed, Reply};

use crate::answers;
use crate::chain::node::{self, Mood};
use crate::desk::{Desk, moved, name};
use crate::facilitator;
use crate::lies;
use crate::mutant::Mutant;
use crate::oracle::{Departure, Sender, StoreId};
use crate::sandbox::{Sandbox, Visit};
use crate::schedule::Slot;
use crate::shop::{FACILITATORS, NODES};
use crate::universe::Universe;

/// The world from inside a sandbox, for one request.
#[derive(Clone)]
pub struct Outside {
    /// All of it.
    pub universe: Universe,
    /// From here.
    pub sandbox: Rc<Sandbox>,
    /// Between the engine and its store.
    pub desk: Rc<Desk>,
    /// For whom.
    pub visit: Visit,
}

impl Outside {
    /// Does what is asked.
    pub async fn run(&self, effect: &Effect) -> Heard {
        match effect {
            Effect::Store { asks, timeout_ms } => {
                let asks = self.desk.batch(asks.clone());
                let replies = match self.sandbox.store {
                    StoreId::Memory(_) => self.remember(asks),
                    StoreId::Bucket(at) => self.store(at, asks, *timeout_ms).await,
                };
                Heard::Store(self.desk.replies(replies))
            }
            Effect::Facilitator { call, .. } => Heard::Facilitator(self.call(call).await),
            Effect::Node { calls, look } => {
                let mut said = vec![];
                for call in calls {
                    said.push(self.node(call, *look).await);
                }
                Heard::Node(said)
            }
        }
    }

    async fn call(&self, call: &Call) -> Outcome {
        let universe = &self.universe;
        let give_up = Micros(universe.now().0 + call.timeout_ms * 1_000);
        let weather = universe.weather();
        let which = FACILITATORS.iter().position(|url| *url == call.facilitator);
        let which = which.expect("one of the table's");
        let body = call.body.clone().into_bytes();
        let payment = facilitator::payment(&body);
        let settles = call.endpoint == Endpoint::Settle;
        if universe.choices.chance(weather.refused) {
            universe.note(|| format!("  {} refuses the connection", call.facilitator));
            universe.schedule.sleep(universe.hop()).await;
            let outcome = Outcome::NotSent("connection refused".into());
            universe.oracle.asked(which, self.visit.number, call.endpoint, &outcome);
            return outcome;
        }
        if settles {
            universe.note(|| {
                format!("  /settle of {} by {which}", universe.name(&payment.authorization))
            });
            universe.oracle.departs(universe, self.departure(call, &payment.authorization));
        }
        let mut outcome = self.deliver(call, which, body, give_up).await;
        universe.oracle.asked(which, self.visit.number, call.endpoint, &outcome);
        if settles {
            let id = payment.authorization.id();
            universe.oracle.answered(self.sandbox.store, id, self.visit.number, &outcome);
            if universe.is(Mutant::RedirectFollowed)
                && matches!(outcome, Outcome::Answered { status: 308, .. })
            {
                let moved = Call { facilitator: FACILITATORS[1 - which].into(), ..call.clone() };
                universe.oracle.departs(universe, self.departure(&moved, &payment.authorization));
                let body = call.body.clone().into_bytes();
                outcome = self.deliver(&moved, 1 - which, body, give_up).await;
            }
        }
        lies::outcome(universe, outcome)
    }

    fn departure(&self, call: &Call, a: &crate::wallet::Authorization) -> Departure {
        Departure {
            at: self.universe.now(),
            store: self.sandbox.store,
            payment: a.clone(),
            product: self.visit.product,
            shop: self.visit.shop,
            method: self.visit.method,
            request: self.visit.id.clone(),
            number: self.visit.number,
            facilitator: call.facilitator.clone(),
            body: call.body.clone(),
            other_mode: self.sandbox.edition.other_mode,
        }
    }

    async fn deliver(&self, call: &Call, which: usize, body: Vec<u8>, give_up: Micros) -> Outcome {
        let universe = &self.universe;
        let facilitator = universe.facilitators[which].clone();
        let answer = Slot::new();
        let (there, back, endpoint) = (universe.clone(), answer.clone(), call.endpoint);
        let by = Sender { store: self.sandbox.store, number: self.visit.number };
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
                Endpoint::Settle if there.choices.chance(weather.doubled) => {
                    there.note(|| "  the request arrives twice".into());
                    facilitator.clone().settle(there.clone(), body.clone(), by).await;
                    facilitator.settle_copy(there.clone(), body, by).await
                }
                Endpoint::Settle => facilitator.settle(there.clone(), body, by).await,
            };
            let weather = there.weather();
            if there.choices.chance(weather.answer_lost) {
                return there.note(|| "  the answer is lost".into());
            }
            let garbled = there.choices.chance(weather.garbled);
            let given = if garbled { answers::garbled(&there.choices, given) } else { given };
            there.schedule.sleep(there.hop()).await;
            there.schedule.fill(&back, given);
        });
        match universe.schedule.take(&answer, give_up).await {
            Some((status, body)) => {
                universe.note(|| format!("  answer {status} {}", String::from_utf8_lossy(&body)));
                let location =
                    (300..400).contains(&status).then(|| "https://www.one.example/".into());
                Outcome::Answered { status, body, location, extensions: None }
            }
            None => {
                universe.note(|| "  no answer".into());
                Outcome::Lost("timed out".into())
            }
        }
    }

    async fn node(&self, call: &NodeCall, look: bool) -> Said {
        let said = ask_node(&self.universe, call).await?;
        lies::said(&self.universe, &self.visit, call, look, Ok(said))
    }

    fn remember(&self, asks: Vec<Ask>) -> Vec<Result<Reply, Failed>> {
        let now = self.sandbox.clock(&self.universe);
        let one = |ask: Ask| {
            let (place, ask) = match self.desk.ask(&self.visit, ask, now) {
                Ok(changed) => changed,
                Err(reply) => return Ok(reply),
            };
            let ask = moved(ask, &place);
            let reply = self.sandbox.memory.borrow_mut().ask(&ask, now)?;
            self.witness(&ask, &reply);
            Ok(self.desk.reply(&self.visit, &ask, reply, now))
        };
        asks.into_iter().map(one).collect()
    }

    /// What the oracle sees of a record's fate.
    fn witness(&self, ask: &Ask, reply: &Reply) {
        let (universe, store) = (&self.universe, self.sandbox.store);
        if let (Ask::Create(key, record) | Ask::Replace(key, record, _), Reply::Written(_)) =
            (ask, reply)
        {
            universe.oracle.written(universe, store, &self.visit, key.as_str(), &record.json);
        }
        universe.oracle.told(universe, &self.visit, name(ask));
    }

    async fn store(
        &self,
        at: usize,
        asks: Vec<Ask>,
        timeout_ms: u64,
    ) -> Vec<Result<Reply, Failed>> {
        let universe = &self.universe;
        let give_up = Micros(universe.now().0 + timeout_ms * 1_000);
        let mut slots = vec![];
        for ask in asks {
            let slot = Slot::new();
            slots.push(slot.clone());
            let this = self.clone();
            universe.schedule.spawn(async move { this.store_one(at, ask, slot).await });
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

    async fn store_one(&self, at: usize, ask: Ask, slot: Slot<Result<Reply, Failed>>) {
        let there = &self.universe;
        there.schedule.sleep(there.hop()).await;
        let binds = matches!(&ask, Ask::Create(key, _) if key.as_str().starts_with("v2/payments/"));
        if binds && there.choices.chance(there.weather().slow_binding) {
            there.schedule.sleep(1_000 * u64::from(there.choices.below(2_500))).await;
        }
        let now = self.sandbox.clock(there);
        let (place, ask) = match self.desk.ask(&self.visit, ask, now) {
            Ok(changed) => changed,
            Err(reply) => return there.schedule.fill(&slot, Ok(reply)),
        };
        let apply = || {
            let reply = there.buckets[at].apply(&place, &ask);
            there.note(|| {
                let what = match (&ask, &reply) {
                    (_, Reply::Written(_)) => "written",
                    (_, Reply::Found(..)) => "found",
                    (_, Reply::Missing) => "missing",
                    (_, Reply::Conflict) => "conflict",
                };
                let place = place.trim_start_matches("v2/");
                format!("    {what} {}", place.get(..40).unwrap_or(place))
            });
            self.witness(&ask, &reply);
            self.desk.reply(&self.visit, &ask, reply, self.sandbox.clock(there))
        };
        let fault = there.choices.chance(there.weather().store).then(|| there.choices.below(6));
        let reply = match fault {
            // Refused before anything was done, or lost on the way there.
            Some(0) => Err(Failed("503 SlowDown".into())),
            // Done, and the answer is lost.
            Some(1) => {
                apply();
                Err(Failed("connection reset".into()))
            }
            // Done long after the answer was waited for, whatever became of who asked.
            Some(2) => {
                there.schedule.fill(&slot, Err(Failed("connection reset".into())));
                let pause = 1_000 * u64::from(100 + there.choices.below(20_000));
                there.schedule.sleep(pause).await;
                apply();
                return;
            }
            // Done, and repeated by the client's library after a broken connection: 412.
            Some(3) => {
                apply();
                Ok(apply())
            }
            // Slow, and perhaps too slow.
            Some(_) => {
                there.schedule.sleep(1_000 * u64::from(there.choices.below(4_000))).await;
                Ok(apply())
            }
            None => Ok(apply()),
        };
        there.schedule.fill(&slot, reply);
    }
}

/// What a node says, as it is just then.
pub async fn ask_node(universe: &Universe, call: &NodeCall) -> Said {
    let weather = universe.weather();
    universe.schedule.sleep(universe.hop()).await;
    let second = call.url.as_deref() == Some(NODES[1]);
    let fault = universe.choices.chance(weather.node).then(|| universe.choices.below(8));
    let mut mood = Mood::default();
    match fault {
        None => {}
        Some(0) => mood.lag = u64::from(universe.choices.below(60)),
        Some(1) => mood.forked = 1 + u64::from(universe.choices.below(3)),
        Some(2) => mood.range = [100, 10, 2][universe.choices.below(3) as usize],
        Some(3) => mood.memory = crate::shop::CONFIRMATIONS.into(),
        Some(4) => mood.mixed = 1 + u64::from(universe.choices.below(5)),
        Some(5) => mood.lag = 1,
        Some(6) => return Err("timed out".into()),
        Some(_) => return Err("429".into()),
    }
    universe.note(|| {
        let methods: Vec<_> = call.questions.iter().map(|q| q.method()).collect();
        format!("  node {} ({mood:?}) {methods:?}", u8::from(second))
    });
    node::answer(&universe.chain, call, mood, universe.now())
}
