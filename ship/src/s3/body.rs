//! What a request sends.

use std::path::Path;

/// The bytes.
#[derive(Clone, Copy)]
pub(crate) enum Body<'a> {
    /// So many bytes of a file, from there on.
    File {
        path: &'a Path,
        from: u64,
        bytes: u64,
    },
    Bytes(&'a [u8]),
    Empty,
}
