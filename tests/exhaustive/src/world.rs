//! A world between two steps: all that what comes next depends on.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use paywall_core::clock::Micros;
use paywall_core::hex;
use paywall_core::purchase::{Done, Effect, Heard, Purchase, Step};
use paywall_core::receipt::Receipt;
use paywall_core::refusal::Refusal;
use paywall_core::store::{Ask, Failed, Reply};

use crate::chain::{Chain, PAYMENTS};
use crate::facts::{Fact, Looked};
use crate::scenario::{Budget, Memory, Request, Rules, Scenario};
use crate::store::Store;
use crate::time::Phase;

/// A world.
#[derive(Clone)]
pub struct World<'s> {
    /// What it is.
    pub scenario: &'s Scenario,
    /// What all clocks show, but for those that are ahead.
    pub phase: Phase,
    /// Each sandbox's memory, each shop's bucket, or the one bucket.
    pub stores: Vec<Arc<Store>>,
    /// A write of which nobody knows whether it will be done yet.
    pub late: Option<Late>,
    /// The chain.
    pub chain: Chain,
    /// What the facilitators know of each payment.
    pub known: [Known; PAYMENTS],
    /// The requests, in the scenario's order; more behind them, after its end.
    pub stages: Vec<Arc<Stage<'s>>>,
    /// The requests that come after the scenario's own.
    pub more: Vec<Request>,
    /// What may go wrong yet.
    pub left: Budget,
    /// What was observed, a row a store.
    pub facts: Vec<Arc<[Fact; PAYMENTS]>>,
}

/// A write on its way.
#[derive(Clone, Debug, Hash)]
pub struct Late {
    /// To which store.
    pub store: usize,
    /// What.
    pub ask: Ask,
    /// Since when.
    pub since: Phase,
}

/// What a facilitator knows of a payment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Known {
    /// It was never asked.
    #[default]
    Nothing,
    /// This one was, last.
    Asked,
    /// This one settled it.
    Settled(u8),
    /// It is no payment for it, whatever else comes.
    Malformed,
}

/// How far a request is.
#[derive(Clone)]
pub enum Stage<'s> {
    /// It has not begun. Holds what it would ask if it began now.
    Waiting(Running<'s>),
    /// It asks something.
    Running(Running<'s>),
    /// It ended.
    Ended(End),
    /// Its sandbox died.
    Dead,
}

/// A request under way.
#[derive(Clone)]
pub struct Running<'s> {
    /// The loop.
    pub purchase: Purchase<'s, Rules>,
    /// What was answered by now to a batch of asks.
    pub replies: Vec<Option<Result<Reply, Failed>>>,
    /// What the look that it took was worth.
    pub looked: Looked,
    /// 128 bits of the loop's own state.
    print: u128,
}

/// How a request ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// The object was served. Holds the payment that its receipt names.
    Granted(usize),
    /// It was not.
    Refused(Refusal),
}

impl<'s> World<'s> {
    /// The beginning.
    pub fn new(scenario: &'s Scenario) -> Self {
        let stores = match scenario.memory {
            Memory::Alone => 1,
            Memory::Sisters | Memory::Sandboxes => 2,
        };
        let mut world = World {
            scenario,
            phase: Phase::Start,
            stores: (0..stores).map(|_| Arc::default()).collect(),
            late: None,
            chain: Chain::new(scenario.chain_late, scenario.poor),
            known: [Known::default(); PAYMENTS],
            stages: vec![],
            more: vec![],
            left: scenario.budget,
            facts: (0..stores).map(|_| Arc::default()).collect(),
        };
        for at in 0..scenario.requests.len() {
            world.stages.push(Arc::new(Stage::Waiting(world.begun(at))));
        }
        world
    }

    /// Whether nothing is under way, and every request was.
    pub fn is_quiet(&self) -> bool {
        self.stages.iter().all(|stage| matches!(**stage, Stage::Ended(_) | Stage::Dead))
    }

    /// How many requests are under way.
    pub fn under_way(&self) -> usize {
        self.stages.iter().filter(|stage| matches!(***stage, Stage::Running(_))).count()
    }

