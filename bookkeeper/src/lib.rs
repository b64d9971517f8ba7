//! The Lambda function of the watching stack: compares the distribution with what was deployed, every five minutes.
//!
//! (In a second function, with a role of its own, it keeps the books: [`ledger`].)
//!
//! It is `paywall status --fail`, on a schedule: [`deployment::check`]. What it finds it writes into its log, one line
//! each, and counts in a metric, on which `infra/watch.yaml` has an alarm. Where it cannot tell, the invocation fails, and
//! where it is not even started, the metric is missing: there is an alarm on either.

pub mod ledger;
mod log;
mod metric;
mod package;
mod settings;

use aws_lambda_events::eventbridge::EventBridgeEvent;
use deployment::check::{Checked, check};
use deployment::control_plane::{Answer, ControlPlane};

pub use log::{METRIC, lines};
pub use metric::NAMESPACE;
pub use package::package;
pub use settings::Settings;

/// What EventBridge sends: on schedule, or for a call that CloudTrail saw. Either is only a reason to look.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html>
pub type Event = EventBridgeEvent;

/// Looks.
///
/// # Errors
///
/// AWS did not say. The invocation must fail then: no findings would mean that all is well.
pub async fn look(aws: &impl ControlPlane, settings: &Settings) -> Answer<Checked> {
    check(aws, &settings.bucket, &settings.key, &settings.distribution).await
}

#[cfg(test)]
mod tests;
