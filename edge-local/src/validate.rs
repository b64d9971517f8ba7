//! What a function returned: taken apart, checked as CloudFront checks it, or refused with the
//! reason that goes to the log.
//!
//! Where AWS does not say what happens to a forbidden change (a viewer-response that alters status
//! or body, a `uri` with a query in it), the change is refused: a function that passes here does
//! not depend on the answer.
//! <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-functions-restrictions.html>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use cloudfront::limits;
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use crate::event::{EventType, Headers, Request, Response};
use crate::header_rules;

/// What a viewer-request function decided.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Carry on with this request.
    Forward(Request),
    /// Answer the viewer with this response.
    Respond(Generated),
}

/// A response made by a function.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Generated {
    /// 200 to 599.
    pub status: StatusCode,
    /// Headers.
    pub headers: Headers,
    /// Body, base64 undone.
    pub body: Bytes,
}

/// Why an answer is refused.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Invalid(String);

fn invalid<T>(reason: impl Into<String>) -> Result<T, Invalid> {
    Err(Invalid(reason.into()))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawRequest {
    client_ip: Option<String>,
    headers: Headers,
    method: Option<String>,
    #[serde(default)]
    querystring: String,
    uri: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawResponse {
    status: RawStatus,
    #[serde(default)]
    headers: Headers,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    body_encoding: BodyEncoding,
    #[serde(default)]
    status_description: String,
}

/// AWS documents a string; functions in use also return numbers.
#[derive(Deserialize)]
#[serde(untagged)]
enum RawStatus {
    Text(String),
    Number(u16),
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "lowercase")]
enum BodyEncoding {
    #[default]
    Text,
    Base64,
}

/// Checks what a viewer-request function returned for `shown`.
pub(crate) fn viewer_request(shown: &Request, answer: &[u8]) -> Result<Decision, Invalid> {
    let answer = object(answer)?;
    if answer.get("status").is_some() {
        let raw: RawResponse = shape(answer, "response")?;
        return generated(raw).map(Decision::Respond);
    }
    let raw: RawRequest = shape(answer, "request")?;
    if raw.method.is_some_and(|method| method != shown.method) {
        return invalid("the read-only field `method` was changed");
    }
    if raw.client_ip.is_some_and(|ip| ip != shown.client_ip.to_string()) {
        return invalid("the read-only field `clientIp` was changed");
    }
    if !raw.uri.starts_with('/') {
        return invalid(format!("`uri` must start with `/`, but is `{}`", raw.uri));
    }
    if let Some(bad) = raw.uri.chars().find(|c| matches!(c, '?' | '#' | ' ') || c.is_control()) {
        return invalid(format!("`uri` may not hold {bad:?}: percent-encode it"));
    }
    header_rules::check(EventType::ViewerRequest, &shown.headers, &raw.headers).map_err(Invalid)?;
    Ok(Decision::Forward(Request {
        headers: raw.headers,
        querystring: raw.querystring,
        uri: raw.uri,
        ..shown.clone()
    }))
}

/// Checks what a viewer-response function returned for `shown`; gives the headers to send.
pub(crate) fn viewer_response(shown: &Response, answer: &[u8]) -> Result<Headers, Invalid> {
    let raw: RawResponse = shape(object(answer)?, "response")?;
    let status = status(&raw.status)?;
    if status.as_str() != shown.status {
        return invalid(format!(
            "a viewer-response function may not change the status, here {} to {status}",
            shown.status
        ));
    }
    if raw.body.is_some() {
        return invalid("a viewer-response function may not set a body");
    }
    header_rules::check(EventType::ViewerResponse, &shown.headers, &raw.headers)
        .map_err(Invalid)?;
    check_size(raw.headers.wire_bytes(), 0)?;
    Ok(raw.headers)
}

fn generated(raw: RawResponse) -> Result<Generated, Invalid> {
    let status = status(&raw.status)?;
    if let Some(bad) = raw.status_description.chars().find(|c| c.is_control()) {
        return invalid(format!("`statusDescription` holds {bad:?}"));
    }
    // The function was shown no response, so every read-only header in one is an addition.
    let nothing = Headers::default();
    for event in [EventType::ViewerRequest, EventType::ViewerResponse] {
        header_rules::check(event, &nothing, &raw.headers).map_err(Invalid)?;
    }
    let body = match (raw.body, raw.body_encoding) {
        (None, _) => Bytes::new(),
        (Some(text), BodyEncoding::Text) => text.into(),
        (Some(text), BodyEncoding::Base64) => match STANDARD.decode(text) {
            Ok(bytes) => bytes.into(),
            Err(error) => return invalid(format!("`body` is not base64: {error}")),
        },
    };
    if status == StatusCode::NO_CONTENT && !body.is_empty() {
        return invalid("a response with status 204 may not have a body");
    }
    check_size(raw.headers.wire_bytes(), body.len())?;
    Ok(Generated { status, headers: raw.headers, body })
}

fn check_size(headers: usize, body: usize) -> Result<(), Invalid> {
    let limit = limits::GENERATED_RESPONSE_BYTES;
    if headers + body > limit {
        return invalid(format!(
            "the response has {headers} bytes of headers and {body} of body: the limit for both is {limit}"
        ));
    }
    Ok(())
}

fn status(raw: &RawStatus) -> Result<StatusCode, Invalid> {
    let number = match raw {
        RawStatus::Number(number) => Some(*number),
        RawStatus::Text(text) => text.parse().ok().filter(|_| text.len() == 3),
    };
    match number.filter(|number| limits::STATUSES.contains(number)).map(StatusCode::from_u16) {
        Some(Ok(status)) => Ok(status),
        _ => {
            let given = match raw {
                RawStatus::Number(number) => number.to_string(),
                RawStatus::Text(text) => format!("{text:?}"),
            };
            invalid(format!("`status` must be from 200 to 599, but is {given}"))
        }
    }
}

fn object(answer: &[u8]) -> Result<Value, Invalid> {
    match serde_json::from_slice(answer) {
        Ok(value @ Value::Object(_)) => Ok(value),
        Ok(_) => invalid("the function must return a request or a response object"),
        Err(error) => invalid(format!("the function's answer is not JSON: {error}")),
    }
}

fn shape<T: for<'de> Deserialize<'de>>(answer: Value, what: &str) -> Result<T, Invalid> {
    serde_json::from_value(answer)
        .map_err(|error| Invalid(format!("the function's answer is not a {what}: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::net::IpAddr;

    fn shown() -> Request {
        let mut headers = Headers::default();
        headers.set("host", "shop.example");
        Request {
            client_ip: IpAddr::from([127, 0, 0, 1]),
            headers,
            method: "GET".into(),
            querystring: "a=b".into(),
            uri: "/a".into(),
        }
    }

    fn decide(answer: Value) -> Result<Decision, Invalid> {
        viewer_request(&shown(), answer.to_string().as_bytes())
    }

    #[test]
    fn an_edited_request_is_forwarded() {
        let mut answer = serde_json::to_value(shown()).unwrap();
        answer["uri"] = "/b%20c".into();
        answer["querystring"] = "".into();
        answer["headers"]["x-x402-handover"] = json!([{"value": "v"}]);
        let Decision::Forward(request) = decide(answer).unwrap() else { panic!("not forwarded") };
        assert_eq!((request.uri.as_str(), request.querystring.as_str()), ("/b%20c", ""));
        assert_eq!(request.headers.get("x-x402-handover"), Some("v"));
    }

    #[test]
    fn a_generated_response_is_decoded() {
        let answer = json!({"status": 402, "body": "YWI=", "bodyEncoding": "base64"});
        let Decision::Respond(response) = decide(answer).unwrap() else { panic!("forwarded") };
        assert_eq!((response.status.as_u16(), &response.body[..]), (402, &b"ab"[..]));
    }

    #[test]
    fn bad_requests_are_refused() {
        for (field, value, reason) in [
            ("uri", json!("b"), "start with `/`"),
            ("uri", json!("/b?c"), "percent-encode"),
            ("uri", json!(1), "not a request"),
            ("method", json!("POST"), "`method` was changed"),
            ("clientIp", json!("10.0.0.1"), "`clientIp` was changed"),
            ("headers", json!({}), "`host` was deleted"),
            ("headers", json!([]), "not a request"),
        ] {
            let mut answer = serde_json::to_value(shown()).unwrap();
            answer[field] = value;
            let error = decide(answer).unwrap_err().to_string();
            assert!(error.contains(reason), "{error} should say {reason}");
        }
    }

    #[test]
    fn bad_responses_are_refused() {
        let header = |name: &str| json!({name: [{"value": "1"}]});
        for (answer, reason) in [
            (json!({"status": "700"}), "from 200 to 599"),
            (json!({"status": "100"}), "from 200 to 599"),
            (json!({"status": "0200"}), "from 200 to 599"),
            (json!({"status": true}), "not a response"),
            (json!({"status": "204", "body": "x"}), "204"),
            (json!({"status": "200", "body": "*", "bodyEncoding": "base64"}), "not base64"),
            (json!({"status": "200", "bodyEncoding": "gzip"}), "not a response"),
            (
                json!({"status": "200", "headers": header("content-length")}),
                "`content-length` was added",
            ),
            (json!({"status": "200", "headers": header("x-cache")}), "disallowed"),
            (json!([]), "request or a response"),
            (json!(null), "request or a response"),
        ] {
            let error = decide(answer).unwrap_err().to_string();
            assert!(error.contains(reason), "{error} should say {reason}");
        }
        let error = viewer_request(&shown(), b"{").unwrap_err().to_string();
        assert!(error.contains("not JSON"), "{error}");
    }

    #[test]
    fn the_size_limit_is_exact() {
        let answer = |body: usize| {
            let line = "x-filler: 12345\r\n".len();
            json!({
                "status": "200",
                "headers": {"x-filler": [{"value": "12345"}]},
                "body": "b".repeat(body - line),
            })
        };
        assert!(decide(answer(limits::GENERATED_RESPONSE_BYTES)).is_ok());
        let error = decide(answer(limits::GENERATED_RESPONSE_BYTES + 1)).unwrap_err();
        assert!(error.to_string().contains("40960"), "{error}");
    }

    #[test]
    fn a_viewer_response_function_keeps_status_and_body() {
        let mut headers = Headers::default();
        headers.set("content-length", "3");
        let shown = Response { headers, status: "200".into(), status_description: "OK".into() };
        let check = |edit: fn(&mut Value)| {
            let mut answer = serde_json::to_value(&shown).unwrap();
            edit(&mut answer);
            viewer_response(&shown, answer.to_string().as_bytes())
        };
        let headers =
            check(|a| a["headers"]["payment-response"] = json!([{"value": "r"}])).unwrap();
        assert_eq!(headers.get("payment-response"), Some("r"));
        let reason = |edit| check(edit).unwrap_err().to_string();
        assert!(reason(|a| a["status"] = "402".into()).contains("change the status"));
        assert!(reason(|a| a["body"] = "x".into()).contains("set a body"));
        assert!(reason(|a| a["headers"] = json!({})).contains("`content-length` was deleted"));
    }
}
