//! Talking to whoever deploys.

use std::env;
use std::io::{self, IsTerminal as _, Write as _};

use crate::Error;

/// Says which step begins.
pub(crate) fn begin(step: &str) {
    println!("\n== {step}");
}

/// The answer, a line; `None` where nobody is there to give one.
pub(crate) fn ask(question: &str) -> Result<Option<String>, Error> {
    // At a pipe's end nobody answers.
    if !io::stdin().is_terminal() && env::var_os("ASK_FROM_PIPE").is_none() {
        return Ok(None);
    }
    print!("\n{question} ");
    let mut answer = String::new();
    let read = io::stdout().flush().and_then(|()| io::stdin().read_line(&mut answer));
    read.map_err(|why| Error::Question { why: why.to_string() })?;
    Ok(Some(answer.trim().to_owned()))
}

/// Shows what is to be done, in this order.
pub(crate) fn show(steps: &[String]) {
    println!("\nto be done, in this order:");
    for (at, step) in steps.iter().enumerate() {
        println!("  {:>2}. {step}", at + 1);
    }
}
