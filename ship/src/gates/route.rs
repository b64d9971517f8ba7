//! Which behaviour CloudFront picks for a path.

use super::distribution::{Behaviour, Distribution};

/// The behaviour of a canonical path: the first whose pattern matches.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html#DownloadDistValuesPathPattern>
pub(crate) fn behaviour<'d>(distribution: &'d Distribution, path: &str) -> &'d Behaviour {
    distribution
        .behaviours()
        .find(|behaviour| match behaviour.path_pattern.as_deref() {
            None | Some("") => true,
            Some(pattern) => matches(pattern, path),
        })
        .unwrap_or(&distribution.default_cache_behavior)
}

/// `*` stands for any number of characters, slashes too, `?` for exactly one; letters' case counts.
fn matches(pattern: &str, path: &str) -> bool {
    let (pattern, path) =
        (pattern.trim_start_matches('/').as_bytes(), path.trim_start_matches('/').as_bytes());
    let (mut at, mut star) = ((0, 0), None);
    while at.1 < path.len() {
        match pattern.get(at.0) {
            Some(b'*') => {
                star = Some(at);
                at.0 += 1;
            }
            Some(b'?') => at = (at.0 + 1, at.1 + 1),
            Some(byte) if *byte == path[at.1] => at = (at.0 + 1, at.1 + 1),
            // Let the last star take one character more.
            _ => match star {
                None => return false,
                Some((pattern_at, path_at)) => {
                    star = Some((pattern_at, path_at + 1));
                    at = (pattern_at + 1, path_at + 1);
                }
            },
        }
    }
    pattern[at.0..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns() {
        for (pattern, path, expected) in [
            ("*", "/a/b.jpg", true),
            ("*.jpg", "/a/b.jpg", true),
            ("*.jpg", "/a/b.JPG", false),
            ("/premium/*", "/premium/a/b", true),
            ("premium/*", "/premium/a", true),
            ("premium/*", "/premium", false),
            ("a?c", "/abc", true),
            ("a?c", "/ac", false),
            ("a*b*c", "/a1b2b3c", true),
            ("a*b*c", "/a1b2b3", false),
            ("images/*.jp*", "/images/x.jpeg", true),
            ("", "/", true),
        ] {
            assert_eq!(matches(pattern, path), expected, "{pattern} {path}");
        }
    }
}
