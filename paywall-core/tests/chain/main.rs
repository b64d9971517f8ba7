//! What counts as evidence, and what does not: a search for a payment, on chains in memory and on what a
//! real node answered.

mod found;
mod nodes;
mod properties;
mod recorded;
mod testnode;
