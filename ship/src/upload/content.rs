//! What is to be published.

use std::path::Path;

use content_config::{Compiled, Content, Parts, Source};

use crate::error::Error;
use crate::s3::{Head, Headers};

/// What caches do with every object, free or priced. CloudFront keeps a copy for a day, which is what
/// it would do unasked, so that a forgotten invalidation mends itself; viewers ask again each time and
/// are answered 304 for nothing. The function makes it `private` for what is sold.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Expiration.html>
pub(super) const CACHE_CONTROL: &str = "max-age=0, s-maxage=86400";

/// Compiles the table; its errors, an object without a rule among them, end the run.
pub(super) fn compile(config: &Path, parts: Parts) -> Result<Compiled, Error> {
    let compiled = content_config::compile_in(config, parts).map_err(|report| {
        Error::NotUploaded { config: config.display().to_string(), report: report.to_string() }
    })?;
    compiled.contents().try_for_each(|content| sendable(&content))?;
    Ok(compiled)
}

/// Whether the bytes are here.
fn sendable(content: &Content<'_>) -> Result<(), Error> {
    match content.source {
        Source::Elsewhere => Err(Error::NoBytes { key: content.key.to_owned() }),
        _ => Ok(()),
    }
}

/// Whether an object is stored as it should be, but for its bytes.
pub(super) fn has_headers(head: &Head, content: &Content<'_>) -> bool {
    let wanted = headers(content);
    head.content_type.as_deref() == Some(wanted.content_type)
        && head.content_encoding.as_deref() == wanted.content_encoding
        && head.cache_control.as_deref() == Some(wanted.cache_control)
}

pub(super) fn headers<'a>(content: &Content<'a>) -> Headers<'a> {
    Headers {
        content_type: content.mime_type,
        content_encoding: content.encoding,
        cache_control: content.cache_control.unwrap_or(CACHE_CONTROL),
    }
}
