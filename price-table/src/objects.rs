//! The objects on sale: an exact hash table, read in place from memory or from a file.
//!
//! Integers are little-endian. As many buckets as objects, rounded up to a power of two:
//!
//! ```text
//! slots | u32 offset of the end | rows
//! slot:  u32 offset of the bucket's rows | u64 FNV-1a of the seed, the slot's number, where its rows begin and end, and those rows
//! row:   u16 key bytes | u16 ETag bytes | u16 rule | u16 type | u56 size | u8 digest bytes, 0 or 32 | key | ETag | digest
//! ```
//!
//! A bucket's rows end where the next one's begin. So a look-up reads twice, checks what it read, and compares
//! keys byte by byte: membership is exact, a path that someone invented is never for sale, and a byte that
//! is not as it was written is an error, never another price: each step of FNV-1a is one to one, so no change
//! of one byte goes unseen. The seed is that of the rules which rows name by their number, so that rows of
//! another table are no rows of this one. The hash needs no secret, because the keys in the table are the
//! seller's own and a viewer can only choose what is looked up.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;
use std::{fmt, io};

const SLOT: u64 = 12;
const ROW: usize = 16;
/// In `u64`, what is above the size.
const SIZE_BITS: u32 = 56;
/// No bucket has more bytes, so that no look-up reads more.
const BUCKET: u32 = 1 << 20;

/// The compiled objects.
#[derive(Clone, Debug)]
pub struct Objects {
    count: u32,
    buckets: u32,
    seed: u64,
    bytes: Bytes,
}

/// Bytes that can be read anywhere: a file.
pub trait ReadAt: fmt::Debug + Send + Sync {
    /// Fills the buffer with what stands from `at` on.
    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<()>;
}

#[derive(Clone, Debug)]
enum Bytes {
    Memory(Cow<'static, [u8]>),
    /// From so many bytes of a file on, so many.
    File {
        file: Arc<dyn ReadAt>,
        from: u64,
        length: u64,
    },
}

/// One object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object<'a> {
    /// The key, as S3 lists it.
    pub key: Cow<'a, str>,
    /// The entity tag as S3 sends it, quotes included.
    pub etag: Cow<'a, str>,
    /// Index into [`crate::Table::rules`].
    pub rule: u16,
    /// Index into [`crate::Table::mime_types`].
    pub mime_type: u16,
    /// Bytes, fewer than 2^56.
    pub size: u64,
    /// The SHA-256 of the bytes, if the seller tells it.
    pub sha256: Option<[u8; 32]>,
}

/// What was read is not what was written. Nothing is sold by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damaged(pub(crate) String);

/// Why a set of objects has no table.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BadObjects {
    /// The key stands in the set twice.
    Duplicate(String),
    /// A key or an ETag over 65,535 bytes.
    StringTooLong(String),
    /// More than 4 GiB, more objects than `u32` counts, a MiB of keys with one hash, or an object of 2^56 bytes.
    TooBig,
}

impl Objects {
    /// Compiles the table.
    pub fn build(objects: &[Object<'_>]) -> Result<Self, BadObjects> {
        let mut seen = HashSet::with_capacity(objects.len());
        for object in objects {
            if !seen.insert(&object.key) {
                return Err(BadObjects::Duplicate(object.key.clone().into_owned()));
            }
        }
        let count = u32::try_from(objects.len()).map_err(|_| BadObjects::TooBig)?;
        let buckets = buckets(count).ok_or(BadObjects::TooBig)?;
        let mut order: Vec<_> = objects.iter().map(|o| (bucket(&o.key, buckets), o)).collect();
        order.sort_unstable_by_key(|(bucket, object)| (*bucket, &object.key));
        let mut order = order.into_iter().peekable();

        let (mut bytes, mut rows) = (Vec::new(), Vec::new());
        for bucket in 0..buckets {
            let from = rows.len();
            while let Some((_, object)) = order.next_if(|(of, _)| *of == bucket) {
                object.write(&mut rows)?;
            }
            let place = place(bucket, from, rows.len()).ok_or(BadObjects::TooBig)?;
            bytes.extend(place.offset.to_le_bytes());
            bytes.extend(place.checksum(0, &rows[from..]).to_le_bytes());
        }
        let end = u32::try_from(rows.len()).map_err(|_| BadObjects::TooBig)?;
        bytes.extend(end.to_le_bytes());
        bytes.append(&mut rows);
        Ok(Objects { count, buckets, seed: 0, bytes: Bytes::Memory(Cow::Owned(bytes)) })
    }

    /// Takes what [`Objects::write`] gave for so many objects and this seed, in memory.
    pub(crate) fn in_memory(count: u32, seed: u64, bytes: &'static [u8]) -> Option<Self> {
        let bytes = Bytes::Memory(Cow::Borrowed(bytes));
        Some(Objects { count, buckets: buckets(count)?, seed, bytes })
    }

    /// The same of a file, so many bytes from `from` on; objects are read when they are asked for.
    pub(crate) fn in_file(
        count: u32,
        seed: u64,
        (file, from, length): (Arc<dyn ReadAt>, u64, u64),
    ) -> Option<Self> {
        let bytes = Bytes::File { file, from, length };
        Some(Objects { count, buckets: buckets(count)?, seed, bytes })
    }

    /// All of it, for a file with this seed.
    pub(crate) fn write(&self, seed: u64) -> Result<Vec<u8>, Damaged> {
        let mut bytes = self.bytes.read(0, self.bytes.length())?.into_owned();
        for bucket in 0..self.buckets {
            let (place, rows) = self.bucket(bucket)?;
            let at = (u64::from(bucket) * SLOT) as usize + 4;
            bytes[at..at + 8].copy_from_slice(&place.checksum(seed, &rows).to_le_bytes());
        }
        Ok(bytes)
    }

    /// How many objects there are.
    pub fn len(&self) -> usize {
        self.count as usize
    }

    /// How many bytes of a file they take.
    pub fn file_bytes(&self) -> u64 {
        self.bytes.length()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The object with this key, if it is in the table.
    pub fn get(&self, key: &str) -> Result<Option<Object<'_>>, Damaged> {
        match self.bucket(bucket(key, self.buckets))?.1 {
            Cow::Borrowed(rows) => find(rows, key),
            Cow::Owned(rows) => Ok(find(&rows, key)?.map(Object::into_owned)),
        }
    }

    /// All objects, in no order that means anything.
    pub fn all(&self) -> Result<Vec<Object<'_>>, Damaged> {
        let mut all = Vec::new();
        for bucket in 0..self.buckets {
            match self.bucket(bucket)?.1 {
                Cow::Borrowed(rows) => all.extend(split(rows).collect::<Result<Vec<_>, _>>()?),
                Cow::Owned(rows) => {
                    for object in split(&rows) {
                        all.push(object?.into_owned());
                    }
                }
            }
        }
        match all.len() == self.len() {
            true => Ok(all),
            false => Err(Damaged::new("has another number of objects than it says")),
        }
    }

