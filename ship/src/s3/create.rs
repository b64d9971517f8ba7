//! Small objects that say who was first: written if there is none.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>

use reqwest::Method;
use rusty_s3::S3Action as _;

use super::request::Request;
use super::{Body, Bucket, S3Error, SIGNED_FOR};

impl Bucket {
    /// Writes an object of JSON unless there is one; says whether it did, as far as is known: a request
    /// that was repeated meets what it wrote itself.
    pub(crate) async fn create(&self, key: &str, json: &str) -> Result<bool, S3Error> {
        match self.write(key, json, &[("if-none-match", "*")]).await {
            Ok(()) => Ok(true),
            Err(S3Error::Refused { status: 409 | 412, .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Writes an object of JSON, whatever is there.
    pub(crate) async fn replace(&self, key: &str, json: &str) -> Result<(), S3Error> {
        self.write(key, json, &[]).await
    }

    async fn write(
        &self,
        key: &str,
        json: &str,
        more: &[(&'static str, &str)],
    ) -> Result<(), S3Error> {
        let key = self.target.key(key);
        let mut action = self.bucket.put_object(Some(&self.credentials), &key);
        let headers = [&[("content-type", "application/json")], more].concat();
        for (name, value) in &headers {
            action.headers_mut().insert(*name, *value);
        }
        let url = action.sign(SIGNED_FOR);
        let request = Request::new(Method::PUT, url, &headers, Body::Bytes(json.as_bytes()));
        request.send(&self.http).await.map(drop)
    }
}
