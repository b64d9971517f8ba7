//! Whether the function that is live sells what is published, and where it asks for it.

use serde::Deserialize;

use crate::error::Error;
use crate::preflight::Record;

/// What is known of the function that is live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Live {
    /// Nothing.
    Unknown,
    /// None is deployed yet.
    Nothing,
    /// One is, on a site that is closed: it is not asked.
    Closed,
    /// One is, everywhere.
    Function(Function),
    /// Somewhere it is another one than it should be, or none.
    Other,
}

/// A function that is live everywhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// Its table's hash, as the deployment's record has it.
    pub table_sha256: String,
    /// The fingerprint of the seal below which it asks, where the record says.
    pub seal: Option<String>,
    /// What no other one is called.
    pub name: String,
}

/// What a record says that a deployment keeps beside a package, and what `paywall build` writes beside it as well.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    table_sha256: String,
    seal: Option<String>,
}

/// The live function against what is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Unknown,
    NotDeployed,
    Closed,
    Same,
    Other,
    /// It asks below another seal, or that is not known, and the seal changes.
    OtherSeal,
}

impl State {
    /// Whether what is published is what the live function sells, where that is known.
    pub(super) fn is_live(self) -> Option<bool> {
        match self {
            State::Unknown => None,
            State::Same => Some(true),
            State::NotDeployed | State::Closed | State::Other | State::OtherSeal => Some(false),
        }
    }
}

impl Function {
    /// Of a stack's record.
    pub fn of(record: Record, name: &str) -> Self {
        let Record { table_sha256, seal, .. } = record;
        Function { table_sha256, seal, name: name.to_owned() }
    }
}

impl Live {
    /// The function that a file describes.
    pub(super) fn read(json: &[u8], place: &str) -> Result<Self, Error> {
        let told: Told = serde_json::from_slice(json)
            .map_err(|why| Error::NotARecord { place: place.to_owned(), why: why.to_string() })?;
        let Told { table_sha256, seal } = told;
        let name = format!("table {table_sha256}, seal {}", seal.as_deref().unwrap_or("unknown"));
        Ok(Live::Function(Function { table_sha256, seal, name }))
    }

    /// What sells the published table; while the seal changes, what asks below the one with this fingerprint.
    pub(super) fn state(&self, published: &str, below: Option<&str>) -> State {
        match self {
            Live::Unknown | Live::Other => State::Unknown,
            Live::Nothing => State::NotDeployed,
            Live::Closed => State::Closed,
            Live::Function(live) if live.table_sha256 != published => State::Other,
            Live::Function(live) if below.is_some() && live.seal.as_deref() != below => {
                State::OtherSeal
            }
            Live::Function(_) => State::Same,
        }
    }

    /// The live function's name, if it asks below the seal with this fingerprint.
    pub(super) fn function_below(&self, fingerprint: &str) -> Option<&str> {
        match self {
            Live::Function(live) if live.seal.as_deref() == Some(fingerprint) => Some(&live.name),
            _ => None,
        }
    }
}
