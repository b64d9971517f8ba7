//! Which cache behavior a path belongs to.
//! <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html#DownloadDistValuesPathPattern>
//!
//! CloudFront matches a *normalised* path and sends the *raw* one to the origin, where S3 reads it in
//! yet another way. So `/premium%2Fa.jpg` does not match `/premium/*`, yet S3
//! reads `premium/a.jpg`, and `/premium/a%2Ejpg` matches `*.jpg`. A behavior that reaches priced
//! objects without the function is a way around it, whatever its pattern says.

use std::borrow::Borrow;

use percent_encoding::percent_decode_str;

/// A path pattern: `*` is any characters or none, `?` exactly one. Case matters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathPattern(String);

impl PathPattern {
    /// A pattern; the slash at its start may be left out, as CloudFront allows.
    pub fn new(pattern: &str) -> Self {
        let slash = if pattern.starts_with(['/', '*']) { "" } else { "/" };
        Self(format!("{slash}{pattern}"))
    }

    /// As CloudFront reads it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a path, normalised by [`normalize`], matches.
    pub fn matches(&self, path: &str) -> bool {
        let pattern: Vec<char> = self.0.chars().collect();
        let path: Vec<char> = path.chars().collect();
        let (mut p, mut c) = (0, 0);
        // Where the last `*` stands, and up to where it has taken the path.
        let mut star: Option<(usize, usize)> = None;
        while c < path.len() {
            match pattern.get(p) {
                Some('*') => {
                    star = Some((p, c));
                    p += 1;
                }
                Some(one) if *one == '?' || *one == path[c] => {
                    p += 1;
                    c += 1;
                }
                _ => {
                    let Some((at, taken)) = star else { return false };
                    star = Some((at, taken + 1));
                    p = at + 1;
                    c = taken + 1;
                }
            }
        }
        pattern[p..].iter().all(|rest| *rest == '*')
    }
}

/// The behavior of a path as the viewer sent it: the first, in the distribution's order, whose pattern matches. Without
/// one it is the default behavior's.
pub fn first_match<B>(
    behaviors: impl IntoIterator<Item = (impl Borrow<PathPattern>, B)>,
    raw_path: &str,
) -> Option<B> {
    let path = normalize(raw_path);
    behaviors
        .into_iter()
        .find(|(pattern, _)| pattern.borrow().matches(&path))
        .map(|(_, behavior)| behavior)
}

/// The path that patterns are matched against: as in RFC 3986, section 6.2.2 (escapes of unreserved
/// characters decoded, other escapes in capitals, dot segments removed), and with runs of slashes
/// made one. AWS names that RFC, double slashes and periods, and no details: escapes are read here as
/// the RFC does.
/// <https://www.rfc-editor.org/rfc/rfc3986#section-6.2.2>
///
/// ```
/// use cloudfront::path_pattern::normalize;
/// assert_eq!(normalize("/a//b/../%70%2f%c3"), "/a/p%2F%C3");
/// ```
pub fn normalize(raw: &str) -> String {
    let unescaped = normalize_escapes(raw);
    let mut segments: Vec<&str> = Vec::new();
    let mut ends_in_slash = true;
    for segment in unescaped.split('/') {
        ends_in_slash = matches!(segment, "" | "." | "..");
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            segment => segments.push(segment),
        }
    }
    let mut path = format!("/{}", segments.join("/"));
    if ends_in_slash && !segments.is_empty() {
        path.push('/');
    }
    path
}

fn normalize_escapes(raw: &str) -> String {
    let mut done = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('%') {
        done.push_str(&rest[..at]);
        let escape = rest.get(at..at + 3).unwrap_or(&rest[at..]);
        match percent_decode_str(escape).collect::<Vec<u8>>().as_slice() {
            [byte] if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) => {
                done.push(char::from(*byte));
            }
            // One byte, or no escape at all.
            _ => done.push_str(&escape.to_ascii_uppercase()),
        }
        rest = &rest[at + escape.len()..];
    }
    done.push_str(rest);
    done
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn patterns() {
        for (pattern, path, matches) in [
            ("images/*.jpg", "/images/a.jpg", true),
            ("/images/*.jpg", "/images/a/b.jpg", true),
            ("images/*.jpg", "/other/images/a.jpg", false),
            ("*.jpg", "/premium/a.jpg", true),
            ("*.jpg", "/premium/a.JPG", false),
            ("*.jpg", "/a.jpg/b", false),
            ("/a/??.txt", "/a/bc.txt", true),
            ("/a/??.txt", "/a/b.txt", false),
            ("/a/?", "/a/ü", true),
            ("/a*", "/a", true),
            ("/a*b*c", "/axxbxxbc", true),
            ("/a*b*c", "/axxbxxbd", false),
            ("*", "/", true),
            ("/premium/*", "/premium", false),
            ("/premium/*", "/premium%2Fa", false),
        ] {
            assert_eq!(PathPattern::new(pattern).matches(path), matches, "{pattern} {path}");
        }
    }

    #[test]
    fn the_first_of_several_is_taken() {
        let patterns = ["/a/*.jpg", "/a/*", "*.jpg"].map(PathPattern::new);
        let place = |raw| first_match(patterns.iter().zip(0..), raw);
        for (raw, at) in [
            ("/a/b.jpg", Some(0)),
            ("//a/%62%2ejpg", Some(0)),
            ("/a/b", Some(1)),
            ("/b.jpg", Some(2)),
            ("/a/../b", None),
        ] {
            assert_eq!(place(raw), at, "{raw}");
        }
    }

    #[test]
    fn normalised_paths() {
        for (raw, path) in [
            ("/", "/"),
            ("/a/b", "/a/b"),
            ("/a/b/", "/a/b/"),
            ("/a/b/..", "/a/"),
            ("/a/./b", "/a/b"),
            ("/../a", "/a"),
            ("//a///b", "/a/b"),
            ("/%70remium/a", "/premium/a"),
            ("/a/%2e%2E/b", "/b"),
            ("/a%2fb", "/a%2Fb"),
            ("/a%c3%bc", "/a%C3%BC"),
            ("/%zz%", "/%ZZ%"),
            ("/%2570", "/%2570"),
            ("/A", "/A"),
        ] {
            assert_eq!(normalize(raw), path, "{raw}");
        }
    }

    proptest! {
        #[test]
        fn normalising_twice_changes_nothing(raw in "/[a-c%27eE./ü]{0,12}") {
            let once = normalize(&raw);
            // `%2570` holds an escape once it is decoded, and CloudFront decodes once.
            prop_assume!(!once.contains('%'));
            prop_assert_eq!(normalize(&once), once);
        }

        #[test]
        fn a_star_matches_what_it_stands_for(head in "[a-z/]{0,5}", any in "[a-z/]{0,5}", tail in "[a-z/]{0,5}") {
            let pattern = PathPattern::new(&format!("/{head}*{tail}"));
            let path = format!("/{head}{any}{tail}");
            prop_assert!(pattern.matches(&path));
        }
    }
}
