//! What `status` says of what is sold.

use ship::artifact::DryRun;

use super::report::Report;
use crate::content::{self, Content, Lacks};
use crate::control_plane::{ControlPlane, Stack};
use crate::open;
use crate::stacks::parameter;

/// What the live package sells, and whether it is there; and whether it is sold at all.
pub(super) async fn of_content(
    plane: &impl ControlPlane,
    stack: &Stack,
    distribution: Option<&str>,
    report: &mut Report,
) {
    let is_closed = open::is_closed(Some(stack));
    if is_closed {
        report.say("site", "closed: it answers nobody, and nothing is sold");
    }
    let opens = "`paywall deploy` opens the site";
    let [packages, key] = ["CodeBucketName", "CodeObjectKey"].map(|of| parameter(Some(stack), of));
    let looked = content::look(plane, stack, distribution, packages, key).await;
    let Content { objects, lacks: Lacks { priced, free }, bucket, open, dry_run, .. } = match looked
    {
        Ok(Some(content)) => content,
        looked => {
            // A package of another version of this tool, say: nothing is wrong with it.
            if let Err(why) = looked {
                report.say("content", format!("not compared: {why}"));
            }
            if is_closed {
                report.next(format!("{opens}, if all is published"));
            }
            return;
        }
    };
    if let Some(DryRun { objects, until }) = dry_run {
        let until = content::moment(until);
        report
            .say("dry run", format!("{objects} priced objects are not charged for until {until}"));
    }
    let name = &stack.name;
    let publish = match bucket.is_empty() {
        true => format!("`paywall publish --stack {name} --bucket BUCKET`"),
        false => format!("`paywall publish --stack {name}`"),
    };
    let gone = priced.as_ref().map_or(0, |missing| missing.count) + free.len();
    match bucket.is_empty() {
        true => report
            .say("content", format!("{} of {objects} priced objects are there", objects - gone)),
        false => report.say(
            "content",
            format!("{} of {objects} objects are in s3://{bucket}", objects - gone),
        ),
    }
    match (&priced, is_closed) {
        (Some(missing), true) => {
            report.next(format!("{publish}: {}; then {opens}", missing.said()))
        }
        (Some(missing), false) => report.next(format!(
            "{publish}: {}, and who buys one of them pays for nothing",
            missing.said()
        )),
        (None, true) => report.next(opens),
        (None, false) => {}
    }
    let (page, free): (Vec<_>, Vec<_>) =
        free.into_iter().partition(|key| payment_page::is_file(key));
    if let Some(first) = free.first() {
        report.next(format!(
            "{publish}: {} free objects are not there, {first:?} for one, and answered 403",
            free.len()
        ));
    }
    if let Some(first) = page.first() {
        report.next(format!(
            "{publish}: the page for browsers asks for {first:?}, which is not there, so nobody can pay on it"
        ));
    }
    if open > 0 {
        report.say("NOT CLOSED", format!("{open} of them are outside of the seal as well"));
        report.next(format!(
            "{publish} --delete, an hour after the sealed function is `Deployed`, takes away what is open"
        ));
    }
}
