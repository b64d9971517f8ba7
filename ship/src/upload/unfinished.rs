//! Parts that runs before this one have sent, of objects that are not complete: they are paid for like objects.

use std::collections::HashMap;

use content_config::Compiled;

use super::plan::Plan;
use crate::s3::{Bucket, S3Error, Unfinished};

/// The uploads that this run goes on with: their ids, by key.
pub(super) type Begun = HashMap<String, String>;

/// Gives what can be gone on with, and takes away what else there is of what is on sale, or copied. At other keys other tools
/// may be at work; and nothing is looked for where nothing comes in parts, so that nobody needs the right for it.
pub(super) async fn sort(
    bucket: &Bucket,
    compiled: &Compiled,
    plan: &Plan<'_>,
) -> Result<Begun, S3Error> {
    let mut begun = Begun::new();
    if !plan.has_parts {
        return Ok(begun);
    }
    let own = |key: &str| compiled.listing(key).is_some() || plan.copies(key);
    let mut left = bucket.unfinished().await?;
    left.retain(|upload| own(&upload.key) && is_ours(upload));
    // The last one first: it has what was sent last.
    left.sort_by(|a, b| b.since.cmp(&a.since));
    for Unfinished { key, id, checksum, .. } in left {
        let goes_on = checksum.is_some() && plan.sends_parts(&key) && !begun.contains_key(&key);
        match goes_on {
            true => drop(begun.insert(key, id)),
            false => bucket.abort(&key, &id).await?,
        }
    }
    Ok(begun)
}

/// Whether it is begun as we begin. Servers that know no checksums tell of none.
fn is_ours(upload: &Unfinished) -> bool {
    upload.checksum.as_deref().is_none_or(|checksum| checksum == "SHA256")
}
