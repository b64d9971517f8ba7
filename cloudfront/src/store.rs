//! What an origin's domain name says of S3.

/// What is behind an origin's domain name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Store {
    /// A bucket, by its REST endpoint.
    Bucket(String),
    /// A bucket, by its website endpoint: public, and with redirects and index pages of its own.
    Website(String),
    /// S3, but the name does not say which bucket: an access point, or a path-style endpoint.
    SomeBucket,
    /// Not S3. What it passes on to cannot be known.
    Elsewhere,
}

impl Store {
    /// Reads S3's endpoint names.
    /// <https://docs.aws.amazon.com/general/latest/gr/s3.html>
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html>
    pub fn of_domain(domain: &str) -> Store {
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
            "s3-accesspoint" | "s3-global" | "s3-object-lambda" | "s3-outposts" => {
                Store::SomeBucket
            }
            _ if bucket.is_empty() => Store::SomeBucket,
            // An access point's alias stands where a bucket's name would.
            _ if bucket.ends_with("-s3alias") || bucket.ends_with("--ol-s3") => Store::SomeBucket,
            _ => Store::Bucket(bucket),
        }
    }

    /// Whether both may be one.
    pub fn may_be(&self, other: &Store) -> bool {
        match (self.bucket(), other.bucket()) {
            (Some(one), Some(other)) => one == other,
            // An access point can lead to any bucket.
            _ => *self != Store::Elsewhere && *other != Store::Elsewhere,
        }
    }

    /// The bucket's name, where it is known.
    pub fn bucket(&self) -> Option<&str> {
        match self {
            Store::Bucket(name) | Store::Website(name) => Some(name),
            Store::SomeBucket | Store::Elsewhere => None,
        }
    }
}

/// The Region that a bucket's endpoint names, in lower case. One that names none redirects for as long as it does not know
/// the Region of a new bucket.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html#VirtualHostingLimitations>
pub fn region_of(domain: &str) -> Option<String> {
    let domain = domain.to_ascii_lowercase();
    let host = domain.strip_suffix(".amazonaws.com").or(domain.strip_suffix(".amazonaws.com.cn"))?;
    let region = match *host.rsplit('.').collect::<Vec<_>>() {
        [region, "s3", ..] | [region, "dualstack", "s3", ..] => region,
        [last, ..] => last.strip_prefix("s3-")?,
        [] => return None,
    };
    // `eu-west-1`, `us-gov-east-1`
    let parts: Vec<&str> = region.split('-').collect();
    let number = parts.last().is_some_and(|part| part.bytes().all(|b| b.is_ascii_digit()));
    (parts.len() >= 3 && number && parts[0].len() == 2).then(|| region.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions() {
        for (domain, region) in [
            ("shop.s3.us-east-1.amazonaws.com", "us-east-1"),
            ("a.b.s3.us-gov-east-1.amazonaws.com", "us-gov-east-1"),
            ("SHOP.s3.dualstack.EU-west-1.amazonaws.com", "eu-west-1"),
            ("shop.s3-eu-west-1.amazonaws.com", "eu-west-1"),
            ("shop.s3.cn-north-1.amazonaws.com.cn", "cn-north-1"),
        ] {
            assert_eq!(region_of(domain).as_deref(), Some(region), "{domain}");
        }
        for domain in [
            "shop.s3.amazonaws.com",
            "us-east-1.s3.amazonaws.com",
            "shop.s3-accelerate.amazonaws.com",
            "shop.s3-website-us-east-1.amazonaws.com",
            "s3.us-east-1.example.com",
            "",
        ] {
            assert_eq!(region_of(domain), None, "{domain}");
        }
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
            assert_eq!(Store::of_domain(domain), expected, "{domain}");
        }
    }
}
