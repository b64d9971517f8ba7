//! S3: objects.

use deployment::control_plane::{Answer, Object};
use percent_encoding::percent_decode_str;
use reqwest::Method;

use crate::aws::Aws;
use crate::buckets::{absent, document, wrapped};
use crate::failure;
use crate::s3::Call;
use crate::xml::escape;

/// The most keys that one request deletes.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html>
const DELETED_AT_ONCE: usize = 1_000;

pub(crate) async fn get(aws: &Aws, bucket: &str, key: &str) -> Answer<Option<Vec<u8>>> {
    let call = Call::new("s3 GetObject", Method::GET, bucket).key(key);
    let answer = aws.signer.ask(&call.ours(aws).await?).await;
    Ok(absent(answer, "NoSuchKey")?.map(|reply| reply.body))
}

pub(crate) async fn has(aws: &Aws, bucket: &str, key: &str) -> Answer<bool> {
    let call = Call::new("s3 HeadObject", Method::HEAD, bucket).key(key);
    let answer = aws.signer.ask(&call.ours(aws).await?).await;
    Ok(absent(answer, "404")?.is_some())
}

pub(crate) async fn put(
    aws: &Aws,
    bucket: &str,
    key: &str,
    content_type: &str,
    bytes: &[u8],
) -> Answer<()> {
    let call = Call::new("s3 PutObject", Method::PUT, bucket).key(key).body(bytes);
    let call = call.header("content-type", content_type);
    aws.signer.ask(&call.ours(aws).await?).await.map(drop)
}

pub(crate) async fn list(aws: &Aws, bucket: &str, prefix: &str) -> Answer<Vec<Object>> {
    let asked = "s3 ListObjectsV2";
    let (mut objects, mut next) = (Vec::new(), String::new());
    loop {
        let call = Call::new(asked, Method::GET, bucket).query("list-type", "2");
        // Keys may have characters that XML has not.
        let mut call = call.query("encoding-type", "url").query("prefix", prefix);
        if !next.is_empty() {
            call = call.query("continuation-token", &next);
        }
        let reply = aws.signer.ask(&call.ours(aws).await?).await?;
        let page = document(asked, &reply.body)?;
        let encoded = page.text_of("EncodingType") == "url";
        for found in page.all("Contents") {
            let key = found.text_of("Key");
            let key = if encoded { decoded(asked, key)? } else { key.to_owned() };
            objects.push(Object { key, modified: found.text_of("LastModified").to_owned() });
        }
        next = page.text_of("NextContinuationToken").to_owned();
        if page.text_of("IsTruncated") != "true" || next.is_empty() {
            return Ok(objects);
        }
    }
}

/// As in forms: `+` is a space.
fn decoded(asked: &str, key: &str) -> Answer<String> {
    let spaced = key.replace('+', " ");
    let text = percent_decode_str(&spaced).decode_utf8();
    text.map(Into::into).map_err(|error| failure::unreadable(asked, &format!("{key}: {error}")))
}

pub(crate) async fn delete(aws: &Aws, bucket: &str, keys: &[String]) -> Answer<()> {
    let asked = "s3 DeleteObjects";
    for keys in keys.chunks(deleted_at_once()) {
        let objects: String =
            keys.iter().map(|key| format!("<Object><Key>{}</Key></Object>", escape(key))).collect();
        let body = wrapped("Delete", &format!("<Quiet>true</Quiet>{objects}"));
        let call = Call::new(asked, Method::POST, bucket).sub("delete");
        let call = call.header("content-type", "application/xml").body(body.as_bytes());
        let reply = aws.signer.ask(&call.ours(aws).await?).await?;
        // An object that stays is told inside a 200.
        if let Some(error) = document(asked, &reply.body)?.child("Error") {
            let (key, code) = (error.text_of("Key"), error.text_of("Code"));
            let message = format!("s3://{bucket}/{key} could not be deleted: {code}");
            return Err(failure::refused(asked, code, &message));
        }
    }
    Ok(())
}

/// Tests delete fewer: `DELETE_AT_ONCE`.
fn deleted_at_once() -> usize {
    let told = std::env::var("DELETE_AT_ONCE").ok().and_then(|value| value.parse().ok());
    told.unwrap_or(DELETED_AT_ONCE).clamp(1, DELETED_AT_ONCE)
}
