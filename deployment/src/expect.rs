//! What a deployment leaves for the check of [`crate::check`].

use serde_json::Value;

use crate::Error;
use crate::check::{self, Made};
use crate::control_plane::{ControlPlane, Stack};
use crate::error::while_asking;
use crate::open;
use crate::stacks::output;

/// What [`change`] does.
pub(crate) fn begins(bucket: &str, stack: &str) -> String {
    format!("say in s3://{bucket}/{} that a change begins", check::key(stack))
}

/// What [`stay`] and [`moved`] do.
pub(crate) fn ends(bucket: &str, stack: &str) -> String {
    format!("write to s3://{bucket}/{} what is to stay", check::key(stack))
}

/// Before a stack or a distribution is changed: what comes now is no finding.
pub(crate) async fn change(
    plane: &impl ControlPlane,
    bucket: &str,
    stack: &str,
    distribution: &str,
) -> Result<(), Error> {
    check::begin_change(plane, bucket, stack, distribution)
        .await
        .map_err(while_asking("saying that a deployment begins"))
}

/// After a change that leaves what is to stay as it was: what differs from that now is found.
pub(crate) async fn over(
    plane: &impl ControlPlane,
    bucket: &str,
    stack: &str,
    distribution: &str,
) -> Result<(), Error> {
    check::end_change(plane, bucket, stack, distribution)
        .await
        .map_err(while_asking("saying that a deployment is over"))
}

/// After it: this is what is to stay.
pub(crate) async fn stay(
    plane: &impl ControlPlane,
    bucket: &str,
    stack: &Stack,
    distribution: &str,
    guarded: &[String],
    config: &Value,
) -> Result<(), Error> {
    // Where the distribution had one of its owner's, that one stays.
    let own = output(Some(stack), "WebAclArn");
    let made = Made {
        stack: &stack.name,
        distribution,
        version: output(Some(stack), "FunctionVersionArn"),
        guarded,
        web_acl: Some(own).filter(|own| !own.is_empty() && config["WebACLId"] == **own),
        config: Some(config),
        owned: None,
        closed: open::is_closed(Some(stack)),
    };
    let written = check::record(plane, bucket, &made).await;
    let written = written
        .map_err(while_asking(format!("writing what is to stay of distribution {distribution}")))?;
    written.map_err(|why| Error::Changed { id: distribution.to_owned(), why: why.to_string() })
}

/// Whether the last deployment came to its end.
pub(crate) async fn is_settled(
    plane: &impl ControlPlane,
    bucket: &str,
    stack: Option<&Stack>,
    distribution: &str,
) -> Result<bool, Error> {
    let Some(stack) = stack else { return Ok(false) };
    let version = output(Some(stack), "FunctionVersionArn");
    check::is_settled(plane, bucket, &stack.name, distribution, version)
        .await
        .map_err(while_asking(format!("reading what is to stay of distribution {distribution}")))
}

/// After a roll-back: the function alone is another.
pub(crate) async fn moved(
    plane: &impl ControlPlane,
    bucket: &str,
    stack: &Stack,
) -> Result<(), Error> {
    let distribution = output(Some(stack), "DistributionId");
    let version = output(Some(stack), "FunctionVersionArn");
    let moved = check::move_to(plane, bucket, &stack.name, distribution, version).await;
    let moved = moved
        .map_err(while_asking(format!("writing what is to stay of distribution {distribution}")))?;
    moved.map_err(|why| Error::Changed { id: distribution.to_owned(), why: why.to_string() })
}

/// The behaviours that have a function: their patterns, or `default`.
pub(crate) fn guarded(config: &Value, version: &str) -> Vec<String> {
    let items = |of: &Value| of["Items"].as_array().cloned().unwrap_or_default();
    let has = |behaviour: &Value| {
        items(&behaviour["LambdaFunctionAssociations"])
            .iter()
            .any(|one| one["LambdaFunctionARN"] == *version)
    };
    let mut all: Vec<_> = items(&config["CacheBehaviors"])
        .iter()
        .filter(|behaviour| has(behaviour))
        .filter_map(|behaviour| Some(behaviour["PathPattern"].as_str()?.to_owned()))
        .collect();
    if has(&config["DefaultCacheBehavior"]) {
        all.push("default".to_owned());
    }
    all
}
