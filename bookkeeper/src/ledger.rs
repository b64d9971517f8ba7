//! The other job of this executable, as a function of its own: keeping the books, every hour.
//!
//! It is `paywall books --keep`, on a schedule: [`books::bookkeeping::keep`]. What is wrong fails the invocation or is counted
//! in a metric; `infra/watch.yaml` has an alarm on either. It may read and conditionally write the records of sales, which
//! the check may not: so it is a function with a role of its own.

use aws_lambda_events::eventbridge::EventBridgeEvent;
use books::Posting;
use books::bookkeeping::{self, Plan, Report};
use deployment::control_plane::ControlPlane;
use serde_json::{Value, json};
use ship::s3::Access;
use url::Url;

use crate::metric;

/// How many things the books could not read or prove, or found to differ from the chain: 0 says that somebody looked.
pub const METRIC: &str = "BooksWrong";

/// So much time a step may take, in milliseconds: a day of a chain's blocks, read by a slow node.
const STEP_MS: u64 = 300_000;

/// What `infra/watch.yaml` tells the function in its environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The watching stack: the metric's dimension.
    pub stack: String,
    /// Where the plan is: what `paywall books --plan` prints.
    pub bucket: String,
    pub key: String,
    /// The account that the records' bucket must belong to.
    pub owner: String,
}

impl Settings {
    /// Reads the environment; `None` if this is not the function that keeps the books.
    ///
    /// # Errors
    ///
    /// The variable that is not there.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Option<Settings>, String> {
        let filled = |name: &str| variable(name).filter(|value| !value.is_empty());
        let read = |name: &str| filled(name).ok_or_else(|| format!("{name} is not set"));
        let Some(key) = filled("BOOKS_PLAN_KEY") else { return Ok(None) };
        Ok(Some(Settings {
            stack: read("STACK")?,
            bucket: read("BOOKS_PLAN_BUCKET")?,
            key,
            owner: read("BOOKS_OWNER")?,
        }))
    }

    /// The plan.
    ///
    /// # Errors
    ///
    /// It is not there, or none.
    pub async fn plan(&self, aws: &impl ControlPlane) -> Result<Plan, String> {
        let Settings { bucket, key, .. } = self;
        let json = aws.get_object(bucket, key).await.map_err(|failure| failure.to_string())?;
        let mend = "`paywall books --plan` prints it: put that there";
        let json = json.ok_or_else(|| format!("there is no s3://{bucket}/{key}; {mend}"))?;
        Plan::read(&json).map_err(|told| format!("s3://{bucket}/{key}: {told}"))
    }
}

/// Keeps the books as long as `left` gives enough milliseconds for another step.
///
/// # Errors
///
/// Nothing is booked past what was booked before. The invocation must fail then.
pub async fn keep(
    plan: &Plan,
    access: Access,
    endpoint: Option<Url>,
    left: impl Fn() -> u64,
) -> Result<Report, String> {
    let kept = bookkeeping::keep(plan, access, endpoint, || left() > STEP_MS).await;
    kept.map_err(|told| told.to_string())
}

/// What a run leaves in the log: a line for each thing that is wrong, one for what was done, and the one of which CloudWatch
/// makes the metric.
pub fn lines(
    report: &Report,
    settings: &Settings,
    event: &EventBridgeEvent,
    milliseconds: u64,
) -> Vec<String> {
    let alarming = |name: &str| Posting::named(name).is_some_and(Posting::is_alarming);
    let differing: Vec<_> = report.rows.iter().filter(|(name, _)| alarming(name)).collect();
    let wrong = report.wrong.iter().map(|what| json!({"books": "wrong", "what": what}));
    let differing_lines = differing
        .iter()
        .map(|(name, rows)| json!({"books": "differs", "posting": name, "rows": rows}));
    let did = json!({
        "books": "kept", "site": settings.stack, "resolved": report.resolved, "days": report.days,
        "booked": report.booked, "unlooked": report.unlooked, "rows": report.rows, "event": event.id,
    });
    let count = report.wrong.len() + differing.len();
    let metric = metric::line(METRIC, &settings.stack, count, milliseconds);
    let lines = wrong.chain(differing_lines).chain([did, metric]);
    lines.map(|line: Value| line.to_string()).collect()
}
