//! Every limit of the platform that something here keeps to or enforces, with its source.
//!
//! Sizes are bytes. AWS writes "KB" for 1,024 bytes in these tables.

use std::time::Duration;

/// The longest URL (path and query) that CloudFront takes; beyond it the viewer gets 414.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html#limits-general>
pub const URL_BYTES: usize = 8_192;

/// Request headers and query string together; beyond it the viewer gets 413.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html#limits-general>
pub const REQUEST_HEADERS_AND_QUERY_BYTES: usize = 20_480;

/// The biggest object that a behaviour which caches delivers: 50 GB, counted in the smaller way. Beyond it the viewer gets
/// an error, or the beginning.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html#limits-web-distributions>
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RangeGETs.html>
pub const OBJECT_BYTES: u64 = 50_000_000_000;

/// A zip of a viewer-event function.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html#limits-lambda-at-edge>
pub const PACKAGE_BYTES: usize = 50 * 1_024 * 1_024;

/// What older copies of that page say of it.
pub const OLD_PACKAGE_BYTES: usize = 1_024 * 1_024;

/// A response that a viewer-event function generates, headers and body together.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html#limits-lambda-at-edge>
pub const GENERATED_RESPONSE_BYTES: usize = 40 * 1_024;

/// The smallest and largest status that a function may answer with.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-generating-http-responses.html>
pub const STATUSES: std::ops::RangeInclusive<u16> = 200..=599;

/// The time limit that every Region has always granted to viewer events. Newer quota pages say
/// 30 s; a function that keeps to 5 s is right under both.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-functions-choosing.html>
pub const TIMEOUT: Duration = Duration::from_secs(5);

/// Memory of a viewer-event function: 128 MB.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-functions-choosing.html>
pub const MEMORY_BYTES: u64 = 128 * 1_024 * 1_024;

/// From the start of a sandbox to its first poll for work.
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib>
pub const INIT_TIMEOUT: Duration = Duration::from_secs(10);

/// What a function may hand to the Runtime API in one answer.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html#function-configuration-deployment-and-execution>
pub const INVOCATION_PAYLOAD_BYTES: usize = 6 * 1_024 * 1_024;

/// How long CloudFront keeps an origin's 403 or 404.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/custom-error-pages-expiration.html>
pub const ERROR_CACHING_MIN_TTL: Duration = Duration::from_secs(10);

/// TTLs of the managed cache policy `CachingOptimized`: smallest, default, largest.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html#managed-cache-caching-optimized>
pub const CACHING_OPTIMIZED_TTL: (Duration, Duration, Duration) =
    (Duration::from_secs(1), Duration::from_secs(86_400), Duration::from_secs(31_536_000));
