//! Who is told by the alarms: one address for all stacks that have any.

use crate::Error;
use crate::control_plane::ControlPlane;
use crate::options::address;
use crate::stacks::{self, live, parameter};
use crate::talk;

/// What was said, now or at an earlier deployment; else it is asked for. `None` with `--no-watch`, which has no alarms.
pub(crate) async fn told(
    plane: &impl ControlPlane,
    stack: &str,
    (no_watch, said): (bool, Option<&str>),
) -> Result<Option<String>, Error> {
    if no_watch {
        return Ok(None);
    }
    if let Some(said) = said {
        return Ok(Some(said.to_owned()));
    }
    for stack in [format!("{stack}-watch"), format!("{stack}-logs")] {
        let stack = stacks::read(plane, &stack).await?;
        let said = parameter(live(stack.as_ref()), "AlarmEmail");
        if !said.is_empty() {
            return Ok(Some(said.to_owned()));
        }
    }
    let answer = talk::ask("Who is told by the alarms? An address, or none:")?;
    let answer = answer.ok_or(Error::NoAlarmEmail {})?;
    address(&answer).map(Some).map_err(|_| Error::NotAnAddress { answer })
}
