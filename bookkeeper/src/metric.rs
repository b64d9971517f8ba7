//! The metrics of the watching stack: `infra/watch.yaml` has the same names.

use serde_json::{Value, json};

/// Where they are.
pub const NAMESPACE: &str = "x402";

/// The line of which CloudWatch makes one.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>
pub(crate) fn line(name: &str, stack: &str, count: usize, milliseconds: u64) -> Value {
    json!({
        "_aws": {
            "Timestamp": milliseconds,
            "CloudWatchMetrics": [{
                "Namespace": NAMESPACE,
                "Dimensions": [["Stack"]],
                "Metrics": [{"Name": name, "Unit": "Count"}],
            }],
        },
        "Stack": stack,
        name: count,
    })
}
