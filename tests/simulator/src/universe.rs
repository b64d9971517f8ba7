//! Everything that one history happens in.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use paywall_core::clock::Micros;
use price_table::Table;

use crate::bucket::Bucket;
use crate::chain::Chain;
use crate::choices::Choices;
use crate::configuration::Configuration;
use crate::facilitator::Facilitator;
use crate::oracle::Oracle;
use crate::sabotage::Sabotage;
use crate::sandbox::Fleet;
use crate::schedule::Schedule;
use crate::wallet::{Authorization, BUYERS, Drawer, account};
use crate::weather::Weather;

/// A handle on it; cheap to clone.
#[derive(Clone)]
pub struct Universe(Rc<Parts>);

/// What it is made of.
pub struct Parts {
    /// What the seller configured.
    pub configuration: Configuration,
    /// What is broken in the engine, on purpose.
    pub sabotage: Option<Sabotage>,
    /// Where chance comes from.
    pub choices: Choices,
    /// Time.
    pub schedule: Schedule,
    /// The chain.
    pub chain: Chain,
    /// The facilitators, in the order of [`crate::shop::FACILITATORS`].
    pub facilitators: [Rc<Facilitator>; 2],
    /// The shared store.
    pub bucket: Bucket,
    /// The function's sandboxes.
    pub fleet: Fleet,
    /// What buyers can sign.
    pub drawer: Rc<Drawer>,
    /// Who watches the promises.
    pub oracle: Oracle,
    requests: Cell<u64>,
    alive: Cell<u32>,
    weather: Cell<Weather>,
    first_weather: Weather,
    notes: Option<RefCell<Vec<String>>>,
}

impl std::ops::Deref for Universe {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl Universe {
    /// A new one. `notes` says whether to write down what happens.
    pub fn begin(
        configuration: Configuration,
        sabotage: Option<Sabotage>,
        table: &'static Table,
        choices: Choices,
        drawer: Rc<Drawer>,
        notes: bool,
    ) -> Self {
        let weather = Weather::choose(&choices, configuration.mortal);
        let remembers = choices.chance(500);
        let chain = Chain::default();
        for buyer in 0..BUYERS {
            let poor = choices.chance(100);
            chain.fund(account(buyer), if poor { 15_000 } else { 10_000_000 });
        }
        Universe(Rc::new(Parts {
            configuration,
            sabotage,
            choices,
            schedule: Schedule::begin(crate::EPOCH),
            chain,
            facilitators: [remembers, !remembers].map(|kind| Rc::new(Facilitator::new(kind))),
            bucket: Bucket::default(),
            fleet: Fleet::new(table, configuration.sandboxes),
            drawer,
            oracle: Oracle::default(),
            requests: Cell::new(0),
            alive: Cell::new(0),
            weather: Cell::new(weather),
            first_weather: weather,
            notes: notes.then(RefCell::default),
        }))
    }

    /// How bad things are now.
    pub fn weather(&self) -> Weather {
        self.weather.get()
    }

    /// Whether everything that was decided is known to whoever decides next: one memory for all, no
    /// death, and no fault of the store.
    pub fn is_reliable(&self) -> bool {
        let Weather { store, death, freeze, .. } = self.first_weather;
        let one = self.configuration.shared || self.configuration.sandboxes == 1;
        one && store == 0 && death == 0 && freeze == 0
    }

    /// Ends all faults.
    pub fn clear_up(&self) {
        self.weather.set(Weather::CLEAR);
    }

    /// Now.
    pub fn now(&self) -> Micros {
        self.schedule.now()
    }

    /// The next request's number.
    pub fn next_request(&self) -> u64 {
        self.requests.set(self.requests.get() + 1);
        self.requests.get()
    }

    /// Whether a buyer does not live yet.
    pub fn claim_life(&self, buyer: usize) -> bool {
        let bit = 1 << buyer;
        let new = self.alive.get() & bit == 0;
        self.alive.set(self.alive.get() | bit);
        new
    }

    /// A short wait, in microseconds, as networks have them.
    pub fn hop(&self) -> u64 {
        1_000 * (2 + u64::from(self.choices.below(60)))
    }

    /// Writes down what happens, if somebody will read it.
    pub fn note(&self, what: impl FnOnce() -> String) {
        if let Some(notes) = &self.notes {
            let millis = self.now().millis_since(crate::EPOCH);
            notes.borrow_mut().push(format!("{:>9.3} s  {}", millis as f64 / 1e3, what()));
        }
    }

    /// What was written down.
    pub fn notes(&self) -> Vec<String> {
        self.notes.as_ref().map(|notes| notes.borrow().clone()).unwrap_or_default()
    }

    /// A payment's name in the notes.
    pub fn name(&self, a: &Authorization) -> String {
        let buyer = (0..BUYERS).find(|buyer| account(*buyer) == a.from);
        let buyer = buyer.map_or("nobody".to_owned(), |buyer| format!("buyer {buyer}"));
        format!("payment {:02x}{:02x} of {buyer}", a.nonce[0], a.nonce[1])
    }
}
