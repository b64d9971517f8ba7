//! Objects that were begun, and are not complete: what a run that was killed left behind.

use std::collections::HashMap;

use percent_encoding::percent_decode_str;
use reqwest::Method;
use rusty_s3::S3Action as _;

use super::body::Body;
use super::bucket::Bucket;
use super::error::S3Error;
use super::multipart::Part;
use super::xml::{element, elements};

/// An object that was begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unfinished {
    pub(crate) key: String,
    pub(crate) id: String,
    /// ISO 8601.
    pub(crate) since: String,
    /// How S3 looks whether its parts arrive whole, where it says.
    pub(crate) checksum: Option<String>,
}

impl Bucket {
    /// All of them under the prefix.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html>
    pub(crate) async fn unfinished(&self) -> Result<Vec<Unfinished>, S3Error> {
        let (mut found, mut markers) = (Vec::new(), None::<(String, String)>);
        loop {
            let mut query = vec![("uploads", ""), ("encoding-type", "url")];
            query.push(("prefix", &self.target().prefix));
            if let Some((key, id)) = &markers {
                query.extend([("key-marker", key.as_str()), ("upload-id-marker", id)]);
            }
            let text = self.ask("", &query).await?;
            for upload in elements(&text, "Upload") {
                let (Some(key), Some(id)) = (element(upload, "Key"), element(upload, "UploadId"))
                else {
                    return Err(S3Error::Unreadable("an upload without its key".to_owned()));
                };
                let key = decoded(&key);
                let Some(key) = key.strip_prefix(&self.target().prefix) else { continue };
                found.push(Unfinished {
                    key: key.to_owned(),
                    id,
                    since: element(upload, "Initiated").unwrap_or_default(),
                    checksum: element(upload, "ChecksumAlgorithm"),
                });
            }
            if element(&text, "IsTruncated").as_deref() != Some("true") {
                return Ok(found);
            }
            let key = element(&text, "NextKeyMarker").map(|key| decoded(&key));
            let next = key.zip(element(&text, "NextUploadIdMarker"));
            if next.is_none() || next == markers {
                return Err(S3Error::Unreadable("a list of uploads that does not end".to_owned()));
            }
            markers = next;
        }
    }

    /// The parts that it has, by their numbers.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html>
    pub(super) async fn parts(&self, key: &str, id: &str) -> Result<HashMap<u16, Part>, S3Error> {
        let key = self.target().key(key);
        let (mut found, mut marker) = (HashMap::new(), None::<String>);
        loop {
            let mut query = vec![("uploadId", id)];
            query.extend(marker.as_deref().map(|marker| ("part-number-marker", marker)));
            let text = self.ask(&key, &query).await?;
            for part in elements(&text, "Part") {
                let number = element(part, "PartNumber").and_then(|number| number.parse().ok());
                let (Some(number), Some(etag)) = (number, element(part, "ETag")) else {
                    return Err(S3Error::Unreadable("a part without its number".to_owned()));
                };
                found.insert(number, Part { etag, sha256: element(part, "ChecksumSHA256") });
            }
            if element(&text, "IsTruncated").as_deref() != Some("true") {
                return Ok(found);
            }
            let next = element(&text, "NextPartNumberMarker");
            if next.is_none() || next == marker {
                return Err(S3Error::Unreadable("a list of parts that does not end".to_owned()));
            }
            marker = next;
        }
    }

    /// Asks about the object under a whole key, or about the bucket.
    pub(super) async fn ask(&self, key: &str, query: &[(&str, &str)]) -> Result<String, S3Error> {
        let mut action = self.bucket.get_object(Some(&self.credentials), key);
        for (name, value) in query {
            action.query_mut().insert(*name, *value);
        }
        self.request(Method::GET, &mut action, &[], Body::Empty).text(&self.http).await
    }
}

/// A key as S3 writes it where `encoding-type` is `url`.
fn decoded(key: &str) -> String {
    percent_decode_str(&key.replace('+', " ")).decode_utf8_lossy().into_owned()
}
