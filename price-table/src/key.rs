//! The canonical spelling of an object's key.
//!
//! A viewer can spell one path in many ways; S3 decodes what CloudFront hands it in its own way
//! (percent-decoding once, a raw `+` read as a space). If the price were looked up under one
//! spelling and the object fetched under another, priced content could be had free. So there is
//! one decoder and one encoder: the price is looked up by the [`Key`], and the path sent on is
//! always [`Key::to_uri_path`] of that same key, which S3 can read in one way only.

use std::borrow::Cow;
use std::fmt;

/// The longest key that S3 stores, in bytes of UTF-8.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html>
pub const MAX_KEY_BYTES: usize = 1024;

/// An object's key: UTF-8, no leading slash, no segment that is empty, `.` or `..`, no backslash
/// and no control character.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key<'a>(Cow<'a, str>);

/// Why a path or key has no canonical spelling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BadKey {
    /// A backslash, which some parts of the way read as a slash.
    Backslash,
    /// A control character, NUL included.
    ControlCharacter,
    /// A segment that is `.` or `..`.
    DotSegment,
    /// The path does not begin with a slash, or nothing follows it.
    Empty,
    /// Two slashes in a row, or one at the end.
    EmptySegment,
    /// A slash written as `%2F`.
    EncodedSlash,
    /// A `%` that two hexadecimal digits do not follow.
    MalformedEscape,
    /// The decoded bytes are not UTF-8 (an overlong encoding, for example).
    NotUtf8,
    /// More than [`MAX_KEY_BYTES`].
    TooLong,
}

impl<'a> Key<'a> {
    /// Decodes the path of a URL, once. The path starts with `/` and has no query.
    ///
    /// ```
    /// use price_table::{BadKey, Key};
    /// let key = Key::from_uri_path("/%61+b%2B%c3%a9.json")?;
    /// assert_eq!(key, Key::parse("a+b+é.json")?);
    /// assert_eq!(key.to_uri_path(), "/a%2Bb%2B%C3%A9.json", "its one spelling");
    /// assert_eq!(Key::from_uri_path("/a/%2e%2e/b"), Err(BadKey::DotSegment));
    /// # Ok::<_, BadKey>(())
    /// ```
    pub fn from_uri_path(path: &'a str) -> Result<Self, BadKey> {
        let rest = path.strip_prefix('/').ok_or(BadKey::Empty)?;
        if !rest.contains('%') {
            return Self::parse(rest);
        }
        let decoded = String::from_utf8(percent_decode(rest)?).map_err(|_| BadKey::NotUtf8)?;
        Ok(Key(Cow::Owned(Key::parse(&decoded)?.0.into_owned())))
    }

    /// Takes a key as S3 lists it.
    pub fn parse(key: &'a str) -> Result<Self, BadKey> {
        if key.is_empty() {
            return Err(BadKey::Empty);
        }
        if key.len() > MAX_KEY_BYTES {
            return Err(BadKey::TooLong);
        }
        for c in key.chars() {
            match c {
                '\\' => return Err(BadKey::Backslash),
                c if c.is_control() => return Err(BadKey::ControlCharacter),
                _ => {}
            }
        }
        for segment in key.split('/') {
            match segment {
                "" => return Err(BadKey::EmptySegment),
                "." | ".." => return Err(BadKey::DotSegment),
                _ => {}
            }
        }
        Ok(Key(Cow::Borrowed(key)))
    }

    /// The key as S3 lists it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The one path that this project sends on for this key: everything but `A-Za-z0-9-._~/` is
    /// percent-encoded, so that no reader on the way has a choice (S3 reads a raw `+` as a space).
    pub fn to_uri_path(&self) -> String {
        const HEX: &[u8; 16] = b"0123456789ABCDEF";
        let mut path = String::with_capacity(self.0.len() + 8);
        path.push('/');
        for byte in self.0.bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                    path.push(byte as char);
                }
                _ => {
                    path.push('%');
                    path.push(HEX[usize::from(byte >> 4)] as char);
                    path.push(HEX[usize::from(byte & 15)] as char);
                }
            }
        }
        path
    }
}

