//! What the bucket has of the content, and what besides.

use std::collections::HashMap;

use content_config::{Compiled, Content, Stored};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use price_table::{Redemptions, Seal};

use super::content::headers;
use crate::s3::{Bucket, S3Error};

/// How an object on sale is found in the bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Not there.
    Nothing,
    /// Other bytes.
    OtherBytes,
    /// The same bytes, with another type or other caching.
    OtherHeaders,
    /// As it should be, with this ETag.
    Same(String),
}

/// Where the objects are.
#[derive(Clone, Copy)]
pub(super) struct Place<'b> {
    /// All that the distribution reaches.
    pub(super) whole: &'b Bucket,
    /// The objects' own: below the seal, if there is one.
    pub(super) folder: &'b Bucket,
}

impl<'b> Place<'b> {
    pub(super) fn seal(&self) -> Option<&'b Seal> {
        self.folder.target().seal.as_ref()
    }
}

/// A bucket against a table.
pub(super) struct Survey {
    /// For each object of the table, sorted by key.
    pub(super) found: Vec<Found>,
    /// In the bucket, and not on sale.
    pub(super) unpriced: Vec<Stored>,
    /// On sale, and outside of the seal as well: free for whoever gets round the function.
    pub(super) open: Vec<Stored>,
}

/// Lists the bucket, and asks about every object that the list cannot tell from ours. What a sealed site has
/// outside of its seal is told of only if it is on sale: the rest is not ours.
pub(super) async fn survey(
    place: Place<'_>,
    compiled: &Compiled,
    parallel: usize,
) -> Result<Survey, S3Error> {
    let (Place { whole, folder: bucket }, seal) = (place, place.seal());
    let claims = claims(compiled, bucket);
    let (mut listed, mut unpriced, mut open) = (HashMap::new(), Vec::new(), Vec::new());
    let mut sort = |stored: Stored, inside: bool| {
        let on_sale = compiled.listing(&stored.key).is_some();
        match (on_sale, inside) {
            (true, true) => {
                listed.insert(stored.key.clone(), stored);
            }
            (true, false) => open.push(stored),
            (false, true) if claims.as_ref().is_none_or(|it| !stored.key.starts_with(it)) => {
                unpriced.push(stored);
            }
            (false, _) => {}
        }
    };
    whole
        .list(|stored| {
            let below = seal.map(|seal| seal.strip_key(&stored.key).map(str::to_owned));
            match below {
                None => sort(stored, true),
                Some(None) => sort(stored, false),
                Some(Some(key)) => sort(Stored { key, ..stored }, true),
            }
        })
        .await?;
    let asked = compiled.contents().map(|content| {
        let stored = listed.remove(content.key);
        // Made one by one as they are asked: each takes more memory than its object's row.
        async move { find(bucket, &content, stored).await }
    });
    let found = stream::iter(asked).buffered(parallel).try_collect().await?;
    Ok(Survey { found, unpriced, open })
}

async fn find(
    bucket: &Bucket,
    content: &Content<'_>,
    stored: Option<Stored>,
) -> Result<Found, S3Error> {
    let Some(stored) = stored else { return Ok(Found::Nothing) };
    if stored.size != content.size {
        return Ok(Found::OtherBytes);
    }
    let Some(head) = bucket.head(content.key).await? else { return Ok(Found::Nothing) };
    let same_bytes = match (&head.sha256, content.sha256) {
        (Some(theirs), Some(ours)) => theirs == ours,
        // Another tool stored it: its ETag tells, unless the bucket encrypts with KMS keys.
        _ => stored.etag == content.etag,
    };
    let wanted = headers(content);
    let same_headers = head.content_type.as_deref() == Some(wanted.content_type)
        && head.cache_control.as_deref() == Some(wanted.cache_control);
    Ok(match (same_bytes, same_headers) {
        (false, _) => Found::OtherBytes,
        (true, false) => Found::OtherHeaders,
        (true, true) => Found::Same(stored.etag),
    })
}

/// Where in this bucket the function keeps its sales, if it does: they are not content.
fn claims(compiled: &Compiled, content: &Bucket) -> Option<String> {
    let target = content.target();
    match &compiled.table().redemptions {
        Redemptions::S3 { bucket, prefix, .. } if *bucket == target.bucket => {
            let folder = format!("{}/", prefix.trim_matches('/'));
            Some(folder.strip_prefix(&target.prefix).unwrap_or(&folder).to_owned())
        }
        _ => None,
    }
}
