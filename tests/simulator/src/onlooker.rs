//! Who reads calldata, from blocks and on their way there, and uses what stands there; and what else
//! happens to all: new editions, replaced blocks.

use std::rc::Rc;

use crate::buyer::other;
use crate::chain::Action;
use crate::front::{Asked, ask};
use crate::shop::Product;
use crate::universe::Universe;
use crate::wallet::{Authorization, Payment, account, sign};
use crate::weather::Leaning;

/// The onlooker's own network.
const ADDRESS: &str = "192.0.2.66";

/// Copies what it sees.
pub async fn observe(universe: Universe) {
    let thief = 0;
    let least = if universe.leaning == Leaning::Onlookers { 12 } else { 2 };
    for _ in 0..least + universe.choices.below(6) {
        let pause = universe.choices.one_of(&[1_u64, 0, 1, 2, 5, 20, 60]);
        universe.schedule.sleep(1_000_000 * pause + 300_000).await;
        let seen = universe.chain.calldata();
        if seen.is_empty() {
            continue;
        }
        let newest = seen.len() - 1 - universe.choices.below(seen.len().min(4) as u32) as usize;
        let (transaction, a) = &seen[newest];
        let bought = Product::ALL.into_iter().find(|p| p.price().amounts().any(|it| it == a.value));
        let product = other(&universe, bought.unwrap_or(Product::Once));
        let payment = match universe.choices.below(5) {
            // The very payment.
            0..=2 => Payment::new(a.clone(), transaction.signature.clone()),
            // Their own, under the copied nonce.
            3 => {
                // At its price: who signs a nonce at two prices has two payments, and the oracle tells them apart
                // by payer and nonce. `prices.rs` of the core's walk does it.
                let own = Authorization { from: account(thief), ..a.clone() };
                sign(thief, own)
            }
            // The copied one with another signature.
            _ => Payment::new(a.clone(), vec![0x5a; 96]),
        };
        if universe.choices.chance(300) {
            // Sends it to the token themselves, perhaps before the facilitator's is in a block.
            universe.note(|| format!("the onlooker sends {}", universe.name(a)));
            let action = Action::Transfer(a.clone());
            universe.chain.send(action, transaction.signature.clone(), false, universe.now());
        }
        let shop = universe.choices.one_of(&universe.fleet.shops());
        let asked = Asked::purchase("the onlooker", ADDRESS, shop, product, Rc::new(payment));
        let there = universe.clone();
        // It does not wait, and comes again.
        universe.schedule.spawn(async move {
            ask(there, asked).await;
        });
    }
}

/// The seller deploys anew, once or twice.
pub async fn deploy(universe: Universe) {
    for _ in 0..1 + universe.choices.below(2) {
        universe.schedule.sleep(1_000_000 * u64::from(universe.choices.below(90))).await;
        let raises = universe.choices.chance(500);
        universe.note(|| format!("a new edition; the epoch is raised: {raises}"));
        universe.fleet.deploy(&universe, raises);
    }
}

/// Blocks are replaced, never so deep that what stays would go.
pub async fn reorganise(universe: Universe) {
    let (times, most) = match universe.leaning {
        Leaning::Reorgs => (40, 6),
        _ => (6, 30),
    };
    for _ in 0..times {
        universe.schedule.sleep(1_000_000 * u64::from(universe.choices.below(most))).await;
        let depth = 1 + u64::from(universe.choices.below(crate::shop::CONFIRMATIONS - 1));
        universe.note(|| format!("{depth} blocks are replaced"));
        // In which order transactions come back is anybody's choice.
        universe.chain.reorganise(depth, universe.now(), || universe.choices.below(4).into());
    }
}
