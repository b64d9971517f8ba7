//! Who watches the promises. It sees the chain, what buyers sent and were answered, what left for
//! facilitators, and every version of every record; nothing of what the engine thinks.
//!
//! | what | where |
//! | --- | --- |
//! | what it saw | here |
//! | a record is written: paths, holders | [`records`] |
//! | a payment leaves, an object leaves, a refusal leaves | [`moments`] |
//! | when all is over: the books, double charges, who was never served | [`ending`] |

mod ending;
mod moments;
mod records;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use paywall_core::clock::Micros;
use paywall_core::facilitator::Outcome;
use paywall_core::purchase::{Account, AccountKind, Look, Mark, PaymentId};
use paywall_core::subject::Subject;

use crate::chain::Mined;
use crate::configuration::Promise;
use crate::sandbox::Visit;
use crate::shop::{Edition, Product};
use crate::universe::Universe;
use crate::wallet::{Authorization, Id};

/// One memory: a bucket, or a sandbox's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StoreId {
    /// A bucket.
    Bucket(usize),
    /// The memory of a sandbox, while it lives.
    Memory(u32),
}

/// A `/settle` leaves a sandbox.
#[derive(Clone, Debug)]
pub struct Departure {
    /// When.
    pub at: Micros,
    /// By which store's word.
    pub store: StoreId,
    /// What it would settle.
    pub payment: Authorization,
    /// What was asked for, ...
    pub product: Option<Product>,
    /// ... where, ...
    pub shop: usize,
    /// ... how, ...
    pub method: &'static str,
    /// ... and by which request.
    pub request: String,
    /// Its number.
    pub number: u64,
    /// To whom.
    pub facilitator: String,
    /// What is sent.
    pub body: String,
    /// How the table sells.
    pub other_mode: bool,
}

/// An object leaves.
#[derive(Clone, Debug)]
pub struct Grant {
    /// When.
    pub at: Micros,
    /// By which store's word.
    pub store: StoreId,
    /// Where.
    pub shop: usize,
    /// What was asked for.
    pub asked: Option<Product>,
    /// What is served.
    pub product: Option<Product>,
    /// The transaction of its receipt, or of the pass.
    pub transaction: Option<[u8; 32]>,
    /// By which payment; `None` by a pass.
    pub payment: Option<Authorization>,
    /// Where the pass was given out, and for what.
    pub pass: Option<(usize, Product)>,
    /// To where.
    pub network: &'static str,
    /// How the table sells.
    pub other_mode: bool,
}

/// A refusal leaves.
#[derive(Clone, Debug)]
pub struct Said {
    /// By which store's word.
    pub store: StoreId,
    /// The request.
    pub number: u64,
    /// The status.
    pub status: u16,
    /// The code.
    pub code: String,
    /// Of which payment.
    pub payment: Option<Authorization>,
    /// For what.
    pub product: Option<Product>,
    /// Whether the object was asked for.
    pub asks: bool,
    /// How the table sells.
    pub other_mode: bool,
}

/// A broken promise.
#[derive(Clone, Debug)]
pub struct Violation {
    /// Which.
    pub promise: Promise,
    /// How.
    pub how: String,
}

/// What it saw.
#[derive(Default)]
pub struct Oracle(RefCell<Seen>);

#[derive(Default)]
struct Seen {
    ledgers: BTreeMap<StoreId, Ledger>,
    dead: BTreeSet<StoreId>,
    departures: Vec<Departure>,
    grants: Vec<Grant>,
    /// When a store last told a request something.
    told: BTreeMap<u64, Micros>,
    /// 402 for a payment that the store then knew as open: to be paid never.
    refused: Vec<(StoreId, Id)>,
    /// Payments whose transaction a facilitator sent because this store asked.
    taken: BTreeMap<(StoreId, Id), Vec<[u8; 32]>>,
    /// First sendings, each with its request's number.
    first: BTreeSet<(StoreId, Id, u64)>,
    /// Those whose answer spoke against their being paid, as their request learnt.
    contradicted: BTreeSet<(StoreId, Id, u64)>,
    /// What was said falsely of what was just sent.
    lies: BTreeMap<Id, &'static str>,
    /// Transactions in alarm lines.
    alarms: BTreeSet<[u8; 32]>,
    /// Both were sent, the first was not granted by then. Whether by one store.
    pairs: Vec<(StoreId, Id, StoreId, Id)>,
    /// Whether the first facilitator ever failed, and which requests asked it.
    first_failed: bool,
    asked_first: BTreeSet<u64>,
    epoch_raised: bool,
    money_left: bool,
    /// Refusals that note 4 of section 8 allows.
    allowed: u32,
    violations: Vec<Violation>,
}