    /// Where a bucket's rows are, and those rows as they were written.
    fn bucket(&self, bucket: u32) -> Result<(Place, Cow<'_, [u8]>), Damaged> {
        let slot = self.bytes.read(u64::from(bucket) * SLOT, SLOT + 4)?;
        let (offset, end) = (u32_at(&slot, 0), u32_at(&slot, 12));
        let place = place(bucket, offset as usize, end as usize).ok_or_else(changed)?;
        let start = u64::from(self.buckets) * SLOT + 4;
        let rows = self.bytes.read(start + u64::from(offset), u64::from(end - offset))?;
        match place.checksum(self.seed, &rows).to_le_bytes() == slot[4..12] {
            true => Ok((place, rows)),
            false => Err(changed()),
        }
    }
}

/// Where the rows of a bucket are.
struct Place {
    bucket: u32,
    offset: u32,
    end: u32,
}

fn place(bucket: u32, offset: usize, end: usize) -> Option<Place> {
    let (offset, end) = (u32::try_from(offset).ok()?, u32::try_from(end).ok()?);
    let fits = end.checked_sub(offset)? <= BUCKET;
    fits.then_some(Place { bucket, offset, end })
}

impl Place {
    fn checksum(&self, seed: u64, rows: &[u8]) -> u64 {
        let numbers = [self.bucket, self.offset, self.end];
        fnv(numbers.iter().fold(FNV ^ seed, |hash, number| fnv(hash, &number.to_le_bytes())), rows)
    }
}

fn buckets(count: u32) -> Option<u32> {
    count.max(1).checked_next_power_of_two()
}

impl Bytes {
    fn length(&self) -> u64 {
        match self {
            Bytes::Memory(bytes) => bytes.len() as u64,
            Bytes::File { length, .. } => *length,
        }
    }

    fn read(&self, at: u64, length: u64) -> Result<Cow<'_, [u8]>, Damaged> {
        let end = at.checked_add(length).filter(|end| *end <= self.length());
        let end = end.ok_or_else(|| Damaged::new("ends before an object that it should have"))?;
        match self {
            Bytes::Memory(bytes) => Ok(Cow::Borrowed(&bytes[at as usize..end as usize])),
            Bytes::File { file, from, .. } => read(&**file, from + at, length).map(Cow::Owned),
        }
    }
}

/// So many bytes from `at` on.
pub(crate) fn read(file: &dyn ReadAt, at: u64, length: u64) -> Result<Vec<u8>, Damaged> {
    let mut bytes = vec![0; length as usize];
    file.read_at(&mut bytes, at).map_err(|error| Damaged(format!("cannot be read: {error}")))?;
    Ok(bytes)
}

fn changed() -> Damaged {
    Damaged::new("has an object that is not as it was written")
}

fn find<'r>(rows: &'r [u8], key: &str) -> Result<Option<Object<'r>>, Damaged> {
    for object in split(rows) {
        let object = object?;
        if object.key == key {
            return Ok(Some(object));
        }
    }
    Ok(None)
}

