//! Answers on their way to the viewer.

use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Response, StatusCode};
use http_body_util::Full;

use crate::cache::{Fetched, Outcome};
use crate::conditional;
use crate::event::{DISTRIBUTION_DOMAIN_NAME, Headers, Request};
use crate::origin::{Object, Refusal};
use crate::range::{self, Part};

/// Where an answer came from, in the words of CloudFront's `X-Cache`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum XCache {
    Error,
    Hit,
    LambdaExecutionError,
    LambdaGeneratedResponse,
    LambdaLimitExceeded,
    LambdaValidationError,
    Miss,
    RefreshHit,
}

impl XCache {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Error => "Error from cloudfront",
            Self::Hit => "Hit from cloudfront",
            Self::LambdaExecutionError => "LambdaExecutionError from cloudfront",
            Self::LambdaGeneratedResponse => "LambdaGeneratedResponse from cloudfront",
            Self::LambdaLimitExceeded => "LambdaLimitExceeded from cloudfront",
            Self::LambdaValidationError => "LambdaValidationError from cloudfront",
            Self::Miss => "Miss from cloudfront",
            Self::RefreshHit => "RefreshHit from cloudfront",
        }
    }
}

impl From<Outcome> for XCache {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Hit => Self::Hit,
            Outcome::Miss => Self::Miss,
            Outcome::RefreshHit => Self::RefreshHit,
        }
    }
}

/// An answer, short of the headers that CloudFront adds to every one.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: Headers,
    pub(crate) body: Bytes,
    pub(crate) x_cache: XCache,
}

impl Reply {
    pub(crate) fn new(status: StatusCode, x_cache: XCache, body: Bytes) -> Self {
        let mut headers = Headers::default();
        headers.set("date", httpdate::fmt_http_date(SystemTime::now()));
        headers.set("via", format!("1.1 {DISTRIBUTION_DOMAIN_NAME} (CloudFront)"));
        if status != StatusCode::NO_CONTENT && status != StatusCode::NOT_MODIFIED {
            headers.set("content-length", body.len().to_string());
        }
        Self { status, headers, body, x_cache }
    }

    /// An error of the origin, or a redirect.
    pub(crate) fn refused(refusal: Refusal) -> Self {
        // A redirect from the cache is shown as a miss, too.
        let is_error = refusal.status.as_u16() >= 400;
        let x_cache = if is_error { XCache::Error } else { XCache::Miss };
        let mut reply = Self::new(refusal.status, x_cache, refusal.body);
        if let Some(location) = refusal.location {
            reply.headers.set("location", location);
        }
        reply.headers.set("content-type", "application/xml");
        reply.headers.set("server", "AmazonS3");
        reply
    }

    /// An object, or the part of it that `request` asks for, or 304 if the viewer has it.
    pub(crate) fn object(request: &Request, fetched: &Fetched) -> Self {
        let object = &fetched.object;
        let x_cache = fetched.outcome.into();
        let length = object.body.len();
        let mut reply = if conditional::not_modified(&request.headers, object) {
            Self::new(StatusCode::NOT_MODIFIED, x_cache, Bytes::new())
        } else {
            // RFC 9110 gives `Range` a meaning for GET alone.
            let is_get = request.method == Method::GET.as_str();
            let part =
                if is_get { range::requested(&request.headers, object) } else { Part::Whole };
            let mut reply = match part {
                Part::Whole => Self::new(StatusCode::OK, x_cache, object.body.clone()),
                Part::Bytes(bytes) => {
                    let content_range = format!("bytes {}-{}/{length}", bytes.start, bytes.end - 1);
                    let body = object.body.slice(bytes);
                    let mut reply = Self::new(StatusCode::PARTIAL_CONTENT, x_cache, body);
                    reply.headers.set("content-range", content_range);
                    reply
                }
                Part::Unsatisfiable => return Self::unsatisfiable(length),
            };
            reply.headers.set("content-type", object.content_type.as_str());
            reply
        };
        reply.headers.set("accept-ranges", "bytes");
        reply.headers.set("etag", object.etag.as_str());
        reply.headers.set("last-modified", httpdate::fmt_http_date(object.last_modified));
        reply.headers.set("server", "AmazonS3");
        if let Some(cache_control) = &object.cache_control {
            reply.headers.set("cache-control", cache_control.as_str());
        }
        for (name, value) in &object.headers {
            reply.headers.set(name, value.as_str());
        }
        if let Some(age) = fetched.age {
            reply.headers.set("age", age.as_secs().to_string());
        }
        reply
    }

    /// A page instead of an error.
    pub(crate) fn error_page(status: StatusCode, page: &Object) -> Self {
        let mut reply = Self::new(status, XCache::Error, page.body.clone());
        reply.headers.set("content-type", page.content_type.as_str());
        reply.headers.set("server", "AmazonS3");
        reply
    }

    fn unsatisfiable(length: usize) -> Self {
        let mut reply = Self::refused(Refusal::new(
            StatusCode::RANGE_NOT_SATISFIABLE,
            "InvalidRange",
            "The requested range is not satisfiable",
        ));
        reply.headers.set("content-range", format!("bytes */{length}"));
        reply
    }

    /// The HTTP response, with the headers that no function sees.
    pub(crate) fn into_http(self, request_id: &str) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::new(self.body));
        *response.status_mut() = self.status;
        let own = [
            ("x-cache", self.x_cache.as_str()),
            ("x-amz-cf-pop", "LOCAL50-P1"),
            ("x-amz-cf-id", request_id),
        ];
        for (name, value) in self.headers.iter().chain(own) {
            let name = HeaderName::from_bytes(name.as_bytes());
            let value = HeaderValue::from_bytes(value.as_bytes());
            // Names and values are the program's own, or were checked when the function gave them.
            if let (Ok(name), Ok(value)) = (name, value) {
                response.headers_mut().append(name, value);
            }
        }
        response
    }
}
