//! Storing objects.

use reqwest::Method;

use super::body::Body;
use super::bucket::Bucket;
use super::error::S3Error;

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

impl<'a> Headers<'a> {
    pub(super) fn list(&self) -> Vec<(&'static str, &'a str)> {
        let encoding = self.content_encoding.map(|encoding| ("content-encoding", encoding));
        let named = [("cache-control", self.cache_control), ("content-type", self.content_type)];
        named.into_iter().chain(encoding).collect()
    }
}

impl Bucket {
    /// Stores an object and gives its ETag, in quotes.
    pub(crate) async fn put(&self, upload: &Upload<'_>) -> Result<String, S3Error> {
        let key = self.target().key(upload.key);
        let mut action = self.bucket.put_object(Some(&self.credentials), &key);
        let mut headers = upload.headers.list();
        headers.push(("x-amz-checksum-sha256", upload.sha256));
        let request = self.request(Method::PUT, &mut action, &headers, upload.body);
        let answer = request.send(&self.http).await?;
        let etag = answer.headers().get("etag").and_then(|etag| etag.to_str().ok());
        let etag =
            etag.ok_or_else(|| S3Error::Unreadable("an answer without an ETag".to_owned()))?;
        Ok(etag.to_owned())
    }
}
