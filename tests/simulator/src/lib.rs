//! A simulator: the function's own code in a made-up universe, many lives long.
//!
//! Buyers behave as the tested clients do, and worse; sandboxes die and stand still at any step;
//! facilitators, the chain's node and the store fail in every way that they have. All of it follows
//! from a stream of choices, so that a history can be repeated and made smaller. An [`oracle`] that
//! knows the chain and what buyers were answered says which promises were broken.
//!
//! | what | where |
//! | --- | --- |
//! | chance, recorded | [`choices`] |
//! | virtual time | [`schedule`] |
//! | the chain, its node; facilitators; the store | [`chain`], [`facilitator`], [`bucket`] |
//! | the function's sandboxes, and CloudFront | [`sandbox`], [`front`] |
//! | buyers, and who copies what they see | [`buyer`], [`wallet`] |
//! | the promises | [`configuration`], [`oracle`] |
//! | engines that are broken on purpose | [`sabotage`] |
//! | a history; many of them, and the smallest one | [`history`], [`search`] |

pub mod bucket;
pub mod buyer;
pub mod chain;
pub mod choices;
pub mod configuration;
pub mod facilitator;
pub mod front;
pub mod history;
pub mod oracle;
pub mod sabotage;
pub mod sandbox;
pub mod schedule;
pub mod search;
pub mod shop;
pub mod universe;
pub mod wallet;
pub mod weather;

use paywall_core::clock::Micros;
use paywall_core::paywall::Paywall;
use paywall_core::{handover, pass};
use price_table::Table;

/// When every history begins: a round second, at the start of a block.
pub const EPOCH: Micros = Micros::from_secs(1_760_000_000);

/// What a sandbox starts with.
fn paywall(table: &'static Table) -> Paywall<'static> {
    let key = "5e".repeat(32);
    Paywall {
        table,
        keys: handover::Keys::parse(&key).expect("a key"),
        passes: pass::Keys::parse(&key).expect("a key"),
        overrides: Default::default(),
        budget: Default::default(),
        breakers: Default::default(),
    }
}
