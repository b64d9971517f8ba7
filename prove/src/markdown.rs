//! The report as a seller may publish it.

use std::fmt::Write as _;

use crate::check::Verdict;
use crate::evidence::plain;
use crate::report::{Checked, Report};
use crate::summary::counts;

/// The report in Markdown.
pub(crate) fn markdown(report: &Report) -> String {
    let Report { tool, url, at, offers, requests, out_of_reach, .. } = report;
    let mut text = format!(
        "# x402 seller, tried from outside\n\n`{}`, {at}, by `{tool}` with {requests} requests.\n\n**{}.** ",
        code(url),
        counts(report)
    );
    text += match report.bought {
        true => {
            "It was bought with test money or by order, and what was bought was compared with all that came unpaid.\n"
        }
        false => {
            "Nothing was bought, so what came unpaid could not be compared with what is for sale.\n"
        }
    };
    text += "\n*Wrong* breaks the protocol, HTTP or a sale. A *note* is allowed, and worth knowing.\n\nOffers:\n\n";
    // Formatting into a String cannot fail.
    for offer in offers {
        let _ = writeln!(text, "* {}", cell(offer));
    }
    for (title, verdict) in [("Wrong", Verdict::Wrong), ("Notes", Verdict::Note)] {
        if report.of(verdict).next().is_some() {
            let _ = writeln!(text, "\n## {title}");
            report.of(verdict).for_each(|line| shown(&mut text, line));
        }
    }
    if report.of(Verdict::NotTried).next().is_some() {
        text += "\n## Not tried\n\n";
        for line in report.of(Verdict::NotTried) {
            let _ = writeln!(text, "* `{}`: {} {}.", line.id, line.what, because(&line.says));
        }
    }
    text += "\n## Right\n\n| Check | What should be | What was seen | Why |\n|---|---|---|---|\n";
    for line in report.of(Verdict::Right) {
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | [{}]({}) |",
            line.id,
            line.what,
            cell(&line.says),
            line.why.name,
            line.why.link
        );
    }
    text += "\n## What this cannot show\n\n";
    for what in *out_of_reach {
        let _ = writeln!(text, "* {what}");
    }
    text
}

fn shown(text: &mut String, line: &Checked) {
    let _ = writeln!(
        text,
        "\n### `{}`\n\n{} ([{}]({}))\n\n{}\n",
        line.id,
        line.what,
        line.why.name,
        line.why.link,
        cell(&line.says)
    );
    for seen in &line.evidence {
        let _ = writeln!(
            text,
            "* {}: `{}` → `{}`",
            cell(&seen.tried),
            code(&seen.request),
            code(&seen.answer)
        );
    }
    if line.more > 0 {
        let _ = writeln!(text, "* and {} more", line.more);
    }
}

fn because(says: &str) -> String {
    format!("Not tried: {}", cell(says).trim_end_matches('.'))
}

/// Text in a table or a list: nothing in it is markup.
fn cell(text: &str) -> String {
    let mut safe = String::new();
    for c in plain(text).chars() {
        if matches!(c, '|' | '<' | '>' | '*' | '_' | '`' | '[' | ']' | '\\') {
            safe.push('\\');
        }
        safe.push(c);
    }
    safe
}

/// Text between backticks.
fn code(text: &str) -> String {
    plain(text).replace('`', "'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seller_cannot_write_into_the_report() {
        assert_eq!(cell("<b>|[x](y)"), "\\<b\\>\\|\\[x\\](y)");
        assert_eq!(code("`a`\n"), "'a'\u{fffd}");
    }
}