/// The objects of rows; after an error there are no more.
fn split(mut rows: &[u8]) -> impl Iterator<Item = Result<Object<'_>, Damaged>> {
    std::iter::from_fn(move || {
        if rows.is_empty() {
            return None;
        }
        let split = Object::split(rows);
        rows = split.as_ref().map_or(&[], |(_, rest)| rest);
        Some(split.map(|(object, _)| object).ok_or_else(changed))
    })
}

impl<'r> Object<'r> {
    fn split(rows: &'r [u8]) -> Option<(Self, &'r [u8])> {
        let (row, rest) = rows.split_at_checked(ROW)?;
        let (key, rest) = rest.split_at_checked(u16_at(row, 0).into())?;
        let (etag, rest) = rest.split_at_checked(u16_at(row, 2).into())?;
        let [key, etag] = [key, etag].map(|bytes| std::str::from_utf8(bytes).ok());
        let size = u64::from_le_bytes(array(row, 8));
        let (sha256, rest) = match size >> SIZE_BITS {
            0 => (None, rest),
            32 => rest.split_first_chunk().map(|(digest, rest)| (Some(*digest), rest))?,
            _ => return None,
        };
        let object = Object {
            key: key?.into(),
            etag: etag?.into(),
            rule: u16_at(row, 4),
            mime_type: u16_at(row, 6),
            size: size & ((1 << SIZE_BITS) - 1),
            sha256,
        };
        Some((object, rest))
    }

    fn into_owned(self) -> Object<'static> {
        let [key, etag] = [self.key, self.etag].map(|text| Cow::Owned(text.into_owned()));
        Object { key, etag, ..self }
    }

    fn write(&self, rows: &mut Vec<u8>) -> Result<(), BadObjects> {
        let length = |text: &str| {
            u16::try_from(text.len())
                .map_err(|_| BadObjects::StringTooLong(self.key.chars().take(80).collect()))
        };
        let (key, etag) = (length(&self.key)?, length(&self.etag)?);
        for number in [key, etag, self.rule, self.mime_type] {
            rows.extend(number.to_le_bytes());
        }
        if self.size >> SIZE_BITS > 0 {
            return Err(BadObjects::TooBig);
        }
        let digest = self.sha256.as_ref().map_or(&[][..], |digest| digest);
        let digest_bytes = (digest.len() as u64) << SIZE_BITS;
        rows.extend((self.size | digest_bytes).to_le_bytes());
        for bytes in [self.key.as_bytes(), self.etag.as_bytes(), digest] {
            rows.extend(bytes);
        }
        Ok(())
    }
}

impl PartialEq for Objects {
    fn eq(&self, other: &Self) -> bool {
        self.count == other.count && self.write(0) == other.write(0)
    }
}

impl Eq for Objects {}

impl Damaged {
    pub(crate) fn new(what: &str) -> Self {
        Damaged(what.to_owned())
    }
}

/// FNV-1a, 64 bits, of what was hashed before and these bytes: <http://www.isthe.com/chongo/tech/comp/fnv/>
fn fnv(mut hash: u64, bytes: &[u8]) -> u64 {
    for byte in bytes {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash
}

/// Of nothing.
const FNV: u64 = 0xcbf2_9ce4_8422_2325;

fn bucket(key: &str, buckets: u32) -> u32 {
    let hash = fnv(FNV, key.as_bytes());
    // The low bits of FNV are the weak ones; fold the high half in.
    ((hash >> 32) as u32 ^ hash as u32) & (buckets - 1)
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(array(bytes, at))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(array(bytes, at))
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes[at..at + N].try_into().expect("a slice of N bytes")
}

impl fmt::Display for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the price table {}", self.0)
    }
}

impl std::error::Error for Damaged {}

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
        let sha256 = key.len().is_multiple_of(2).then_some([0xff; 32]);
        let etag = "\"e\"".into();
        Object { key: key.into(), etag, rule: 7, mime_type: 3, size: (1 << SIZE_BITS) - 1, sha256 }
    }

    #[test]
    fn an_empty_table_has_nothing() {
        let objects = Objects::build(&[]).unwrap();
        assert!(objects.is_empty());
        assert_eq!(objects.get(""), Ok(None));
        assert_eq!(objects.get("a"), Ok(None));
    }

    #[test]
    fn duplicates_are_refused() {
        let twice = [object("a"), object("a")];
        assert_eq!(Objects::build(&twice), Err(BadObjects::Duplicate("a".into())));
    }

    #[test]
    fn sizes_that_do_not_fit_are_refused() {
        let big = Object { size: 1 << SIZE_BITS, ..object("a") };
        assert_eq!(Objects::build(&[big]), Err(BadObjects::TooBig));
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
                proptest::prop_assert_eq!(objects.get(key), Ok(Some(object(key))));
            }
            for key in &other {
                proptest::prop_assert_eq!(objects.get(key).unwrap().is_some(), keys.contains(key));
            }
            proptest::prop_assert_eq!(objects.all().unwrap().len(), keys.len());
        }
    }
}
