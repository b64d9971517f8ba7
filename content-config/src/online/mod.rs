//! `check --online`: whether facilitators and nodes are what `content.toml` takes them for.
//!
//! Nothing here carries a payment or a secret: each facilitator is asked once what it settles, and
//! each node a few questions about its chain.

mod facilitators;
mod finding;
mod http;
mod nodes;
mod rpc;
mod tokens;

use crate::Compiled;
pub use finding::{Finding, Weight};

/// Asks every facilitator and node of the table.
pub(crate) fn check(compiled: &Compiled) -> Vec<Finding> {
    let client = http::Client::new();
    let table = compiled.table();
    let mut findings = facilitators::check(table, &client);
    findings.extend(nodes::check(table, &client));
    findings
}
