//! Tries an x402 seller from outside, ours or another's, and reports what is right and what is wrong.
//!
//! ```text
//! command      what one asks for; runs it, and writes the report
//! course       the order: terms, forged payments, purchases, then all that must not open without one
//!   checks/    what is asked, and how the answers are judged: data and pure functions
//!   known      what is learnt of the seller on the way
//!   buyer      payments, honest and forged
//!   session    requests one after another, within limits
//!     http     the wire, with paths as they are written
//! report       what was found, as JSON; summary and markdown, as text
//! ```
//!
//! *Wrong* is what breaks the protocol, HTTP, or a promise that both sides of a sale rely on. What a
//! seller may do in another way is a *note* at most.

mod answer;
mod buyer;
mod check;
mod checks;
mod command;
mod course;
mod error;
mod evidence;
mod http;
mod known;
mod markdown;
mod report;
mod session;
mod sources;
mod spelling;
mod summary;
mod target;
mod terms;

pub use buyer::Buyer;
pub use check::Verdict;
pub use command::{Arguments, run};
pub use course::prove;
pub use error::Error;
pub use evidence::Evidence;
pub use http::Http;
pub use report::{Checked, Report};
pub use session::{Limits, Session};
pub use target::Target;
