//! A cache behavior: what CloudFront does with the requests that match a path pattern.

use std::collections::BTreeSet;
use std::time::Duration;

use cloudfront::limits;
use cloudfront::selection::Selection;
use http::{Method, StatusCode};

use crate::response_headers::ResponseHeadersPolicy;

/// A cache behavior of a distribution.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html>
#[derive(Clone, Debug)]
pub struct Behavior {
    /// Methods that reach the function; others are refused with 403.
    pub allowed_methods: Vec<Method>,
    /// How long objects stay in the cache, and which requests share a copy.
    pub cache_policy: CachePolicy,
    /// What the origin sees of a request beyond what the cache policy names.
    pub forwarded: Parts,
    /// Where objects come from; `None` is an origin that is not emulated, and answered 502.
    pub origin: Option<S3Origin>,
    /// The second origin of an origin group, of which `origin` is the first.
    pub failover: Option<Failover>,
    /// What is added to and removed from responses.
    pub response_headers: ResponseHeadersPolicy,
    /// Whether the function runs on viewer-request.
    pub viewer_request: bool,
    /// Whether the function runs on viewer-response.
    pub viewer_response: bool,
}

/// An S3 bucket behind a distribution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct S3Origin {
    /// The origin's id in the distribution.
    pub id: String,
    /// Which bucket; origins with the same text are the same bucket.
    pub bucket: String,
    /// What comes before the path of every request: empty, or with a slash at its start.
    pub path: String,
}

/// When an origin group asks its second origin: the first answers one of these statuses, or does not answer.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/high_availability_origin_failover.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failover {
    /// Statuses of 400 or more.
    pub statuses: BTreeSet<StatusCode>,
    /// The second origin; `None` is one that is not emulated.
    pub origin: Option<S3Origin>,
}

/// How long an object stays in the cache, and under which key.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/controlling-the-cache-key.html>
#[derive(Clone, Debug)]
pub struct CachePolicy {
    /// Shortest stay, whatever the origin says.
    pub min_ttl: Duration,
    /// Stay of an object about which the origin says nothing.
    pub default_ttl: Duration,
    /// Longest stay, whatever the origin says; at 0 nothing is cached.
    pub max_ttl: Duration,
    /// What takes part in the key beside the path. The origin sees it too.
    pub key: Parts,
}

/// Parts of a request, chosen by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// Parameters of the query string.
    pub query: Selection,
    /// Cookies.
    pub cookies: Selection,
    /// Headers, in lower case.
    pub headers: Selection,
}

impl CachePolicy {
    /// The managed policy `CachingOptimized`, without its compression.
    pub fn caching_optimized() -> Self {
        let (min_ttl, default_ttl, max_ttl) = limits::CACHING_OPTIMIZED_TTL;
        Self { min_ttl, default_ttl, max_ttl, key: Parts::default() }
    }

    /// The managed policy `CachingDisabled`.
    pub fn caching_disabled() -> Self {
        let zero = Duration::ZERO;
        Self { min_ttl: zero, default_ttl: zero, max_ttl: zero, key: Parts::default() }
    }
}

impl Behavior {
    /// The origins that it may ask.
    pub fn origins(&self) -> impl Iterator<Item = &S3Origin> {
        let second = self.failover.as_ref().and_then(|failover| failover.origin.as_ref());
        self.origin.iter().chain(second)
    }
}

impl Default for Behavior {
    /// The default behavior of a distribution that sells: `GET`, `HEAD` and `OPTIONS`, the function
    /// on both viewer events, `CachingOptimized`.
    fn default() -> Self {
        Self {
            allowed_methods: vec![Method::GET, Method::HEAD, Method::OPTIONS],
            cache_policy: CachePolicy::caching_optimized(),
            forwarded: Parts::default(),
            origin: Some(S3Origin {
                id: "content".to_owned(),
                bucket: "content".to_owned(),
                path: String::new(),
            }),
            failover: None,
            response_headers: ResponseHeadersPolicy::default(),
            viewer_request: true,
            viewer_response: true,
        }
    }
}
