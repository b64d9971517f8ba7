//! How a command ends, and what it reports.

use std::io::{self, Write};

use crate::{Report, Severity};

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Done,
    Errors,
    NotForSale,
    Differs,
}

/// Prints a report and how many errors it has.
pub(super) fn show(report: &Report, colour: bool, errors: &mut dyn Write) -> io::Result<()> {
    if report.is_empty() {
        return Ok(());
    }
    let count = |severity| {
        report.problems().iter().filter(|problem| problem.code.severity() == severity).count()
    };
    let plural = |count: usize, word: &str| match count {
        1 => format!("1 {word}"),
        count => format!("{count} {word}s"),
    };
    writeln!(
        errors,
        "{}\n{}, {}",
        report.render(colour),
        plural(count(Severity::Error), "error"),
        plural(count(Severity::Warning), "warning")
    )
}
