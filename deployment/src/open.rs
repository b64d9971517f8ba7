//! Whether a site answers anybody: not before all is there that it sells.
//!
//! A distribution that is disabled takes no request:
//! <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesGeneral.html#DownloadDistValuesEnabled>

use crate::control_plane::Stack;
use crate::stacks::{live, parameter};

/// The template's parameter.
pub(crate) const OPEN: &str = "Open";

/// Whether a stack's site is closed. Those from before there was this parameter are open, and stacks without a site.
pub(crate) fn is_closed(stack: Option<&Stack>) -> bool {
    parameter(live(stack), OPEN) == "no"
}

/// Whether a stack's site answers.
pub(crate) fn sells(stack: Option<&Stack>) -> bool {
    live(stack).is_some() && !is_closed(stack)
}

/// What [`OPEN`] is to be, with what `--parameter` says; `None` if the deployment is refused: it would sell what is not there.
/// A site that sells is not closed for that, since its live function sells what it has.
pub(crate) fn plan(
    stack: Option<&Stack>,
    given: Option<&str>,
    is_missing: bool,
) -> Option<&'static str> {
    match (given, is_missing) {
        (Some("no"), _) => Some("no"),
        (_, false) => Some("yes"),
        (None, true) if !sells(stack) => Some("no"),
        (_, true) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack(status: &str, open: &str) -> Stack {
        let given = Some((OPEN.into(), open.into())).filter(|_| !open.is_empty());
        let parameters = given.into_iter().collect();
        Stack { status: status.into(), parameters, ..Stack::default() }
    }

    #[test]
    fn nothing_opens_or_stays_open_that_lacks_something() {
        let (open, closed) = (stack("CREATE_COMPLETE", "yes"), stack("UPDATE_COMPLETE", "no"));
        let (before, shell) = (stack("CREATE_COMPLETE", ""), stack("ROLLBACK_COMPLETE", "yes"));
        for (stack, given, missing, all_there) in [
            (None, None, Some("no"), Some("yes")),
            (Some(&shell), None, Some("no"), Some("yes")),
            (Some(&closed), None, Some("no"), Some("yes")),
            (Some(&open), None, None, Some("yes")),
            (Some(&before), None, None, Some("yes")),
            // Who says so closes it, and opens it no sooner.
            (Some(&open), Some("no"), Some("no"), Some("no")),
            (None, Some("no"), Some("no"), Some("no")),
            (None, Some("yes"), None, Some("yes")),
            (Some(&closed), Some("yes"), None, Some("yes")),
        ] {
            assert_eq!(plan(stack, given, true), missing, "{stack:?} {given:?}");
            assert_eq!(plan(stack, given, false), all_there, "{stack:?} {given:?}");
        }
        assert!(is_closed(Some(&closed)) && !is_closed(Some(&before)) && !is_closed(None));
    }
}
