//! What a check leaves in the log.

use aws_lambda_events::eventbridge::EventBridgeEvent;
use deployment::check::{Checked, Finding};
use serde_json::json;

use crate::settings::Settings;

/// Where the metric is. `infra/watch.yaml` has the same names.
pub const NAMESPACE: &str = "x402";
/// How many findings there are: 0 says that somebody looked, and that all is well.
pub const METRIC: &str = "Findings";

/// A line for each finding, and the line of which CloudWatch makes the metric.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>
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
    let metric = json!({
        "_aws": {
            "Timestamp": milliseconds,
            "CloudWatchMetrics": [{
                "Namespace": NAMESPACE,
                "Dimensions": [["Stack"]],
                "Metrics": [{"Name": METRIC, "Unit": "Count"}],
            }],
        },
        "Stack": settings.stack,
        METRIC: checked.findings.len(),
        "because": event.detail_type,
    });
    checked.findings.iter().map(line).chain([metric]).map(|line| line.to_string()).collect()
}
