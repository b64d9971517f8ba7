//! What is sold: the one type that binding, account, pass and cookie know it by, so that they cannot
//! disagree.

use price_table::{Access, Listing, PassScope, Sale};
use serde::{Deserialize, Serialize};

use crate::eip712::keccak;

/// An object of a site, or all that a rule of it sells.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
pub struct Subject {
    /// The site's id.
    pub site: String,
    /// Whether `name` is of an object or of a rule.
    pub kind: Kind,
    /// The object's key, or the rule's pattern.
    pub name: String,
}

/// What a subject is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// One object.
    Object,
    /// Every object of a rule.
    Rule,
}

impl Subject {
    /// What a payment for a listing buys: the rule under timed access with one pass for all of it, else
    /// the object.
    pub fn of(site: &str, listing: &Listing<'_>) -> Self {
        let rule = match &listing.rule.sale {
            Sale::Priced { access: Access::Seconds(_), pass: PassScope::Rule, .. } => true,
            Sale::Priced { .. } | Sale::Free => false,
        };
        let (kind, name) = match rule {
            true => (Kind::Rule, &*listing.rule.pattern),
            false => (Kind::Object, listing.object.key),
        };
        Subject { site: site.to_owned(), kind, name: name.to_owned() }
    }

    /// A hash of all of it.
    pub fn hash(&self) -> [u8; 32] {
        // Lengths first, so that no two subjects give the same bytes.
        let length = |text: &str| (text.len() as u64).to_be_bytes();
        let kind = [self.kind as u8];
        let (site, name) = (&self.site, &self.name);
        keccak(&[&length(site), site.as_bytes(), &kind, &length(name), name.as_bytes()])
    }
}
