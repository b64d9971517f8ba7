//! One id, one stack; one payee, one store.
//!
//! What a payment is for is remembered by one store for all that is sold to its payee, and accounts are
//! kept under the site's id. So a deployment writes down which stack holds an id, once, and looks for
//! other stacks of this project that pay the same payee and remember it elsewhere.

mod check;
mod claim;
mod stacks;
mod tags;

pub use check::check;
pub use claim::claim;
pub use stacks::Stack;
pub use tags::tags;

#[cfg(test)]
mod tests;
