//! One history: from the first request until everybody who paid had every chance to be served.

use std::rc::Rc;

use paywall_core::clock::Micros;
use paywall_core::limits::NODE_RELEASE_SECONDS;

use crate::books;
use crate::buyer::{self, NETWORKS};
use crate::choices::Choices;
use crate::configuration::{Configuration, Promise};
use crate::front::{Asked, ask};
use crate::mutant::Mutant;
use crate::onlooker;
use crate::oracle::Violation;
use crate::shop::{ACCESS_SECONDS, Product};
use crate::universe::{Universe, WEALTH};
use crate::wallet::{BUYERS, Draft, Drawer, WRAPS, buyer_of};
use crate::weather::Leaning;

/// How a history went.
pub struct Ended {
    /// The promises that were broken.
    pub violations: Vec<Violation>,
    /// The choices that make it happen again.
    pub choices: Vec<u32>,
    /// What happened, if it was written down.
    pub notes: Vec<String>,
    /// Sales in the books.
    pub sales: u64,
    /// Refusals that note 4 of section 8 allowed.
    pub allowed: u32,
}

/// Everything must be over by then, in seconds of virtual time.
const LIMIT: u64 = 200_000;
/// After the last window a lock may last so long, in seconds: the release, and clocks that are late.
const QUIET: u64 = 300 + 2 * 60 + 180 + 30;
/// So many times at most may one buyer be owed one object.
const MOST_OWED: usize = 8;
/// After how many seconds a buyer comes back at the end, again and again.
const RETURNS: [u64; 8] = [3, 10, 30, 60, 120, 300, 300, 300];

/// Runs one.
pub fn run(
    configuration: Configuration,
    mutant: Option<Mutant>,
    drawer: Rc<Drawer>,
    choices: Choices,
    notes: bool,
) -> Ended {
    let universe = Universe::begin(configuration, mutant, choices, drawer, notes);
    let buyers = 1 + universe.choices.below(BUYERS as u32);
    // Who can sign in two ways is the one to race against themselves.
    if universe.leaning == Leaning::Races && universe.claim_life(WRAPS) {
        universe.schedule.spawn(buyer::live(universe.clone(), WRAPS));
    }
    for _ in 0..buyers {
        let number = universe.choices.below(BUYERS as u32) as usize;
        // Two lives of one buyer would sign the same payments.
        if universe.claim_life(number) {
            universe.schedule.spawn(buyer::live(universe.clone(), number));
        }
    }
    if universe.leaning == Leaning::Onlookers || universe.choices.chance(500) {
        universe.schedule.spawn(onlooker::observe(universe.clone()));
    }
    let looks = if universe.leaning == Leaning::Reorgs { 900 } else { 500 };
    if configuration.shared && configuration.rpc && universe.choices.chance(looks) {
        universe.schedule.spawn(books::keep(universe.clone()));
    }
    let deploys = if universe.leaning == Leaning::Onlookers { 500 } else { 200 };
    if !configuration.single && universe.choices.chance(deploys) {
        universe.schedule.spawn(onlooker::deploy(universe.clone()));
    }
    let leans = universe.leaning == Leaning::Reorgs;
    if leans || universe.choices.chance(universe.weather().reorg * 10) {
        universe.schedule.spawn(onlooker::reorganise(universe.clone()));
    }
    let limit = Micros(crate::EPOCH.0 + LIMIT * 1_000_000);
    if !universe.schedule.run(limit) {
        universe.oracle.violated(&universe, Promise::Free, "it never ends".into());
    }
    if universe.choices.chance(300) {
        universe.note(|| "some come back after their windows".into());
        for (payer, shop, product) in universe.oracle.customers() {
            universe.schedule.spawn(comes_late(universe.clone(), payer, shop, product));
        }
        universe.schedule.run(limit);
    }
    universe.clear_up();
    universe.facilitators.iter().for_each(|facilitator| facilitator.blocks.set(None));
    universe.note(|| "all is quiet; everybody comes back".into());
    for (payer, shop, product) in universe.oracle.customers() {
        universe.schedule.spawn(returns(universe.clone(), payer, shop, product));
    }
    universe.schedule.run(limit);
    universe.oracle.conclude(&universe);
    let (sales, allowed) = universe.oracle.counts();
    Ended {
        violations: universe.oracle.violations(),
        choices: universe.choices.made(),
        notes: universe.notes(),
        sales,
        allowed,
    }
}

