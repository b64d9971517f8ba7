//! A bucket, and who may write to it.

use std::time::Duration;

use reqwest::{Client, Method};
use rusty_s3::S3Action;

use super::body::Body;
use super::credentials::Credentials;
use super::request::Request;
use super::target::Target;
use crate::error::Error;

/// How long a signature is good: a big object's last try starts late.
const SIGNED_FOR: Duration = Duration::from_secs(6 * 3_600);

/// Names the account that the bucket must belong to: a name that was given up may be taken by another account at any
/// moment. <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html>
const OWNER: &str = "x-amz-expected-bucket-owner";

/// A bucket, and who may write to it.
pub struct Bucket {
    target: Target,
    pub(super) bucket: rusty_s3::Bucket,
    pub(super) credentials: rusty_s3::Credentials,
    pub(super) http: Client,
}

impl Bucket {
    /// The bucket of a target. Asks nobody anything yet.
    pub fn open(target: Target, credentials: &Credentials) -> Result<Self, Error> {
        let bucket = target.bucket()?;
        // Fails if there is one already, which does as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = Client::builder()
            .connect_timeout(Duration::from_secs(10))
            .read_timeout(Duration::from_secs(60))
            .build()
            .map_err(Error::not_started)?;
        Ok(Bucket { target, bucket, credentials: credentials.sign(), http })
    }

    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Signs a request with these headers, and with the owner's, where there is one.
    pub(super) fn request<'a>(
        &'a self,
        method: Method,
        action: &mut impl S3Action<'a>,
        headers: &[(&'a str, &'a str)],
        body: Body<'a>,
    ) -> Request<'a> {
        let owner = self.target.owner.as_deref().map(|owner| (OWNER, owner));
        let headers: Vec<_> = headers.iter().copied().chain(owner).collect();
        for (name, value) in &headers {
            action.headers_mut().insert(*name, *value);
        }
        Request::new(method, action.sign(SIGNED_FOR), headers, body)
    }
}
