//! The functions' sandboxes: one request at a time each; they die, stand still, and are killed at the
//! deadline; their clocks differ; and new editions of the function replace the old ones one by one.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
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
use price_table::Table;

use crate::choices::Choices;
use crate::configuration::Configuration;
use crate::desk::Desk;
use crate::mutant::Mutant;
use crate::oracle::StoreId;
use crate::outside::Outside;
use crate::shop::{Edition, Product};
use crate::universe::Universe;
use crate::wallet::Authorization;
use crate::weather::Leaning;

/// The time limit of an invocation, in microseconds: the shorter of the two that Lambda@Edge may have.
const TIMEOUT: u64 = 5_000_000;

/// The functions' keys: the first, and the one after a rotation.
const KEYS: [&str; 2] = [
    "5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e",
    "6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f",
];

/// All sandboxes.
pub struct Fleet {
    configuration: Configuration,
    mutant: Option<Mutant>,
    sandboxes: RefCell<Vec<Rc<Sandbox>>>,
    made: Cell<u32>,
    edition: Cell<Edition>,
    /// The mode of `purchases` is changed while old sandboxes still run.
    pub mixed_modes: bool,
    /// Whether clocks differ.
    pub skewed: bool,
    rotated: Cell<bool>,
}

/// One of them.
pub struct Sandbox {
    /// Its place in the fleet.
    place: usize,
    /// Which version of the function runs in it.
    pub edition: Edition,
    /// What it judges by.
    pub paywall: Paywall<'static>,
    /// Its own records.
    pub memory: RefCell<Memory>,
    /// Where its records are.
    pub store: StoreId,
    /// So many microseconds its clock is off.
    skew: i64,
    busy: Cell<bool>,
}

impl Fleet {
    /// With nothing in memory.
    pub fn new(
        configuration: Configuration,
        mutant: Option<Mutant>,
        leaning: Leaning,
        choices: &Choices,
    ) -> Self {
        let edition = Edition {
            two_nodes: configuration.rpc && choices.chance(250),
            other_mode: choices.chance(300),
            independent_timed: mutant == Some(Mutant::IndependentTimed),
            ..Edition::default()
        };
        let skewed = match leaning {
            Leaning::Races => 1_000,
            Leaning::Feeds => 600,
            _ => 300,
        };
        let fleet = Fleet {
            configuration,
            mutant,
            sandboxes: RefCell::default(),
            made: Cell::new(0),
            edition: Cell::new(edition),
            mixed_modes: choices.chance(200),
            rotated: Cell::new(false),
            skewed: choices.chance(skewed),
        };
        let shops: &[usize] = match (configuration.single, configuration.shared) {
            (true, _) => &[0],
            (_, true) if configuration.shared_pay_to => &[0, 0, 1, 2],
            (_, true) => &[0, 0, 0, 1],
            // In memory a second site is a shop of its own.
            (_, false) if configuration.shared_pay_to => &[0, 0, 2],
            (_, false) => &[0, 0, 0],
        };
        for (place, shop) in shops.iter().enumerate() {
            let skew = if fleet.skewed { choices.one_of(&[0, -60, 60, 2, -2]) } else { 0 };
            let sandbox = fleet.make(place, *shop, skew * 1_000_000);
            fleet.sandboxes.borrow_mut().push(sandbox);
        }
        fleet
    }

    fn make(&self, place: usize, shop: usize, skew: i64) -> Rc<Sandbox> {
        let mut edition = Edition { shop, ..self.edition.get() };
        edition.other_mode ^= self.mixed_modes && place.is_multiple_of(2);
        self.made.set(self.made.get() + 1);
        let store = match self.configuration.shared {
            true => StoreId::Bucket(crate::shop::store_of(shop)),
            false => StoreId::Memory(self.made.get()),
        };
        let keys = match self.rotated.get() {
            true => format!("{} {}", KEYS[1], KEYS[0]),
            false => KEYS[0].to_owned(),
        };
        let paywall = crate::paywall(table(self.configuration, edition, self.mutant), &keys);
        Rc::new(Sandbox {
            place,
            edition,
            paywall,
            memory: RefCell::default(),
            store,
            skew,
            busy: Cell::new(false),
        })
    }

    /// Which shops there are.
    pub fn shops(&self) -> Vec<usize> {
        let mut shops: Vec<_> = self.sandboxes.borrow().iter().map(|s| s.edition.shop).collect();
        shops.dedup();
        shops
    }

    /// One of a shop that is free.
    fn take(&self, universe: &Universe, shop: usize) -> Option<Rc<Sandbox>> {
        let sandboxes = self.sandboxes.borrow();
        let free = |s: &&Rc<Sandbox>| s.edition.shop == shop && !s.busy.get();
        let free: Vec<_> = sandboxes.iter().filter(free).collect();
        let first = universe.choices.below(free.len().max(1) as u32) as usize;
        let found = (*free.get(first)?).clone();
        found.busy.set(true);
        Some(found)
    }

    /// Puts a new one in the place of a dead one.
    fn replace(&self, universe: &Universe, dead: &Sandbox) {
        universe.oracle.died(dead.store);
        let fresh = self.make(dead.place, dead.edition.shop, dead.skew);
        self.sandboxes.borrow_mut()[dead.place] = fresh;
    }

    /// The seller deploys anew: another key is the first, or every access sold before ends. Sandboxes at
    /// rest are replaced at once, the others when they die.
    pub fn deploy(&self, universe: &Universe, raise_epoch: bool) {
        match raise_epoch {
            true => {
                let edition = self.edition.get();
                self.edition.set(Edition { epoch: edition.epoch + 1, ..edition });
                universe.oracle.epoch_raised();
            }
            false => self.rotated.set(true),
        }
        let idle: Vec<_> =
            self.sandboxes.borrow().iter().filter(|s| !s.busy.get()).cloned().collect();
        for sandbox in idle {
            self.replace(universe, &sandbox);
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

/// The table of an edition, made once for every thread.
fn table(configuration: Configuration, edition: Edition, mutant: Option<Mutant>) -> &'static Table {
    thread_local! {
        static TABLES: RefCell<HashMap<(String, Edition), &'static Table>> = RefCell::default();
    }
    let table = crate::shop::table;
    let name = format!("{configuration} {mutant:?}");
    TABLES.with_borrow_mut(|tables| {
        let known: &'static Table = tables.entry((name, edition)).or_insert_with(|| {
            let mut table = table(configuration, edition);
            if mutant == Some(Mutant::SitesAlike) {
                table.site.id = crate::shop::SITES[0].into();
            }
            mutate(&mut table, mutant);
            Box::leak(Box::new(table))
        });
        known
    })
}

/// What a broken engine would take from its table.
fn mutate(table: &mut Table, mutant: Option<Mutant>) {
    for rule in table.rules.to_mut() {
        let price_table::Sale::Priced { offers, purchases, .. } = &mut rule.sale else { continue };
        match mutant {
            Some(Mutant::FreshOpensIndependent) => *purchases = price_table::Purchases::OneAtATime,
            Some(Mutant::NeverTooEarly) => {
                for offer in offers.to_mut() {
                    if let Some(rpc) = &mut offer.network.rpc {
                        rpc.confirmations = 1;
                    }
                }
            }
            _ => {}
        }
    }
}