    /// What was observed of a payment at a store, to be added to.
    pub fn fact(&mut self, store: usize, payment: usize) -> &mut Fact {
        &mut Arc::make_mut(&mut self.facts[store])[payment]
    }

    /// 128 bits that no other world has, but by a chance of one in 10^20 or so.
    pub fn fingerprint(&self) -> u128 {
        let mut hasher = Two::new();
        self.hash(&mut hasher);
        hasher.both()
    }
}

impl Hash for World<'_> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        (self.phase, &self.stores, &self.late, &self.chain, &self.known).hash(hasher);
        (&self.left, &self.facts).hash(hasher);
        for stage in &self.stages {
            std::mem::discriminant(&**stage).hash(hasher);
            match &**stage {
                Stage::Running(running) => {
                    (&running.replies, running.looked, running.print).hash(hasher);
                }
                Stage::Ended(end) => end.hash(hasher),
                // What it would ask depends on the phase alone.
                Stage::Waiting(_) | Stage::Dead => {}
            }
        }
    }
}

impl<'s> Running<'s> {
    /// Begins a request; it may end at once.
    pub fn begin(scenario: &'s Scenario, name: String, request: &Request, phase: Phase) -> Self {
        let order = scenario.order(name, request, phase);
        let purchase = Purchase::new(&scenario.rules, order, request.now(phase));
        let (replies, print) = (blank(&purchase), print(&purchase));
        Running { purchase, replies, looked: Looked::default(), print }
    }

    /// What it asks; `None` once it ended.
    pub fn effect(&self) -> Option<&Effect> {
        match self.purchase.step() {
            Step::Ask(effect, _) => Some(effect),
            Step::Done(_) => None,
        }
    }

    /// Takes an answer.
    pub fn hear(&mut self, heard: Heard, now: Micros) {
        self.purchase.hear(heard, now);
        self.replies = blank(&self.purchase);
        self.print = print(&self.purchase);
    }

    /// How it ended, if it did.
    pub fn end(&self) -> Option<End> {
        match self.purchase.step() {
            Step::Ask(..) => None,
            Step::Done(Done::Granted(opened, _)) => Some(End::Granted(paid(&opened.receipt))),
            Step::Done(Done::Refused(refusal)) => Some(End::Refused(refusal.clone())),
        }
    }

    /// The payment whose receipt went to an alarm, since it could not be recorded.
    pub fn alarm(&self) -> Option<usize> {
        self.purchase.notes.unrecorded.as_ref().map(paid)
    }

    /// An ask of a batch.
    pub fn ask(&self, at: usize) -> Option<&Ask> {
        match self.effect()? {
            Effect::Store { asks, .. } => asks.get(at),
            Effect::Facilitator { .. } | Effect::Node { .. } => None,
        }
    }
}

/// The payment that a receipt names.
fn paid(receipt: &Receipt) -> usize {
    let transaction = hex::decode_array::<32>(receipt.transaction()).unwrap_or_default();
    usize::from(transaction[0]) - usize::from(Chain::transaction(0)[0])
}

fn blank(purchase: &Purchase<'_, Rules>) -> Vec<Option<Result<Reply, Failed>>> {
    match purchase.step() {
        Step::Ask(Effect::Store { asks, .. }, _) => vec![None; asks.len()],
        _ => vec![],
    }
}

fn print(purchase: &Purchase<'_, Rules>) -> u128 {
    let mut hasher = Two::new();
    purchase.fingerprint(&mut hasher);
    hasher.both()
}

/// Two hashers with different keys at once.
struct Two(std::hash::DefaultHasher, std::hash::DefaultHasher);

impl Two {
    fn new() -> Self {
        let (one, mut two) = Default::default();
        std::hash::DefaultHasher::write_u64(&mut two, 0x9e37_79b9_7f4a_7c15);
        Two(one, two)
    }

    fn both(&self) -> u128 {
        u128::from(self.0.finish()) << 64 | u128::from(self.1.finish())
    }
}

impl Hasher for Two {
    fn finish(&self) -> u64 {
        self.0.finish()
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0.write(bytes);
        self.1.write(bytes);
    }
}
