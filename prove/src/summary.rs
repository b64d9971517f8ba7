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

/// `61 right, 1 note, 2 not tried, 0 wrong`
pub(crate) fn counts(report: &Report) -> String {
    let all = [Verdict::Right, Verdict::Note, Verdict::NotTried, Verdict::Wrong];
    let counted = all.map(|verdict| format!("{} {}", report.of(verdict).count(), word(verdict)));
    counted.join(", ")
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
