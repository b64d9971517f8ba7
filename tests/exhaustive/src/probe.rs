//! What must come of everybody once nothing goes wrong any more.

use std::collections::BTreeMap;
use std::sync::Arc;

use paywall_core::facilitator::Endpoint;
use paywall_core::purchase::{AccountKind, Effect, Why};

use crate::chain::{EACH, FRESH};
use crate::facts::Looked;
use crate::oracle::{self, Broken, Status};
use crate::scenario::{self, Memory, Request};
use crate::steps::{Move, View, Way, honest};
use crate::time::Phase;
use crate::world::{End, Stage, World};

/// No purchase asks more often.
const MOST_STEPS: usize = 100;

/// What may be so at an end although nobody likes it.
pub type Count = BTreeMap<&'static str, u64>;

/// Asks again for everything, soon and when all is over; `world` is quiet.
pub fn probe(world: &World<'_>, count: &mut Count) -> Result<(), Broken> {
    soon(world)?;
    finally(world, count)
}

/// Who paid and sends the payment again is served.
fn soon(world: &World<'_>) -> Result<(), Broken> {
    let scenario = world.scenario;
    if scenario.memory != Memory::Alone || !scenario.rules.node || world.phase > Phase::LeasesOver {
        return Ok(());
    }
    let mut world = world.clone();
    world.late = None;
    world.chain.forget_pending();
    while world.phase < Phase::AllOver {
        world.clock();
    }
    for _ in 0..3 {
        world.block();
    }
    for request in once(&scenario.requests) {
        world.serve(request)?;
    }
    for payment in scenario.payments() {
        let fact = &world.facts[0][payment];
        // Where the node was silent or behind when it was sent, or the refusal had a reason, it is
        // listed.
        let sure = fact.sent == Some(Looked::Unspent) && !fact.excused;
        if sure && world.chain.is_paid(payment) && fact.grants.is_empty() {
            return Err(format!("P4: {payment} paid, was sent again, and is not served"));
        }
    }
    Ok(())
}

/// Nothing holds anybody, and whoever paid was served or is on the refund list.
fn finally(world: &World<'_>, count: &mut Count) -> Result<(), Broken> {
    let scenario = world.scenario;
    let mut world = world.clone();
    world.late = None;
    world.chain.forget_pending();
    if world.chain.rich_from.is_none() {
        world.chain.rich_from = Some(world.chain.head());
    }
    let over = if scenario.rules.node { Phase::GivenUp } else { Phase::Released };
    // If it is over already, there may be a lease that is not.
    world.clock();
    while world.phase < over {
        world.clock();
    }
    for request in once(&scenario.requests) {
        let end = world.serve(request)?;
        let is_final = match &end {
            End::Granted(_) => true,
            End::Refused(refusal) => refusal.words().status != 503,
        };
        if !is_final {
            return Err(format!("I10: {} is still told {end:?}", request.payment));
        }
    }
    for request in fresh(&scenario.requests) {
        let end = world.serve(request)?;
        if !matches!(end, End::Granted(_)) {
            let object = request.object;
            return Err(format!("I10: a new payment for object {object} is told {end:?}"));
        }
    }
    for (store, facts) in world.facts.iter().enumerate() {
        for payment in scenario.payments() {
            let fact = &facts[payment];
            if fact.sent.is_none() || !world.chain.is_paid(payment) {
                continue;
            }
            let accounts = world.stores[store].accounts();
            let stands = accounts.map(|account| oracle::status(account, payment));
            let stands: Vec<_> = stands.filter(|status| *status != Status::New).collect();
            let name = match &*stands {
                _ if !fact.grants.is_empty() => continue,
                _ if fact.excused => "refused by note 4",
                // Else the new payment would have got it.
                [Status::Sold] => "granted, and not received",
                [Status::Closed(Why::Unproven)] => "unproven",
                [Status::Closed(Why::GivenUp)] => "given up",
                _ if fact.alarm => "in an alarm",
                other => return Err(format!("I12: {payment} paid, and stands as {other:?}")),
            };
            *count.entry(name).or_default() += 1;
        }
    }
    Ok(())
}

/// Each request once. Clocks that were ahead have come to the same time.
fn once(requests: &[Request]) -> Vec<Request> {
    let mut once: Vec<Request> = vec![];
    for request in requests {
        let request = Request { ahead: false, after: None, ..*request };
        if !once.contains(&request) {
            once.push(request);
        }
    }
    once
}

/// A new payment of each payer for each object at each store.
fn fresh(requests: &[Request]) -> Vec<Request> {
    let mut fresh: Vec<Request> = vec![];
    for request in requests {
        let place = FRESH + usize::from(request.object) + 2 * request.store;
        let payment = request.payment / EACH * EACH + place;
        if fresh.iter().all(|other| other.payment != payment) {
            // From a network that nobody was in before, in the account that payers have.
            let (ahead, after, origin) = (false, None, 9);
            let kind = AccountKind::Payer;
            fresh.push(Request { payment, ahead, after, origin, kind, ..*request });
        }
    }
    fresh
}

impl World<'_> {
    /// Serves a request to its end, with everything as it should be.
    pub fn serve(&mut self, request: Request) -> Result<End, Broken> {
        let at = self.stages.len();
        self.more.push(request);
        self.stages.push(Arc::new(Stage::Waiting(self.begun(at))));
        for _ in 0..MOST_STEPS {
            let stage = self.stages[at].clone();
            let running = match &*stage {
                Stage::Ended(end) => return Ok(end.clone()),
                Stage::Running(running) | Stage::Waiting(running) => running,
                Stage::Dead => return Err("it died although nothing went wrong".into()),
            };
            let step = match running.effect() {
                Some(Effect::Store { .. }) => {
                    let next = running.replies.iter().position(Option::is_none);
                    Move::Store(at, next.unwrap_or_default(), Way::Done)
                }
                Some(Effect::Facilitator { call, .. }) if call.endpoint == Endpoint::Verify => {
                    Move::Verify(at)
                }
                Some(Effect::Facilitator { call, .. }) => {
                    let payment = call.body.parse().expect("a body is a number");
                    let by = scenario::facilitator_at(&call.facilitator) as u8;
                    Move::Settle(at, honest(self, payment, by))
                }
                Some(Effect::Node { .. }) => Move::Node(at, View::Usual),
                None => return Err("it ended unseen".into()),
            };
            *self = self.after(step)?;
        }
        Err(format!("{} steps were not enough to end", MOST_STEPS))
    }
}
