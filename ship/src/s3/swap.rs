//! Objects of which only the version that was read is replaced.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>

use reqwest::Method;
use reqwest::header::ETAG;

use super::body::Body;
use super::bucket::Bucket;
use super::error::S3Error;

/// An object as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// All of it.
    pub bytes: Vec<u8>,
    /// In quotes.
    pub etag: String,
}

impl Bucket {
    /// The whole object, and which version it is; `None` if there is none.
    ///
    /// # Errors
    ///
    /// S3 does not tell.
    pub async fn version(&self, key: &str) -> Result<Option<Version>, S3Error> {
        let key = self.target().key(key);
        let mut action = self.bucket.get_object(Some(&self.credentials), &key);
        let request = self.request(Method::GET, &mut action, &[], Body::Empty);
        let answer = match request.send(&self.http).await {
            Err(S3Error::Refused { code, .. }) if code == "NoSuchKey" => return Ok(None),
            answer => answer?,
        };
        let etag = answer.headers().get(ETAG).and_then(|etag| etag.to_str().ok());
        let etag = etag.ok_or_else(|| S3Error::Unreadable(format!("no ETag of {key:?}")))?;
        let etag = etag.to_owned();
        let bytes = answer.bytes().await.map_err(S3Error::unreachable)?.to_vec();
        Ok(Some(Version { bytes, etag }))
    }

    /// Writes an object if it still is that version, or, without one, if there is none. Says whether it is written: a
    /// request that was repeated meets what it wrote itself, so what is there is looked at.
    ///
    /// # Errors
    ///
    /// S3 refuses, or nobody knows what became of it.
    pub async fn swap(
        &self,
        key: &str,
        content_type: &str,
        bytes: &[u8],
        read: Option<&str>,
    ) -> Result<bool, S3Error> {
        let whole = self.target().key(key);
        let mut action = self.bucket.put_object(Some(&self.credentials), &whole);
        let condition = match read {
            Some(etag) => ("if-match", etag),
            None => ("if-none-match", "*"),
        };
        let headers = [("content-type", content_type), condition];
        let request = self.request(Method::PUT, &mut action, &headers, Body::Bytes(bytes));
        match request.send(&self.http).await {
            Ok(_) => Ok(true),
            // 404: what was to be replaced is gone.
            Err(S3Error::Refused { status: 404 | 409 | 412, code, .. })
                if code != "NoSuchBucket" =>
            {
                Ok(self.version(key).await?.is_some_and(|there| there.bytes == bytes))
            }
            Err(error) => Err(error),
        }
    }
}
