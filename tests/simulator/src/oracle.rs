//! Who watches the promises. It sees the chain, what buyers sent and what they were answered, and
//! nothing of what the function remembers.

use std::cell::RefCell;
use std::collections::BTreeMap;

use paywall_core::clock::Micros;

use crate::chain::{Action, Mined};
use crate::configuration::Promise;
use crate::shop::{ACCESS_SECONDS, Product};
use crate::universe::Universe;
use crate::wallet::{Authorization, PAYEE};

/// A `/settle` leaves a sandbox.
#[derive(Clone, Debug)]
pub struct Departure {
    /// When.
    pub at: Micros,
    /// What it would settle.
    pub payment: Authorization,
    /// What was asked for.
    pub product: Option<Product>,
    /// How.
    pub method: String,
    /// By which request.
    pub request: u64,
}

/// An object leaves.
#[derive(Clone, Debug)]
pub struct Grant {
    /// When.
    pub at: Micros,
    /// What.
    pub product: Product,
    /// The transaction of its receipt.
    pub transaction: [u8; 32],
    /// By which payment; `None` by a pass.
    pub payment: Option<Authorization>,
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
#[derive(Debug, Default)]
pub struct Oracle {
    seen: RefCell<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    departures: Vec<Departure>,
    grants: Vec<Grant>,
    /// Payments that were answered 402, and when.
    refused: Vec<(Micros, Authorization)>,
    /// When a payment was first presented.
    presented: BTreeMap<([u8; 20], [u8; 32]), Micros>,
    /// Grants that were written down: when, to whom, of what.
    recorded: Vec<(Micros, [u8; 20], Option<Product>)>,
    violations: Vec<Violation>,
}

/// Clocks and hops in which a limit may be passed without a promise being broken, in seconds.
const SLACK: u64 = 10;
/// A transfer so long before the payment was first presented, in seconds, was for something else. It is
/// more than the tolerance that the function gives to clocks.
const FOREIGN: u64 = 20;

impl Oracle {
    /// The violations so far.
    pub fn violations(&self) -> Vec<Violation> {
        self.seen.borrow().violations.clone()
    }

    /// A payment is presented.
    pub fn presented(&self, at: Micros, payment: &Authorization) {
        let seen = &mut *self.seen.borrow_mut();
        seen.presented.entry((payment.from, payment.nonce)).or_insert(at);
    }

    /// A `/settle` goes out.
    pub fn departs(&self, universe: &Universe, departure: Departure) {
        let seen = &mut *self.seen.borrow_mut();
        if departure.product.is_none() || departure.method != "GET" {
            let how = format!("{} {:?} is settled", departure.method, departure.product);
            seen.violate(universe, Promise::P3, how);
        }
        seen.departures.push(departure);
    }

    /// A payment is answered 402.
    pub fn refused(&self, at: Micros, payment: &Authorization) {
        self.seen.borrow_mut().refused.push((at, payment.clone()));
    }

    /// An object leaves.
    pub fn granted(&self, universe: &Universe, grant: Grant) {
        let seen = &mut *self.seen.borrow_mut();
        universe.chain.advance(universe.now());
        match transfer(universe, &grant.transaction) {
            None => seen.violate(universe, Promise::P1, format!("{grant:?} without a transfer")),
            Some((mined, paid)) => seen.check(universe, &grant, &mined, &paid),
        }
        seen.grants.push(grant);
    }

    /// Whether a payer's own transfer for a product was never followed by a grant: what was submitted
    /// for whom.
    pub fn unserved(&self, universe: &Universe) -> Vec<Authorization> {
        let seen = self.seen.borrow();
        let served = |hash: &[u8; 32]| seen.grants.iter().any(|g| g.transaction == *hash);
        let transfers = universe.chain.transfers().into_iter();
        transfers
            .filter(|(mined, a)| {
                let departure = seen.departures.iter().find(|d| same(&d.payment, a));
                departure.is_some_and(|d| !seen.is_recorded(mined, a, d.product, universe.now()))
                    && is_ours(mined)
                    && !served(&mined.transaction.hash)
            })
            .map(|(_, a)| a)
            .collect()
    }

    /// For which product a payment was submitted.
    pub fn product_of(&self, payment: &Authorization) -> Option<Product> {
        let seen = self.seen.borrow();
        seen.departures.iter().find(|d| same(&d.payment, payment)).and_then(|d| d.product)
    }

    /// A grant is written down. Should its sandbox die before it answers, nobody can tell whether the
    /// answer left, so the grant counts; the same payment sent again opens the object.
    pub fn recorded(&self, at: Micros, payment: Authorization, product: Option<Product>) {
        self.seen.borrow_mut().recorded.push((at, payment.from, product));
    }

    /// Every payer and product for which something was submitted.
    pub fn customers(&self) -> Vec<([u8; 20], Product)> {
        let seen = self.seen.borrow();
        let mut customers: Vec<_> =
            seen.departures.iter().filter_map(|d| Some((d.payment.from, d.product?))).collect();
        customers.sort_unstable();
        customers.dedup();
        customers
    }

