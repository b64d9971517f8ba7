//! Which function is live everywhere.

use next_step::Outcome;
use ship::upload::Function;

use crate::control_plane::{ControlPlane, Stack};
use crate::error::while_asking;
use crate::package;
use crate::stacks::output;

/// A stack's function, if a distribution runs it and nothing is on its way to the edge; or why that is not known.
pub(crate) async fn everywhere(
    plane: &impl ControlPlane,
    stack: &Stack,
    distribution: Option<&str>,
) -> Outcome<Result<Function, String>> {
    let Some(id) = distribution else {
        return Ok(Err("no distribution is named (--distribution ID)".to_owned()));
    };
    let asked = || while_asking(format!("asking for distribution {id}"));
    let found = plane.distribution(id).await.map_err(asked())?;
    let state = found.map_or_else(|| "unknown".to_owned(), |found| found.status);
    if !stack.status.ends_with("_COMPLETE") || state != "Deployed" {
        return Ok(Err(format!("stack {}, distribution {state}", stack.status)));
    }
    // An attached one may run an earlier version, or none.
    let arn = output(Some(stack), "FunctionVersionArn");
    let config = plane.configuration(id).await.map_err(asked())?;
    if !config.is_some_and(|live| live.config.to_string().contains(&format!("\"{arn}\""))) {
        return Ok(Err(format!("distribution {id} does not run the stack's function")));
    }
    // The record tells what is live only when nothing is on its way.
    let record = package::live_record(plane, stack).await?;
    Ok(record.map(|record| Function::of(record, arn)).ok_or_else(|| {
        format!("stack {}, and the record beside its package is gone", stack.status)
    }))
}
