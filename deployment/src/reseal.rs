//! How far the change of a stack's seal is: since when the function that asks below the new one is live everywhere.

use jiff::Timestamp;
use next_step::Outcome;
use ship::seal::fingerprint;

use crate::control_plane::{ControlPlane, Stack};
use crate::error::while_asking;
use crate::live::{self, Seen};
use crate::seal::{change, reseal_name};

/// Writes down since when a stack's function asks below the new seal, if its seal changes and the function is live
/// everywhere; says what is next.
pub(crate) async fn note(
    plane: &impl ControlPlane,
    stack: &Stack,
    distribution: &str,
) -> Outcome<()> {
    let Some(reseal) = change(plane, &stack.name).await? else { return Ok(()) };
    let (new, publish) =
        (fingerprint(&reseal.to), format!("`paywall publish --stack {}`", stack.name));
    match live::everywhere(plane, stack, Some(distribution)).await? {
        Seen::Everywhere(function) if function.seal.as_ref() == Some(&new) => {
            if let Some(noted) = reseal.with_live(&function.name, Timestamp::now()) {
                let name = reseal_name(&stack.name);
                let written = plane.put_parameter(&name, &noted.to_json(), None, true).await;
                written.map_err(while_asking(format!(
                    "writing to {name} that the new seal is live"
                )))?;
            }
            println!(
                "next: {publish} --delete, an hour from now, takes away what lies below the old seal"
            );
        }
        Seen::Everywhere(_) => println!(
            "next: {publish} --reseal goes on: the seal is being changed, and this function has the old one"
        ),
        Seen::Closed | Seen::Elsewhere(_) | Seen::Unknown(_) => println!(
            "next: {publish} once the distribution is Deployed, and again with --delete an hour later: what lies below the old \
             seal goes then"
        ),
    }
    Ok(())
}

/// Writes down that the function which asks below the new seal will not be everywhere, before another takes its place, or
/// is tried: what lies below the old seal stays for an hour more from when it is live again.
pub(crate) async fn goes_back(plane: &impl ControlPlane, stack: &str) -> Outcome<()> {
    let change = change(plane, stack).await?;
    let Some(noted) = change.and_then(|change| change.without_live()) else { return Ok(()) };
    let name = reseal_name(stack);
    let written = plane.put_parameter(&name, &noted.to_json(), None, true).await;
    written.map_err(while_asking(format!("writing to {name} that another function comes")))?;
    Ok(())
}
