//! The stacks of an account, and the tags by which those of this project are found.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;

use price_table::{Redemptions, Table};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::preflight::payees;

/// So many hashes fit into a tag's value of 256 characters.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Tag.html>
const PAYEES_A_TAG: usize = 15;

/// What the tags of payees begin with.
const PAYEES: &str = "x402-payees-";

/// A stack of this project.
#[derive(Debug)]
pub(crate) struct Stack {
    pub(crate) name: String,
    /// The stack that it belongs to: the one with the alarms is a site's, too.
    pub(crate) of: String,
    /// The id of its site, if it says one.
    pub(crate) site: Option<String>,
    pub(crate) store: String,
    /// Hashes.
    pub(crate) payees: BTreeSet<String>,
}

/// What a stack says of itself.
pub(crate) struct Tags {
    pub(crate) site: String,
    store: String,
    payees: Vec<String>,
}

impl Tags {
    pub(crate) fn of(table: &Table) -> Self {
        let payees = payees(table).into_iter().map(hash).collect();
        Tags { site: table.site.id.to_string(), store: store(table), payees }
    }

    /// As KEY=VALUE lines.
    pub(crate) fn lines(&self) -> String {
        let mut lines = format!("x402-site={}\nx402-store={}\n", self.site, self.store);
        for (at, payees) in self.payees.chunks(PAYEES_A_TAG).enumerate() {
            // Formatting into a String cannot fail.
            let _ = writeln!(lines, "{PAYEES}{}={}", at + 1, payees.join(":"));
        }
        lines
    }
}

/// Where a table's payments are remembered.
pub(crate) fn store(table: &Table) -> String {
    match &table.redemptions {
        Redemptions::S3 { bucket, prefix, .. } => format!("s3://{bucket}/{prefix}"),
        Redemptions::Memory => "memory".to_owned(),
    }
}

/// A payee in a tag, which takes few characters. Tables spell an address in one way only.
pub(crate) fn hash(payee: &str) -> String {
    Sha256::digest(payee)[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads what `aws cloudformation describe-stacks` prints; stacks of other projects are left out.
pub(crate) fn read(json: &[u8]) -> serde_json::Result<Vec<Stack>> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct All {
        stacks: Vec<One>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct One {
        stack_name: String,
        #[serde(default)]
        stack_status: String,
        #[serde(default)]
        tags: Vec<Tag>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Tag {
        key: String,
        value: String,
    }
    // A shell without resources sells nothing.
    let empty = ["DELETE_COMPLETE", "ROLLBACK_COMPLETE", "REVIEW_IN_PROGRESS"];
    let all: All = serde_json::from_slice(json)?;
    let of_this_project = all.stacks.into_iter().filter_map(|one| {
        let mut tags: HashMap<_, _> =
            one.tags.into_iter().map(|tag| (tag.key, tag.value)).collect();
        let payees = tags.iter().filter(|(key, _)| key.starts_with(PAYEES));
        let payees = payees.flat_map(|(_, value)| value.split(':').map(str::to_owned)).collect();
        let (of, store) = (tags.remove("x402-stack")?, tags.remove("x402-store")?);
        let live = !empty.contains(&one.stack_status.as_str());
        let site = tags.remove("x402-site");
        live.then_some(Stack { name: one.stack_name, of, site, store, payees })
    });
    Ok(of_this_project.collect())
}
