//! What is sold: the one name that binding, account, pass and cookie know it by, so that they cannot
//! disagree about what a payment is for.
//!
//! On chain a payment names no shop and no object. The site is part of the name, so that two sites
//! on one store, or with the same keys, sell nothing of each other's.

use price_table::{Access, Listing, PassScope};
use serde::{Deserialize, Serialize};

use crate::keccak::keccak;

/// What is sold.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
pub struct Subject {
    /// The site's id, which survives a new domain and a new bucket.
    pub site: String,
    /// Whether one object is sold, or all that a rule sells.
    pub kind: Kind,
    /// The object's key, or the rule's pattern.
    pub name: String,
}

/// Whether one object is sold, or all that a rule sells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// One object, by its key.
    Object,
    /// All that a rule sells, by its pattern: a rule keeps its buyers when its price or its words
    /// change.
    Rule,
}

impl Subject {
    /// What a sale of `listing` on the site of this id sells. A rule is sold as one only where access
    /// lasts, since a single grant opens a single object. Where globs overlap, the rule that won the
    /// object is the subject.
    pub fn of(site_id: &str, listing: &Listing<'_>, access: Access, pass: PassScope) -> Self {
        let (kind, name) = match (access, pass) {
            (Access::Seconds(_), PassScope::Rule) => (Kind::Rule, &*listing.rule.pattern),
            (Access::Request, _) | (_, PassScope::Object) => (Kind::Object, &*listing.object.key),
        };
        Subject { site: site_id.to_owned(), kind, name: name.to_owned() }
    }

    /// A short name for it that gives any two subjects different ones.
    pub fn hash(&self) -> [u8; 32] {
        let [site, kind, name] = self.parts();
        // Lengths first, so that no two lists of parts give the same bytes.
        let length = |part: &[u8]| (part.len() as u64).to_be_bytes();
        keccak(&[&length(site), site, &length(kind), kind, &length(name), name])
    }

    /// Its parts, as they are hashed and authenticated.
    pub(crate) fn parts(&self) -> [&[u8]; 3] {
        [self.site.as_bytes(), self.kind.word().as_bytes(), self.name.as_bytes()]
    }
}

impl Kind {
    /// The word that records have for it.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Object => "object",
            Kind::Rule => "rule",
        }
    }
}

#[cfg(test)]
mod tests {
    use price_table::{Object, Rule, Sale};
    use serde_json::json;

    use super::*;

    fn subject(site: &str, kind: Kind, name: &str) -> Subject {
        Subject { site: site.into(), kind, name: name.into() }
    }

    #[test]
    fn a_rule_is_sold_as_one_only_where_access_lasts() {
        let rule = Rule {
            pattern: "data/**".into(),
            title: "".into(),
            description: "".into(),
            mime_type: None,
            currency: "USD".into(),
            sample: None,
            sale: Sale::Free,
        };
        let object = Object {
            key: "data/a".into(),
            etag: "\"e\"".into(),
            rule: 0,
            mime_type: 0,
            size: 1,
            sha256: None,
        };
        let listing = Listing { object, rule: &rule, mime_type: "text/csv", shop: None };
        let object = subject("s", Kind::Object, "data/a");
        for (access, pass, sold) in [
            (Access::Request, PassScope::Object, &object),
            (Access::Request, PassScope::Rule, &object),
            (Access::Seconds(60), PassScope::Object, &object),
            (Access::Seconds(60), PassScope::Rule, &subject("s", Kind::Rule, "data/**")),
        ] {
            assert_eq!(&Subject::of("s", &listing, access, pass), sold, "{access:?} {pass:?}");
        }
    }

    #[test]
    fn no_two_have_one_hash() {
        let ours = subject("shop", Kind::Object, "a/b");
        assert_eq!(ours.hash(), ours.clone().hash());
        for other in [
            subject("shop2", Kind::Object, "a/b"),
            subject("shop", Kind::Rule, "a/b"),
            subject("shop", Kind::Object, "a/c"),
            subject("sho", Kind::Object, "pa/b"),
            subject("shopobject", Kind::Object, ""),
        ] {
            assert_ne!(ours.hash(), other.hash(), "{other:?}");
        }
        // By the definition, so that names in a store stay what they are.
        let bytes = b"\0\0\0\0\0\0\0\x04shop\0\0\0\0\0\0\0\x06object\0\0\0\0\0\0\0\x03a/b";
        assert_eq!(ours.hash(), keccak(&[bytes]));
    }

    #[test]
    fn as_records_have_it() {
        let ours = subject("shop", Kind::Rule, "**/*.pdf");
        let text = json!({ "site": "shop", "kind": "rule", "name": "**/*.pdf" });
        assert_eq!(serde_json::to_value(&ours).unwrap(), text);
        assert_eq!(serde_json::from_value::<Subject>(text).unwrap(), ours);
    }
}
