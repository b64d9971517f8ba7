//! `mode` and `until`: whether anything is charged yet.

use jiff::{SignedDuration, Timestamp};

use crate::code::Code;
use crate::report::Problem;
use crate::schema::Mode;

/// The longest dry run, days. Who wants to give something away for longer should say `free`.
const MAX_DAYS: i64 = 30;

/// When charging begins, if that is still to come.
pub(super) fn dry_run(
    mode: Option<&Mode>,
    now: Timestamp,
    problems: &mut Vec<Problem>,
) -> Option<Timestamp> {
    let Mode::DryRun { until } = mode? else { return None };
    let end = *until.get_ref();
    let problem = if end <= now {
        Problem::new(Code::DryRunOver, "the dry run is over")
            .at(until.span(), "everything is charged since then")
            .help("remove `mode` and `until`")
    } else if end > now + SignedDuration::from_hours(24 * MAX_DAYS) {
        Problem::new(Code::OutOfRange, "the dry run is too long")
            .at(until.span(), format!("more than {MAX_DAYS} days from now"))
            .help("write an earlier end, and a new one when it has come near; or `free = true`")
    } else {
        return Some(end);
    };
    problems.push(problem);
    None
}

/// That of a rule: its own, or the site's.
pub(super) fn of_rule(
    own: Option<&Mode>,
    site: Option<Timestamp>,
    now: Timestamp,
    problems: &mut Vec<Problem>,
) -> Option<Timestamp> {
    if own.is_some() { dry_run(own, now, problems) } else { site }
}
