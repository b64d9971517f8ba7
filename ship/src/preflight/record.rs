//! What is remembered of a deployment: it lies beside the zip in the bucket for packages.

use std::collections::BTreeSet;

use content_config::Compiled;
use price_table::Seal;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::offers::offers;
use super::promises::Promise;
use crate::error::Error;
use crate::seal::fingerprint;

/// A deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// SHA-256 of the compiled price table, in hexadecimal.
    pub table_sha256: String,
    /// How many are on sale.
    pub objects: usize,
    /// As their networks write them.
    pub payees: BTreeSet<String>,
    /// CAIP-2 names.
    pub networks: BTreeSet<String>,
    /// The weakened promises that the seller accepted.
    pub accepted: Vec<String>,
    /// The fingerprint of the seal that the package has; of what earlier versions recorded it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seal: Option<String>,
}

impl Record {
    /// With the seal of its package.
    #[must_use]
    pub fn sealed(self, seal: Option<&Seal>) -> Self {
        Record { seal: seal.map(fingerprint), ..self }
    }

    pub(super) fn new(compiled: &Compiled, accepted: &[Promise]) -> Record {
        let table = compiled.table();
        Record {
            table_sha256: table_sha256(compiled),
            objects: table.objects.len(),
            payees: offers(table).map(|offer| offer.pay_to().to_owned()).collect(),
            networks: offers(table).map(|offer| offer.network.caip2.to_string()).collect(),
            accepted: accepted.iter().map(|promise| format!("{promise:?}")).collect(),
            seal: None,
        }
    }

    /// Reads one; `place` is where it was found, for people.
    ///
    /// # Errors
    ///
    /// It is none.
    pub fn from_json(json: &[u8], place: &str) -> Result<Record, Error> {
        serde_json::from_slice(json)
            .map_err(|why| Error::NotARecord { place: place.to_owned(), why: why.to_string() })
    }

    /// As it is kept.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("texts and numbers are JSON")
    }
}

/// The hash of the table's file, in hexadecimal.
pub fn table_sha256(compiled: &Compiled) -> String {
    Sha256::digest(compiled.file()).iter().map(|byte| format!("{byte:02x}")).collect()
}
