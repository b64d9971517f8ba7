//! The objects on sale: from a folder, or from a list.

pub(crate) mod bucket;
pub(crate) mod content;
pub(crate) mod digests;
pub(crate) mod folder;
pub(crate) mod kinds;
pub(crate) mod manifest;
pub(crate) mod parts;
pub(crate) mod published;
mod secrets;

use std::ops::Range;

use cloudfront::limits::OBJECT_BYTES;
use price_table::{BadKey, Key, Object};

use parts::InParts;

/// An object as S3 has it or will have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// The key, canonical.
    pub(crate) key: String,
    /// Bytes.
    pub(crate) size: u64,
    pub(crate) mime_type: String,
    /// With its quotes.
    pub(crate) etag: String,
    /// The SHA-256 of its bytes in base64, as S3's `x-amz-checksum-sha256`; a list may lack it.
    pub(crate) sha256: Option<String>,
    /// If it is sent in parts.
    pub(crate) parts: Option<InParts>,
    /// Its line in the manifest, if it comes from one.
    pub(crate) line: Option<Range<usize>>,
}

impl Found {
    /// Its row in the table, without a digest.
    pub(crate) fn object(&self, rule: u16, mime_type: u16) -> Object<'_> {
        let (key, etag) = (self.key.as_str().into(), self.etag.as_str().into());
        Object { key, etag, rule, mime_type, size: self.size, sha256: None }
    }
}

/// Why the canonical URL of a key could not be asked for.
fn unsellable(key: &str) -> Option<BadKey> {
    Key::parse(key).err()
}

/// Why nobody could get an object of this size, not even who pays.
fn too_big(size: u64) -> Option<String> {
    let why = format!("it has {size} bytes, and CloudFront delivers {OBJECT_BYTES} at most");
    (size > OBJECT_BYTES).then_some(why)
}

/// How to sell what is too big.
const SPLIT: &str = "split it";

/// Whether a text is `type/subtype`, with parameters if there are any, in printable ASCII.
pub(crate) fn is_mime_type(text: &str) -> bool {
    let essence = text.split(';').next().unwrap_or_default().trim_end();
    // The token of https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2
    let token = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
    };
    text.bytes().all(|b| (b' '..=b'~').contains(&b))
        && essence.split_once('/').is_some_and(|(kind, subtype)| token(kind) && token(subtype))
}

#[cfg(test)]
mod tests {
    use super::is_mime_type;

    #[test]
    fn mime_types() {
        for text in ["text/plain", "image/svg+xml", "text/html; charset=utf-8"] {
            assert!(is_mime_type(text), "{text}");
        }
        for text in ["", "text", "/", "text/", "a/b/c", "a b/c", "text/plain\n", "té/xt"] {
            assert!(!is_mime_type(text), "{text}");
        }
    }
}
