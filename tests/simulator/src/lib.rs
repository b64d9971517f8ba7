//! A simulator: the function's own code in a made-up universe, many lives long.
//!
//! Buyers behave as the tested clients do, and worse; sandboxes die and stand still at any step, and their
//! clocks differ; facilitators, the chain's nodes and the store fail in every way that they have. All of
//! it follows from a stream of choices, so that a history can be repeated and made smaller. An [`oracle`]
//! that sees the chain, the records and the answers says which promises were broken.
//!
//! | what | where |
//! | --- | --- |
//! | chance, recorded; virtual time | [`choices`], [`schedule`] |
//! | the chain, its nodes | [`chain`] |
//! | facilitators, and what they say | [`facilitator`], [`answers`] |
//! | the store, and the books that are kept of it | [`bucket`], [`mod@books`] |
//! | the functions' sandboxes, what they ask of the world, CloudFront | [`fleet`], [`sandbox`], [`outside`], [`front`] |
//! | what is sold where; what buyers sign | [`shop`], [`wallet`] |
//! | buyers, and who copies what they see | [`buyer`], [`onlooker`] |
//! | the promises | [`configuration`], [`oracle`] |
//! | engines that are broken on purpose | [`mutant`], [`desk`], [`lies`] |
//! | a history; many of them, and the smallest one | [`history`], [`search`] |

pub mod answers;
pub mod books;
pub mod bucket;
pub mod buyer;
pub mod chain;
pub mod choices;
pub mod configuration;
pub mod desk;
pub mod facilitator;
pub mod fleet;
pub mod front;
pub mod history;
pub mod lies;
pub mod mutant;
pub mod onlooker;
pub mod oracle;
pub mod outside;
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
use price_table::{Seal, Table};

/// When every history begins: a round second, at the start of a block.
pub const EPOCH: Micros = Micros::from_secs(1_760_000_000);

/// The seal of every shop.
pub fn seal() -> Seal {
    Seal::new([0; Seal::LENGTH])
}

/// What a sandbox starts with.
fn paywall(table: &'static Table, keys: &str) -> Paywall<'static> {
    Paywall {
        table,
        seal: Some(seal()),
        keys: handover::Keys::parse(keys).expect("keys"),
        passes: pass::Keys::parse(keys).expect("keys"),
        overrides: Default::default(),
        budget: Default::default(),
        breakers: Default::default(),
        nodes: Default::default(),
    }
}
