//! What was sold, what is owed, and whether it adds up to what the chain paid.
//!
//! ```text
//! chain   ── chain::read ────> Transfer ──┐
//! store   ── judge::recorded ─> Recorded ─┼── judge::transfer ──> Row ──> Ledger ──> Balance
//! log     ── Logs::read ─────> Logged ────┘
//! ```
//!
//! A day's ledger is a [`Ledger`] of [`Row`]s: [`Ledger::rows`] in the order of time, [`Ledger::balances`] by network and
//! token. `paywall books` makes it of the records of a bucket, a node and logs (`command.rs`); one that is kept in the
//! bucket is read by `parquet::read` of its file's bytes, or with `Ledger::of` of any rows, for tests. Each row names
//! what it does ([`Posting`]), what that rests on ([`RestsOn`]), when, how much of which token, who paid and for what.
//!
//! | | |
//! | --- | --- |
//! | rules alone, without IO | [`chain`], [`transfer`], [`classify`], [`judge`], [`ledger`], [`logs`], [`resolve`], [`refund`] |
//! | what asks and writes (feature `io`) | the rest |

pub mod chain;
pub mod classify;
mod day;
pub mod entry;
pub mod judge;
pub mod ledger;
pub mod lines;
pub mod logs;
mod moment;
pub mod read;
pub mod refund;
pub mod resolve;
pub mod transfer;

#[cfg(test)]
#[allow(dead_code, reason = "some of it is for tests of the whole tool")]
mod payments;
#[cfg(test)]
mod test_chain;

#[cfg(feature = "io")]
pub mod bookkeeping;
#[cfg(feature = "io")]
mod columns;
#[cfg(feature = "io")]
pub mod command;
#[cfg(feature = "io")]
mod desk;
#[cfg(feature = "io")]
mod error;
#[cfg(feature = "io")]
mod keep;
#[cfg(feature = "io")]
mod nodes;
#[cfg(feature = "io")]
mod output;
#[cfg(feature = "io")]
pub mod parquet;
#[cfg(feature = "io")]
mod place;
#[cfg(feature = "io")]
mod records;
#[cfg(feature = "io")]
pub mod refunds;
#[cfg(feature = "io")]
mod resolution;
#[cfg(feature = "io")]
pub mod sales;
#[cfg(feature = "io")]
mod state;
#[cfg(feature = "io")]
mod text;
#[cfg(feature = "io")]
mod tokens;

pub use day::Day;
pub use ledger::{Balance, Claim, Credit, Ledger, NotOurs, Owed, Posting, RestsOn, Row};
pub use transfer::Transfer;

#[cfg(feature = "io")]
pub use columns::COLUMNS;
#[cfg(feature = "io")]
pub use error::Error;
