//! What S3 says of an object.

use reqwest::Method;
use reqwest::header::HeaderMap;

use super::body::Body;
use super::bucket::Bucket;
use super::error::S3Error;

/// What S3 says of a stored object.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) content_type: Option<String>,
    pub(crate) content_encoding: Option<String>,
    pub(crate) cache_control: Option<String>,
    /// Of the whole object, or of its parts' own; other tools store other checksums, or none.
    pub(crate) sha256: Option<String>,
}

impl Bucket {
    /// What S3 says of the object; `None` if it is gone.
    pub(crate) async fn head(&self, key: &str) -> Result<Option<Head>, S3Error> {
        let Some(headers) = self.answer_to_head(key).await? else { return Ok(None) };
        let header = |name: &str| Some(headers.get(name)?.to_str().ok()?.to_owned());
        Ok(Some(Head {
            content_type: header("content-type"),
            content_encoding: header("content-encoding"),
            cache_control: header("cache-control"),
            sha256: header("x-amz-checksum-sha256"),
        }))
    }

    /// The same as it comes.
    pub(super) async fn answer_to_head(&self, key: &str) -> Result<Option<HeaderMap>, S3Error> {
        let key = self.target().key(key);
        let mut action = self.bucket.head_object(Some(&self.credentials), &key);
        // With KMS keys this needs the right to decrypt.
        let headers = [("x-amz-checksum-mode", "ENABLED")];
        let request = self.request(Method::HEAD, &mut action, &headers, Body::Empty);
        match request.send(&self.http).await {
            Err(S3Error::Refused { status: 404, .. }) => Ok(None),
            answer => Ok(Some(answer?.headers().clone())),
        }
    }
}
