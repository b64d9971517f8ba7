//! The functions' sandboxes: one request at a time each; they die, stand still, and are killed at the
//! deadline; their clocks differ.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use paywall_core::clock::Micros;
use paywall_core::event::Request;
use paywall_core::limits::BREAKER_FAILURES;
use paywall_core::paywall::Paywall;
use paywall_core::sale::Next;
use paywall_core::store::Memory;
use paywall_core::visit::{Decision, Invocation};
use paywall_core::walk::{self};
use paywall_core::world::Phases;

use crate::desk::Desk;
use crate::oracle::StoreId;
use crate::outside::Outside;
use crate::shop::{Edition, Product};
use crate::universe::Universe;
use crate::wallet::Authorization;

/// The time limit of an invocation, in microseconds: the shorter of the two that Lambda@Edge may have.
const TIMEOUT: u64 = 5_000_000;

/// One of them.
pub struct Sandbox {
    /// Its place in the fleet.
    pub place: usize,
    /// Which version of the function runs in it.
    pub edition: Edition,
    /// What it judges by.
    pub paywall: Paywall<'static>,
    /// Its own records.
    pub memory: RefCell<Memory>,
    /// Where its records are.
    pub store: StoreId,
    /// So many microseconds its clock is off.
    pub skew: i64,
    /// Whether a request is in it.
    pub busy: Cell<bool>,
}

/// How an invocation ends for CloudFront.
pub enum Ended {
    /// The function answered; also what its viewer-response will need.
    Answered(Box<Decision>, Rc<Sandbox>),
    /// It did not: 503.
    Failed,
}

impl Sandbox {
    /// What time it thinks that it is.
    pub fn clock(&self, universe: &Universe) -> Micros {
        Micros(universe.now().0.saturating_add_signed(self.skew))
    }
}

/// Which request this is, for whoever judges.
#[derive(Clone)]
pub struct Visit {
    /// The request's number.
    pub number: u64,
    /// Its id.
    pub id: String,
    /// Its method.
    pub method: &'static str,
    /// At which shop.
    pub shop: usize,
    /// The key that it asks for, if it is on sale.
    pub product: Option<Product>,
    /// The payment that it bears.
    pub payment: Option<Authorization>,
    /// Whether it is signed in a way that only the chain can check.
    pub wrapped: bool,
    /// The network that it comes from.
    pub network: &'static str,
    /// When it began, by its sandbox's clock.
    pub began: Cell<Option<u64>>,
}

impl Visit {
    /// What the engine calls the request.
    pub fn holder(&self) -> String {
        format!("{}/{}", self.id, self.began.get().unwrap_or_default())
    }
}

/// Runs viewer-request for a request.
pub async fn invoke(universe: &Universe, request: Request, visit: Visit) -> Ended {
    let sandbox = loop {
        match universe.fleet.take(universe, visit.shop) {
            Some(sandbox) => break sandbox,
            None => universe.schedule.sleep(50_000).await,
        }
    };
    universe.note(|| format!("  in sandbox {} of shop {}", sandbox.place, visit.shop));
    let began = sandbox.clock(universe);
    visit.began.set(Some(began.0));
    let killed_at = Micros(universe.now().0 + TIMEOUT);
    let deadline = Micros(began.0 + TIMEOUT);
    let outside = Outside {
        universe: universe.clone(),
        sandbox: sandbox.clone(),
        desk: Rc::new(Desk::new(universe.mutant, &sandbox.edition)),
        visit: visit.clone(),
    };
    universe.oracle.arrives(universe, &visit, sandbox.store, &sandbox.edition);
    let invocation = Invocation { request_id: visit.id, began, deadline };
    let mut next = walk::begin(&sandbox.paywall, invocation, request);
    let decision = loop {
        if !survives(universe, &sandbox, killed_at).await {
            break None;
        }
        match next {
            Next::Done(decision) => break Some(decision),
            Next::Ask(effect, selling) => {
                let heard = outside.run(&effect).await;
                if !survives(universe, &sandbox, killed_at).await {
                    break None;
                }
                let now = sandbox.clock(universe);
                let now = crate::lies::clock(universe, &effect, &heard, now);
                let left_alone = crate::lies::left_alone(universe, &effect, &heard);
                next = selling.hear(heard, Phases::default(), now);
                for url in left_alone.iter().cycle().take(BREAKER_FAILURES as usize) {
                    sandbox.paywall.breakers.answered(url, false, now);
                }
            }
        }
    };
    match decision {
        Some(decision) => {
            sandbox.busy.set(false);
            Ended::Answered(decision, sandbox)
        }
        None => {
            universe.fleet.replace(universe, &sandbox);
            Ended::Failed
        }
    }
}

/// Whether it goes on: it may die, stand still, or be past its deadline.
async fn survives(universe: &Universe, sandbox: &Sandbox, killed_at: Micros) -> bool {
    let weather = universe.weather();
    if universe.choices.chance(weather.death) {
        universe.note(|| format!("  sandbox {} dies", sandbox.place));
        return false;
    }
    if universe.choices.chance(weather.freeze) {
        let seconds = 1 + universe.choices.below(30);
        universe.note(|| format!("  sandbox {} stands still for {seconds} s", sandbox.place));
        universe.schedule.sleep(u64::from(seconds) * 1_000_000).await;
        // What is past the deadline is killed, if not at once.
        if universe.now() > killed_at && universe.choices.chance(500) {
            universe.note(|| format!("  sandbox {} is killed at its deadline", sandbox.place));
            return false;
        }
    }
    true
}
