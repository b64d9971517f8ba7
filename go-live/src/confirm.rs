//! Asks before money or files are touched.

use std::io::{self, IsTerminal as _, Write as _};

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
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(Error::NotAsked { question: question.to_owned() }.into());
    }
    print!("{question} [y/N] ");
    let mut answer = String::new();
    let read = io::stdout().flush().and_then(|()| io::stdin().read_line(&mut answer));
    read.map_err(|why| Error::NoAnswer { why: why.to_string() })?;
    match answer.trim() {
        "y" | "Y" | "yes" => Ok(()),
        _ => Err(Error::Declined {}.into()),
    }
}
