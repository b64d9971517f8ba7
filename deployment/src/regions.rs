//! In which Regions a site has a stack of its own: `STACK-logs`.

use std::collections::BTreeSet;

use crate::Error;
use crate::control_plane::{ControlPlane, Failure, Kind, REGION, Stack};
use crate::error::while_asking;
use crate::{limits, stacks};

/// The Regions with a regional edge cache, where functions run: stacks are looked for there, whatever was chosen.
/// <https://aws.amazon.com/cloudfront/features/>
const EDGE: [&str; 13] = [
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "eu-central-1",
    "eu-west-1",
    "eu-west-2",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

/// A site's stack in a Region.
pub(crate) fn stack_name(site: &str) -> String {
    format!("{site}-logs")
}

/// What is in the Regions, wherever it was chosen.
pub(crate) struct Found<C> {
    /// In us-east-1 last: it knows the others' Regions.
    pub(crate) stacks: Vec<(C, Stack)>,
    /// Where these credentials may not look, a line each.
    pub(crate) unseen: Vec<String>,
}

/// Looks for a site's regional stacks.
pub(crate) async fn find<C: ControlPlane>(
    plane: &C,
    site: &str,
    stack: Option<&Stack>,
) -> Result<Found<C>, Error> {
    let name = stack_name(site);
    let home = stacks::read(plane, &name).await?;
    let chosen: BTreeSet<_> =
        [stack, home.as_ref()].into_iter().flat_map(|stack| limits::regions(&[], stack)).collect();
    let mut regions = chosen.clone();
    regions.extend(EDGE.map(str::to_owned));
    let mut found = Found { stacks: Vec::new(), unseen: Vec::new() };
    for region in regions.iter().filter(|region| *region != REGION) {
        let there = plane.in_region(region);
        match there.stack(&name).await {
            Ok(None) => {}
            Ok(Some(stack)) => found.stacks.push((there, stack)),
            // Accounts may be kept out of Regions, where then nothing is.
            Err(Failure { kind: Kind::Denied, .. }) if !chosen.contains(region) => {
                found.unseen.push(format!("{region}: these credentials may not look there"));
            }
            Err(failure) => {
                return Err(while_asking(format!("asking for stack {name} in {region}"))(failure));
            }
        }
    }
    found.stacks.extend(home.map(|home| (plane.in_region(REGION), home)));
    Ok(found)
}
