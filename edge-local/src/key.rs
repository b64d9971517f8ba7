//! Which object S3 reads when CloudFront asks it for a path.

use percent_encoding::percent_decode_str;

/// S3 cannot make a key of the path: it answers 400 `InvalidURI`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("S3 could not parse the URI: a malformed percent-escape, or bytes that are not UTF-8")]
pub struct InvalidUri;

/// The key of the object that S3 reads for `uri`, the path of a URL: the slash that begins it goes,
/// percent-escapes are decoded once, and a raw `+` means a space.
///
/// The key is not cleaned in any way: `..`, an empty segment or a NUL are part of it, and in a
/// folder no object has such a key.
///
/// ```
/// use edge_local::key_of_uri;
/// assert_eq!(key_of_uri("/a+b%2Bc").unwrap(), "a b+c");
/// assert_eq!(key_of_uri("/%2570remium").unwrap(), "%70remium");
/// assert_eq!(key_of_uri("/a/../b").unwrap(), "a/../b");
/// assert!(key_of_uri("/%zz").is_err());
/// ```
pub fn key_of_uri(uri: &str) -> Result<String, InvalidUri> {
    let path = uri.strip_prefix('/').unwrap_or(uri);
    let escapes_are_whole = path.split('%').skip(1).all(|rest| {
        rest.as_bytes().get(..2).is_some_and(|pair| pair.iter().all(u8::is_ascii_hexdigit))
    });
    if !escapes_are_whole {
        return Err(InvalidUri);
    }
    let path = path.replace('+', " ");
    Ok(percent_decode_str(&path).decode_utf8().map_err(|_| InvalidUri)?.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys() {
        for (uri, key) in [
            ("/", ""),
            ("/a", "a"),
            ("/%61", "a"),
            ("/%2561", "%61"),
            ("//a", "/a"),
            ("/a%2fb", "a/b"),
            ("/a%2Bb+c", "a+b c"),
            ("/%C3%BC", "ü"),
            ("/a%00", "a\0"),
            ("/%2e%2e/a", "../a"),
        ] {
            assert_eq!(key_of_uri(uri).as_deref(), Ok(key), "{uri}");
        }
    }

    #[test]
    fn paths_that_are_no_key() {
        for uri in ["/%", "/%4", "/%zz", "/%+1", "/a%%41", "/%c0%af", "/%ff"] {
            assert_eq!(key_of_uri(uri), Err(InvalidUri), "{uri}");
        }
    }
}
