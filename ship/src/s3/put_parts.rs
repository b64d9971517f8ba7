//! Storing objects that are too big to be sent at once.

use std::collections::HashMap;
use std::path::Path;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use reqwest::Method;

use super::body::Body;
use super::bucket::Bucket;
use super::error::S3Error;
use super::multipart::Part;
use super::put::Headers;

/// The most parts of one object that are under way at once.
pub(super) const AT_ONCE: usize = 4;

/// An object to be stored, whose bytes are in a file.
pub(crate) struct UploadInParts<'a> {
    pub(crate) key: &'a str,
    pub(crate) headers: &'a Headers<'a>,
    pub(crate) path: &'a Path,
    /// Of all.
    pub(crate) size: u64,
    /// Of each part but the last.
    pub(crate) part: u64,
    /// Of each part, in base64. S3 refuses other bytes.
    pub(crate) sha256: &'a [String],
    /// No more requests than these are to be under way.
    pub(crate) parallel: usize,
}

impl Bucket {
    /// Stores an object and gives its ETag, in quotes. What S3 has of an upload that was begun with this id is not sent again.
    /// `sent` is told how many bytes come to be there.
    pub(crate) async fn put_parts(
        &self,
        upload: &UploadInParts<'_>,
        begun: Option<&str>,
        sent: &impl Fn(u64),
    ) -> Result<String, S3Error> {
        let UploadInParts { key, headers, .. } = *upload;
        let (id, there) = match begun {
            Some(id) => (id.to_owned(), self.parts(key, id).await?),
            None => (self.begin(key, &headers.list()).await?, HashMap::new()),
        };
        let (id, there) = (&id, &there);
        let sending = (1..).zip(upload.sha256).map(|(number, sha256)| async move {
            let from = u64::from(number - 1) * upload.part;
            let bytes = upload.part.min(upload.size.saturating_sub(from));
            let same = |part: &&Part| part.sha256.as_deref() == Some(sha256);
            let part = match there.get(&number).filter(same) {
                Some(part) => part.clone(),
                None => {
                    let body = Body::File { path: upload.path, from, bytes };
                    self.put_part(key, id, number, sha256, body).await?
                }
            };
            sent(bytes);
            Ok(part)
        });
        let parts: Vec<_> =
            stream::iter(sending).buffered(upload.parallel.min(AT_ONCE)).try_collect().await?;
        self.complete(key, id, &parts).await
    }

    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html>
    async fn put_part(
        &self,
        key: &str,
        id: &str,
        number: u16,
        sha256: &str,
        body: Body<'_>,
    ) -> Result<Part, S3Error> {
        let key = self.target().key(key);
        let mut action = self.bucket.upload_part(Some(&self.credentials), &key, number, id);
        let headers = [("x-amz-checksum-sha256", sha256)];
        let request = self.request(Method::PUT, &mut action, &headers, body);
        let answer = request.send(&self.http).await?;
        let etag = answer.headers().get("etag").and_then(|etag| etag.to_str().ok());
        let etag = etag.ok_or_else(|| S3Error::Unreadable("a part without an ETag".to_owned()))?;
        Ok(Part { etag: etag.to_owned(), sha256: Some(sha256.to_owned()) })
    }
}
