//! An object's bytes.

use reqwest::Method;

use super::body::Body;
use super::bucket::Bucket;
use super::error::S3Error;

impl Bucket {
    /// The whole object, for small ones; `None` if it is gone.
    pub async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, S3Error> {
        let key = self.target().key(key);
        let mut action = self.bucket.get_object(Some(&self.credentials), &key);
        let request = self.request(Method::GET, &mut action, &[], Body::Empty);
        match request.send(&self.http).await {
            Ok(answer) => Ok(Some(answer.bytes().await.map_err(S3Error::unreachable)?.to_vec())),
            Err(S3Error::Refused { code, .. }) if code == "NoSuchKey" => Ok(None),
            Err(error) => Err(error),
        }
    }
}
