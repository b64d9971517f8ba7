//! Whether what a package sells is in the bucket: who buys what is not there is charged for a 403.

use std::collections::HashSet;

use next_step::Outcome;

use crate::control_plane::{ControlPlane, Stack};
use crate::error::while_asking;
use crate::stacks::parameter;

/// Fails if an object that a package sells is not where its function would ask for it.
pub(crate) async fn check(
    plane: &impl ControlPlane,
    stack: &Stack,
    packages: &str,
    key: &str,
) -> Outcome<()> {
    let zip = plane.get_object(packages, key).await;
    let zip = zip.map_err(while_asking(format!("reading s3://{packages}/{key}")))?;
    let sold = zip.map(|zip| ship::artifact::sells(&zip, key)).transpose()?.flatten();
    let Some(sold) = sold else { return Ok(()) };
    let bucket = parameter(Some(stack), "ContentBucketName");
    let listed = plane.objects(bucket, &sold.prefix).await;
    let listed = listed.map_err(while_asking(format!("listing s3://{bucket}")))?;
    let there: HashSet<_> =
        listed.iter().filter_map(|object| object.key.strip_prefix(&sold.prefix)).collect();
    let mut gone = sold.keys.iter().filter(|key| !there.contains(key.as_str()));
    match gone.next() {
        None => Ok(()),
        Some(first) => Err(ship::Error::Gone {
            package: key.to_owned(),
            count: gone.count() + 1,
            first: first.clone(),
            bucket: bucket.to_owned(),
        }
        .into()),
    }
}
