//! What is to be published.

use std::path::Path;

use anyhow::{anyhow, bail};
use content_config::{Compiled, Content, Source};

use crate::s3::{Headers, MAX_BYTES};

/// What caches do with every object, free or priced. CloudFront keeps a copy for a day, which is what
/// it would do unasked, so that a forgotten invalidation mends itself; viewers ask again each time and
/// are answered 304 for nothing. The function makes it `private` for what is sold.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Expiration.html>
pub(super) const CACHE_CONTROL: &str = "max-age=0, s-maxage=86400";

/// Compiles the table; its errors, an object without a rule among them, end the run.
pub(super) fn compile(config: &Path) -> anyhow::Result<Compiled> {
    let compiled = content_config::compile(config).map_err(|report| {
        anyhow!("{report}\nnothing is uploaded: {} has errors", config.display())
    })?;
    for content in compiled.contents() {
        if let Err(why) = sendable(&content) {
            bail!("nothing is uploaded: {why}");
        }
    }
    Ok(compiled)
}

/// Whether the bytes are here, and fit into one part.
fn sendable(content: &Content<'_>) -> Result<(), String> {
    let Content { key, size, source, .. } = content;
    match source {
        Source::Elsewhere => Err(format!(
            "{key:?} is listed in a manifest: name the folder that it is in, `content = \"...\"` in [site]"
        )),
        _ if *size > MAX_BYTES => Err(format!(
            "{key:?} has {size} bytes, and S3 takes {MAX_BYTES} in one part, as the paywall wants its objects: split the file"
        )),
        _ => Ok(()),
    }
}

pub(super) fn headers<'a>(content: &Content<'a>) -> Headers<'a> {
    Headers { content_type: content.mime_type, cache_control: CACHE_CONTROL }
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
            rule: 0,
            source,
        };
        assert_eq!(sendable(&content(MAX_BYTES, Source::Generated(b""))), Ok(()));
        let too_big = sendable(&content(MAX_BYTES + 1, Source::Generated(b""))).unwrap_err();
        assert!(too_big.contains("split the file"), "{too_big}");
        assert!(sendable(&content(0, Source::Elsewhere)).is_err());
    }
}
