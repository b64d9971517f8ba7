//! How long an answer of the origin stays in the cache.
//! <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Expiration.html>

use std::time::Duration;

use crate::behavior::CachePolicy;

/// The stay of an object whose `Cache-Control` is given. (Its `Expires` is not looked at: the
/// folder has no way to state one.)
///
/// `no-store`, `no-cache` and `private` do not keep an object out of a CloudFront cache whose
/// smallest TTL is above 0: it stays that long.
pub(crate) fn ttl(policy: CachePolicy, cache_control: Option<&str>) -> Duration {
    let directives = || {
        cache_control
            .unwrap_or_default()
            .split(',')
            .map(|directive| directive.trim().to_lowercase())
    };
    if directives().any(|d| {
        let name = d.split('=').next().unwrap_or_default();
        matches!(name, "no-store" | "no-cache" | "private")
    }) {
        return policy.min_ttl;
    }
    let seconds = |name: &str| {
        directives()
            .find_map(|d| d.strip_prefix(name)?.strip_prefix('=')?.trim_matches('"').parse().ok())
    };
    let stated = seconds("s-maxage").or_else(|| seconds("max-age")).map(Duration::from_secs);
    match stated {
        // One comparison after the other, as CloudFront does: the smallest TTL has the last word.
        Some(age) => age.min(policy.max_ttl).max(policy.min_ttl),
        None => policy.default_ttl.max(policy.min_ttl),
    }
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
            let ttl = ttl(CachePolicy::CACHING_OPTIMIZED, cache_control);
            assert_eq!(ttl.as_secs(), seconds, "{cache_control:?}");
        }
    }
}