    /// What can be told only when all is known.
    pub fn conclude(&self, universe: &Universe) {
        let seen = &mut *self.seen.borrow_mut();
        universe.chain.advance(universe.now());
        let transfers = universe.chain.transfers();
        let settled = |a: &Authorization| transfers.iter().find(|(_, other)| same(a, other));
        let mut broken = vec![];
        for (at, payment) in &seen.refused {
            let submitted = settled(payment).is_some_and(|(mined, _)| {
                mined.transaction.departed.is_some_and(|departed| departed <= *at)
            });
            if submitted {
                broken.push(format!("{} is answered 402 and settles", universe.name(payment)));
            }
        }
        for later in &seen.departures {
            let twice = seen.departures.iter().find(|earlier| {
                earlier.at < later.at
                    && earlier.payment.from == later.payment.from
                    && earlier.product == later.product
                    && !same(&earlier.payment, &later.payment)
                    && settled(&earlier.payment).is_some_and(|(mined, a)| {
                        is_ours(mined)
                            && seen.owed(earlier, mined, later.at)
                            && !seen.is_recorded(mined, a, earlier.product, later.at)
                    })
            });
            if let Some(earlier) = twice.filter(|_| settled(&later.payment).is_some()) {
                let [first, second] =
                    [earlier, later].map(|departure| universe.name(&departure.payment));
                broken.push(format!("{first} bought {:?}, and {second} too", later.product));
            }
        }
        for how in broken {
            seen.violate(universe, Promise::P4, how);
        }
    }

    /// A promise is broken that somebody else watches.
    pub fn violated(&self, universe: &Universe, promise: Promise, how: String) {
        self.seen.borrow_mut().violate(universe, promise, how);
    }
}

impl Seen {
    fn check(&mut self, universe: &Universe, grant: &Grant, mined: &Mined, paid: &Authorization) {
        let hash = &grant.transaction;
        if paid.to != PAYEE || paid.value != grant.product.price() {
            let how = format!("{:?} is served for {} units", grant.product, paid.value);
            self.violate(universe, Promise::P2, how);
        }
        if let Some(payment) = &grant.payment {
            if payment.from != paid.from {
                let how = format!("{} opens by another's money", universe.name(payment));
                self.violate(universe, Promise::P1, how);
            }
            if !self.may_be_ours(mined, paid) {
                let how = format!("{} was paid for something else", universe.name(paid));
                self.violate(universe, Promise::P1, how);
            }
        }
        let before: Vec<_> =
            self.grants.iter().filter(|g| g.transaction == *hash).cloned().collect();
        if before.iter().any(|earlier| earlier.product != grant.product) {
            let how = format!("{} opens {:?} as well", universe.name(paid), grant.product);
            self.violate(universe, Promise::P5, how);
        }
        if let Some(first) = before.first() {
            let age = grant.at.secs().saturating_sub(first.at.secs());
            let limit = match grant.product {
                Product::Timed => ACCESS_SECONDS,
                _ => paywall_core::limits::RESEND_SECONDS,
            };
            // What could not be written down counts from when it is learnt again.
            if age > limit + SLACK && universe.is_reliable() {
                let how = format!("{:?} is open after {age} s", grant.product);
                self.violate(universe, Promise::P1, how);
            }
        }
        let often = before.len() > usize::from(paywall_core::limits::RESENDS);
        // What could not be written down is granted again rather than withheld.
        if often && grant.product != Product::Timed && universe.is_reliable() {
            let how = format!("{} opens for the {}th time", universe.name(paid), before.len() + 1);
            self.violate(universe, Promise::P5, how);
        }
    }

    /// Whether a transfer may be taken for one to this shop: it was not made long before its payment was
    /// first presented here.
    fn may_be_ours(&self, mined: &Mined, paid: &Authorization) -> bool {
        let first = self.presented.get(&(paid.from, paid.nonce));
        first.is_some_and(|first| mined.at / 1_000_000 + FOREIGN >= first.secs())
    }

    /// Whether a grant of what a transfer paid for was written down by then.
    fn is_recorded(
        &self,
        mined: &Mined,
        paid: &Authorization,
        product: Option<Product>,
        by: Micros,
    ) -> bool {
        self.recorded.iter().any(|(at, payer, of)| {
            *payer == paid.from && *of == product && (mined.at..=by.0).contains(&at.0)
        })
    }

    /// Whether a payment that settled still owed its payer the object, at a time.
    fn owed(&self, departure: &Departure, mined: &Mined, at: Micros) -> bool {
        let first = self.grants.iter().find(|g| g.transaction == mined.transaction.hash);
        match (first, departure.product) {
            (None, _) => true,
            (Some(grant), _) if grant.at > at => true,
            (Some(grant), Some(Product::Timed)) => {
                at.secs() + SLACK < grant.at.secs() + ACCESS_SECONDS
            }
            _ => false,
        }
    }

    fn violate(&mut self, universe: &Universe, promise: Promise, how: String) {
        universe.note(|| format!("*** {promise}: {how}"));
        self.violations.push(Violation { promise, how });
    }
}

/// Whether a transfer was made because this shop asked for it.
fn is_ours(mined: &Mined) -> bool {
    mined.transaction.departed.is_some()
}

fn same(a: &Authorization, b: &Authorization) -> bool {
    (a.from, a.nonce) == (b.from, b.nonce)
}

/// The transfer that a transaction made.
fn transfer(universe: &Universe, hash: &[u8; 32]) -> Option<(Mined, Authorization)> {
    let mined = universe.chain.mined(hash).filter(|mined| mined.success)?;
    match mined.transaction.action.clone() {
        Action::Transfer(a) => Some((mined, a)),
        Action::Cancel(..) | Action::BurnBeside(_) => None,
    }
}