/// What one store says, and said.
#[derive(Default)]
struct Ledger {
    accounts: BTreeMap<String, Account>,
    bound: BTreeMap<Id, (Subject, AccountKind)>,
    /// In each account that it ever stood in.
    known: BTreeMap<Id, BTreeMap<String, Known>>,
    /// Which payments' presenters were granted something, and which payments' sales were granted.
    got: BTreeSet<Id>,
    sold: BTreeSet<Id>,
    /// Payments that were answered 402 after they were open.
    forbidden: BTreeSet<Id>,
}

/// What a store knew of a payment.
struct Known {
    mark: Mark,
    /// The account that it stood in.
    account: String,
    /// When its record was first written, truly.
    at: Micros,
    /// From where it was first presented.
    network: &'static str,
    look: Option<Look>,
    /// Whether the record says that the answer to its sending spoke against it.
    contradicted: bool,
    /// Who may send what to whom.
    may: BTreeSet<(String, String, String)>,
}

impl Oracle {
    /// The violations so far.
    pub fn violations(&self) -> Vec<Violation> {
        self.0.borrow().violations.clone()
    }

    /// How many sales stand in all books, and how many refusals note 4 of section 8 allowed.
    pub fn counts(&self) -> (u64, u32) {
        let seen = self.0.borrow();
        let sold = seen.ledgers.values().map(|ledger| ledger.sold.len() as u64).sum();
        (sold, seen.allowed)
    }

    /// A promise is broken that somebody else watches.
    pub fn violated(&self, universe: &Universe, promise: Promise, how: String) {
        self.0.borrow_mut().violate(universe, promise, how);
    }

    /// A request reaches a sandbox.
    pub fn arrives(&self, universe: &Universe, visit: &Visit, store: StoreId, _: &Edition) {
        let seen = &mut *self.0.borrow_mut();
        seen.told.insert(visit.number, universe.now());
        seen.ledgers.entry(store).or_default();
    }

    /// A store tells a request something.
    pub fn told(&self, universe: &Universe, _: StoreId, visit: &Visit) {
        self.0.borrow_mut().told.insert(visit.number, universe.now());
    }

    /// A node is asked before a sale.
    pub fn looked(&self, _: StoreId, _: Micros) {}

    /// A sandbox is no more, and its memory with it.
    pub fn died(&self, store: StoreId) {
        if let StoreId::Memory(_) = store {
            self.0.borrow_mut().dead.insert(store);
        }
    }

    /// Every access sold before is over.
    pub fn epoch_raised(&self) {
        self.0.borrow_mut().epoch_raised = true;
    }

    /// A payer's money leaves for a while.
    pub fn money_left(&self) {
        self.0.borrow_mut().money_left = true;
    }

    /// A facilitator sends a transaction because this store asked.
    pub fn taken_up(&self, store: StoreId, id: Id, transaction: [u8; 32]) {
        self.0.borrow_mut().taken.entry((store, id)).or_default().push(transaction);
    }

    /// A facilitator says something false of what it just sent.
    pub fn lied(&self, id: Id, code: &'static str) {
        self.0.borrow_mut().lies.insert(id, code);
    }

    /// The receipt of what could not be recorded is logged.
    pub fn alarmed(&self, transaction: [u8; 32]) {
        self.0.borrow_mut().alarms.insert(transaction);
    }

