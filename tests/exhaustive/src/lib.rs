//! Searches every interleaving of small worlds for one that breaks a promise of the paywall.
//!
//! A world is a few requests, each a [`paywall_core::purchase::Purchase`]; a store, a chain with a node,
//! facilitators; and a budget of what may go wrong. A step answers one thing that one of them asked, or
//! is something that happens around them: a sandbox dies, a block is made, a lease ends. Every step is
//! tried from every state, and each state once. What must be so is in [`oracle`], and from each state in
//! which all have ended, [`probe`] lets everybody ask again.

pub mod apply;
pub mod chain;
pub mod facilitator;
pub mod facts;
pub mod mutant;
pub mod oracle;
pub mod probe;
pub mod scenario;
pub mod search;
pub mod steps;
pub mod store;
pub mod telling;
pub mod time;
pub mod world;
pub mod worlds;
