//! What the bucket has of the content, and what besides.

use std::collections::{HashMap, HashSet};

use content_config::{Compiled, Content, Stored};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use price_table::{Redemptions, Seal};

use super::content::has_headers;
use crate::error::Error;
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
    /// As it should be, below the seal that leaves alone.
    Before(Stored),
}

/// Where the objects are.
#[derive(Clone, Copy)]
pub(super) struct Place<'b> {
    /// All that the distribution reaches.
    pub(super) whole: &'b Bucket,
    /// The objects' own: below the seal, if there is one.
    pub(super) folder: &'b Bucket,
    /// Below the seal that leaves, if the seal changes.
    pub(super) before: Option<&'b Bucket>,
}

impl<'b> Place<'b> {
    pub(super) fn seal(&self) -> Option<&'b Seal> {
        self.folder.target().seal.as_ref()
    }

    /// What went wrong, without either seal.
    pub(super) fn explain(&self, error: S3Error) -> Error {
        match (error.explain(self.folder.target()), self.before) {
            (Error::S3 { said, advice }, Some(before)) => {
                Error::S3 { said: before.target().hiding_seal(said), advice }
            }
            (error, _) => error,
        }
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
    /// All that lies below the seal that leaves.
    pub(super) left: Vec<Stored>,
    /// Of that, what is not on sale, and not below the seal.
    pub(super) only_left: Vec<Stored>,
}

/// Lists the bucket, and asks about every object that the list cannot tell from ours. What a sealed site has
/// outside of its seal is told of only if it is on sale: the rest is not ours.
pub(super) async fn survey(
    place: Place<'_>,
    compiled: &Compiled,
    parallel: usize,
) -> Result<Survey, S3Error> {
    let (Place { whole, folder: bucket, before }, seal) = (place, place.seal());
    let leaves = before.and_then(|before| before.target().seal.as_ref());
    let claims = claims(compiled, bucket);
    let (mut listed, mut unpriced, mut open) = (HashMap::new(), Vec::new(), Vec::new());
    let mut left = Vec::new();
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
            if let Some(key) = leaves.and_then(|leaves| leaves.strip_key(&stored.key)) {
                let key = key.to_owned();
                return left.push(Stored { key, ..stored });
            }
            let below = seal.map(|seal| seal.strip_key(&stored.key).map(str::to_owned));
            match below {
                None => sort(stored, true),
                Some(None) => sort(stored, false),
                Some(Some(key)) => sort(Stored { key, ..stored }, true),
            }
        })
        .await?;
    let former: HashMap<&str, &Stored> = left.iter().map(|it| (it.key.as_str(), it)).collect();
    let asked = compiled.contents().map(|content| {
        let (stored, former) = (listed.remove(content.key), former.get(content.key).copied());
        // Made one by one as they are asked: each takes more memory than its object's row.
        async move {
            let found = find(bucket, &content, stored).await?;
            match (&found, before, former) {
                (Found::Same(_), ..) | (_, None, _) | (_, _, None) => Ok(found),
                (_, Some(before), Some(former)) => {
                    let there = find(before, &content, Some(former.clone())).await?;
                    let same = matches!(there, Found::Same(_));
                    Ok(if same { Found::Before(former.clone()) } else { found })
                }
            }
        }
    });
    let found = stream::iter(asked).buffered(parallel).try_collect().await?;
    let inside: HashSet<_> = unpriced.iter().map(|stored| stored.key.as_str()).collect();
    let only = |it: &&Stored| compiled.listing(&it.key).is_none() && !inside.contains(&*it.key);
    let only_left = left.iter().filter(only).cloned().collect();
    Ok(Survey { found, unpriced, open, left, only_left })
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
    let sha256 = content.parts.map_or(content.sha256, |parts| Some(&parts.sha256_of_all));
    let same_bytes = match (head.sha256.as_deref(), sha256) {
        (Some(theirs), Some(ours)) => theirs == ours,
        // Another tool stored it: its ETag tells, unless the bucket encrypts with KMS keys.
        _ => stored.etag == content.etag,
    };
    Ok(match (same_bytes, has_headers(&head, content)) {
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
