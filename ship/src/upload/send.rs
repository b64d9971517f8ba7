//! Sends what the plan says, several objects at a time.

use std::collections::BTreeMap;

use content_config::Source;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use indicatif::{ProgressBar, ProgressStyle};

use super::content::headers;
use super::plan::{Plan, Send};
use crate::s3::{Body, Bucket, S3Error, Upload};

/// The ETags of all objects on sale, sorted by key.
pub(super) type Etags<'a> = BTreeMap<&'a str, String>;

pub(super) async fn send<'a>(
    bucket: &Bucket,
    plan: &Plan<'a>,
    parallel: usize,
) -> Result<Etags<'a>, S3Error> {
    let bar = bar(plan);
    let sending = plan.sends.iter().map(|send| {
        let bar = &bar;
        async move {
            let etag = one(bucket, send).await?;
            bar.inc(send.content.size);
            bar.set_message(send.content.key.to_owned());
            Ok((send.content.key, etag))
        }
    });
    let sent: Vec<_> = stream::iter(sending).buffered(parallel).try_collect().await?;
    bar.finish_and_clear();
    let same = plan.same.iter().map(|(content, etag)| (content.key, etag.clone()));
    Ok(sent.into_iter().chain(same).collect())
}

async fn one(bucket: &Bucket, send: &Send<'_>) -> Result<String, S3Error> {
    let content = &send.content;
    let body = match &content.source {
        Source::File(path) => Body::File(path, content.size),
        Source::Generated(bytes) => Body::Bytes(bytes),
        Source::Elsewhere => unreachable!("`content::compile` refuses manifests"),
    };
    let sha256 = content.sha256.expect("folders and documents are hashed");
    let (key, headers) = (content.key, headers(content));
    bucket.put(&Upload { key, headers: &headers, sha256, body }).await
}

/// Hidden where no terminal is.
fn bar(plan: &Plan<'_>) -> ProgressBar {
    let style = "{bar:30} {decimal_bytes}/{decimal_total_bytes} {decimal_bytes_per_sec} {eta} {wide_msg:.dim}";
    let style = ProgressStyle::with_template(style).expect("a template that indicatif can read");
    ProgressBar::new(plan.bytes()).with_style(style)
}
