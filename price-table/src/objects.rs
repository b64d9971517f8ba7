//! The objects on sale: an exact hash table in one blob, read in place.
//!
//! Integers are little-endian. `n` objects, `b` buckets (a power of two):
//!
//! ```text
//! u32 n | u32 b | u32 start of bucket 0 .. b (b + 1 of them) | n rows | strings
//! row:  u32 offset in strings | u16 key bytes | u16 ETag bytes | u16 rule | u16 type | u64 size
//! ```
//!
//! Rows of one bucket stand together, so a look-up reads two bucket starts and compares keys byte
//! by byte: membership is exact, and a path that someone invented is never for sale. The hash is
//! FNV-1a; it needs no secret, because the keys in the table are the seller's own and a viewer can
//! only choose what is looked up.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

const HEADER: usize = 8;
const ROW: usize = 20;

/// The compiled objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objects {
    blob: Cow<'static, [u8]>,
}

/// One object, borrowed from the blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Object<'a> {
    /// The key, as S3 lists it.
    pub key: &'a str,
    /// The entity tag as S3 sends it, quotes included.
    pub etag: &'a str,
    /// Index into [`crate::Table::rules`].
    pub rule: u16,
    /// Index into [`crate::Table::mime_types`].
    pub mime_type: u16,
    /// Bytes.
    pub size: u64,
}

/// Why a set of objects has no table.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BadObjects {
    /// The key stands in the set twice.
    Duplicate(String),
    /// A key or an ETag over 65,535 bytes.
    StringTooLong(String),
    /// More keys and ETags than 4 GiB, or more objects than `u32` counts.
    TooBig,
}

impl Objects {
    /// Takes a blob that [`Objects::build`] made.
    ///
    /// Only the build script that embeds it calls this: a blob from elsewhere makes look-ups panic.
    pub const fn from_static(blob: &'static [u8]) -> Self {
        Objects { blob: Cow::Borrowed(blob) }
    }

    /// Compiles the table.
    pub fn build(objects: &[Object<'_>]) -> Result<Self, BadObjects> {
        let mut seen = HashSet::with_capacity(objects.len());
        for object in objects {
            if !seen.insert(object.key) {
                return Err(BadObjects::Duplicate(object.key.to_owned()));
            }
        }
        let count = u32::try_from(objects.len()).map_err(|_| BadObjects::TooBig)?;
        let buckets = count.max(1).checked_next_power_of_two().ok_or(BadObjects::TooBig)?;
        let mut order: Vec<_> = objects.iter().map(|o| (bucket(o.key, buckets), o)).collect();
        order.sort_unstable_by_key(|(bucket, object)| (*bucket, object.key));

        let mut starts = Vec::with_capacity((buckets as usize + 1) * 4);
        let mut filled = 0;
        for bucket in 0..=buckets {
            while order.get(filled).is_some_and(|(b, _)| *b < bucket) {
                filled += 1;
            }
            starts.extend((filled as u32).to_le_bytes());
        }

        let mut rows = Vec::with_capacity(objects.len() * ROW);
        let mut strings = Vec::new();
        for (_, object) in &order {
            let length = |text: &str| {
                u16::try_from(text.len())
                    .map_err(|_| BadObjects::StringTooLong(object.key.chars().take(80).collect()))
            };
            let offset = u32::try_from(strings.len()).map_err(|_| BadObjects::TooBig)?;
            rows.extend(offset.to_le_bytes());
            rows.extend(length(object.key)?.to_le_bytes());
            rows.extend(length(object.etag)?.to_le_bytes());
            rows.extend(object.rule.to_le_bytes());
            rows.extend(object.mime_type.to_le_bytes());
            rows.extend(object.size.to_le_bytes());
            strings.extend(object.key.as_bytes());
            strings.extend(object.etag.as_bytes());
        }

        let blob =
            [count.to_le_bytes().as_slice(), &buckets.to_le_bytes(), &starts, &rows, &strings]
                .concat();
        Ok(Objects { blob: Cow::Owned(blob) })
    }

    /// The blob, to be embedded and handed to [`Objects::from_static`].
    pub fn blob(&self) -> &[u8] {
        &self.blob
    }

    /// How many objects there are.
    pub fn len(&self) -> usize {
        self.u32(0) as usize
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The object with this key, if it is in the table.
    pub fn get(&self, key: &str) -> Option<Object<'_>> {
        let slot = HEADER + bucket(key, self.buckets()) as usize * 4;
        let (first, end) = (self.u32(slot), self.u32(slot + 4));
        (first..end).map(|row| self.row(row as usize)).find(|object| object.key == key)
    }

    /// All objects, in no order that means anything.
    pub fn iter(&self) -> impl Iterator<Item = Object<'_>> {
        (0..self.len()).map(|row| self.row(row))
    }

