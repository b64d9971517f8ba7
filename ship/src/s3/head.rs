//! What S3 says of an object.

use reqwest::Method;

use super::body::Body;
use super::bucket::Bucket;
use super::error::S3Error;

/// What S3 says of a stored object.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) content_type: Option<String>,
    pub(crate) cache_control: Option<String>,
    /// Of the whole object; other tools store other checksums, or none.
    pub(crate) sha256: Option<String>,
}

impl Bucket {
    /// What S3 says of the object; `None` if it is gone.
    pub(crate) async fn head(&self, key: &str) -> Result<Option<Head>, S3Error> {
        let key = self.target().key(key);
        let mut action = self.bucket.head_object(Some(&self.credentials), &key);
        // With KMS keys this needs the right to decrypt.
        let headers = [("x-amz-checksum-mode", "ENABLED")];
        let request = self.request(Method::HEAD, &mut action, &headers, Body::Empty);
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
}
