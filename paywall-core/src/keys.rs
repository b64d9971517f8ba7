//! Secret keys, and the one way in which they authenticate anything: HMAC-SHA-256,
//! <https://www.rfc-editor.org/rfc/rfc2104>.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::hex;

/// A key of 256 bits.
#[derive(Clone)]
pub(crate) struct Key([u8; 32]);

/// Why a text is not a set of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadKeys;

/// Reads keys of 64 hexadecimal digits, separated by white space; at least one.
pub(crate) fn parse(text: &str) -> Result<Vec<Key>, BadKeys> {
    let keys: Option<Vec<_>> =
        text.split_whitespace().map(|key| hex::digits(key).map(Key)).collect();
    keys.filter(|keys| !keys.is_empty()).ok_or(BadKeys)
}

impl Key {
    /// The code of a list of parts. The first one says what the code is for, so that none made for
    /// one purpose serves another.
    pub(crate) fn mac(&self, parts: &[&[u8]]) -> Hmac<Sha256> {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        for part in parts {
            // Lengths first, so that no two lists of parts give the same bytes.
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac
    }

    /// A name for the key that gives nothing of it away and stays with it when it is no longer the
    /// first: 8 hexadecimal digits of a hash.
    pub(crate) fn id(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(b"x402 key id");
        hash.update(self.0);
        hex::encode(&hash.finalize()[..4])[2..].to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_64_digits_each() {
        for bad in ["", " ", "ab", &"g".repeat(64), &format!("{} x", "a".repeat(64))] {
            assert!(parse(bad).is_err());
        }
        assert_eq!(parse(&format!("{}\n{}", "a".repeat(64), "b".repeat(64))).unwrap().len(), 2);
    }

    #[test]
    fn ids_are_of_the_key_alone() {
        let id = |digit: &str| parse(&digit.repeat(64)).unwrap()[0].id();
        assert_eq!(id("a"), id("A"));
        assert_ne!(id("a"), id("b"));
        assert_eq!(id("a").len(), 8);
    }

    #[test]
    fn parts_do_not_run_together() {
        let key = &parse(&"a".repeat(64)).unwrap()[0];
        let tag = |parts: &[&[u8]]| key.mac(parts).finalize().into_bytes();
        assert_ne!(tag(&[b"ab", b"c"]), tag(&[b"a", b"bc"]));
        assert_ne!(tag(&[b"ab"]), tag(&[b"ab", b""]));
    }
}
