//! What a deployment made, and so what is to be expected from then on.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use super::compare::{Observed, compare};
use super::config::{Shape, is_version, pattern};
use super::expected::Expected;
use super::finding::Finding;
use super::owner::Owned;
use super::web_acl;

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
    /// Whose code has the function, if no stack of this tool's has it.
    pub owned: Option<&'a Owned>,
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
            v: Expected::version_of(deployed.owned),
            stack: deployed.stack.to_owned(),
            distribution: deployed.distribution.to_owned(),
            version: deployed.version.to_owned(),
            guarded: deployed.guarded.iter().map(|given| pattern(given)).collect(),
            config: Shape::of(deployed.config).map_err(NotDeployed::Unreadable)?,
            rules: rules.map_err(NotDeployed::Unreadable)?,
            owned: deployed.owned.cloned(),
            closed: false,
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
                packages: BTreeMap::new(),
            },
        );
        match found.is_empty() {
            true => Ok(expected),
            false => Err(NotDeployed::Lacks(found)),
        }
    }
}
