//! What a service answers, yes or no.

use std::collections::BTreeMap;

use deployment::control_plane::Failure;
use serde_json::Value;

use crate::{failure, xml};

/// The codes that ask for another try, beside the statuses that do.
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html>
const LATER: [&str; 12] = [
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottledException",
    "RequestThrottled",
    "TooManyRequestsException",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "LimitExceededException",
    "SlowDown",
    "RequestTimeout",
    "RequestTimeoutException",
];

pub(crate) struct Reply {
    status: u16,
    /// Those that can be texts.
    headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    /// All of it: an answer that breaks off is none.
    pub(crate) async fn read(answer: reqwest::Result<reqwest::Response>) -> reqwest::Result<Reply> {
        let answer = answer?;
        let text = |value: &reqwest::header::HeaderValue| Some(value.to_str().ok()?.to_owned());
        let headers = answer.headers().iter();
        let headers = headers.filter_map(|(name, value)| Some((name.to_string(), text(value)?)));
        let (status, headers) = (answer.status().as_u16(), headers.collect());
        Ok(Reply { status, headers, body: answer.bytes().await?.to_vec() })
    }

    pub(crate) fn status(&self) -> u16 {
        self.status
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    pub(crate) fn is_yes(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub(crate) fn may_pass(&self) -> bool {
        matches!(self.status, 429 | 500 | 502 | 503 | 504)
            || (!self.is_yes() && LATER.contains(&self.said().0.as_str()))
    }

    pub(crate) fn failure(&self, asked: &str) -> Failure {
        let (code, message) = self.said();
        failure::refused(asked, &code, &message)
    }

    /// The code and the message. Answers to HEAD have no body: their code is the status.
    fn said(&self) -> (String, String) {
        let said = self.json().or_else(|| self.xml());
        let (code, message) = said.unwrap_or_default();
        let or = |text: String, other: String| if text.is_empty() { other } else { text };
        (or(code, self.status.to_string()), or(message, format!("HTTP {}", self.status)))
    }

    /// <https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html#operation-error-serialization>
    fn json(&self) -> Option<(String, String)> {
        let body: Value = serde_json::from_slice(&self.body).ok()?;
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        let kind = body["__type"].as_str().or(self.header("x-amzn-errortype")).unwrap_or_default();
        // `com.amazonaws.ssm#ParameterNotFound:http://…`
        let kind = kind.rsplit('#').next().unwrap_or_default();
        let kind = kind.split(':').next().unwrap_or_default();
        let message = text("message");
        Some((kind.to_owned(), if message.is_empty() { text("Message") } else { message }))
    }

    fn xml(&self) -> Option<(String, String)> {
        let root = xml::parse(&self.body).ok()?;
        let error = root.find("Error")?;
        Some((error.text_of("Code").to_owned(), error.text_of("Message").to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, body: &str) -> Reply {
        Reply { status, headers: BTreeMap::new(), body: body.as_bytes().to_vec() }
    }

    #[test]
    fn errors_are_read_in_each_form() {
        let s3 = "<Error><Code>NoSuchKey</Code><Message>a &amp; b</Message></Error>";
        let query = "<ErrorResponse xmlns=\"x\"><Error><Type>Sender</Type><Code>NoSuchKey</Code><Message>a &amp; b</Message></Error></ErrorResponse>";
        let json = "{\"__type\":\"com.amazonaws.ssm#NoSuchKey\",\"Message\":\"a & b\"}";
        for body in [s3, query, json] {
            assert_eq!(reply(400, body).said(), ("NoSuchKey".to_owned(), "a & b".to_owned()));
        }
        assert_eq!(reply(404, "").said(), ("404".to_owned(), "HTTP 404".to_owned()));
    }

    #[test]
    fn some_answers_mean_later() {
        let throttled = "{\"__type\":\"ThrottlingException\",\"message\":\"Rate exceeded\"}";
        assert!(reply(400, throttled).may_pass());
        assert!(reply(503, "").may_pass());
        assert!(!reply(400, "{\"__type\":\"ParameterNotFound\"}").may_pass());
        assert!(!reply(200, throttled).may_pass());
    }
}