fn percent_decode(text: &str) -> Result<Vec<u8>, BadKey> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let mut digit = || {
            let digit = char::from(bytes.next()?).to_digit(16)?;
            u8::try_from(digit).ok()
        };
        let (Some(high), Some(low)) = (digit(), digit()) else {
            return Err(BadKey::MalformedEscape);
        };
        match high << 4 | low {
            b'/' => return Err(BadKey::EncodedSlash),
            byte => decoded.push(byte),
        }
    }
    Ok(decoded)
}

impl fmt::Display for BadKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            BadKey::Backslash => "a backslash is not allowed in a path",
            BadKey::ControlCharacter => "a control character is not allowed in a path",
            BadKey::DotSegment => "a path segment may not be `.` or `..`",
            BadKey::Empty => "the path names no object",
            BadKey::EmptySegment => "a path segment may not be empty (`//`, or a slash at the end)",
            BadKey::EncodedSlash => "a slash may not be written as `%2F`",
            BadKey::MalformedEscape => "a `%` must be followed by two hexadecimal digits",
            BadKey::NotUtf8 => "the path does not decode to UTF-8",
            BadKey::TooLong => "the path is longer than 1,024 bytes",
        })
    }
}

impl std::error::Error for BadKey {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_key() {
        for spelling in ["/a b+c", "/a%20b%2Bc", "/%61%20b%2bc"] {
            let key = Key::from_uri_path(spelling).unwrap();
            assert_eq!(key.as_str(), "a b+c", "{spelling}");
            assert_eq!(key.to_uri_path(), "/a%20b%2Bc");
        }
    }

    #[test]
    fn refusals() {
        for (path, why) in [
            ("", BadKey::Empty),
            ("/", BadKey::Empty),
            ("a", BadKey::Empty),
            ("/a//b", BadKey::EmptySegment),
            ("/a/", BadKey::EmptySegment),
            ("//a", BadKey::EmptySegment),
            ("/a/../b", BadKey::DotSegment),
            ("/a/%2e%2E/b", BadKey::DotSegment),
            ("/./a", BadKey::DotSegment),
            ("/a%2fb", BadKey::EncodedSlash),
            ("/a\\b", BadKey::Backslash),
            ("/a%5Cb", BadKey::Backslash),
            ("/a%00", BadKey::ControlCharacter),
            ("/a%0d%0aset-cookie", BadKey::ControlCharacter),
            ("/a%c2%85", BadKey::ControlCharacter),
            ("/%", BadKey::MalformedEscape),
            ("/%4", BadKey::MalformedEscape),
            ("/%+1", BadKey::MalformedEscape),
            ("/%zz", BadKey::MalformedEscape),
            ("/%c0%af", BadKey::NotUtf8),
            ("/%ff", BadKey::NotUtf8),
        ] {
            assert_eq!(Key::from_uri_path(path), Err(why), "{path:?}");
        }
        let long = format!("/{}", "a".repeat(MAX_KEY_BYTES + 1));
        assert_eq!(Key::from_uri_path(&long), Err(BadKey::TooLong));
    }

    #[test]
    fn a_double_encoding_is_another_key() {
        let key = Key::from_uri_path("/%2570remium").unwrap();
        assert_eq!(key.as_str(), "%70remium");
        assert_eq!(key.to_uri_path(), "/%2570remium");
    }

    proptest::proptest! {
        #[test]
        fn the_canonical_path_reads_back(path in "/\\PC{1,40}") {
            if let Ok(key) = Key::from_uri_path(&path) {
                let canonical = key.to_uri_path();
                proptest::prop_assert!(canonical.is_ascii());
                proptest::prop_assert_eq!(Key::from_uri_path(&canonical).unwrap(), key);
            }
        }
    }
}
