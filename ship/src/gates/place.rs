//! Where in S3 an origin fetches from.

use std::fmt;

use cloudfront::store::{Store, region_of};

use super::distribution::Origin;

/// A part of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) store: Store,
    /// What every key that is fetched from here begins with: empty, or with a slash at the end.
    pub(crate) prefix: String,
}

impl Place {
    pub(crate) fn of(origin: &Origin) -> Place {
        // One with escapes may stand for another prefix. Empty is the widest.
        let prefix = prefix_of(origin).unwrap_or_default();
        Place { store: Store::of_domain(&origin.domain_name), prefix }
    }

    /// Whether a key of `goods`, which is fetched under its prefix, can be fetched from here.
    pub(crate) fn reaches(&self, goods: &Place, key: &str) -> bool {
        self.store.may_be(&goods.store)
            && ([self, goods].iter().any(|place| place.store == Store::SomeBucket)
                || format!("{}{key}", goods.prefix).starts_with(&self.prefix))
    }
}

/// What keys begin with that an origin fetches; `None` if its path has escapes, which S3 decodes.
fn prefix_of(origin: &Origin) -> Option<String> {
    let path = origin.origin_path.trim_matches('/');
    let prefix = if path.is_empty() { String::new() } else { format!("{path}/") };
    (!path.contains(['%', '+', '*'])).then_some(prefix)
}

/// A folder of a bucket, from which an origin fetches.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Folder {
    pub bucket: String,
    /// If the origin's domain name says it.
    pub region: Option<String>,
    /// What every key begins with: empty, or with a slash at the end.
    pub prefix: String,
}

impl Folder {
    /// That of an origin; `None` if it does not say which.
    pub(super) fn of(origin: &Origin) -> Option<Self> {
        let store = Store::of_domain(&origin.domain_name);
        let (bucket, prefix) = (store.bucket()?.to_owned(), prefix_of(origin)?);
        Some(Folder { bucket, region: region_of(&origin.domain_name), prefix })
    }
}

/// Where the function's objects are fetched from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shelf {
    pub bucket: String,
    pub region: String,
    /// What every key begins with: empty, or with a slash at the end.
    pub prefix: String,
}

impl Shelf {
    /// That of an origin; `None` if its domain name does not say bucket and Region.
    pub(super) fn of(origin: &Origin) -> Option<Self> {
        let Place { store, prefix } = Place::of(origin);
        let (bucket, region) = (store.bucket()?.to_owned(), region_of(&origin.domain_name)?);
        Some(Shelf { bucket, region, prefix })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.store {
            Store::Bucket(name) => write!(f, "s3://{name}/{}", self.prefix),
            Store::Website(name) => write!(f, "the website of s3://{name}/{}", self.prefix),
            Store::SomeBucket => f.write_str("an S3 endpoint that does not name its bucket"),
            Store::Elsewhere => f.write_str("a server that is not S3"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(domain: &str, path: &str) -> Place {
        Place::of(&Origin {
            id: "o".into(),
            domain_name: domain.into(),
            origin_path: path.into(),
            origin_access_control_id: None,
        })
    }

    #[test]
    fn reach() {
        let shop = "shop.s3.us-east-1.amazonaws.com";
        let goods = origin(shop, "");
        for (domain, path, key, expected) in [
            (shop, "", "a.jpg", true),
            ("shop.s3-website-us-east-1.amazonaws.com", "", "a.jpg", true),
            ("s3.us-east-1.amazonaws.com", "/shop", "a.jpg", true),
            (shop, "/free", "a.jpg", false),
            (shop, "/free", "free/a.jpg", true),
            // A key that only begins alike is not under the path.
            (shop, "/free", "freedom.jpg", false),
            (shop, "/fr%65e", "a.jpg", true),
            ("other.s3.amazonaws.com", "", "a.jpg", false),
            ("www.example.com", "", "a.jpg", false),
        ] {
            assert_eq!(origin(domain, path).reaches(&goods, key), expected, "{domain}{path} {key}");
        }
        let under_path = origin(shop, "/paid");
        assert!(origin(shop, "").reaches(&under_path, "a.jpg"));
        assert!(origin(shop, "/paid/a").reaches(&under_path, "a/b.jpg"));
        assert!(!origin(shop, "/free").reaches(&under_path, "free/b.jpg"));
    }
}
