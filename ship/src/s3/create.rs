//! Small objects that say who was first: written if there is none.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>

use reqwest::Method;

use super::body::Body;
use super::bucket::Bucket;
use super::error::S3Error;

impl Bucket {
    /// Writes an object of JSON unless there is one; says whether it did, as far as is known: a request
    /// that was repeated meets what it wrote itself.
    pub async fn create(&self, key: &str, json: &str) -> Result<bool, S3Error> {
        match self.write(key, json, &[("if-none-match", "*")]).await {
            Ok(()) => Ok(true),
            Err(S3Error::Refused { status: 409 | 412, .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Writes an object of JSON, whatever is there.
    pub async fn replace(&self, key: &str, json: &str) -> Result<(), S3Error> {
        self.write(key, json, &[]).await
    }

    async fn write(&self, key: &str, json: &str, more: &[(&str, &str)]) -> Result<(), S3Error> {
        let key = self.target().key(key);
        let mut action = self.bucket.put_object(Some(&self.credentials), &key);
        let headers = [&[("content-type", "application/json")], more].concat();
        let body = Body::Bytes(json.as_bytes());
        let request = self.request(Method::PUT, &mut action, &headers, body);
        request.send(&self.http).await.map(drop)
    }
}
