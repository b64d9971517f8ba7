//! What is to be published.

use std::path::Path;

use anyhow::{anyhow, bail};
use content_config::{Compiled, Source};

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
        if content.source == Source::Elsewhere {
            bail!(
                "{} lists its objects in a manifest: name their folder, `content = \"...\"` in [site], to upload from",
                config.display()
            );
        }
        if content.size > MAX_BYTES {
            bail!(
                "{:?} has {} bytes, and {MAX_BYTES} can be uploaded in one part, as the paywall wants its objects: split the file",
                content.key,
                content.size
            );
        }
    }
    Ok(compiled)
}

pub(super) fn headers<'a>(content: &content_config::Content<'a>) -> Headers<'a> {
    Headers { content_type: content.mime_type, cache_control: CACHE_CONTROL }
}
