//! Talking to whoever deploys.

use std::env;
use std::io::{self, IsTerminal as _, Write as _};

use crate::Error;

/// Says which step begins.
pub(crate) fn begin(step: &str) {
    println!("\n== {step}");
}

/// Whether it is to be done: only after `yes`, or with `--yes`.
pub(crate) fn agreed(yes: bool) -> Result<bool, Error> {
    const QUESTION: &str = "Do this?";
    if yes {
        return Ok(true);
    }
    // At a pipe's end nobody answers.
    if !io::stdin().is_terminal() && env::var_os("ASK_FROM_PIPE").is_none() {
        return Err(Error::Nobody { question: QUESTION.to_owned() });
    }
    print!("\n{QUESTION} [yes/no] ");
    let mut answer = String::new();
    let read = io::stdout().flush().and_then(|()| io::stdin().read_line(&mut answer));
    read.map_err(|why| Error::Question { why: why.to_string() })?;
    let agreed = answer.trim() == "yes";
    if !agreed {
        println!("nothing was changed");
    }
    Ok(agreed)
}