/// A buyer comes back once with a new payment, when the windows of earlier ones are over; the weather is
/// as it was.
async fn comes_late(universe: Universe, payer: [u8; 20], shop: usize, product: Product) {
    let number = buyer_of(&payer).expect("a buyer");
    let late = Micros::from_secs(universe.last_end.get() + QUIET);
    universe.schedule.sleep(late.0.saturating_sub(universe.now().0)).await;
    let draft = Draft {
        buyer: number,
        product,
        price: product.price().at(universe.now().secs()),
        count: 2_000 + shop,
        chain: 0,
        wrapped: false,
        valid_after: 0,
        valid_before: universe.now().secs().next_multiple_of(30) + 60,
    };
    universe.last_end.set(universe.last_end.get().max(draft.valid_before));
    let payment = universe.drawer.payment(draft);
    let who = format!("buyer {number}");
    let asked = Asked::purchase(&who, NETWORKS[number][0], shop, product, payment);
    ask(universe, asked).await;
}

/// A buyer comes back with a new payment until the object is served; and again for each time that it is owed.
async fn returns(universe: Universe, payer: [u8; 20], shop: usize, product: Product) {
    let number = buyer_of(&payer).expect("a buyer");
    let who = format!("buyer {number}");
    let quiet = Micros::from_secs(universe.last_end.get() + QUIET);
    universe.schedule.sleep(quiet.0.saturating_sub(universe.now().0)).await;
    universe.chain.advance(universe.now());
    universe.chain.fund(payer, WEALTH, universe.now());
    universe.schedule.sleep(10_000_000).await;
    let asked = |count: usize| {
        let draft = Draft {
            buyer: number,
            product,
            price: product.price().at(universe.now().secs()),
            // One that nobody signed before, for each shop.
            count: 1_000 + 2 * count + shop,
            chain: 0,
            wrapped: false,
            valid_after: 0,
            valid_before: universe.now().secs().next_multiple_of(600) + 4_000,
        };
        let payment = universe.drawer.payment(draft);
        Asked::purchase(&who, NETWORKS[number][0], shop, product, payment)
    };
    for time in 0..MOST_OWED {
        if let Err(code) = is_served(&universe, asked(2 * time), &RETURNS).await {
            // What no node can tell of keeps its payer waiting for a day.
            let day = Micros::from_secs(universe.last_end.get() + NODE_RELEASE_SECONDS + QUIET);
            universe.schedule.sleep(day.0.saturating_sub(universe.now().0)).await;
            let late = asked(2 * time + 1);
            if !universe.configuration.rpc
                || is_served(&universe, late, &RETURNS[..3]).await.is_err()
            {
                let how = format!("{who} can never buy {product:?} of shop {shop} again: {code}");
                return universe.oracle.violated(&universe, Promise::Free, how);
            }
        }
        if !universe.oracle.is_owed(&universe, payer, shop, product) {
            return;
        }
        // While one is open, the next that is owed does not begin.
        if product.is_timed() {
            universe.schedule.sleep(1_000_000 * (ACCESS_SECONDS + QUIET)).await;
        }
    }
}

/// Asks again and again, with one payment; `Err` tells the last refusal.
async fn is_served(universe: &Universe, asked: Asked, pauses: &[u64]) -> Result<(), String> {
    let mut code = String::new();
    for pause in pauses {
        let answer = ask(universe.clone(), asked.clone()).await;
        if answer.status == 200 {
            return Ok(());
        }
        code = answer.code;
        universe.schedule.sleep(pause * 1_000_000).await;
    }
    Err(code)
}
