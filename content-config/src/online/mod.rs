//! `check --online`: whether facilitators and nodes are what `content.toml` takes them for.
//!
//! Nothing here carries a payment or a secret: each facilitator is asked once what it settles, and
//! each node a few questions about its chain.

mod facilitators;
mod http;
mod nodes;
mod rpc;
mod tokens;

use serde::Serialize;

use crate::Compiled;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Weight {
    /// As it should be.
    Ok,
    /// Not found out, or good for some buyers only.
    Warning,
    /// Sales would fail.
    Error,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How much it matters.
    pub severity: Weight,
    /// One sentence.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl Finding {
    fn ok(message: String) -> Self {
        Finding { severity: Weight::Ok, message, help: None }
    }

    fn warning(message: String, help: impl Into<String>) -> Self {
        Finding { severity: Weight::Warning, message, help: Some(help.into()) }
    }

    fn error(message: String, help: impl Into<String>) -> Self {
        Finding { severity: Weight::Error, message, help: Some(help.into()) }
    }
}

/// Asks every facilitator and node of the table.
pub(crate) fn check(compiled: &Compiled) -> Vec<Finding> {
    let client = http::Client::new();
    let table = compiled.table();
    let mut findings = facilitators::check(table, &client);
    findings.extend(nodes::check(table, &client));
    findings
}
