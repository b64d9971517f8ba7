//! The primitives that a store must have: read a record, create it once, replace the version read.
//!
//! They are S3's conditional writes:
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>. Everything else
//! is decided by pure code on what they give.

use std::fmt;

/// Names a record: lower-case ASCII letters, digits, `/`, `-` and `.`, so that it needs no escaping
/// as an S3 key; at most 256 bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(String);

impl Key {
    /// Of a name.
    pub fn new(name: String) -> Self {
        Key(name)
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Record {
    /// A JSON object.
    pub json: String,
    /// The second since the Unix epoch from which nobody needs it; `None` while that is not known,
    /// as for a payment whose outcome is open: such a record must not be dropped to make room.
    pub expires: Option<u64>,
    /// Whether something may be owed by it: then whoever forgets it says so.
    pub owing: bool,
}

/// Which version of a record was read or written: S3's `ETag`. Two versions of a record never have
/// the same bytes, since each names its writer, so none is mistaken for another.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Version(pub String);

/// One thing to do with one record.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Ask {
    /// Read it.
    Get(Key),
    /// Write it if there is none: `If-None-Match: *`.
    Create(Key, Record),
    /// Write it if it still is this version: `If-Match`.
    Replace(Key, Record, Version),
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reply {
    /// There is no such record.
    Missing,
    /// This is it.
    Found(Vec<u8>, Version),
    /// It is written, as this version.
    Written(Version),
    /// It is not written: there is one already, or another version.
    Conflict,
}

/// Nobody knows: a write may have been done, may be done still, or may never be. Holds why, for the
/// log.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Failed(pub String);
