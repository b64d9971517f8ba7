//! Which bucket, where, and whose.

use price_table::Seal;
use rusty_s3::UrlStyle;
use url::Url;

use crate::error::Error;

/// Where the objects go.
#[derive(Clone, Debug)]
pub struct Target {
    pub bucket: String,
    pub region: String,
    /// What every key begins with: the distribution's origin path, as `shop/`, and below it the seal.
    pub prefix: String,
    /// The seal at the end of the prefix, which is shown to nobody.
    pub seal: Option<Seal>,
    /// An S3 API that is not Amazon's.
    pub endpoint: Option<Url>,
    /// The account that it must belong to, 12 digits; another one's is refused.
    pub owner: Option<String>,
}

impl Target {
    /// The key in the bucket.
    pub fn key(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }

    /// The bucket as people write it.
    pub fn name(&self) -> String {
        format!("s3://{}/{}", self.bucket, self.hiding_seal(self.prefix.clone()))
    }

    /// What may be shown of a text about it.
    pub fn hiding_seal(&self, text: String) -> String {
        match &self.seal {
            None => text,
            Some(seal) => text.replace(seal.as_str(), "(seal)"),
        }
    }

    /// The same, below a seal.
    pub fn below(&self, seal: &Seal) -> Self {
        let prefix = format!("{}{}/", self.prefix, seal.as_str());
        Target { prefix, seal: Some(seal.clone()), ..self.clone() }
    }

    pub(super) fn bucket(&self) -> Result<rusty_s3::Bucket, Error> {
        let Target { bucket, region, endpoint, .. } = self;
        if !is_name(bucket) {
            return Err(Error::BadBucketName { bucket: bucket.clone() });
        }
        // A name with dots does not match Amazon's certificate as a host name.
        let style = match endpoint {
            None if !bucket.contains('.') => UrlStyle::VirtualHost,
            _ => UrlStyle::Path,
        };
        let url = match endpoint {
            Some(url) => url.clone(),
            None => Url::parse(&format!("https://s3.{region}.amazonaws.com"))
                .map_err(|why| Error::NoRegion { region: region.clone(), why: why.to_string() })?,
        };
        rusty_s3::Bucket::new(url, style, bucket.clone(), region.clone()).map_err(|why| {
            let (bucket, region) = (bucket.clone(), region.clone());
            Error::NoBucketUrl { bucket, region, why: why.to_string() }
        })
    }
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>
fn is_name(name: &str) -> bool {
    let end = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    (3..=63).contains(&name.len())
        && name.chars().all(|c| end(c) || c == '-' || c == '.')
        && name.starts_with(end)
        && name.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(bucket: &str, endpoint: Option<&str>) -> String {
        let target = Target {
            bucket: bucket.to_owned(),
            region: "eu-west-1".to_owned(),
            prefix: "p/".to_owned(),
            seal: None,
            endpoint: endpoint.map(|url| url.parse().unwrap()),
            owner: None,
        };
        target.bucket().unwrap().object_url(&target.key("a+b é")).to_string()
    }

    #[test]
    fn urls() {
        assert_eq!(url("shop", None), "https://shop.s3.eu-west-1.amazonaws.com/p/a%2Bb%20%C3%A9");
        assert_eq!(url("a.b", None), "https://s3.eu-west-1.amazonaws.com/a.b/p/a%2Bb%20%C3%A9");
        let local = url("shop", Some("http://127.0.0.1:9000"));
        assert_eq!(local, "http://127.0.0.1:9000/shop/p/a%2Bb%20%C3%A9");
    }

    #[test]
    fn names_of_buckets() {
        for name in ["abc", "my-shop-content", "a.b.c", "0a0"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "ab", "s3://shop", "Shop", "shop/", "-shop", "shop.", "a_b_c"] {
            assert!(!is_name(name), "{name}");
        }
        assert!(!is_name(&"a".repeat(64)));
    }
}
