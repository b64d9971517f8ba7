//! Objects that are put together from parts. Until one is complete there is no object, and its parts cost what one would.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html>
//!
//! ```text
//! CreateMultipartUpload --> UploadPart, UploadPartCopy... --> CompleteMultipartUpload
//!                                                         \-> AbortMultipartUpload
//! ```

use std::fmt::Write as _;

use reqwest::Method;

use super::body::Body;
use super::bucket::Bucket;
use super::error::S3Error;
use super::xml::{element, escaped};

/// A part that S3 has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// In quotes.
    pub(super) etag: String,
    /// In base64, where S3 tells it.
    pub(super) sha256: Option<String>,
}

impl Bucket {
    /// Begins an object that gets these headers; gives the id under which it gets its parts.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html>
    pub(super) async fn begin(
        &self,
        key: &str,
        headers: &[(&str, &str)],
    ) -> Result<String, S3Error> {
        let key = self.target().key(key);
        let mut action = self.bucket.create_multipart_upload(Some(&self.credentials), &key);
        // S3 keeps the parts' own, and that of all of them.
        let headers = [&[("x-amz-checksum-algorithm", "SHA256")], headers].concat();
        let request = self.request(Method::POST, &mut action, &headers, Body::Bytes(b""));
        let text = request.text(&self.http).await?;
        let id = element(&text, "UploadId");
        id.ok_or_else(|| S3Error::Unreadable("an upload without an id".to_owned()))
    }

    /// Puts the object together, and gives its ETag, in quotes. S3 refuses parts that are not these. Not every server's
    /// answer has the ETag, and with its quotes, so the object is asked for it.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html>
    pub(super) async fn complete(
        &self,
        key: &str,
        id: &str,
        parts: &[Part],
    ) -> Result<String, S3Error> {
        let whole = self.target().key(key);
        let none = std::iter::empty::<&str>();
        let mut action =
            self.bucket.complete_multipart_upload(Some(&self.credentials), &whole, id, none);
        let list = list(parts);
        let request = self.request(Method::POST, &mut action, &[], Body::Bytes(list.as_bytes()));
        request.text(&self.http).await?;
        let head = self.answer_to_head(key).await?.ok_or_else(|| S3Error::moved(key))?;
        let etag = head.get("etag").and_then(|etag| Some(etag.to_str().ok()?.to_owned()));
        etag.ok_or_else(|| S3Error::Unreadable("an object without an ETag".to_owned()))
    }

    /// Gives up an object that is not complete, if it is not gone already.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html>
    pub(crate) async fn abort(&self, key: &str, id: &str) -> Result<(), S3Error> {
        let key = self.target().key(key);
        let mut action = self.bucket.abort_multipart_upload(Some(&self.credentials), &key, id);
        match self.request(Method::DELETE, &mut action, &[], Body::Empty).send(&self.http).await {
            Ok(_) => Ok(()),
            Err(S3Error::Refused { code, .. }) if code == "NoSuchUpload" => Ok(()),
            Err(error) => Err(error),
        }
    }
}

fn list(parts: &[Part]) -> String {
    let mut list =
        String::from("<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
    for (nth, Part { etag, sha256 }) in parts.iter().enumerate() {
        let sha256 = sha256.as_ref().map_or(String::new(), |sha256| {
            format!("<ChecksumSHA256>{}</ChecksumSHA256>", escaped(sha256))
        });
        let (number, etag) = (nth + 1, escaped(etag));
        // Texts take all that is written.
        let _ = write!(
            list,
            "<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag>{sha256}</Part>"
        );
    }
    list + "</CompleteMultipartUpload>"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_parts() {
        let part = |etag: &str, sha256: Option<&str>| Part {
            etag: etag.to_owned(),
            sha256: sha256.map(str::to_owned),
        };
        assert_eq!(
            list(&[part("\"a\"", Some("A=")), part("\"b\"", None)]),
            "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
             <Part><PartNumber>1</PartNumber><ETag>&quot;a&quot;</ETag><ChecksumSHA256>A=</ChecksumSHA256></Part>\
             <Part><PartNumber>2</PartNumber><ETag>&quot;b&quot;</ETag></Part></CompleteMultipartUpload>"
        );
    }
}
