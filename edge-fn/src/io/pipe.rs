//! Events from standard input, for the shim that keeps the managed runtime and feeds this program
//! as its child (`shim/child.py`).
//!
//! Each event is a line: the deadline in milliseconds since 1970, a space, the event's JSON. Each
//! answer is a line in a pipe of its own, since standard output is the log: `answer` or `error`, a
//! space, JSON. The first line is `ready`, or `error` if the function cannot start.

use std::io::{self, BufRead, Write};

use super::runtime::Failure;
use crate::clock::Micros;

/// Answers events until there are no more.
///
/// # Errors
///
/// A pipe that broke, or a line that is none of ours: the parent is gone or another program.
pub fn serve(
    events: impl BufRead,
    answers: &mut impl Write,
    mut answer: impl FnMut(&[u8], Micros) -> Result<Vec<u8>, Failure>,
) -> io::Result<()> {
    writeln!(answers, "ready")?;
    for line in events.split(b'\n') {
        let line = line?;
        let (deadline, event) = parse(&line)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "a line without a deadline"))?;
        match answer(event, deadline) {
            Ok(answer) => write_line(answers, "answer", &answer)?,
            Err(failure) => report(answers, &failure)?,
        }
    }
    Ok(())
}

/// Tells the parent what failed.
pub fn report(answers: &mut impl Write, failure: &Failure) -> io::Result<()> {
    write_line(answers, "error", &serde_json::to_vec(failure)?)
}

fn write_line(answers: &mut impl Write, word: &str, json: &[u8]) -> io::Result<()> {
    // In one write: the parent reads a line or the end, never a half that waits for the rest.
    answers.write_all(&[word.as_bytes(), b" ", json, b"\n"].concat())
}

fn parse(line: &[u8]) -> Option<(Micros, &[u8])> {
    let space = line.iter().position(|byte| *byte == b' ')?;
    let millis = std::str::from_utf8(&line[..space]).ok()?.parse().ok()?;
    Some((Micros::from_millis(millis), &line[space + 1..]))
}
