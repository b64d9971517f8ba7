//! Copying objects within a bucket: their bytes do not leave S3.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>

use reqwest::Method;

use super::body::Body;
use super::bucket::Bucket;
use super::error::S3Error;
use super::target::Target;
use super::xml::element;

/// What a copy does not get from its source unasked, as HEAD tells it. Type, caching and the owner's own metadata it gets,
/// and tags.
pub(super) const NAMED: [&str; 3] = [
    "x-amz-storage-class",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
];

impl Bucket {
    /// Copies the object that another folder of the same bucket has under this key, if it is still the one with that ETag;
    /// gives the copy's, in quotes, which may be another.
    pub(crate) async fn copy(
        &self,
        from: &Bucket,
        key: &str,
        etag: &str,
    ) -> Result<String, S3Error> {
        let original = from.answer_to_head(key).await?.ok_or_else(|| S3Error::moved(key))?;
        let named = NAMED.map(|name| (name, original.get(name).and_then(|it| it.to_str().ok())));
        let source = source(from.target(), key);
        let mut headers = vec![
            ("x-amz-copy-source", source.as_str()),
            ("x-amz-copy-source-if-match", etag),
            // So that it can be told from others wherever ETags are no digests.
            ("x-amz-checksum-algorithm", "SHA256"),
        ];
        headers.extend(named.iter().filter_map(|(name, value)| Some((*name, (*value)?))));
        if let Some(owner) = &from.target().owner {
            headers.push(("x-amz-source-expected-bucket-owner", owner));
        }
        let key = self.target().key(key);
        let mut action = self.bucket.put_object(Some(&self.credentials), &key);
        let request = self.request(Method::PUT, &mut action, &headers, Body::Bytes(b""));
        let text = request.text(&self.http).await?;
        // Not every server has its quotes there.
        let copied = element(&text, "ETag").map(|etag| format!("\"{}\"", etag.trim_matches('"')));
        copied.ok_or_else(|| S3Error::Unreadable("a copy without an ETag".to_owned()))
    }
}

/// Where a copy is taken from, as a header has it.
pub(super) fn source(target: &Target, key: &str) -> String {
    let whole = format!("{}/{}", target.bucket, target.key(key));
    let mut encoded = String::with_capacity(whole.len());
    for byte in whole.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_encoded() {
        let target = Target {
            bucket: "a.b".to_owned(),
            region: "us-east-1".to_owned(),
            prefix: "p/".to_owned(),
            seal: None,
            endpoint: None,
            owner: None,
        };
        assert_eq!(source(&target, "a+b é/%41?c//.."), "a.b/p/a%2Bb%20%C3%A9/%2541%3Fc//..");
    }
}
