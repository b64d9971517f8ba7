//! What else AWS says: answers of its command line, one a file, in a folder.
//!
//! Which ones are needed, [`needed`] says; `scripts/attach.sh` asks for them.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::distribution::{Distribution, List};
use super::place::Place;

/// A fact that AWS knows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fact {
    /// `aws cloudfront get-cache-policy`
    CachePolicy(String),
    /// `aws cloudfront get-origin-request-policy`
    OriginRequestPolicy(String),
    /// `aws s3api get-bucket-policy-status`
    PolicyStatus(String),
    /// `aws s3api get-public-access-block`
    PublicAccessBlock(String),
    /// `aws cloudfront list-distributions`
    Distributions,
}

/// As `scripts/attach.sh` reads it: a word, and the argument of the command.
impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fact::CachePolicy(id) => write!(f, "cache-policy {id}"),
            Fact::OriginRequestPolicy(id) => write!(f, "origin-request-policy {id}"),
            Fact::PolicyStatus(bucket) => write!(f, "policy-status {bucket}"),
            Fact::PublicAccessBlock(bucket) => write!(f, "public-access-block {bucket}"),
            Fact::Distributions => f.write_str("distributions all"),
        }
    }
}

/// The facts that judging a distribution needs.
pub(crate) fn needed(distribution: &Distribution) -> BTreeSet<Fact> {
    let mut facts = BTreeSet::from([Fact::Distributions]);
    let id = |id: &Option<String>| id.clone().filter(|id| !id.is_empty());
    for behaviour in distribution.behaviours() {
        facts.extend(id(&behaviour.cache_policy_id).map(Fact::CachePolicy));
        facts.extend(id(&behaviour.origin_request_policy_id).map(Fact::OriginRequestPolicy));
    }
    for origin in &distribution.origins.items {
        if let Some(bucket) = Place::of(origin).store.bucket() {
            facts.insert(Fact::PolicyStatus(bucket.to_owned()));
            facts.insert(Fact::PublicAccessBlock(bucket.to_owned()));
        }
    }
    facts
}

/// A folder of facts.
#[derive(Debug)]
pub(crate) struct Facts(pub(crate) PathBuf);

impl Facts {
    /// A fact; `None` if the folder does not have it.
    pub(crate) fn get<T: DeserializeOwned>(&self, fact: &Fact) -> anyhow::Result<Option<T>> {
        let path = self.0.join(format!("{}.json", fact.to_string().replace(' ', "-")));
        read(&path).with_context(|| format!("{}: not an answer of AWS's", path.display()))
    }
}

fn read<T: DeserializeOwned>(path: &Path) -> anyhow::Result<Option<T>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PolicyStatus {
    pub(crate) policy_status: IsPublic,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct IsPublic {
    pub(crate) is_public: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PublicAccessBlock {
    pub(crate) public_access_block_configuration: Blocks,
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Blocks {
    pub(crate) ignore_public_acls: bool,
    pub(crate) restrict_public_buckets: bool,
}

/// Every distribution of the account.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Distributions {
    pub(crate) distribution_list: List<Summary>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Summary {
    pub(crate) id: String,
    pub(crate) enabled: bool,
    #[serde(flatten)]
    pub(crate) distribution: Distribution,
}
