//! Copies below the new seal what lies below the old one, within S3.

use content_config::Stored;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::plan::Plan;
use super::send::Etags;
use crate::s3::{Bucket, S3Error};

/// Copies; gives the ETags of what is on sale.
pub(super) async fn copy<'a>(
    bucket: &Bucket,
    before: &Bucket,
    plan: &Plan<'a>,
    parallel: usize,
) -> Result<Etags<'a>, S3Error> {
    let copying = plan.copies.iter().map(|copy| async move {
        let Stored { key, size, etag } = &copy.stored;
        let etag = match copy.part {
            None => bucket.copy(before, key, etag).await?,
            Some(part) => bucket.copy_parts(before, key, etag, (*size, part)).await?,
        };
        Ok(copy.key.map(|key| (key, etag)))
    });
    let copied: Vec<_> = stream::iter(copying).buffered(parallel).try_collect().await?;
    Ok(copied.into_iter().flatten().collect())
}
