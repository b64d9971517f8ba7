//! Requests to S3: where a bucket is, and whose it must be.

use deployment::control_plane::Answer;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Method;
use sha2::{Digest as _, Sha256};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::account;
use crate::aws::Aws;
use crate::signed::{Request, Service};

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>
const IN_VALUES: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const IN_KEYS: &AsciiSet = &IN_VALUES.remove(b'/');

/// A request to a bucket, or to an object in it; with an empty name, to the account's list of buckets.
pub(crate) struct Call<'a> {
    asked: &'a str,
    method: Method,
    bucket: &'a str,
    key: &'a str,
    query: Vec<String>,
    headers: Vec<(&'static str, String)>,
    body: &'a [u8],
}

impl<'a> Call<'a> {
    pub(crate) fn new(asked: &'a str, method: Method, bucket: &'a str) -> Call<'a> {
        Call { asked, method, bucket, key: "", query: vec![], headers: vec![], body: &[] }
    }

    pub(crate) fn key(mut self, key: &'a str) -> Self {
        self.key = key;
        self
    }

    /// What is asked of the bucket: `?location`.
    pub(crate) fn sub(self, name: &str) -> Self {
        self.query(name, "")
    }

    pub(crate) fn query(mut self, name: &str, value: &str) -> Self {
        self.query.push(format!("{name}={}", utf8_percent_encode(value, IN_VALUES)));
        self
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// With its checksum, which some calls demand.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html>
    pub(crate) fn body(mut self, body: &'a [u8]) -> Self {
        self.body = body;
        let sum = STANDARD.encode(Sha256::digest(body));
        self.header("x-amz-sdk-checksum-algorithm", "SHA256").header("x-amz-checksum-sha256", &sum)
    }

    /// The request, to a bucket of this account's.
    pub(crate) async fn ours(self, aws: &Aws) -> Answer<Request<'a>> {
        let account = account::number(aws).await?;
        Ok(self.header("x-amz-expected-bucket-owner", &account).anybodys(aws))
    }

    /// The request, whoever the bucket belongs to.
    pub(crate) fn anybodys(self, aws: &Aws) -> Request<'a> {
        let configured = aws.signer.configured_endpoint(Service::S3);
        let base = base(configured.as_deref(), aws.region(), self.bucket);
        let key = utf8_percent_encode(self.key, IN_KEYS);
        let mut url = format!("{base}/{key}");
        if !self.query.is_empty() {
            url = format!("{url}?{}", self.query.join("&"));
        }
        let Call { asked, method, headers, body, .. } = self;
        Request { asked, service: Service::S3, method, url, headers, body }
    }
}

/// Buckets have hosts of their own at AWS; other endpoints need not. A name with dots does not fit AWS's certificates.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html>
fn base(configured: Option<&str>, region: &str, bucket: &str) -> String {
    match configured {
        Some(endpoint) if bucket.is_empty() => endpoint.to_owned(),
        None if bucket.is_empty() => format!("https://s3.{region}.amazonaws.com"),
        Some(endpoint) => format!("{endpoint}/{bucket}"),
        None if bucket.contains('.') => format!("https://s3.{region}.amazonaws.com/{bucket}"),
        None => format!("https://{bucket}.s3.{region}.amazonaws.com"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_have_an_address() {
        let of = |configured, bucket| base(configured, "us-east-1", bucket);
        assert_eq!(of(None, "shop"), "https://shop.s3.us-east-1.amazonaws.com");
        assert_eq!(of(None, "a.b"), "https://s3.us-east-1.amazonaws.com/a.b");
        assert_eq!(of(Some("http://127.0.0.1:5000"), "shop"), "http://127.0.0.1:5000/shop");
        assert_eq!(of(None, ""), "https://s3.us-east-1.amazonaws.com");
        assert_eq!(of(Some("http://127.0.0.1:5000"), ""), "http://127.0.0.1:5000");
    }

    #[test]
    fn keys_are_encoded_once() {
        let key = utf8_percent_encode("a b/ü+&=%41?~.", IN_KEYS).to_string();
        assert_eq!(key, "a%20b/%C3%BC%2B%26%3D%2541%3F~.");
    }
}
