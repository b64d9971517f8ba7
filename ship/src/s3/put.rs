//! Storing objects.

use reqwest::Method;

use super::body::Body;
use super::bucket::Bucket;
use super::error::S3Error;

/// The biggest object that can be sent in one part: 5 GB, counted in the smaller way.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html>
pub(crate) const MAX_BYTES: u64 = 5_000_000_000;

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
    pub(crate) content_encoding: Option<&'a str>,
    pub(crate) cache_control: &'a str,
}

impl Bucket {
    /// Stores an object and gives its ETag, in quotes.
    pub(crate) async fn put(&self, upload: &Upload<'_>) -> Result<String, S3Error> {
        let key = self.target().key(upload.key);
        let mut action = self.bucket.put_object(Some(&self.credentials), &key);
        let mut headers = vec![
            ("cache-control", upload.headers.cache_control),
            ("content-type", upload.headers.content_type),
            ("x-amz-checksum-sha256", upload.sha256),
        ];
        let encoding = upload.headers.content_encoding;
        headers.extend(encoding.map(|encoding| ("content-encoding", encoding)));
        let request = self.request(Method::PUT, &mut action, &headers, upload.body);
        let answer = request.send(&self.http).await?;
        let etag = answer.headers().get("etag").and_then(|etag| etag.to_str().ok());
        let etag =
            etag.ok_or_else(|| S3Error::Unreadable("an answer without an ETag".to_owned()))?;
        Ok(etag.to_owned())
    }
}
