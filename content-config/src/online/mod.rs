//! Whether facilitators and nodes are what `content.toml` takes them for: `check --online`.
//!
//! Nothing here carries a payment, and no secret but those that a caller hands over: each facilitator is asked what
//! it settles, and each node a few questions about its chain.

mod facilitators;
mod finding;
mod http;
mod nodes;
mod rpc;
mod tokens;
mod validate;

use crate::Compiled;
pub use facilitators::{Authorize, check as facilitators};
pub use finding::{Finding, Weight};
pub use http::Client;
pub use nodes::check as nodes;
pub use rpc::{Reply, batch, quantity};
pub(crate) use validate::{Validation, validate};

/// Asks every facilitator and node of the table, without secrets.
pub(crate) fn check(compiled: &Compiled) -> Vec<Finding> {
    let client = Client::new();
    let table = compiled.table();
    let mut findings = facilitators(table, &client, &|_, _| None);
    findings.extend(nodes(table, &client));
    findings
}
