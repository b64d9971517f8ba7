//! What CloudFront asks an origin, and what it answers.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::StatusCode;

/// A `GET` of CloudFront.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Request {
    /// The path, with the origin's own in front.
    pub uri: String,
    /// The forwarded part of the query string; S3 alone looks at it.
    pub query: String,
    /// Forwarded headers, name in lower case; S3 alone looks at them.
    pub headers: Vec<(String, String)>,
    /// `If-None-Match`, if the cache holds an older copy.
    pub if_none_match: Option<String>,
}

/// An object as the origin sends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Object {
    /// The bytes.
    pub body: Bytes,
    /// `ETag`, with its quotes.
    pub etag: String,
    /// `Last-Modified`, in whole seconds.
    pub last_modified: SystemTime,
    /// `Content-Type`.
    pub content_type: String,
    /// `Cache-Control`, if the object has one.
    pub cache_control: Option<String>,
    /// How long after the answer `Expires` lies, if the object has one.
    pub expires_in: Option<Duration>,
    /// Other headers, name in lower case: `x-amz-...`, `content-encoding` and so on.
    pub headers: Vec<(String, String)>,
}

/// What the origin answers to a `GET`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// 200.
    Found(Object),
    /// 304, to a request with the ETag that the object still has.
    NotModified,
    /// 3xx, 4xx or 5xx.
    Refused(Refusal),
    /// No answer.
    Unreachable(Unreachable),
}

/// An error or a redirect as S3 sends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// 400 or more, or a redirect's.
    pub status: StatusCode,
    /// `Location`, which CloudFront hands on.
    pub location: Option<String>,
    /// S3's XML.
    pub body: Bytes,
}

/// Why the origin did not answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unreachable {
    /// Whether it took too long.
    pub timed_out: bool,
    /// For the log.
    pub reason: String,
}

impl Refusal {
    /// An error with one of S3's codes.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>
    pub(crate) fn new(status: StatusCode, code: &str, message: &str) -> Self {
        Self::detailed(status, code, message, &[])
    }

    /// The same, with what the code is about.
    pub(super) fn detailed(
        status: StatusCode,
        code: &str,
        message: &str,
        details: &[(&str, &str)],
    ) -> Self {
        let element = |(name, text): &(&str, &str)| format!("<{name}>{}</{name}>", escaped(text));
        let elements = [("Code", code), ("Message", message)];
        let elements: String = elements.iter().chain(details).map(element).collect();
        let body = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>{elements}</Error>");
        Self { status, location: None, body: body.into() }
    }

    /// S3's code, if the body holds one.
    pub(crate) fn code(&self) -> Option<&str> {
        let body = std::str::from_utf8(&self.body).ok()?;
        Some(body.split_once("<Code>")?.1.split_once("</Code>")?.0)
    }

    /// What is missing, to somebody who may not list the bucket.
    pub(super) fn access_denied() -> Self {
        Self::new(StatusCode::FORBIDDEN, "AccessDenied", "Access Denied")
    }

    /// A path that is no key.
    pub(super) fn invalid_uri() -> Self {
        let message = "Couldn't parse the specified URI.";
        Self::new(StatusCode::BAD_REQUEST, "InvalidURI", message)
    }

    /// The answer to `OPTIONS` of a bucket without a CORS configuration.
    pub(crate) fn no_cors() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "AccessForbidden",
            "CORSResponse: CORS is not enabled for this bucket.",
        )
    }
}

/// Text within XML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// HTTP dates have no fractions.
pub(super) fn whole_seconds(time: SystemTime) -> SystemTime {
    let seconds = time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |age| age.as_secs());
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}
