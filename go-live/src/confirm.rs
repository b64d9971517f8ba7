//! Asks before money or files are touched.

use next_step::Outcome;

use crate::error::Error;

/// Goes on if the seller says yes.
///
/// # Errors
///
/// They do not, or nobody can be asked.
pub(crate) fn confirm(question: &str, yes: bool) -> Outcome<()> {
    if yes {
        return Ok(());
    }
    let agreed = next_step::agrees(question);
    match agreed.map_err(|why| Error::NoAnswer { why: why.to_string() })? {
        Some(true) => Ok(()),
        Some(false) => Err(Error::Declined {}.into()),
        None => Err(Error::NotAsked { question: question.to_owned() }.into()),
    }
}
