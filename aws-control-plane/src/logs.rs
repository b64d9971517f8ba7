//! CloudWatch Logs' groups.

use deployment::control_plane::{Answer, LogGroup};
use serde_json::{Value, json};

use crate::aws::Aws;
use crate::json_call;
use crate::signed::Service;

/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html>
pub(crate) async fn one(aws: &Aws, name: &str) -> Answer<Option<LogGroup>> {
    let mut question = json!({ "logGroupNamePrefix": name });
    loop {
        let answer = call(aws, "logs DescribeLogGroups", &question).await?;
        let groups = answer["logGroups"].as_array().into_iter().flatten();
        if let Some(group) = groups.into_iter().find(|group| group["logGroupName"] == *name) {
            let days = group["retentionInDays"].as_u64().and_then(|days| u32::try_from(days).ok());
            return Ok(Some(LogGroup { retention_days: days }));
        }
        match answer["nextToken"].as_str().filter(|token| !token.is_empty()) {
            Some(token) => question["nextToken"] = token.into(),
            None => return Ok(None),
        }
    }
}

pub(crate) async fn keep(aws: &Aws, name: &str, days: u32) -> Answer<()> {
    let question = json!({ "logGroupName": name, "retentionInDays": days });
    call(aws, "logs PutRetentionPolicy", &question).await.map(drop)
}

async fn call(aws: &Aws, asked: &str, question: &Value) -> Answer<Value> {
    json_call::call(aws, Service::Logs, "Logs_20140328", asked, question).await
}
