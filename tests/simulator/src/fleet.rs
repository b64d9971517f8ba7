//! The fleet: which sandboxes there are, with which clocks; and new editions of the function replace the
//! old ones one by one.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use price_table::Table;

use crate::choices::Choices;
use crate::configuration::Configuration;
use crate::mutant::Mutant;
use crate::oracle::StoreId;
use crate::sandbox::Sandbox;
use crate::shop::Edition;
use crate::universe::Universe;
use crate::weather::Leaning;

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
    pub fn take(&self, universe: &Universe, shop: usize) -> Option<Rc<Sandbox>> {
        let sandboxes = self.sandboxes.borrow();
        let free = |s: &&Rc<Sandbox>| s.edition.shop == shop && !s.busy.get();
        let free: Vec<_> = sandboxes.iter().filter(free).collect();
        let first = universe.choices.below(free.len().max(1) as u32) as usize;
        let found = (*free.get(first)?).clone();
        found.busy.set(true);
        Some(found)
    }

    /// Puts a new one in the place of a dead one.
    pub fn replace(&self, universe: &Universe, dead: &Sandbox) {
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
