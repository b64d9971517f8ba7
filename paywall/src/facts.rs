//! Facts for programs: one JSON object on standard output, and all that is said on standard error.

use std::fs::File;
use std::io::{self, Write as _};
use std::process::ExitCode;

use next_step::{Outcome, Told};
use serde_json::{Value, json};

use crate::error::Error;

/// Runs a command; with `--json`, prints the facts that it ends with. One that fails has its error as a fact.
pub(crate) fn tell(
    as_json: bool,
    command: impl FnOnce() -> Outcome<(ExitCode, Value)>,
) -> Outcome<ExitCode> {
    if !as_json {
        return command().map(|(code, _)| code);
    }
    let mut out = aside().map_err(|why| Error::NotTold { why: why.to_string() })?;
    let done = command();
    let facts = match &done {
        Ok((_, facts)) => facts.clone(),
        Err(told) => failed(told),
    };
    let written = writeln!(out, "{facts:#}");
    written.map_err(|why| Error::NotTold { why: why.to_string() })?;
    done.map(|(code, _)| code)
}

fn failed(told: &Told) -> Value {
    json!({ "outcome": "failed", "error": told.to_string(), "next": told.next() })
}

/// Standard output. What is printed from now on, by whomever, goes to standard error.
fn aside() -> io::Result<File> {
    let out = rustix::io::dup(io::stdout())?;
    rustix::stdio::dup2_stdout(io::stderr())?;
    Ok(File::from(out))
}
