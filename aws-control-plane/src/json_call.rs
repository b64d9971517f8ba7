//! Calls by AWS's JSON protocol, to services of which a few are needed only.

use deployment::control_plane::Answer;
use reqwest::Method;
use serde_json::Value;

use crate::aws::Aws;
use crate::failure;
use crate::signed::{Request, Service};

/// `asked` ends in the operation; `target` is what the service calls itself in `X-Amz-Target`. Some answers are empty: null.
/// <https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html>
pub(crate) async fn call(
    aws: &Aws,
    service: Service,
    target: &str,
    asked: &str,
    question: &Value,
) -> Answer<Value> {
    let operation = asked.rsplit(' ').next().unwrap_or_default();
    let body = question.to_string();
    let request = Request {
        asked,
        service,
        method: Method::POST,
        url: format!("{}/", aws.signer.endpoint(service)),
        headers: vec![
            ("content-type", "application/x-amz-json-1.1".to_owned()),
            ("x-amz-target", format!("{target}.{operation}")),
        ],
        body: body.as_bytes(),
    };
    let reply = aws.signer.ask(&request).await?;
    if reply.body.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(&reply.body)
        .map_err(|error| failure::unreadable(asked, &error.to_string()))
}
