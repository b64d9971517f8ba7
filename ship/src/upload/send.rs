//! Sends what the plan says, several objects at a time.

use std::collections::BTreeMap;

use content_config::{Content, Source};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use indicatif::{ProgressBar, ProgressStyle};

use super::content::{has_headers, headers};
use super::plan::Plan;
use super::unfinished::Begun;
use crate::s3::{Body, Bucket, S3Error, Upload, UploadInParts};

/// The ETags of all objects on sale, sorted by key.
pub(super) type Etags<'a> = BTreeMap<&'a str, String>;

pub(super) async fn send<'a>(
    bucket: &Bucket,
    plan: &Plan<'a>,
    begun: &Begun,
    parallel: usize,
) -> Result<Etags<'a>, S3Error> {
    let bar = bar(plan);
    let sending = plan.sends.iter().map(|send| {
        let bar = &bar;
        async move {
            let begun = begun.get(send.content.key).map(String::as_str);
            let etag = one(bucket, &send.content, begun, parallel, &|bytes| bar.inc(bytes)).await?;
            bar.set_message(send.content.key.to_owned());
            Ok((send.content.key, etag))
        }
    });
    let sent: Vec<_> = stream::iter(sending).buffered(parallel).try_collect().await?;
    bar.finish_and_clear();
    let same = plan.same.iter().map(|(content, etag)| (content.key, etag.clone()));
    Ok(sent.into_iter().chain(same).collect())
}

async fn one(
    bucket: &Bucket,
    content: &Content<'_>,
    begun: Option<&str>,
    parallel: usize,
    sent: &impl Fn(u64),
) -> Result<String, S3Error> {
    let (key, size, headers) = (content.key, content.size, headers(content));
    if let (Some(parts), Source::File(path)) = (content.parts, &content.source) {
        let (part, sha256) = (parts.bytes, parts.sha256.as_slice());
        let upload = UploadInParts { key, headers: &headers, path, size, part, sha256, parallel };
        let etag = match bucket.put_parts(&upload, begun, sent).await {
            // Completed by a call whose answer was lost and that was sent again, or taken away by another run.
            Err(S3Error::Refused { status: 404, .. }) => {
                bucket.put_parts(&upload, None, &|_| ()).await?
            }
            etag => etag?,
        };
        // What was begun may have been begun with other headers.
        let other = match begun {
            None => false,
            Some(_) => bucket.head(key).await?.is_some_and(|head| !has_headers(&head, content)),
        };
        return if other { bucket.put_parts(&upload, None, &|_| ()).await } else { Ok(etag) };
    }
    let body = match &content.source {
        Source::File(path) => Body::File { path, from: 0, bytes: size },
        Source::Generated(bytes) => Body::Bytes(bytes),
        Source::Elsewhere => unreachable!("`content::compile` refuses manifests"),
    };
    let sha256 = content.sha256.expect("folders and documents are hashed");
    let etag = bucket.put(&Upload { key, headers: &headers, sha256, body }).await?;
    sent(size);
    Ok(etag)
}

/// Hidden where no terminal is.
fn bar(plan: &Plan<'_>) -> ProgressBar {
    let style = "{bar:30} {decimal_bytes}/{decimal_total_bytes} {decimal_bytes_per_sec} {eta} {wide_msg:.dim}";
    let style = ProgressStyle::with_template(style).expect("a template that indicatif can read");
    ProgressBar::new(plan.bytes()).with_style(style)
}
