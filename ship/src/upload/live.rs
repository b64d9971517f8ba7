//! Whether the function that is live sells what is published.

use std::path::Path;

use crate::preflight::record::Record;

/// What is known of the table that is live.
pub(super) enum Live {
    Unknown,
    /// No function is deployed yet.
    Nothing,
    /// Its hash.
    Table(String),
}

/// The live table against the one that is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Unknown,
    NotDeployed,
    Same,
    Other,
}

impl Live {
    pub(super) fn read(deployed: Option<&Path>, nothing: bool) -> anyhow::Result<Self> {
        Ok(match deployed {
            Some(path) => Live::Table(Record::read(path)?.table_sha256),
            None if nothing => Live::Nothing,
            None => Live::Unknown,
        })
    }

    pub(super) fn state(&self, published: &str) -> State {
        match self {
            Live::Unknown => State::Unknown,
            Live::Nothing => State::NotDeployed,
            Live::Table(live) if live == published => State::Same,
            Live::Table(_) => State::Other,
        }
    }
}
