//! Everything that one history happens in.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use paywall_core::clock::Micros;

use crate::bucket::Bucket;
use crate::chain::Chain;
use crate::choices::Choices;
use crate::configuration::Configuration;
use crate::facilitator::Facilitator;
use crate::fleet::Fleet;
use crate::mutant::Mutant;
use crate::oracle::Oracle;
use crate::schedule::Schedule;
use crate::wallet::{Authorization, BUYERS, Drawer, account, buyer_of};
use crate::weather::{Leaning, Weather};

/// A handle on it; cheap to clone.
#[derive(Clone)]
pub struct Universe(Rc<Parts>);

/// What it is made of.
pub struct Parts {
    /// What the seller configured.
    pub configuration: Configuration,
    /// What is broken in the engine, on purpose.
    pub mutant: Option<Mutant>,
    /// What the history is mostly about.
    pub leaning: Leaning,
    /// Where chance comes from.
    pub choices: Choices,
    /// Time.
    pub schedule: Schedule,
    /// The chain.
    pub chain: Chain,
    /// The facilitators, in the order of [`crate::shop::FACILITATORS`].
    pub facilitators: [Rc<Facilitator>; 2],
    /// The buckets.
    pub buckets: [Bucket; 2],
    /// The functions' sandboxes.
    pub fleet: Fleet,
    /// What buyers can sign.
    pub drawer: Rc<Drawer>,
    /// Who watches the promises.
    pub oracle: Oracle,
    /// The last second of any ordinary payment's window.
    pub last_end: Cell<u64>,
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

/// What an ordinary buyer has.
pub const WEALTH: u128 = 10_000_000;

impl Universe {
    /// A new one. `notes` says whether to write down what happens.
    pub fn begin(
        configuration: Configuration,
        mutant: Option<Mutant>,
        choices: Choices,
        drawer: Rc<Drawer>,
        notes: bool,
    ) -> Self {
        let leaning = mutant.and_then(Mutant::leaning);
        let leaning = leaning.unwrap_or_else(|| Leaning::choose(&choices));
        let weather = leaning.weather(Weather::choose(&choices, !configuration.single));
        let remembers = choices.chance(500);
        let chain = Chain::default();
        chain.clock_late.set(choices.one_of(&[0, 0, 0, 45, 180]));
        for buyer in 0..BUYERS {
            let poor = choices.chance(100);
            chain.endow(account(buyer), if poor { 15_000 } else { WEALTH });
        }
        let blocks = if leaning == Leaning::Blocked { 1_000 } else { 150 };
        let blocked =
            choices.chance(blocks).then(|| account(choices.below(BUYERS as u32) as usize));
        let facilitators = [(remembers, blocked), (!remembers, None)]
            .map(|(remembers, blocks)| Facilitator::new(remembers, blocks));
        let fleet = Fleet::new(configuration, mutant, leaning, &choices);
        Universe(Rc::new(Parts {
            configuration,
            mutant,
            leaning,
            schedule: Schedule::begin(crate::EPOCH),
            chain,
            facilitators: facilitators.map(Rc::new),
            buckets: Default::default(),
            fleet,
            drawer,
            oracle: Oracle::default(),
            last_end: Cell::new(crate::EPOCH.secs()),
            requests: Cell::new(0),
            alive: Cell::new(0),
            weather: Cell::new(weather),
            first_weather: weather,
            notes: notes.then(RefCell::default),
            choices,
        }))
    }

    /// How bad things are now.
    pub fn weather(&self) -> Weather {
        self.weather.get()
    }

    /// How bad they were at first.
    pub fn first_weather(&self) -> Weather {
        self.first_weather
    }

    /// Ends all faults.
    pub fn clear_up(&self) {
        self.weather.set(Weather::CLEAR);
    }

    /// Whether the engine is broken in this way.
    pub fn is(&self, mutant: Mutant) -> bool {
        self.mutant == Some(mutant)
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
        let buyer = buyer_of(&a.from);
        let buyer = buyer.map_or("nobody".to_owned(), |buyer| format!("buyer {buyer}"));
        format!("payment {:02x}{:02x} of {buyer}", a.nonce[0], a.nonce[1])
    }
}
