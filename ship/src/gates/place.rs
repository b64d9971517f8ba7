//! Where in S3 an origin fetches from.

use std::fmt;

use super::distribution::Origin;

/// What is behind an origin's domain name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Store {
    /// A bucket, by its REST endpoint.
    Bucket(String),
    /// A bucket, by its website endpoint: public, and with redirects and index pages of its own.
    Website(String),
    /// S3, but the name does not say which bucket: an access point, or a path-style endpoint.
    SomeBucket,
    /// Not S3. What it passes on to cannot be known.
    Elsewhere,
}

/// A part of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) store: Store,
    /// What every key that is fetched from here begins with: empty, or with a slash at the end.
    pub(crate) prefix: String,
}

impl Place {
    pub(crate) fn of(origin: &Origin) -> Place {
        let path = origin.origin_path.trim_matches('/');
        // S3 decodes the path; one with escapes may stand for another prefix. Empty is the widest.
        let plain = !path.contains(['%', '+', '*']);
        let prefix = if path.is_empty() || !plain { String::new() } else { format!("{path}/") };
        Place { store: store(&origin.domain_name), prefix }
    }

    /// Whether a key of `goods`, which is fetched under its prefix, can be fetched from here.
    pub(crate) fn reaches(&self, goods: &Place, key: &str) -> bool {
        self.store.may_be(&goods.store)
            && ([self, goods].iter().any(|place| place.store == Store::SomeBucket)
                || format!("{}{key}", goods.prefix).starts_with(&self.prefix))
    }
}

impl Store {
    fn may_be(&self, other: &Store) -> bool {
        match (self.bucket(), other.bucket()) {
            (Some(one), Some(other)) => one == other,
            // An access point can lead to any bucket.
            _ => *self != Store::Elsewhere && *other != Store::Elsewhere,
        }
    }

    /// The bucket's name, where it is known.
    pub(crate) fn bucket(&self) -> Option<&str> {
        match self {
            Store::Bucket(name) | Store::Website(name) => Some(name),
            Store::SomeBucket | Store::Elsewhere => None,
        }
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

/// Reads S3's endpoint names.
/// <https://docs.aws.amazon.com/general/latest/gr/s3.html>
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html>
fn store(domain: &str) -> Store {
    let domain = domain.to_ascii_lowercase();
    let Some(host) =
        domain.strip_suffix(".amazonaws.com").or(domain.strip_suffix(".amazonaws.com.cn"))
    else {
        return Store::Elsewhere;
    };
    let labels: Vec<&str> = host.split('.').collect();
    // `s3`, `s3-eu-west-1` and `s3-website-eu-west-1` are S3's own labels; the bucket, whose name
    // may have dots, is before the last of them.
    let own = |label: &str| label == "s3" || label.starts_with("s3-");
    let Some(at) = labels.iter().rposition(|label| own(label)) else {
        return Store::Elsewhere;
    };
    let bucket = labels[..at].join(".");
    match labels[at] {
        label if label.starts_with("s3-website") => Store::Website(bucket),
        "s3-accesspoint" | "s3-global" | "s3-object-lambda" | "s3-outposts" => Store::SomeBucket,
        _ if bucket.is_empty() => Store::SomeBucket,
        // An access point's alias stands where a bucket's name would.
        _ if bucket.ends_with("-s3alias") || bucket.ends_with("--ol-s3") => Store::SomeBucket,
        _ => Store::Bucket(bucket),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(domain: &str, path: &str) -> Place {
        Place::of(&Origin { id: "o".into(), domain_name: domain.into(), origin_path: path.into() })
    }

    #[test]
    fn endpoints() {
        let bucket = |name: &str| Store::Bucket(name.into());
        for (domain, expected) in [
            ("shop.s3.amazonaws.com", bucket("shop")),
            ("shop.s3.us-east-1.amazonaws.com", bucket("shop")),
            ("SHOP.s3.dualstack.eu-west-1.amazonaws.com", bucket("shop")),
            ("shop.s3-eu-west-1.amazonaws.com", bucket("shop")),
            ("www.example.com.s3.amazonaws.com", bucket("www.example.com")),
            ("s3.shop.s3.amazonaws.com", bucket("s3.shop")),
            ("shop.s3-accelerate.amazonaws.com", bucket("shop")),
            ("shop.s3.cn-north-1.amazonaws.com.cn", bucket("shop")),
            ("shop.s3-website-us-east-1.amazonaws.com", Store::Website("shop".into())),
            ("shop.s3-website.eu-central-1.amazonaws.com", Store::Website("shop".into())),
            ("s3.us-east-1.amazonaws.com", Store::SomeBucket),
            ("a-111122223333.s3-accesspoint.us-east-1.amazonaws.com", Store::SomeBucket),
            ("a-abcdefgh-s3alias.s3.us-east-1.amazonaws.com", Store::SomeBucket),
            ("m.mrap.accesspoint.s3-global.amazonaws.com", Store::SomeBucket),
            ("app.us-east-1.elb.amazonaws.com", Store::Elsewhere),
            ("origin.example.com", Store::Elsewhere),
        ] {
            assert_eq!(store(domain), expected, "{domain}");
        }
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
