//! The digests that the function tells of what it sells: 32 bytes more an object.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Found;
use crate::code::Code;
use crate::report::Problem;

/// The digest of an object, if it is known.
pub(crate) fn of(found: &Found) -> Option<[u8; 32]> {
    parse(found.sha256.as_deref()?)
}

/// A SHA-256 in base64, as S3 writes it.
pub(super) fn parse(text: &str) -> Option<[u8; 32]> {
    STANDARD.decode(text).ok()?.try_into().ok()
}

/// An object of which no digest could be told.
pub(crate) fn missing(objects: &[Found]) -> Option<Problem> {
    let mut without = objects.iter().filter(|object| object.sha256.is_none());
    let first = without.next()?;
    let others = match without.count() {
        0 => String::new(),
        count => format!(", and of {count} more"),
    };
    let message = format!("the digest of {:?} is not known{others}", first.key);
    let problem = Problem::new(Code::MissingKey, message).help(
        "add `sha256` to its line, as S3's `x-amz-checksum-sha256` has it and `paywall manifest FOLDER` writes it; \
         or leave `digests` out",
    );
    Some(match &first.line {
        Some(line) => problem.at_manifest(line.clone(), "no `sha256` in this line"),
        None => problem,
    })
}
