//! What viewer-request hands to viewer-response: the receipt, in an internal request header.
//!
//! AWS does not document whether viewer-response sees the request as viewer-request edited it or as
//! the viewer sent it. In the second case the header could be the viewer's own, so it carries a MAC
//! (HMAC-SHA-256, <https://www.rfc-editor.org/rfc/rfc2104>) over the id of the request, the object
//! and its ETag; what does not verify is not emitted.

use hmac::{Hmac, KeyInit, Mac};
use price_table::Object;
use sha2::Sha256;

use crate::hex;

/// The header's name. Removed from whatever the viewer sends.
pub const HEADER: &str = "x-x402-handover";

/// The keys: the first signs, each verifies, so that keys can be rotated while answers are under
/// way between an old and a new version of the function.
#[derive(Clone)]
pub struct Keys(Vec<[u8; 32]>);

/// Why a text is not a set of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadKeys;

impl Keys {
    /// Reads keys of 64 hexadecimal digits, separated by white space, the current one first.
    pub fn parse(text: &str) -> Result<Self, BadKeys> {
        let keys: Option<Vec<_>> =
            text.split_whitespace().map(|key| hex::decode_array(&format!("0x{key}"))).collect();
        keys.filter(|keys| !keys.is_empty()).map(Keys).ok_or(BadKeys)
    }

    /// The header's value. `receipt` is what the viewer is to get, already encoded: it has no dot.
    pub fn seal(&self, request_id: &str, object: &Object<'_>, receipt: &str) -> String {
        let tag = mac(&self.0[0], request_id, object, receipt).finalize().into_bytes();
        format!("{receipt}.{}", &hex::encode(&tag)[2..])
    }

    /// The receipt, if one of the keys sealed it for this request and object.
    pub fn open<'v>(
        &self,
        request_id: &str,
        object: &Object<'_>,
        value: &'v str,
    ) -> Option<&'v str> {
        let (receipt, tag) = value.split_once('.')?;
        let tag = hex::decode(&format!("0x{tag}"))?;
        self.0
            .iter()
            .any(|key| mac(key, request_id, object, receipt).verify_slice(&tag).is_ok())
            .then_some(receipt)
    }
}

fn mac(key: &[u8; 32], request_id: &str, object: &Object<'_>, receipt: &str) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in [request_id, object.key, object.etag, receipt] {
        // Lengths first, so that no two lists of parts give the same bytes.
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part.as_bytes());
    }
    mac
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keys({} of them)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OBJECT: Object<'_> = Object { key: "a", etag: "\"e\"", rule: 0, mime_type: 0, size: 1 };

    fn keys(digits: &[&str]) -> Keys {
        Keys::parse(&digits.iter().map(|d| d.repeat(64)).collect::<Vec<_>>().join("\n")).unwrap()
    }

    #[test]
    fn opens_what_it_sealed_and_nothing_else() {
        let sealed = keys(&["a"]).seal("id", &OBJECT, "cmVjZWlwdA==");
        assert_eq!(keys(&["a"]).open("id", &OBJECT, &sealed), Some("cmVjZWlwdA=="));
        assert_eq!(keys(&["b", "a"]).open("id", &OBJECT, &sealed), Some("cmVjZWlwdA=="));
        assert_eq!(keys(&["b"]).open("id", &OBJECT, &sealed), None);
        assert_eq!(keys(&["a"]).open("other", &OBJECT, &sealed), None);
        let other = Object { key: "b", ..OBJECT };
        assert_eq!(keys(&["a"]).open("id", &other, &sealed), None);
        let changed = Object { etag: "\"f\"", ..OBJECT };
        assert_eq!(keys(&["a"]).open("id", &changed, &sealed), None);
        for forged in
            ["", ".", "cmVjZWlwdA==", "cmVjZWlwdA==.", "x.00", &sealed.replacen('c', "d", 1)]
        {
            assert_eq!(keys(&["a"]).open("id", &OBJECT, forged), None, "{forged}");
        }
    }

    #[test]
    fn keys_are_64_digits_each() {
        for bad in ["", " ", "ab", &"g".repeat(64), &format!("{} x", "a".repeat(64))] {
            assert_eq!(Keys::parse(bad).unwrap_err(), BadKeys);
        }
    }
}
