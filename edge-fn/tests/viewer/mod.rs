//! Viewers' requests, as CloudFront hands them to the function.

use serde_json::{Value, json};

/// The event of a request with one more header.
pub(crate) fn event(method: &str, uri: &str, (name, value): (&str, &str)) -> Value {
    json!({"Records": [{"cf": {
        "config": {
            "distributionDomainName": "d111111abcdef8.cloudfront.net",
            "distributionId": "EDFDVBD6EXAMPLE",
            "eventType": "viewer-request",
            "requestId": "4TyzHTaYWb1GX1qTfsHhEqV6HUDd_BzoBZnwfnvQc_1oF26ClkoUSEQ==",
        },
        "request": {
            "clientIp": "203.0.113.178",
            "headers": {
                "host": [{"key": "Host", "value": "d111111abcdef8.cloudfront.net"}],
                name.to_lowercase(): [{"key": name, "value": value}],
            },
            "method": method,
            "querystring": "",
            "uri": uri,
        },
    }}]})
}
