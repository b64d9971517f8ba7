//! What a shop sold, to whom, for how much, and what failed.
//!
//! ```text
//! the ledger's files ── Money::of ───┐
//!                                    ├── Report ── text::write, html::page
//! the function's log ── Traffic::read┘
//! ```
//!
//! Money comes from the ledger alone (`docs/books.md`), which was held against the chain. The log tells what came of requests and how
//! long facilitators took: counts, which AWS delivers at best effort, and never a sum of money. Sums of two tokens are never added.

mod command;
mod error;
mod html;
mod money;
mod plot;
mod short;
mod text;
mod traffic;

pub use command::{Arguments, run};
pub use error::Error;
pub use html::page;
pub use money::{Money, Purse};
pub use text::write;
pub use traffic::Traffic;

/// What is reported.
#[derive(Debug)]
pub struct Report {
    /// The days, as people write them.
    pub days: String,
    /// From the ledger.
    pub money: Money,
    /// From the log, if one was given.
    pub traffic: Option<Traffic>,
}
