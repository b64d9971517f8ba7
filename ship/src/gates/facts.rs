//! What else AWS says, in the words of its command line.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::distribution::{Distribution, List};
use super::place::Place;
use crate::error::Error;

/// A fact that AWS knows, and the command that prints it as JSON: in that form it is one of [`Facts`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fact {
    /// `aws cloudfront get-cache-policy`, by the policy's id.
    CachePolicy(String),
    /// `aws cloudfront get-origin-request-policy`, by the policy's id.
    OriginRequestPolicy(String),
    /// `aws s3api get-bucket-policy-status`, by the bucket: `{"PolicyStatus": {"IsPublic": false}}` if it has no policy.
    PolicyStatus(String),
    /// `aws s3api get-public-access-block`, by the bucket: `{"PublicAccessBlockConfiguration": {"IgnorePublicAcls":
    /// false, "RestrictPublicBuckets": false}}` if it has none.
    PublicAccessBlock(String),
    /// The policy that `aws s3api get-bucket-policy` prints as text, by the bucket: `{}` if it has none.
    BucketPolicy(String),
    /// `aws s3api get-bucket-location`, by the bucket.
    BucketLocation(String),
    /// `aws cloudfront list-distributions`: `{"DistributionList": {"Items": []}}` if there is none.
    Distributions,
}

impl Fact {
    /// The bucket that it is of.
    pub fn bucket(&self) -> Option<&str> {
        match self {
            Fact::PolicyStatus(bucket)
            | Fact::PublicAccessBlock(bucket)
            | Fact::BucketPolicy(bucket)
            | Fact::BucketLocation(bucket) => Some(bucket),
            Fact::CachePolicy(_) | Fact::OriginRequestPolicy(_) | Fact::Distributions => None,
        }
    }
}

/// What AWS said. What it did not say is left out.
pub type Facts = BTreeMap<Fact, Value>;

/// As findings name it.
impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fact::CachePolicy(id) => write!(f, "cache-policy {id}"),
            Fact::OriginRequestPolicy(id) => write!(f, "origin-request-policy {id}"),
            Fact::PolicyStatus(bucket) => write!(f, "policy-status {bucket}"),
            Fact::PublicAccessBlock(bucket) => write!(f, "public-access-block {bucket}"),
            Fact::BucketPolicy(bucket) => write!(f, "bucket-policy {bucket}"),
            Fact::BucketLocation(bucket) => write!(f, "bucket-location {bucket}"),
            Fact::Distributions => f.write_str("distributions all"),
        }
    }
}

/// The facts that judging a distribution needs.
pub(super) fn needed(distribution: &Distribution, sealed: bool) -> BTreeSet<Fact> {
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
            if sealed {
                facts.insert(Fact::BucketPolicy(bucket.to_owned()));
                facts.insert(Fact::BucketLocation(bucket.to_owned()));
            }
        }
    }
    facts
}

/// A fact; `None` if AWS did not say it.
pub(super) fn known<T: DeserializeOwned>(facts: &Facts, fact: &Fact) -> Result<Option<T>, Error> {
    let read = |said: &Value| {
        T::deserialize(said)
            .map_err(|why| Error::NotAnAnswer { fact: fact.to_string(), why: why.to_string() })
    };
    facts.get(fact).map(read).transpose()
}

/// The Region in what [`Fact::BucketLocation`] says, where two have other names.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html>
pub fn region_of(location: &Value) -> &str {
    match location["LocationConstraint"].as_str().unwrap_or_default() {
        "" => "us-east-1",
        "EU" => "eu-west-1",
        region => region,
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
