//! Asks whoever runs the program.

use std::env;
use std::io::{self, IsTerminal as _, Write as _};

/// The answer, a line; `None` where nobody is there to give one.
///
/// # Errors
///
/// The question cannot be written, or the answer be read.
pub fn ask(question: &str) -> io::Result<Option<String>> {
    // At a pipe's end nobody answers, but for tests.
    if !io::stdin().is_terminal() && env::var_os("ASK_FROM_PIPE").is_none() {
        return Ok(None);
    }
    print!("{question} ");
    io::stdout().flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(Some(answer.trim().to_owned()))
}

/// Whether the answer is yes; `None` where nobody is there to give one.
///
/// # Errors
///
/// As [`ask`].
pub fn agrees(question: &str) -> io::Result<Option<bool>> {
    let answer = ask(&format!("{question} [y/N]"))?;
    Ok(answer.map(|answer| matches!(answer.as_str(), "y" | "Y" | "yes")))
}
