//! The stacks of an account, as far as they are of this project.

use std::collections::{BTreeMap, BTreeSet};

use super::tags::{PAYEES, SITE, STORE};

/// A stack, as CloudFormation tells of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stack {
    /// Its name.
    pub name: String,
    /// `CREATE_COMPLETE`.
    pub status: String,
    /// All of them.
    pub tags: BTreeMap<String, String>,
}

/// A stack of this project that has resources.
pub(super) struct Site<'a> {
    pub(super) name: &'a str,
    /// The stack that it belongs to: the one with the alarms is a site's, too.
    pub(super) of: &'a str,
    /// The site's id, if it says one.
    pub(super) id: Option<&'a str>,
    pub(super) store: &'a str,
    /// Hashes.
    pub(super) payees: BTreeSet<&'a str>,
}

impl Stack {
    /// Nothing if it is another project's, or an empty shell, which sells nothing.
    pub(super) fn site(&self) -> Option<Site<'_>> {
        let empty = ["DELETE_COMPLETE", "ROLLBACK_COMPLETE", "REVIEW_IN_PROGRESS"];
        if empty.contains(&self.status.as_str()) {
            return None;
        }
        let tag = |name: &str| self.tags.get(name).map(String::as_str);
        let payees = self.tags.iter().filter(|(key, _)| key.starts_with(PAYEES));
        Some(Site {
            name: &self.name,
            of: tag("x402-stack")?,
            id: tag(SITE),
            store: tag(STORE)?,
            payees: payees.flat_map(|(_, value)| value.split(':')).collect(),
        })
    }
}
