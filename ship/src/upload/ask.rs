//! Asks the seller.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use crate::error::Error;

/// Whether the answer is yes. Where nobody can answer, that is an error.
pub(super) fn yes(question: &str) -> Result<bool, Error> {
    if !io::stdin().is_terminal() {
        return Err(Error::NobodyToAsk {});
    }
    print!("{question} [y/N] ");
    let mut answer = String::new();
    let read = io::stdout().flush().and_then(|()| io::stdin().lock().read_line(&mut answer));
    read.map_err(|why| Error::NoAnswer { why: why.to_string() })?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
