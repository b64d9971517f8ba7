//! Who watches the promises. It sees the chain, what buyers sent and were answered, what left for
//! facilitators, and every version of every record; nothing of what the engine thinks.
//!
//! | what | where |
//! | --- | --- |
//! | what it is told of | `events` |
//! | what it saw | here |
//! | a record is written: paths, holders | `records` |
//! | a payment leaves, a refusal leaves | `moments` |
//! | an object leaves | `grants` |
//! | when all is over: the books, double charges, who was never served | `ending` |

mod ending;
mod events;
mod grants;
mod moments;
mod records;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use paywall_core::clock::Micros;
use paywall_core::facilitator::{Endpoint, Outcome};
use paywall_core::purchase::{Account, AccountKind, Look, Mark, PaymentId};
use paywall_core::subject::Subject;

pub use self::events::{Departure, Grant, Said, Sender, StoreId, Violation};
use crate::chain::Mined;
use crate::configuration::Promise;
use crate::sandbox::Visit;
use crate::shop::Edition;
use crate::universe::Universe;
use crate::wallet::Id;

/// What it saw.
#[derive(Default)]
pub struct Oracle(RefCell<Seen>);

#[derive(Default)]
struct Seen {
    ledgers: BTreeMap<StoreId, Ledger>,
    dead: BTreeSet<StoreId>,
    departures: Vec<Departure>,
    grants: Vec<Grant>,
    /// When a request arrived, and when it was last told something of which record.
    arrived: BTreeMap<u64, Micros>,
    told: BTreeMap<(u64, String), Micros>,
    /// 402 for a payment that the store then knew as open: to be paid never.
    refused: Vec<(StoreId, Id)>,
    /// Payments whose transaction a facilitator sent because this store asked.
    taken: BTreeMap<(StoreId, Id), Vec<[u8; 32]>>,
    /// Requests' sendings that were taken up, and those after which the payment was given back.
    taken_up: BTreeSet<(StoreId, Id, u64)>,
    given_back: BTreeSet<(StoreId, Id, u64)>,
    /// First sendings, each with its request's number.
    first: BTreeSet<(StoreId, Id, u64)>,
    /// Those whose answer spoke against their being paid, as their request learnt.
    contradicted: BTreeSet<(StoreId, Id, u64)>,
    /// What was said falsely of what was just sent, and to whom.
    lies: BTreeSet<(StoreId, Id, &'static str)>,
    /// Transactions in alarm lines.
    alarms: BTreeSet<[u8; 32]>,
    /// Both were sent, the first was not granted by then. Whether by one store.
    pairs: Vec<(StoreId, Id, StoreId, Id)>,
    /// Whether the first facilitator ever failed, and which requests asked it.
    first_failed: bool,
    asked_first: BTreeSet<u64>,
    epoch_raised: bool,
    money_left: BTreeSet<[u8; 20]>,
    /// Refusals that note 4 of section 8 allows.
    allowed: u32,
    violations: Vec<Violation>,
}

/// What one store says, and said.
#[derive(Default)]
struct Ledger {
    accounts: BTreeMap<String, Rc<Account>>,
    /// What is packed, by account.
    packed: BTreeMap<String, Vec<Packed>>,
    bound: BTreeMap<Id, (Subject, AccountKind, Micros)>,
    /// In each account that it ever stood in.
    known: BTreeMap<Id, BTreeMap<String, Known>>,
    /// Which payments' presenters were granted something, and which payments' sales were granted.
    got: BTreeSet<Id>,
    sold: BTreeSet<Id>,
    /// Payments that were answered 402 after they were open.
    forbidden: BTreeSet<Id>,
}

/// A payment that an account has packed, among what was sold or among what was not.
struct Packed {
    id: Id,
    digest: [u8; 32],
    ends: u64,
    sold: bool,
}

/// What a store knew of a payment.
struct Known {
    mark: Mark,
    /// The account that it stood in.
    account: String,
    /// When it was opened, truly, or recorded as what got a sale.
    at: Micros,
    /// From where it was first presented.
    network: &'static str,
    /// By which request.
    opener: u64,
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
        seen.arrived.insert(visit.number, universe.now());
        seen.ledgers.entry(store).or_default();
    }

    /// A store tells a request something of a record.
    pub fn told(&self, universe: &Universe, visit: &Visit, key: &str) {
        self.0.borrow_mut().told.insert((visit.number, key.to_owned()), universe.now());
    }

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
    pub fn money_left(&self, payer: [u8; 20]) {
        self.0.borrow_mut().money_left.insert(payer);
    }

    /// A facilitator sends a transaction because a request asked.
    pub fn taken_up(&self, universe: &Universe, by: Sender, id: Id, transaction: [u8; 32]) {
        let seen = &mut *self.0.borrow_mut();
        seen.taken.entry((by.store, id)).or_default().push(transaction);
        seen.taken_up.insert((by.store, id, by.number));
        if seen.given_back.contains(&(by.store, id, by.number)) {
            let how = format!("{} was given back, and is taken up", name(&id));
            seen.violate(universe, Promise::Path, how);
        }
    }

    /// A facilitator says something false of what it just sent.
    pub fn lied(&self, by: Sender, id: Id, code: &'static str) {
        self.0.borrow_mut().lies.insert((by.store, id, code));
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
    pub fn asked(&self, which: usize, number: u64, endpoint: Endpoint, outcome: &Outcome) {
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
        // An answer to something else is none.
        let verdict = match endpoint {
            Endpoint::Verify => "isValid",
            Endpoint::Settle => "success",
        };
        let json: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
        seen.first_failed |= !(blocked || (*status == 200 && json[verdict].is_boolean()));
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
        let (subject, kind, _) = self.bound.get(id)?;
        let fits = |account: &Rc<Account>| {
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

    /// Whether a payment that was sent and called refused may be what note 4 of section 8 speaks of. It
    /// may be lied about more than once: each lie to this store counts, not only the last one.
    fn is_allowed(&self, universe: &Universe, store: StoreId, id: &Id) -> bool {
        let lies = self.lies.range((store, *id, "")..);
        let mut lies = lies.take_while(|(at, of, _)| (at, of) == (&store, id));
        match universe.configuration.rpc {
            false => lies.any(|(_, _, code)| code.ends_with("insufficient_balance")),
            true => lies.next().is_some() && self.money_left.contains(&id.0),
        }
    }

    /// Whether a sending counts: after the payment was given back nothing is on record of it, and who
    /// presents it then is the first to do so.
    fn is_live(&self, departure: &Departure) -> bool {
        let Departure { store, number, payment, .. } = departure;
        !self.given_back.contains(&(*store, payment.id(), *number))
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
