//! The tags by which the stacks of this project are found.

use std::collections::BTreeMap;

use price_table::{Redemptions, Table};
use sha2::{Digest as _, Sha256};

use crate::preflight::payees;

/// So many hashes fit into a tag's value of 256 characters.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Tag.html>
const PAYEES_A_TAG: usize = 15;

/// What the tags of payees begin with.
pub(super) const PAYEES: &str = "x402-payees-";

/// The id of a stack's site.
pub(super) const SITE: &str = "x402-site";

/// Where a stack's payments are remembered.
pub(super) const STORE: &str = "x402-store";

/// What a table's stack says of itself: by these tags other deployments find it.
pub fn tags(table: &Table) -> BTreeMap<String, String> {
    let mut tags = BTreeMap::from([
        (SITE.to_owned(), table.site.id.to_string()),
        (STORE.to_owned(), store(table)),
    ]);
    let hashes: Vec<_> = payees(table).into_iter().map(hash).collect();
    for (at, hashes) in hashes.chunks(PAYEES_A_TAG).enumerate() {
        tags.insert(format!("{PAYEES}{}", at + 1), hashes.join(":"));
    }
    tags
}

/// Where a table's payments are remembered.
pub(super) fn store(table: &Table) -> String {
    match &table.redemptions {
        Redemptions::S3 { bucket, prefix, .. } => format!("s3://{bucket}/{prefix}"),
        Redemptions::Memory => "memory".to_owned(),
    }
}

/// A payee in a tag, which takes few characters. Tables spell an address in one way only.
pub(super) fn hash(payee: &str) -> String {
    Sha256::digest(payee)[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}