    fn buckets(&self) -> u32 {
        self.u32(4)
    }

    fn row(&self, row: usize) -> Object<'_> {
        let rows = HEADER + (self.buckets() as usize + 1) * 4;
        let strings = rows + self.len() * ROW;
        let at = rows + row * ROW;
        let offset = strings + self.u32(at) as usize;
        let key_end = offset + usize::from(self.u16(at + 4));
        let etag_end = key_end + usize::from(self.u16(at + 6));
        Object {
            key: self.text(offset, key_end),
            etag: self.text(key_end, etag_end),
            rule: self.u16(at + 8),
            mime_type: self.u16(at + 10),
            size: u64::from_le_bytes(self.array(at + 12)),
        }
    }

    fn text(&self, from: usize, to: usize) -> &str {
        // `build` wrote these bytes from a `&str`.
        std::str::from_utf8(&self.blob[from..to]).expect("the compiler writes UTF-8")
    }

    fn u16(&self, at: usize) -> u16 {
        u16::from_le_bytes(self.array(at))
    }

    fn u32(&self, at: usize) -> u32 {
        u32::from_le_bytes(self.array(at))
    }

    fn array<const N: usize>(&self, at: usize) -> [u8; N] {
        self.blob[at..at + N].try_into().expect("a slice of N bytes")
    }
}

fn bucket(key: &str, buckets: u32) -> u32 {
    // FNV-1a, 64 bits: http://www.isthe.com/chongo/tech/comp/fnv/
    let hash = key.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    // The low bits of FNV are the weak ones; fold the high half in.
    ((hash >> 32) as u32 ^ hash as u32) & (buckets - 1)
}

impl fmt::Display for BadObjects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BadObjects::Duplicate(key) => write!(f, "the object `{key}` is listed twice"),
            BadObjects::StringTooLong(key) => {
                write!(f, "the key or ETag of `{key}` is over 65,535 bytes")
            }
            BadObjects::TooBig => f.write_str("there are more objects than a table can hold"),
        }
    }
}

impl std::error::Error for BadObjects {}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(key: &str) -> Object<'_> {
        Object { key, etag: "\"e\"", rule: 7, mime_type: 3, size: 1 << 40 }
    }

    #[test]
    fn an_empty_table_has_nothing() {
        let objects = Objects::build(&[]).unwrap();
        assert!(objects.is_empty());
        assert_eq!(objects.get(""), None);
        assert_eq!(objects.get("a"), None);
    }

    #[test]
    fn duplicates_are_refused() {
        let twice = [object("a"), object("a")];
        assert_eq!(Objects::build(&twice), Err(BadObjects::Duplicate("a".into())));
    }

    proptest::proptest! {
        #[test]
        fn membership_is_exact(
            keys in proptest::collection::hash_set("\\PC{0,12}", 0..200),
            other in proptest::collection::vec("\\PC{0,12}", 50),
        ) {
            let rows: Vec<_> = keys.iter().map(|key| object(key)).collect();
            let objects = Objects::build(&rows).unwrap();
            for key in &keys {
                proptest::prop_assert_eq!(objects.get(key), Some(object(key)));
            }
            for key in &other {
                proptest::prop_assert_eq!(objects.get(key).is_some(), keys.contains(key));
            }
            proptest::prop_assert_eq!(objects.iter().count(), keys.len());
        }
    }
}
