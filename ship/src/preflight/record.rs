//! What is remembered of a deployment: it lies beside the zip in the bucket for packages.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use price_table::Table;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::offers;
use super::promises::Promise;

/// A deployment.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Record {
    /// SHA-256 of the compiled price table, in hexadecimal.
    pub(crate) table_sha256: String,
    pub(crate) objects: usize,
    /// As their networks write them.
    pub(crate) payees: BTreeSet<String>,
    /// CAIP-2 names.
    pub(crate) networks: BTreeSet<String>,
    /// The weakened promises that the seller accepted.
    pub(crate) accepted: Vec<String>,
}

impl Record {
    pub(crate) fn new(compiled: &content_config::Compiled, accepted: &[Promise]) -> Record {
        let table: &Table = compiled.table();
        Record {
            table_sha256: table_sha256(compiled),
            objects: table.objects.len(),
            payees: offers(table).map(|offer| offer.pay_to().to_owned()).collect(),
            networks: offers(table).map(|offer| offer.network.caip2.to_string()).collect(),
            accepted: accepted.iter().map(|promise| format!("{promise:?}")).collect(),
        }
    }

    pub(crate) fn read(path: &Path) -> anyhow::Result<Record> {
        let text = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        serde_json::from_slice(&text)
            .with_context(|| format!("{}: not the record of a deployment", path.display()))
    }

    pub(crate) fn write(&self, path: &Path) -> anyhow::Result<()> {
        fs::write(path, serde_json::to_vec_pretty(self)?)
            .with_context(|| format!("cannot write {}", path.display()))
    }
}

/// The hash of the table's file.
pub(crate) fn table_sha256(compiled: &content_config::Compiled) -> String {
    Sha256::digest(compiled.file()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Prints the hash of a price table, as the record of its deployment has it.
#[derive(Debug, clap::Args)]
pub(crate) struct HashArguments {
    /// The content.toml.
    #[arg(long, value_name = "PATH", env = "CONTENT_CONFIG", default_value = content_config::SAMPLE)]
    content_config: PathBuf,
}

pub(crate) fn print_hash(arguments: &HashArguments) -> anyhow::Result<ExitCode> {
    let compiled = content_config::compile(&arguments.content_config)
        .map_err(|report| anyhow::anyhow!("{report}"))?;
    println!("{}", table_sha256(&compiled));
    Ok(ExitCode::SUCCESS)
}
