//! How long an answer of the origin stays in the cache.
//! <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Expiration.html>

use std::time::Duration;

use crate::behavior::CachePolicy;

/// The stay of an object whose `Cache-Control` is given, and how far away its `Expires` is.
///
/// `no-store`, `no-cache` and `private` do not keep an object out of a CloudFront cache whose
/// smallest TTL is above 0: it stays that long.
pub(crate) fn ttl(
    policy: &CachePolicy,
    cache_control: Option<&str>,
    expires_in: Option<Duration>,
) -> Duration {
    if directives(cache_control)
        .any(|(name, _)| matches!(name.as_str(), "no-store" | "no-cache" | "private"))
    {
        return policy.min_ttl;
    }
    let seconds = |wanted: &str| {
        let mut found = directives(cache_control).filter(|(name, _)| name == wanted);
        found.find_map(|(_, value)| value?.trim_matches('"').parse().ok())
    };
    let stated = seconds("s-maxage").or_else(|| seconds("max-age")).map(Duration::from_secs);
    let stated = stated.or(expires_in);
    match stated {
        // One comparison after the other, as CloudFront does: the smallest TTL has the last word.
        Some(age) => age.min(policy.max_ttl).max(policy.min_ttl),
        None => policy.default_ttl.max(policy.min_ttl),
    }
}

/// Whether an object may be in the cache at all, if only to be confirmed by the origin before it is
/// sent.
pub(crate) fn may_be_kept(policy: &CachePolicy, cache_control: Option<&str>) -> bool {
    let forbids = |name: &str| matches!(name, "no-store" | "private");
    policy.min_ttl > Duration::ZERO || !directives(cache_control).any(|(name, _)| forbids(&name))
}

/// The directives of a `Cache-Control`: names in lower case, and values.
fn directives(cache_control: Option<&str>) -> impl Iterator<Item = (String, Option<String>)> {
    cache_control.unwrap_or_default().split(',').map(|directive| {
        let directive = directive.trim().to_lowercase();
        match directive.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (directive, None),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ttls_of_caching_optimized() {
        for (cache_control, seconds) in [
            (None, 86_400),
            (Some(""), 86_400),
            (Some("public"), 86_400),
            (Some("max-age=60"), 60),
            (Some("public, Max-Age=60"), 60),
            (Some("max-age=60, s-maxage=90"), 90),
            (Some("max-age=0"), 1),
            (Some("max-age=99999999"), 31_536_000),
            (Some("private"), 1),
            (Some("private=\"set-cookie\", max-age=60"), 1),
            (Some("max-age=60, no-store"), 1),
            (Some("no-cache"), 1),
        ] {
            let ttl = ttl(&CachePolicy::caching_optimized(), cache_control, None);
            assert_eq!(ttl.as_secs(), seconds, "{cache_control:?}");
        }
        for (cache_control, seconds) in [(None, 7), (Some("max-age=60"), 60), (Some("private"), 1)]
        {
            let expires = Some(Duration::from_secs(7));
            let ttl = ttl(&CachePolicy::caching_optimized(), cache_control, expires);
            assert_eq!(ttl.as_secs(), seconds, "{cache_control:?} with Expires");
        }
    }

    #[test]
    fn a_smallest_ttl_of_zero_lets_the_origin_forbid_copies() {
        let zero = CachePolicy { min_ttl: Duration::ZERO, ..CachePolicy::caching_optimized() };
        for (cache_control, kept) in [
            (None, true),
            (Some("no-cache"), true),
            (Some("max-age=0"), true),
            (Some("no-store"), false),
            (Some("Private"), false),
            (Some("private=\"set-cookie\""), false),
        ] {
            assert_eq!(may_be_kept(&zero, cache_control), kept, "{cache_control:?}");
            assert!(may_be_kept(&CachePolicy::caching_optimized(), cache_control));
        }
        assert_eq!(ttl(&zero, Some("no-cache"), None), Duration::ZERO);
    }
}
