//! Asks the seller.

use crate::error::Error;

/// Whether the answer is yes. Where nobody can answer, that is an error.
pub(super) fn yes(question: &str) -> Result<bool, Error> {
    let agrees = next_step::agrees(question);
    agrees.map_err(|why| Error::NoAnswer { why: why.to_string() })?.ok_or(Error::NobodyToAsk {})
}
