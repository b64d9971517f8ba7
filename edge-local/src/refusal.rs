//! What CloudFront itself refuses, and the page that it shows.
//!
//! The page says nothing of the function: why an answer was refused stands in the log alone.

use bytes::Bytes;
use http::StatusCode;

use crate::response::{Reply, XCache};
use crate::sandbox::Fault;

/// A request that CloudFront ends with an error page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// No `Host`, or a target that is not a path.
    BadRequest,
    /// By the web ACL.
    BlockedByWaf,
    /// `GET` with a body.
    /// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorS3Origin.html#RequestS3-get-body>
    BodyNotAllowed,
    /// The function crashed, or went over its time or memory.
    LambdaExecutionError,
    /// Too many requests at once.
    LambdaLimitExceeded,
    /// The function's answer breaks a rule.
    LambdaValidationError,
    /// The behavior does not allow the method.
    MethodNotAllowed,
    /// The origin cannot be reached, or is not emulated.
    /// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/http-502-bad-gateway.html>
    OriginUnreachable,
    /// The origin takes too long.
    /// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/http-504-gateway-timeout.html>
    OriginTimedOut,
    /// Headers and query over [`cloudfront::limits::REQUEST_HEADERS_AND_QUERY_BYTES`].
    RequestTooLarge,
    /// Over [`cloudfront::limits::URL_BYTES`].
    UrlTooLong,
}

impl From<&Fault> for Refusal {
    fn from(fault: &Fault) -> Self {
        match fault {
            Fault::LimitExceeded => Self::LambdaLimitExceeded,
            Fault::CannotStart(_)
            | Fault::Exited(_)
            | Fault::InitError(_)
            | Fault::InitTimedOut(_)
            | Fault::OutOfMemory { .. }
            | Fault::PolledEarly
            | Fault::Reported(_)
            | Fault::Stopped
            | Fault::TimedOut(_) => Self::LambdaExecutionError,
        }
    }
}

impl Refusal {
    /// The answer to the viewer.
    pub(crate) fn reply(self, request_id: &str) -> Reply {
        let (status, x_cache, explanation) = self.parts();
        let mut reply = Reply::new(status, x_cache, self::page(status, explanation, request_id));
        reply.headers.set("content-type", "text/html");
        reply.headers.set("server", "CloudFront");
        reply
    }

    fn parts(self) -> (StatusCode, XCache, &'static str) {
        match self {
            Self::BadRequest => (StatusCode::BAD_REQUEST, XCache::Error, "Bad request."),
            Self::BlockedByWaf => (StatusCode::FORBIDDEN, XCache::Error, "Request blocked."),
            Self::BodyNotAllowed => (StatusCode::FORBIDDEN, XCache::Error, "Bad request."),
            Self::LambdaExecutionError => (
                StatusCode::SERVICE_UNAVAILABLE,
                XCache::LambdaExecutionError,
                "The Lambda function associated with the CloudFront distribution is invalid or doesn't have the required permissions.",
            ),
            Self::LambdaLimitExceeded => (
                StatusCode::SERVICE_UNAVAILABLE,
                XCache::LambdaLimitExceeded,
                "The Lambda function associated with the CloudFront distribution was throttled.",
            ),
            Self::LambdaValidationError => (
                StatusCode::BAD_GATEWAY,
                XCache::LambdaValidationError,
                "The Lambda function returned an invalid response.",
            ),
            Self::MethodNotAllowed => (
                StatusCode::FORBIDDEN,
                XCache::Error,
                "This distribution is not configured to allow the HTTP request method that was used for this request.",
            ),
            Self::OriginUnreachable => (
                StatusCode::BAD_GATEWAY,
                XCache::Error,
                "CloudFront wasn't able to connect to the origin.",
            ),
            Self::OriginTimedOut => (
                StatusCode::GATEWAY_TIMEOUT,
                XCache::Error,
                "CloudFront attempted to establish a connection with the origin, but either the attempt failed or the origin closed the connection.",
            ),
            Self::RequestTooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                XCache::Error,
                "The request's headers and query string are too large.",
            ),
            Self::UrlTooLong => {
                (StatusCode::URI_TOO_LONG, XCache::Error, "The request's URL is too long.")
            }
        }
    }
}

fn page(status: StatusCode, explanation: &str, request_id: &str) -> Bytes {
    format!(
        r#"<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN" "http://www.w3.org/TR/html4/loose.dtd">
<HTML><HEAD><META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=iso-8859-1">
<TITLE>ERROR: The request could not be satisfied</TITLE>
</HEAD><BODY>
<H1>{status} ERROR</H1>
<H2>The request could not be satisfied.</H2>
<HR noshade size="1px">
{explanation}
<BR clear="all">
<HR noshade size="1px">
<PRE>
Generated by cloudfront (CloudFront)
Request ID: {request_id}
</PRE>
<ADDRESS>
</ADDRESS>
</BODY></HTML>
"#,
        status = status.as_u16(),
    )
    .into()
}
