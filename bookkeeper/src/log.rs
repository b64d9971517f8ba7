//! What a check leaves in the log.

use aws_lambda_events::eventbridge::EventBridgeEvent;
use deployment::check::{Checked, Finding};
use serde_json::json;

use crate::metric;
use crate::settings::Settings;

/// How many findings there are: 0 says that somebody looked, and that all is well.
pub const METRIC: &str = "Findings";

/// A line for each finding, and the metric's.
pub fn lines(
    checked: &Checked,
    settings: &Settings,
    event: &EventBridgeEvent,
    milliseconds: u64,
) -> Vec<String> {
    let line = |finding: &Finding| {
        json!({
            "finding": finding.code(),
            "what": finding.what(),
            "mend": finding.mend(checked.owner),
            "distribution": settings.distribution,
            "event": event.id,
        })
    };
    let mut metric = metric::line(METRIC, &settings.stack, checked.findings.len(), milliseconds);
    metric["because"] = json!(event.detail_type);
    checked.findings.iter().map(line).chain([metric]).map(|line| line.to_string()).collect()
}
