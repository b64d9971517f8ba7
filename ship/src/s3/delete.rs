//! Deleting objects.

use reqwest::Method;
use rusty_s3::actions::{DeleteObjectsResponse, ObjectIdentifier};

use super::body::Body;
use super::bucket::Bucket;
use super::error::S3Error;

/// The most keys that one request deletes.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html>
const DELETED_AT_ONCE: usize = 1_000;

impl Bucket {
    /// Deletes objects.
    pub(crate) async fn delete(&self, keys: &[&str]) -> Result<(), S3Error> {
        for keys in keys.chunks(DELETED_AT_ONCE) {
            let keys: Vec<_> =
                keys.iter().map(|key| ObjectIdentifier::new(self.target().key(key))).collect();
            let mut action = self.bucket.delete_objects(Some(&self.credentials), keys.iter());
            action.set_quiet(true);
            let request = self.request(Method::POST, &mut action, &[], Body::Empty);
            let (body, md5) = action.body_with_md5();
            let request = request.with(("content-md5", &md5), Body::Bytes(body.as_bytes()));
            let answer = request.send(&self.http).await?;
            let text = answer.text().await.map_err(S3Error::unreachable)?;
            let parsed = DeleteObjectsResponse::parse(&text)
                .map_err(|error| S3Error::Unreadable(error.to_string()))?;
            if let Some(error) = parsed.errors.first() {
                let key = error.key.strip_prefix(&self.target().prefix).unwrap_or(&error.key);
                return Err(S3Error::Refused {
                    status: 200,
                    code: error.code.clone(),
                    message: format!("{key:?} is not deleted: {}", error.message),
                    region: None,
                });
            }
        }
        Ok(())
    }
}
