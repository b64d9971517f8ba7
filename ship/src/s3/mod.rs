//! A bucket, by the S3 API: signed requests, streamed bodies, a few tries each.
//!
//! Objects are sent in one part, so that S3 checks the whole object's SHA-256 and its ETag stays the
//! MD5 of its bytes where the bucket's encryption allows. One part holds 5 GB at most.

mod create;
mod error;
mod get;
mod list;
mod request;
mod target;

use std::path::Path;
use std::time::Duration;

use reqwest::Method;
use rusty_s3::S3Action;
use rusty_s3::actions::{DeleteObjectsResponse, ObjectIdentifier};

pub(crate) use error::S3Error;
use request::Request;
pub(crate) use target::Target;

/// The biggest object that can be sent in one part: 5 GB, counted in the smaller way.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html>
pub(crate) const MAX_BYTES: u64 = 5_000_000_000;

/// The most keys that one request deletes.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html>
const DELETED_AT_ONCE: usize = 1_000;

/// How long a signature is good: a big object's last try starts late.
const SIGNED_FOR: Duration = Duration::from_secs(6 * 3_600);

/// A bucket, and who may write to it.
pub(crate) struct Bucket {
    target: Target,
    bucket: rusty_s3::Bucket,
    credentials: rusty_s3::Credentials,
    http: reqwest::Client,
}

/// An object to be stored.
pub(crate) struct Upload<'a> {
    pub(crate) key: &'a str,
    pub(crate) headers: &'a Headers<'a>,
    /// In base64. S3 refuses other bytes.
    pub(crate) sha256: &'a str,
    pub(crate) body: Body<'a>,
}

/// What is stored with an object, and comes back with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Headers<'a> {
    pub(crate) content_type: &'a str,
    pub(crate) cache_control: &'a str,
}

/// The bytes.
#[derive(Clone, Copy)]
pub(crate) enum Body<'a> {
    /// So many bytes of a file.
    File(&'a Path, u64),
    Bytes(&'a [u8]),
    Empty,
}

/// What S3 says of a stored object.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) content_type: Option<String>,
    pub(crate) cache_control: Option<String>,
    /// Of the whole object; other tools store other checksums, or none.
    pub(crate) sha256: Option<String>,
}

impl Bucket {
    /// The bucket of a target. Asks nobody anything yet.
    pub(crate) fn open(target: Target) -> anyhow::Result<Self> {
        let (bucket, credentials) = (target.bucket()?, target::credentials()?);
        // Fails if there is one already, which does as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(10))
            .read_timeout(Duration::from_secs(60))
            .build()?;
        Ok(Bucket { target, bucket, credentials, http })
    }

    pub(crate) fn target(&self) -> &Target {
        &self.target
    }

    /// What S3 says of the object; `None` if it is gone.
    pub(crate) async fn head(&self, key: &str) -> Result<Option<Head>, S3Error> {
        let key = self.target.key(key);
        let mut action = self.bucket.head_object(Some(&self.credentials), &key);
        // With KMS keys this needs the right to decrypt.
        let headers = [("x-amz-checksum-mode", "ENABLED")];
        action.headers_mut().insert(headers[0].0, headers[0].1);
        let request = Request::new(Method::HEAD, action.sign(SIGNED_FOR), &headers, Body::Empty);
        let answer = match request.send(&self.http).await {
            Err(S3Error::Refused { status: 404, .. }) => return Ok(None),
            answer => answer?,
        };
        let header = |name: &str| Some(answer.headers().get(name)?.to_str().ok()?.to_owned());
        Ok(Some(Head {
            content_type: header("content-type"),
            cache_control: header("cache-control"),
            sha256: header("x-amz-checksum-sha256"),
        }))
    }

    /// Stores an object and gives its ETag, in quotes.
    pub(crate) async fn put(&self, upload: &Upload<'_>) -> Result<String, S3Error> {
        let key = self.target.key(upload.key);
        let mut action = self.bucket.put_object(Some(&self.credentials), &key);
        let headers = [
            ("cache-control", upload.headers.cache_control),
            ("content-type", upload.headers.content_type),
            ("x-amz-checksum-sha256", upload.sha256),
        ];
        for (name, value) in headers {
            action.headers_mut().insert(name, value);
        }
        let url = action.sign(SIGNED_FOR);
        let answer = Request::new(Method::PUT, url, &headers, upload.body).send(&self.http).await?;
        let etag = answer.headers().get("etag").and_then(|etag| etag.to_str().ok());
        let etag =
            etag.ok_or_else(|| S3Error::Unreadable("an answer without an ETag".to_owned()))?;
        Ok(etag.to_owned())
    }

    /// Deletes objects.
    pub(crate) async fn delete(&self, keys: &[&str]) -> Result<(), S3Error> {
        for keys in keys.chunks(DELETED_AT_ONCE) {
            let keys: Vec<_> =
                keys.iter().map(|key| ObjectIdentifier::new(self.target.key(key))).collect();
            let mut action = self.bucket.delete_objects(Some(&self.credentials), keys.iter());
            action.set_quiet(true);
            let url = action.sign(SIGNED_FOR);
            let (body, md5) = action.body_with_md5();
            let headers = [("content-md5", md5.as_str())];
            let body = Body::Bytes(body.as_bytes());
            let answer = Request::new(Method::POST, url, &headers, body).send(&self.http).await?;
            let text = answer.text().await.map_err(S3Error::unreachable)?;
            let parsed = DeleteObjectsResponse::parse(&text)
                .map_err(|error| S3Error::Unreadable(error.to_string()))?;
            if let Some(error) = parsed.errors.first() {
                return Err(S3Error::Refused {
                    status: 200,
                    code: error.code.clone(),
                    message: format!("{:?} is not deleted: {}", error.key, error.message),
                    region: None,
                });
            }
        }
        Ok(())
    }
}
