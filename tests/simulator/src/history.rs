//! One history: from the first request until everybody who paid had every chance to be served.

use std::rc::Rc;

use paywall_core::clock::Micros;
use price_table::Table;

use crate::buyer;
use crate::choices::Choices;
use crate::configuration::{Configuration, Promise};
use crate::front::{Asked, ask};
use crate::oracle::Violation;
use crate::sabotage::Sabotage;
use crate::shop::Product;
use crate::universe::Universe;
use crate::wallet::{BUYERS, Drawer, PAYMENTS, account};

/// How a history went.
pub struct Ended {
    /// The promises that were broken.
    pub violations: Vec<Violation>,
    /// The choices that make it happen again.
    pub choices: Vec<u32>,
    /// What happened, if it was written down.
    pub notes: Vec<String>,
}

/// Everything must be over by then, in seconds of virtual time.
const LIMIT: u64 = 20_000;
/// After how many seconds a buyer comes back at the end, again and again: longer than any payment but
/// the last can be settled.
const RETURNS: [u64; 9] = [20, 40, 60, 120, 240, 480, 960, 1_920, 3_840];

/// Runs one.
pub fn run(
    configuration: Configuration,
    sabotage: Option<Sabotage>,
    table: &'static Table,
    drawer: Rc<Drawer>,
    choices: Choices,
    notes: bool,
) -> Ended {
    let universe = Universe::begin(configuration, sabotage, table, choices, drawer, notes);
    let buyers = 1 + universe.choices.below(BUYERS as u32);
    for _ in 0..buyers {
        let number = universe.choices.below(BUYERS as u32) as usize;
        // Two lives of one buyer would sign the same payments.
        if universe.claim_life(number) {
            universe.schedule.spawn(buyer::live(universe.clone(), number));
        }
    }
    if universe.choices.chance(500) {
        universe.schedule.spawn(buyer::observe(universe.clone()));
    }
    let limit = Micros(crate::EPOCH.0 + LIMIT * 1_000_000);
    let quiet = universe.schedule.run(limit);
    universe.clear_up();
    if !quiet {
        universe.oracle.violated(&universe, Promise::P4MadeGood, "it never ends".into());
    }
    universe.note(|| "the weather clears up; who paid comes back".into());
    for (payer, product) in universe.oracle.customers() {
        universe.schedule.spawn(returns(universe.clone(), payer, product));
    }
    universe.schedule.run(limit);
    universe.oracle.conclude(&universe);
    Ended {
        violations: universe.oracle.violations(),
        choices: universe.choices.made(),
        notes: universe.notes(),
    }
}

/// A buyer comes back with a new payment, until the object is served: at once and without paying
/// again, if an earlier payment was never served; and in the end, whatever became of it.
async fn returns(universe: Universe, payer: [u8; 20], product: Product) {
    let number = (0..BUYERS).find(|number| account(*number) == payer).expect("a buyer");
    let who = format!("buyer {number}");
    // What is on its way is mined, and what is in progress is over.
    universe.schedule.sleep(60_000_000).await;
    universe.chain.advance(universe.now());
    universe.chain.fund(payer, 10_000_000);
    let unserved = |universe: &Universe| {
        universe
            .oracle
            .unserved(universe)
            .into_iter()
            .any(|a| a.from == payer && universe.oracle.product_of(&a) == Some(product))
    };
    let owed = unserved(&universe);
    let payment = universe.drawer.payment(number, product, PAYMENTS - 1);
    for pause in RETURNS {
        let asked = Asked::purchase(&who, product, payment.clone());
        let answer = ask(universe.clone(), asked).await;
        if answer.status == 200 {
            universe.chain.advance(universe.now());
            let a = &payment.authorization;
            if owed && universe.chain.nonce(&a.from, &a.nonce).is_some() {
                let how = format!("{who} paid for {product:?} before, and pays again for it");
                universe.oracle.violated(&universe, Promise::P4, how);
            }
            return;
        }
        universe.schedule.sleep(pause * 1_000_000).await;
    }
    let how = match owed {
        true => format!("{who} paid for {product:?} and is never served"),
        false => format!("{who} can never buy {product:?} again"),
    };
    universe.oracle.violated(&universe, Promise::P4MadeGood, how);
}
