//! The seal: a folder of the bucket whose name nobody outside knows, with all objects in it.
//!
//! The function puts it before the key of what it grants, so no URL leads to an object without the
//! function: neither one that a lost association leaves open, nor one that CloudFront has cached,
//! since it caches under the path that the function sent on.

use std::fmt;

/// Letters of base32, in lower case: <https://www.rfc-editor.org/rfc/rfc4648#section-6>.
const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// The name of the folder: [`Seal::LENGTH`] letters of base32. It is shown to nobody, so it has neither
/// `Display` nor a telling `Debug`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Seal(String);

impl Seal {
    /// The least number of letters that hold 128 bits.
    pub const LENGTH: usize = 26;
    /// What it takes from the length of a key, with its slash.
    pub const KEY_BYTES: usize = Self::LENGTH + 1;

    /// One of these random bytes, a letter each.
    pub fn new(random: [u8; Self::LENGTH]) -> Self {
        Seal(random.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect())
    }

    /// The name, if it is that of a seal.
    pub fn parse(name: &str) -> Option<Self> {
        let is_seal = name.len() == Self::LENGTH && name.bytes().all(|b| LETTERS.contains(&b));
        is_seal.then(|| Seal(name.into()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path below the seal that leads to where a path leads without one.
    pub fn path(&self, path: &str) -> String {
        ["/", self.as_str(), path].concat()
    }

    /// The key without the seal, if it lies below this one.
    pub fn strip_key<'k>(&self, key: &'k str) -> Option<&'k str> {
        key.strip_prefix(self.as_str())?.strip_prefix('/')
    }

    /// The path without the seal, if it leads below this one.
    pub fn strip<'p>(&self, path: &'p str) -> Option<&'p str> {
        let rest = path.strip_prefix('/')?.strip_prefix(self.as_str())?;
        rest.starts_with('/').then_some(rest)
    }
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seal(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_seals_are_seals() {
        let seal = Seal::new(std::array::from_fn(|at| (at as u8).wrapping_mul(37)));
        assert_eq!(Seal::parse(seal.as_str()), Some(seal.clone()));
        let (long, short) = (format!("{}a", seal.as_str()), &seal.as_str()[1..]);
        let other = "abcdefghijklmnopqrstuvwxy";
        for name in
            ["", &long, short, &format!("{other}1"), &format!("{other}A"), &format!("{other}/")]
        {
            assert_eq!(Seal::parse(name), None, "{name}");
        }
        assert!(!format!("{seal:?}").contains(seal.as_str()));
    }

    #[test]
    fn only_this_seal_comes_off() {
        let seal = Seal::new([0; Seal::LENGTH]);
        let other = Seal::new([1; Seal::LENGTH]);
        let path = seal.path("/a/b");
        assert_eq!(seal.strip(&path), Some("/a/b"));
        assert_eq!(seal.strip(&seal.path(&path)), Some(path.as_str()));
        assert_eq!(other.strip(&path), None);
        for path in [&path[1..], &path[..=Seal::LENGTH], "/a/b", "/", &path.replacen("/a", "a", 1)]
        {
            assert_eq!(seal.strip(path), None, "{path}");
        }
    }
}
