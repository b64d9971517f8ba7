//! The report in a terminal: what is wrong with its evidence, what is worth knowing, and numbers.

use std::fmt::Write as _;

use crate::check::Verdict;
use crate::report::{Checked, Report};

/// How a verdict is called.
pub(crate) fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Right => "right",
        Verdict::Wrong => "wrong",
        Verdict::Note => "note",
        Verdict::NotTried => "not tried",
    }
}

/// One line, as it is found.
pub(crate) fn line(Checked { id, verdict, says, .. }: &Checked) -> String {
    format!("{:<9}  {id:<22}  {says}", word(*verdict))
}

/// `0 wrong, 1 note, 2 not tried, 61 right`
pub(crate) fn counts(report: &Report) -> String {
    let count = |verdict| report.of(verdict).count();
    let notes = count(Verdict::Note);
    format!(
        "{} wrong, {notes} {}, {} not tried, {} right",
        count(Verdict::Wrong),
        if notes == 1 { "note" } else { "notes" },
        count(Verdict::NotTried),
        count(Verdict::Right),
    )
}

/// What is wrong, once more and with its evidence, and the numbers.
pub(crate) fn end(report: &Report) -> String {
    let mut text = String::new();
    // Formatting into a String cannot fail.
    for line in report.of(Verdict::Wrong) {
        let _ = writeln!(
            text,
            "\n{}: {}\n  should be: {}\n  {}: {}",
            line.id, line.says, line.what, line.why.name, line.why.link
        );
        for seen in &line.evidence {
            let _ = writeln!(text, "  {} -> {}", seen.request, seen.answer);
        }
    }
    let _ = writeln!(text, "\n{}: {} ({} requests)", report.url, counts(report), report.requests);
    text
}
