//! A cache behavior: what CloudFront does with the requests that match a path pattern.

use std::time::Duration;

use http::Method;

use crate::limits;

/// A cache behavior of a distribution.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html>
#[derive(Clone, Debug)]
pub struct Behavior {
    /// Methods that reach the function; others are refused with 403.
    pub allowed_methods: Vec<Method>,
    /// How long objects stay in the cache.
    pub cache_policy: CachePolicy,
    /// Whether the function runs on viewer-request.
    pub viewer_request: bool,
    /// Whether the function runs on viewer-response.
    pub viewer_response: bool,
}

/// How long an object stays in the cache. The key is always the path alone: no header, cookie or
/// query string takes part, and none is sent to the origin.
#[derive(Clone, Copy, Debug)]
pub struct CachePolicy {
    /// Shortest stay, whatever the origin says.
    pub min_ttl: Duration,
    /// Stay of an object about which the origin says nothing.
    pub default_ttl: Duration,
    /// Longest stay, whatever the origin says.
    pub max_ttl: Duration,
}

impl CachePolicy {
    /// The managed policy `CachingOptimized`, without its compression.
    pub const CACHING_OPTIMIZED: Self = Self {
        min_ttl: limits::CACHING_OPTIMIZED_TTL.0,
        default_ttl: limits::CACHING_OPTIMIZED_TTL.1,
        max_ttl: limits::CACHING_OPTIMIZED_TTL.2,
    };
}

impl Default for Behavior {
    /// The default behavior of a distribution that sells: `GET`, `HEAD` and `OPTIONS`, the function
    /// on both viewer events, `CachingOptimized`.
    fn default() -> Self {
        Self {
            allowed_methods: vec![Method::GET, Method::HEAD, Method::OPTIONS],
            cache_policy: CachePolicy::CACHING_OPTIMIZED,
            viewer_request: true,
            viewer_response: true,
        }
    }
}
