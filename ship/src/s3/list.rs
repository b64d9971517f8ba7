//! What a bucket has, page by page.

use content_config::Stored;
use reqwest::Method;
use rusty_s3::S3Action as _;
use rusty_s3::actions::ListObjectsV2;

use super::request::Request;
use super::{Body, Bucket, S3Error, SIGNED_FOR};

impl Bucket {
    /// Hands over every object under the prefix, in the order of their keys.
    pub(crate) async fn list(&self, mut each: impl FnMut(Stored)) -> Result<(), S3Error> {
        let mut next: Option<String> = None;
        loop {
            let mut action = ListObjectsV2::new(&self.bucket, Some(&self.credentials));
            if !self.target.prefix.is_empty() {
                action.with_prefix(self.target.prefix.as_str());
            }
            if let Some(token) = &next {
                action.with_continuation_token(token.as_str());
            }
            let request = Request::new(Method::GET, action.sign(SIGNED_FOR), &[], Body::Empty);
            let text =
                request.send(&self.http).await?.text().await.map_err(S3Error::unreachable)?;
            let page = ListObjectsV2::parse_response(&text)
                .map_err(|error| S3Error::Unreadable(format!("no list of objects: {error}")))?;
            for object in page.contents {
                let Some(key) = object.key.strip_prefix(&self.target.prefix) else { continue };
                let (Some(size), Some(etag)) = (object.size, object.etag) else {
                    return Err(S3Error::Unreadable(format!("no size or ETag of {key:?}")));
                };
                // What the console makes for a folder is no object of anybody's.
                if !key.is_empty() && !(key.ends_with('/') && size == 0) {
                    each(Stored { key: key.to_owned(), size, etag });
                }
            }
            match page.next_continuation_token {
                None => return Ok(()),
                token if token == next => {
                    return Err(S3Error::Unreadable("a list that does not end".to_owned()));
                }
                token => next = token,
            }
        }
    }
}
