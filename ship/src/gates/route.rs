//! Which behaviour CloudFront picks for a path.

use cloudfront::path_pattern::{PathPattern, normalize};

use super::distribution::{Behaviour, Distribution};

/// The behaviour of a canonical path: the first whose pattern matches.
pub(crate) fn behaviour<'d>(distribution: &'d Distribution, path: &str) -> &'d Behaviour {
    let path = normalize(path);
    distribution
        .behaviours()
        .find(|behaviour| match behaviour.path_pattern.as_deref() {
            None | Some("") => true,
            Some(pattern) => PathPattern::new(pattern).matches(&path),
        })
        .unwrap_or(&distribution.default_cache_behavior)
}