    /// A request learns a facilitator's answer.
    pub fn answered(&self, store: StoreId, id: Id, number: u64, outcome: &Outcome) {
        let Outcome::Answered { status, body, .. } = outcome else { return };
        let seen = &mut *self.0.borrow_mut();
        let sending = (store, id, number);
        if seen.first.remove(&sending) && crate::answers::contradicts(&(*status, body.clone())) {
            seen.contradicted.insert(sending);
        }
    }

    /// A facilitator was asked, of the table's order.
    pub fn asked(&self, which: usize, number: u64, outcome: &Outcome) {
        if which > 0 {
            return;
        }
        let seen = &mut *self.0.borrow_mut();
        seen.asked_first.insert(number);
        let Outcome::Answered { status, body, .. } = outcome else {
            seen.first_failed = true;
            return;
        };
        let blocked = String::from_utf8_lossy(body).contains("kyt_risk_detected");
        let sound = serde_json::from_slice::<serde_json::Value>(body).is_ok();
        seen.first_failed |= !(blocked || (*status == 200 && sound));
    }

    /// Whether something is owed to a payer, by any store.
    pub fn owes(&self, payer: &[u8; 20]) -> bool {
        let seen = self.0.borrow();
        let mut accounts = seen.ledgers.values().flat_map(|ledger| ledger.accounts.values());
        accounts.any(|account| {
            let mut owed = account.sales.iter().filter(|sale| sale.grant.is_none());
            owed.any(|sale| id_of(&sale.mark).is_some_and(|id| id.0 == *payer))
        })
    }
}

impl Ledger {
    /// What is known of a payment in the account that it is bound with. Whoever presented it for
    /// something else may have left it in another account: it was never sent from there.
    fn known(&self, id: &Id) -> Option<&Known> {
        let (subject, kind) = self.bound.get(id)?;
        let fits = |account: &Account| {
            let own = match account.payer.starts_with("0x") {
                true => AccountKind::Payer,
                false => AccountKind::Payment,
            };
            account.subject == *subject && own == *kind
        };
        let mut known = self.known.get(id)?.values();
        known.find(|known| self.accounts.get(&known.account).is_some_and(fits))
    }
}

impl Seen {
    fn violate(&mut self, universe: &Universe, promise: Promise, how: String) {
        universe.note(|| format!("*** {promise}: {how}"));
        self.violations.push(Violation { promise, how });
    }

    fn known(&self, store: StoreId, id: &Id) -> Option<&Known> {
        self.ledgers.get(&store).and_then(|ledger| ledger.known(id))
    }

    /// The transfer of a payment, if it was made because this store asked: by the facilitator's own
    /// transaction, or a copy of it that was faster.
    fn charged(&self, universe: &Universe, store: StoreId, id: &Id) -> Option<Mined> {
        let sent = self.taken.get(&(store, *id))?;
        let ours =
            |mined: &Mined| !mined.transaction.settles || sent.contains(&mined.transaction.hash);
        universe.chain.paid(id).filter(ours)
    }

    /// Whether a payment that was sent and called refused may be what note 4 of section 8 speaks of.
    fn is_allowed(&self, universe: &Universe, id: &Id) -> bool {
        match (self.lies.get(id), universe.configuration.rpc) {
            (Some(code), false) => code.ends_with("insufficient_balance"),
            (Some(_), true) => self.money_left,
            (None, _) => false,
        }
    }
}

/// Payer and nonce of a payment.
fn id_of(mark: &Mark) -> Option<Id> {
    match mark.payment {
        PaymentId::Eip3009 { from, nonce, .. } => Some((from, nonce)),
        PaymentId::Opaque { .. } => None,
    }
}

/// A payment's name in the notes.
fn name(id: &Id) -> String {
    let buyer = crate::wallet::buyer_of(&id.0);
    let buyer = buyer.map_or("nobody".to_owned(), |buyer| format!("buyer {buyer}"));
    format!("payment {:02x}{:02x} of {buyer}", id.1[0], id.1[1])
}
