//! Which function is live everywhere.

use next_step::Outcome;
use ship::gates::FunctionVersion;
use ship::upload::Function;

use crate::control_plane::{ControlPlane, Stack};
use crate::error::while_asking;
use crate::stacks::{output, parameter};
use crate::{check, open, package};

/// What is seen of a stack's function.
pub(crate) enum Seen {
    /// It is live, and nothing is on its way to the edge.
    Everywhere(Function),
    /// The site is closed: nobody is answered.
    Closed,
    /// Somewhere is another one in its place; where.
    Elsewhere(String),
    /// Why it is not known.
    Unknown(String),
}

/// A stack's function, if a distribution runs it and nothing is on its way to the edge. While the seal changes, any other
/// distribution that runs the function counts as well: an earlier version there asks below the old seal.
pub(crate) async fn everywhere(
    plane: &impl ControlPlane,
    stack: &Stack,
    distribution: Option<&str>,
) -> Outcome<Seen> {
    let Some(id) = distribution else {
        return Ok(Seen::Unknown("no distribution is named (--distribution ID)".to_owned()));
    };
    let asked = || while_asking(format!("asking for distribution {id}"));
    let found = plane.distribution(id).await.map_err(asked())?;
    let state = found.map_or_else(|| "unknown".to_owned(), |found| found.status);
    let under_way = || Ok(Seen::Unknown(format!("stack {}, distribution {state}", stack.status)));
    if !stack.status.ends_with("_COMPLETE") {
        return under_way();
    }
    let bucket = parameter(Some(stack), "CodeBucketName");
    let changing = check::is_changing(plane, bucket, &stack.name, id).await;
    if changing.map_err(while_asking("looking whether a deployment is under way"))? {
        return Ok(Seen::Unknown("a deployment is under way".to_owned()));
    }
    let config = plane.configuration(id).await.map_err(asked())?;
    let is_enabled = config.as_ref().is_some_and(|live| live.config["Enabled"] != false);
    if open::is_closed(Some(stack)) && !is_enabled {
        return Ok(Seen::Closed);
    }
    if state != "Deployed" {
        return under_way();
    }
    // An attached one may run an earlier version, or none.
    let arn = output(Some(stack), "FunctionVersionArn");
    if !config.is_some_and(|live| live.config.to_string().contains(&format!("\"{arn}\""))) {
        return Ok(Seen::Elsewhere(format!("distribution {id} does not run the stack's function")));
    }
    // What another distribution sells by an earlier version must not be deleted.
    if let Some(seen) = others(plane, &arn.parse()?).await? {
        return Ok(seen);
    }
    // The record tells what is live only when nothing is on its way.
    let record = package::live_record(plane, stack).await?;
    Ok(match record {
        Some(record) => Seen::Everywhere(Function::of(record, arn)),
        None => Seen::Unknown(format!(
            "stack {}, and the record beside its package is gone",
            stack.status
        )),
    })
}

/// The distribution that keeps a function from being live everywhere, if one does.
async fn others(plane: &impl ControlPlane, function: &FunctionVersion) -> Outcome<Option<Seen>> {
    let all = plane.distributions().await.map_err(while_asking("listing distributions"))?;
    let mut seen = None;
    for one in &all {
        let mut versions = one.functions.iter().filter(|arn| function.is(arn)).peekable();
        if versions.peek().is_some() && one.status != "Deployed" {
            seen = Some(Seen::Unknown(format!("distribution {} {}", one.id, one.status)));
        }
        if let Some(other) = versions.find(|arn| **arn != function.arn()) {
            let elsewhere = format!("distribution {} runs {other}, not {}", one.id, function.arn());
            return Ok(Some(Seen::Elsewhere(elsewhere)));
        }
    }
    Ok(seen)
}
