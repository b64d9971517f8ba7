//! What is to be published.

use std::path::Path;

use content_config::{Compiled, Content, Source};

use crate::error::Error;
use crate::s3::{Headers, MAX_BYTES};

/// What caches do with every object, free or priced. CloudFront keeps a copy for a day, which is what
/// it would do unasked, so that a forgotten invalidation mends itself; viewers ask again each time and
/// are answered 304 for nothing. The function makes it `private` for what is sold.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Expiration.html>
pub(super) const CACHE_CONTROL: &str = "max-age=0, s-maxage=86400";

/// Compiles the table; its errors, an object without a rule among them, end the run.
pub(super) fn compile(config: &Path) -> Result<Compiled, Error> {
    let compiled = content_config::compile(config).map_err(|report| Error::NotUploaded {
        config: config.display().to_string(),
        report: report.to_string(),
    })?;
    compiled.contents().try_for_each(|content| sendable(&content))?;
    Ok(compiled)
}

/// Whether the bytes are here, and fit into one part.
fn sendable(content: &Content<'_>) -> Result<(), Error> {
    let Content { key, size, source, .. } = content;
    match source {
        Source::Elsewhere => Err(Error::NoBytes { key: (*key).to_owned() }),
        _ if *size > MAX_BYTES => {
            Err(Error::TooLong { key: (*key).to_owned(), bytes: *size, most: MAX_BYTES })
        }
        _ => Ok(()),
    }
}

pub(super) fn headers<'a>(content: &Content<'a>) -> Headers<'a> {
    Headers {
        content_type: content.mime_type,
        content_encoding: content.encoding,
        cache_control: content.cache_control.unwrap_or(CACHE_CONTROL),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_sent() {
        let content = |size, source| Content {
            key: "a",
            size,
            mime_type: "text/plain",
            etag: "\"e\"",
            sha256: None,
            encoding: None,
            cache_control: None,
            rule: 0,
            source,
        };
        sendable(&content(MAX_BYTES, Source::Generated(b""))).unwrap();
        let too_big = sendable(&content(MAX_BYTES + 1, Source::Generated(b""))).unwrap_err();
        assert!(matches!(too_big, Error::TooLong { .. }), "{too_big}");
        assert!(sendable(&content(0, Source::Elsewhere)).is_err());
    }
}
