//! Whether caches may keep an answer, by [RFC 9111](https://www.rfc-editor.org/rfc/rfc9111.html#section-3).

use jiff::Timestamp;

use crate::answer::{Answer, Ask};
use crate::check::{Answered, Finding, note, right, wrong};
use crate::known::Known;

/// Whether a shared cache may keep it: a 402 is kept only where the seller says so.
pub(super) fn keeps(answer: &Answer) -> bool {
    let says = |directive| answer.lists("cache-control", directive);
    let until = |directive: &str| {
        let values =
            answer.headers.get_all("cache-control").iter().filter_map(|value| value.to_str().ok());
        let mut seconds = values.flat_map(|value| value.split(',')).filter_map(|each| {
            let (name, seconds) = each.split_once('=')?;
            name.trim()
                .eq_ignore_ascii_case(directive)
                .then(|| seconds.trim().trim_matches('"').parse::<u64>().ok())?
        });
        seconds.any(|seconds| seconds > 0)
    };
    let forbidden = says("no-store") || says("private") || says("no-cache");
    let lasts = until("max-age") || until("s-maxage") || expires(answer);
    !forbidden && !by_payment(answer) && (says("public") || lasts)
}

/// Whether caches keep an answer apart for each payment.
pub(super) fn by_payment(answer: &Answer) -> bool {
    ["payment-signature", "x-payment", "*"].into_iter().any(|name| answer.lists("vary", name))
}

fn expires(answer: &Answer) -> bool {
    let date = jiff::fmt::rfc2822::parse(answer.header("expires"));
    date.is_ok_and(|date| date.timestamp() > Timestamp::now())
}

pub(super) fn kept(_: &Known, ask: &Ask, answer: &Answer) -> Finding {
    if answer.status != 402 {
        return right("");
    }
    if keeps(answer) {
        return wrong(format!("{}: caches may keep this 402", ask.label));
    }
    match answer.lists("cache-control", "no-store") || answer.lists("cache-control", "private") {
        true => right(""),
        false => note(
            "402 does not say no-store; HTTP lets no cache keep it, and some in front of sellers did",
        ),
    }
}

pub(super) fn vary(known: &Known, answered: &[Answered<'_>]) -> Finding {
    let mut answers = answered.iter().map(|(_, answer)| *answer);
    let differs = |answer: &&Answer| {
        let kind = |answer: &Answer| answer.header("content-type").to_owned();
        answer.status == 402 && kind(answer) != kind(&known.challenge)
    };
    let Some(other) = answers.find(differs) else {
        return right("The 402 is the same kind of document for every client.");
    };
    let named = |name| other.lists("vary", name) || other.lists("vary", "*");
    match (named("accept") || named("user-agent"), keeps(other)) {
        (true, _) => right("Vary names what the document depends on."),
        (false, true) => wrong(
            "the document depends on the client, caches may keep it, and Vary does not say so",
        ),
        (false, false) => note(
            "The document depends on the client, and Vary does not say so; no cache is told to keep it.",
        ),
    }
}
