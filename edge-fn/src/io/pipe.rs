//! Events from standard input, for the shim that keeps the managed runtime and feeds this program
//! as its child (`shim/child.py`).
//!
//! Each event is a line: the deadline in milliseconds since 1970, a space, the event's JSON. Each
//! answer is a line in a pipe of its own, since standard output is the log: `answer` or `error`, a
//! space, JSON. The first line is `ready`, or `error` if the function cannot start.

use std::io::{self, BufRead, Write};

use lambda_runtime::Diagnostic;
use paywall_core::clock::Micros;
use serde_json::value::RawValue;

use super::runtime::Answer;

/// Answers events until there are no more.
///
/// # Errors
///
/// A pipe that broke, or a line that is none of ours: the parent is gone or another program.
pub fn serve(
    events: impl BufRead,
    answers: &mut impl Write,
    answer: impl Answer,
) -> io::Result<()> {
    writeln!(answers, "ready")?;
    for line in events.split(b'\n') {
        let line = line?;
        let (deadline, event) = parse(&line).ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidData, "a line without a deadline, or without JSON")
        })?;
        match answer(event, deadline) {
            Ok(answer) => write_line(answers, "answer", answer.get().as_bytes())?,
            Err(failure) => report(answers, &failure)?,
        }
    }
    Ok(())
}

/// Tells the parent what failed.
pub fn report(answers: &mut impl Write, failure: &Diagnostic) -> io::Result<()> {
    write_line(answers, "error", &serde_json::to_vec(failure)?)
}

fn write_line(answers: &mut impl Write, word: &str, json: &[u8]) -> io::Result<()> {
    // In one write: the parent reads a line or the end, never a half that waits for the rest.
    answers.write_all(&[word.as_bytes(), b" ", json, b"\n"].concat())
}

fn parse(line: &[u8]) -> Option<(Micros, &RawValue)> {
    let (deadline, event) = std::str::from_utf8(line).ok()?.split_once(' ')?;
    Some((Micros::from_millis(deadline.parse().ok()?), serde_json::from_str(event).ok()?))
}

#[cfg(test)]
mod tests {
    use serde_json::value::to_raw_value;

    use super::*;

    fn run(events: &str) -> (io::Result<()>, String) {
        let mut answers = Vec::new();
        let answer = |event: &RawValue, deadline: Micros| match event.get() {
            "{}" => Ok(to_raw_value(&[deadline.0 / 1_000]).unwrap()),
            _ => {
                Err(Diagnostic { error_type: "Runtime.Test".into(), error_message: "a\nb".into() })
            }
        };
        let result = serve(events.as_bytes(), &mut answers, answer);
        (result, String::from_utf8(answers).unwrap())
    }

    #[test]
    fn a_line_for_a_line() {
        let (result, answers) = run("1700000005000 {}\n1 {\"a\": 1}\n2 {}\n");
        result.unwrap();
        assert_eq!(
            answers,
            "ready\nanswer [1700000005000]\n\
             error {\"errorType\":\"Runtime.Test\",\"errorMessage\":\"a\\nb\"}\nanswer [2]\n"
        );
    }

    #[test]
    fn a_line_without_a_deadline_or_an_event_ends_it() {
        for line in ["{}\n", "soon {}\n", "\n", "-1 {}\n", "1 {\n", "1 {} {}\n"] {
            let (result, answers) = run(line);
            assert_eq!(result.unwrap_err().kind(), io::ErrorKind::InvalidData, "{line:?}");
            assert_eq!(answers, "ready\n");
        }
    }
}
