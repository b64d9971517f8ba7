//! Whether every kind of client is asked to pay, in terms that it reads.

use crate::answer::{Answer, Ask};
use crate::check::{Answered, Check, Finding, Judge, Probe, not_tried, note, right, wrong};
use crate::http::AGENT;
use crate::known::Known;
use crate::sources::{CACHED, PAGE, V2_HTTP, VARY};
use crate::terms::{Terms, asked};

use super::storing;

/// What clients send by default: name, `User-Agent`, `Accept`, as read in their sources.
/// A browser's navigation is the last.
const CLIENTS: [(&str, &str, &str); 9] = [
    ("no headers at all", "", ""),
    ("curl", "curl/8.16.0", "*/*"),
    ("fetch of Node.js", "node", "*/*"),
    ("axios", "axios/1.12.0", "application/json, text/plain, */*"),
    ("requests of Python", "python-requests/2.32.5", "*/*"),
    ("aiohttp of Python", "Python/3.13 aiohttp/3.12.15", "*/*"),
    ("Go", "Go-http-client/1.1", ""),
    ("a JSON client", "", "application/json"),
    (
        BROWSER,
        "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    ),
];

const BROWSER: &str = "a browser";

pub(super) fn probes(known: &Known) -> Vec<Probe> {
    let url = known.target.url();
    let asks = CLIENTS.map(|(name, agent, accept)| {
        let agent = format!("{agent} {AGENT}");
        let ask = Ask::get(name, &url).header("User-Agent", agent.trim());
        if accept.is_empty() { ask } else { ask.header("Accept", accept) }
    });
    let shows: &[&str] = &["content-type", "payment-required"];
    let check = |id, what, why, shows, judge| Check { id, what, why, shows, judge };
    vec![Probe::new(
        asks.to_vec(),
        [
            check(
                "challenge.status",
                "Who does not pay is answered 402, whatever the client is called and takes.",
                V2_HTTP,
                &["content-type"],
                Judge::Each(status, "All kinds of clients are answered 402."),
            ),
            check(
                "challenge.terms",
                "Each 402 has terms: PAYMENT-REQUIRED in v2, a JSON body in v1.",
                V2_HTTP,
                shows,
                Judge::Each(terms, "Every client finds terms that it can read."),
            ),
            check(
                "challenge.steady",
                "The price does not depend on the kind of client.",
                V2_HTTP,
                shows,
                Judge::All(steady),
            ),
            check(
                "challenge.page",
                "People who open the link see a page.",
                PAGE,
                &["content-type"],
                Judge::All(page),
            ),
            check(
                "cache.challenge",
                "No cache keeps a 402: whoever pays would be given it.",
                CACHED,
                &["cache-control", "expires"],
                Judge::Each(storing::kept, "Every 402 says that it is not to be kept."),
            ),
            check(
                "cache.vary",
                "Where the 402 depends on what the client takes, Vary says so.",
                VARY,
                &["vary", "content-type"],
                Judge::All(storing::vary),
            ),
        ],
    )]
}

/// Some sellers charge software alone, and some turn software away: that is theirs to decide.
fn status(_: &Known, ask: &Ask, answer: &Answer) -> Finding {
    let (label, status) = (&ask.label, answer.status);
    match status {
        402 => right(""),
        200..300 if *label == BROWSER => {
            note(format!("{label}: {status} unpaid; whoever says to be one gets it, too"))
        }
        200..300 => wrong(format!("{label}: {status}, unpaid")),
        500.. => wrong(format!("{label}: {status}: not handled")),
        _ => note(format!("{label}: {status}; such clients cannot buy")),
    }
}

fn terms(known: &Known, ask: &Ask, answer: &Answer) -> Finding {
    let terms = Terms::read(answer);
    let label = &ask.label;
    if answer.status != 402 || !terms.wires().is_empty() {
        return right("");
    }
    if ask.label == BROWSER && known.terms.v2.is_none() {
        return note(
            "a browser's navigation gets a page without terms; v1 has them in the body alone",
        );
    }
    if terms.v2_body.is_some() {
        return wrong(format!(
            "{label}: the terms of v2 stand in the body alone, and clients read them in PAYMENT-REQUIRED"
        ));
    }
    wrong(format!("{label}: a 402 without terms"))
}

fn steady(known: &Known, answered: &[Answered<'_>]) -> Finding {
    let price = |terms: &Terms| {
        terms
            .offers()
            .iter()
            .map(|(wire, _, offer)| (*wire, asked(*wire, offer)))
            .collect::<Vec<_>>()
    };
    let expected = price(&known.terms);
    // Whether a body of v1 is there, may depend on the client; what it says, not.
    let differs =
        |answer: &Answer| price(&Terms::read(answer)).iter().any(|offer| !expected.contains(offer));
    match answered.iter().find(|(_, answer)| differs(answer)) {
        Some((ask, _)) => note(format!("{}: other terms than a plain request's", ask.label)),
        None => right("All are asked the same."),
    }
}

fn is_page(answer: &Answer) -> bool {
    answer.header("content-type").to_ascii_lowercase().starts_with("text/html")
}

fn page(_: &Known, answered: &[Answered<'_>]) -> Finding {
    let unpaid = answered.iter().filter(|(_, answer)| answer.status == 402);
    let unpaid: Vec<_> =
        unpaid.map(|(ask, answer)| (ask.label.as_str(), is_page(answer))).collect();
    if let Some((software, _)) = unpaid.iter().find(|(label, page)| *page && *label != BROWSER) {
        return note(format!("{software}: gets a page, too"));
    }
    match unpaid.iter().find(|(label, _)| *label == BROWSER) {
        Some((_, true)) => right("A browser's navigation gets a page."),
        Some((_, false)) => note("A browser's navigation gets no page."),
        None => not_tried("a browser's navigation is not answered 402"),
    }
}
