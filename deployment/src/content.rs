//! What a package sells against what its bucket has: who buys what is not there is charged for a 403, and what a sealed
//! site still has outside of its seal is as open as it was.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};
use next_step::Outcome;
use ship::reseal::Stage;

use crate::control_plane::{ControlPlane, Stack};
use crate::error::while_asking;
use crate::stacks::output;

/// How a bucket differs from what a package sells.
pub(crate) struct Content {
    pub(crate) bucket: String,
    /// What the keys begin with there: nothing, or the package's seal and a slash.
    prefix: String,
    /// How many objects are sold.
    pub(crate) sold: usize,
    /// The keys of those that are not where the function would ask for them.
    pub(crate) gone: Vec<String>,
    /// How many of a sealed site's objects are outside of its seal as well.
    pub(crate) open: usize,
}

/// Compares; `None` if the stack has no bucket of its own, or the package no table.
pub(crate) async fn look(
    plane: &impl ControlPlane,
    stack: &Stack,
    packages: &str,
    key: &str,
) -> Outcome<Option<Content>> {
    let bucket = output(Some(stack), "ContentBucketName");
    if bucket.is_empty() {
        return Ok(None);
    }
    let zip = plane.get_object(packages, key).await;
    let zip = zip.map_err(while_asking(format!("reading s3://{packages}/{key}")))?;
    let sold = zip.map(|zip| ship::artifact::sells(&zip, key)).transpose()?.flatten();
    let Some(sold) = sold else { return Ok(None) };
    let listed = plane.objects(bucket, "").await;
    let listed = listed.map_err(while_asking(format!("listing s3://{bucket}")))?;
    let there: HashSet<_> = listed.iter().map(|object| object.key.as_str()).collect();
    let is_gone = |key: &&String| !there.contains(format!("{}{key}", sold.prefix).as_str());
    let is_open = |key: &&String| !sold.prefix.is_empty() && there.contains(key.as_str());
    Ok(Some(Content {
        bucket: bucket.to_owned(),
        sold: sold.keys.len(),
        gone: sold.keys.iter().filter(is_gone).cloned().collect(),
        open: sold.keys.iter().filter(is_open).count(),
        prefix: sold.prefix,
    }))
}

/// So long before what lies below a seal may go, nobody goes back to it: a stack takes minutes to change.
const BEFORE: SignedDuration = SignedDuration::from_mins(10);

/// Fails if an object that a package sells is not where its function would ask for it, or may go at any moment.
pub(crate) async fn check(
    plane: &impl ControlPlane,
    stack: &Stack,
    packages: &str,
    key: &str,
) -> Outcome<()> {
    let Some(Content { bucket, gone, prefix, .. }) = look(plane, stack, packages, key).await?
    else {
        return Ok(());
    };
    let package = key.to_owned();
    if let Some(first) = gone.first() {
        let (count, first) = (gone.len(), first.clone());
        return Err(ship::Error::Gone { package, count, first, bucket }.into());
    }
    if prefix.is_empty() {
        return Ok(());
    }
    let change = crate::seal::change(plane, &stack.name).await?;
    let leaves = change.filter(|change| prefix.trim_end_matches('/') == change.from.as_str());
    match leaves.map(|change| change.stage(&change.to)) {
        Some(Stage::Live(over)) if over.duration_since(Timestamp::now()) < BEFORE => {
            Err(ship::Error::Going { package, over: over.to_string() }.into())
        }
        _ => Ok(()),
    }
}
