//! The report as a seller may publish it.

use std::fmt::Write as _;

use crate::check::Verdict;
use crate::report::{Checked, Report};
use crate::summary::counts;
use next_step::plain;

/// The report in Markdown.
pub(crate) fn markdown(report: &Report) -> String {
    let Report { tool, url, at, offers, requests, out_of_reach, .. } = report;
    let mut text = format!(
        "# What an x402 seller shows from outside\n\n`{}`, tried at {at} by `{tool}` with {requests} requests: **{}**.\n\n",
        code(url),
        counts(report)
    );
    text += match report.bought {
        true => "It was bought, and what was bought was compared with all that came unpaid. ",
        false => {
            "Nothing was bought, so that what came unpaid could not be compared with what is for sale. "
        }
    };
    text += match report.forged_with_money {
        true => "Forged payments were signed by a key that could pay.\n",
        false => {
            "Forged payments were signed by a key that has no money: a refusal may be for want of it.\n"
        }
    };
    text += "\n*Wrong* is what breaks the protocol, HTTP, or a sale. A *note* is allowed, and worth knowing.\n\nOffers:\n\n";
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
            let _ = writeln!(
                text,
                "* `{}`: {} Not tried: {}",
                line.id,
                line.what,
                sentence(&line.says)
            );
        }
    }
    text += "\n## Right\n\n| Check | What should be | What was seen | Requests | Why |\n|---|---|---|---|---|\n";
    for line in report.of(Verdict::Right) {
        let Checked { id, what, why, evidence, more, .. } = line;
        let (says, asked) = (sentence(&line.says), evidence.len() + more);
        let _ =
            writeln!(text, "| `{id}` | {what} | {says} | {asked} | [{}]({}) |", why.name, why.link);
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
        sentence(&line.says)
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

/// What was seen, from its capital to its full stop.
fn sentence(says: &str) -> String {
    let safe = cell(says);
    let mut letters = safe.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
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
        assert_eq!(sentence("é|."), "É\\|.");
    }
}
