//! What was deployed.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::config::Shape;
use super::owner::{Owned, Owner};
use super::web_acl::Rule;

/// The version of the document. A field that is added needs another: whoever does not know it must not judge by the rest.
pub(super) const VERSION: u32 = 1;

/// The version of those that say whose code has the function.
pub(super) const OWNED: u32 = 2;

/// The version of those of a site that is closed.
pub(super) const CLOSED: u32 = 3;

/// A deployment may take so long, and longer ones are not believed: a document that says otherwise would switch part of
/// the check off.
pub(super) const LONGEST_CHANGE_SECONDS: u64 = 2 * 3600;

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
    /// Whose code has the function, if it is no stack of this tool's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) owned: Option<Owned>,
    /// Nobody is to be answered before the next deployment: not all is there that would be sold.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) closed: bool,
    /// A deployment is under way until then, in seconds since 1970: newer versions, and other rules of the web ACL, are
    /// its doing. What would open content is found all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) changing_until: Option<u64>,
}

impl Expected {
    /// The same, of a site of this tool's own that is closed.
    #[must_use]
    pub(super) fn of_closed(self) -> Expected {
        Expected { v: CLOSED, closed: true, ..self }
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
        if [VERSION, OWNED, CLOSED].iter().all(|version| value["v"] != *version) {
            return Err(format!("its version is {}, and this is {CLOSED}", value["v"]));
        }
        let read = Expected::deserialize(value).map_err(|error| error.to_string())?;
        let fits = match read.closed {
            true => read.v == CLOSED && read.owned.is_none(),
            false => read.v == Expected::version_of(read.owned.as_ref()),
        };
        match fits {
            true => Ok(read),
            false => Err(format!("what it says of the site does not fit version {}", read.v)),
        }
    }

    /// What a document's version is by what it says.
    pub(super) fn version_of(owned: Option<&Owned>) -> u32 {
        if owned.is_some() { OWNED } else { VERSION }
    }

    /// The same, with a package that the owner is to deploy next.
    #[must_use]
    pub fn expecting(mut self, code_sha256: &str) -> Expected {
        if let Some(owned) = &mut self.owned {
            owned.code_sha256.truncate(1);
            if owned.code_sha256.iter().all(|known| known != code_sha256) {
                owned.code_sha256.push(code_sha256.to_owned());
            }
        }
        self
    }

    /// Whose code has the function.
    pub fn owner(&self) -> Option<Owner> {
        self.owned.as_ref().map(|owned| owned.by)
    }

    /// The package that the owner is to deploy next, if one is told.
    pub fn awaits(&self) -> Option<&str> {
        self.owned.as_ref()?.code_sha256.get(1).map(String::as_str)
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
