//! What was deployed.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::compare::{Observed, compare};
use super::config::{Shape, pattern};
use super::finding::Finding;
use super::web_acl::{self, Rule};

/// The only version of the document there is. A field that is added needs another: whoever does not know it must not judge
/// by the rest.
pub(super) const VERSION: u32 = 1;

/// A deployment may take so long, and longer ones are not believed: a document that says otherwise would switch part of
/// the check off.
pub(super) const LONGEST_CHANGE_SECONDS: u64 = 2 * 3600;

/// What a deployment made, as its flow knows it.
#[derive(Clone, Debug)]
pub struct Deployed<'a> {
    pub stack: &'a str,
    pub distribution: &'a str,
    /// The ARN of the function's version.
    pub version: &'a str,
    /// The path patterns, or `default`, of the behaviours that must have the function.
    pub guarded: &'a [String],
    /// The configuration that was judged and sent; or, where CloudFormation wrote it, as CloudFront has it then.
    pub config: &'a Value,
    /// The web ACL, if it is the stack's. Of somebody else's, only that it is there is expected.
    pub web_acl: Option<&'a Value>,
}

/// What AWS should have. `STACK/expected.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    pub(super) v: u32,
    pub(super) stack: String,
    pub(super) distribution: String,
    /// The ARN of the function's version.
    pub(super) version: String,
    /// The patterns of the behaviours that must have the function.
    pub(super) guarded: Vec<String>,
    pub(super) config: Shape,
    /// Those of the stack's own web ACL.
    pub(super) rules: Option<Vec<Rule>>,
    /// A deployment is under way until then, in seconds since 1970: newer versions, and other rules of the web ACL, are
    /// its doing. What would open content is found all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) changing_until: Option<u64>,
}

/// Why nothing can be expected: the configuration is not what was to be deployed.
#[derive(Debug)]
pub enum NotDeployed {
    Unreadable(String),
    Lacks(Vec<Finding>),
}

impl fmt::Display for NotDeployed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotDeployed::Unreadable(why) => f.write_str(why),
            NotDeployed::Lacks(findings) => {
                let all: Vec<_> = findings.iter().map(Finding::what).collect();
                f.write_str(&all.join("; "))
            }
        }
    }
}

impl std::error::Error for NotDeployed {}

impl Expected {
    /// What is to be expected after a deployment.
    ///
    /// # Errors
    ///
    /// The configuration is not what was to be deployed: somebody changed it meanwhile.
    pub fn of(deployed: &Deployed<'_>) -> Result<Expected, NotDeployed> {
        let rules = deployed.web_acl.map(web_acl::rules).transpose();
        let expected = Expected {
            v: VERSION,
            stack: deployed.stack.to_owned(),
            distribution: deployed.distribution.to_owned(),
            version: deployed.version.to_owned(),
            guarded: deployed.guarded.iter().map(|given| pattern(given)).collect(),
            config: Shape::of(deployed.config).map_err(NotDeployed::Unreadable)?,
            rules: rules.map_err(NotDeployed::Unreadable)?,
            changing_until: None,
        };
        let unreadable = |why: &str| Err(NotDeployed::Unreadable(why.to_owned()));
        if expected.guarded.is_empty() {
            return unreadable("no behaviour is to have the function");
        }
        if !is_version(deployed.version) {
            return unreadable("the function has no numbered version");
        }
        if deployed.web_acl.is_some_and(|acl| acl["ARN"] != *expected.config.web_acl) {
            return unreadable("the distribution has not the stack's web ACL");
        }
        let found = compare(
            &expected,
            &Observed {
                at: 0,
                config: Some(deployed.config.clone()),
                web_acl: deployed.web_acl.cloned(),
            },
        );
        match found.is_empty() {
            true => Ok(expected),
            false => Err(NotDeployed::Lacks(found)),
        }
    }

    /// The same, while a deployment that begins now changes it.
    #[must_use]
    pub fn changing(self, now: u64) -> Expected {
        Expected { changing_until: Some(now + LONGEST_CHANGE_SECONDS), ..self }
    }

    /// Reads the document.
    ///
    /// # Errors
    ///
    /// It is not one, or of another version.
    pub fn read(document: &[u8]) -> Result<Expected, String> {
        let value: Value = serde_json::from_slice(document).map_err(|error| error.to_string())?;
        // Before the rest: what another version has is not known.
        if value["v"] != VERSION {
            return Err(format!("its version is {}, and this is {VERSION}", value["v"]));
        }
        Expected::deserialize(value).map_err(|error| error.to_string())
    }

    /// The document.
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(self).unwrap_or_default()
    }

    pub(super) fn is_changing(&self, now: u64) -> bool {
        self.changing_until
            .is_some_and(|until| now < until && until - now <= LONGEST_CHANGE_SECONDS)
    }
}

/// Whether an ARN names one version of a function of us-east-1, as Lambda@Edge demands.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-functions-restrictions.html>
fn is_version(arn: &str) -> bool {
    let parts: Vec<_> = arn.split(':').collect();
    parts.len() == 8
        && parts[2..4] == ["lambda", "us-east-1"]
        && parts[5] == "function"
        && parts[7].parse::<u64>().is_ok()
}
