//! Copying objects that are too big to be copied at once. Such a copy gets nothing from its source unasked.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/CopyingObjectsMPUapi.html>

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use reqwest::Method;
use reqwest::header::HeaderMap;
use url::form_urlencoded;

use super::body::Body;
use super::bucket::Bucket;
use super::copy::{NAMED, source};
use super::error::S3Error;
use super::multipart::Part;
use super::put_parts::AT_ONCE;
use super::xml::{element, elements};

/// What a copy in one request has from its source unasked, besides the owner's own metadata and tags.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html>
const SYSTEM: [&str; 6] = [
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-type",
    "expires",
];

/// What the names of the owner's own metadata begin with.
const OWN: &str = "x-amz-meta-";

/// How many of the owner's own metadata cannot be told in a header.
const MISSING: &str = "x-amz-missing-meta";

impl Bucket {
    /// As [`Bucket::copy`], an object of this size in parts of that size.
    pub(crate) async fn copy_parts(
        &self,
        from: &Bucket,
        key: &str,
        etag: &str,
        (size, part): (u64, u64),
    ) -> Result<String, S3Error> {
        let original = from.answer_to_head(key).await?.ok_or_else(|| S3Error::moved(key))?;
        let untold = || S3Error::Untold { key: key.to_owned() };
        if original.get(MISSING).is_some_and(|count| count != "0") {
            return Err(untold());
        }
        let tags = from.tags(key).await?;
        let mut headers = kept(&original).ok_or_else(untold)?;
        headers.extend(tags.as_deref().map(|tags| ("x-amz-tagging", tags)));
        let id = self.begin(key, &headers).await?;
        let copied = self.assemble(from, key, etag, &id, (size, part)).await;
        if copied.is_err() {
            // What went wrong is told; what this leaves behind, the next run looks for.
            let _ = self.abort(key, &id).await;
        }
        copied
    }

    async fn assemble(
        &self,
        from: &Bucket,
        key: &str,
        etag: &str,
        id: &str,
        (size, part): (u64, u64),
    ) -> Result<String, S3Error> {
        let starts = (1_u16..).zip((0..size).step_by(usize::try_from(part).unwrap_or(usize::MAX)));
        let copying = starts.map(|(number, start)| {
            let range = format!("bytes={start}-{}", (start + part).min(size) - 1);
            self.copy_part(from, key, etag, id, (number, range))
        });
        let parts: Vec<_> = stream::iter(copying).buffered(AT_ONCE).try_collect().await?;
        self.complete(key, id, &parts).await
    }

    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html>
    async fn copy_part(
        &self,
        from: &Bucket,
        key: &str,
        etag: &str,
        id: &str,
        (number, range): (u16, String),
    ) -> Result<Part, S3Error> {
        let source = source(from.target(), key);
        let mut headers = vec![
            ("x-amz-copy-source", source.as_str()),
            ("x-amz-copy-source-if-match", etag),
            ("x-amz-copy-source-range", &range),
        ];
        if let Some(owner) = &from.target().owner {
            headers.push(("x-amz-source-expected-bucket-owner", owner));
        }
        let key = self.target().key(key);
        let mut action = self.bucket.upload_part(Some(&self.credentials), &key, number, id);
        let request = self.request(Method::PUT, &mut action, &headers, Body::Bytes(b""));
        let text = request.text(&self.http).await?;
        let etag = element(&text, "ETag");
        let etag = etag.ok_or_else(|| S3Error::Unreadable("a part without an ETag".to_owned()))?;
        Ok(Part { etag, sha256: element(&text, "ChecksumSHA256") })
    }

    /// Its tags, as a header has them. HEAD does not tell of them to who may not read them, so they are asked for.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectTagging.html>
    async fn tags(&self, key: &str) -> Result<Option<String>, S3Error> {
        let text = self.ask(&self.target().key(key), &[("tagging", "")]).await?;
        Ok(tags(&text))
    }
}

/// The headers of an object that its copy must have, if they can be told.
fn kept(original: &HeaderMap) -> Option<Vec<(&str, &str)>> {
    let kept =
        |name: &str| SYSTEM.contains(&name) || NAMED.contains(&name) || name.starts_with(OWN);
    let headers = original.iter().filter(|(name, _)| kept(name.as_str()));
    headers.map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect()
}

fn tags(xml: &str) -> Option<String> {
    let mut tags = form_urlencoded::Serializer::new(String::new());
    let mut any = false;
    for tag in elements(xml, "Tag") {
        tags.append_pair(
            &element(tag, "Key").unwrap_or_default(),
            &element(tag, "Value").unwrap_or_default(),
        );
        any = true;
    }
    // A plus is read as a space in forms alone.
    any.then(|| tags.finish().replace('+', "%20"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_become_a_header() {
        let xml = "<Tagging><TagSet><Tag><Key>a b</Key><Value>1+1=2</Value></Tag>\
                   <Tag><Key>é</Key><Value></Value></Tag></TagSet></Tagging>";
        assert_eq!(tags(xml).as_deref(), Some("a%20b=1%2B1%3D2&%C3%A9="));
        assert_eq!(tags("<Tagging><TagSet></TagSet></Tagging>"), None);
        assert_eq!(tags("<Tagging><TagSet/></Tagging>"), None);
    }
}
