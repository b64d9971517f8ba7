//! Whether another spelling of the path opens what is for sale.

use crate::answer::{Answer, Ask};
use crate::check::{Check, Finding, Judge, Probe, note};
use crate::known::Known;
use crate::sources::{BYPASSES, ENCODED_SLASH, MALFORMED, NORMAL, Source};
use crate::spelling::{Kind, asks};
use crate::terms::{Terms, asked};

use super::unpaid;

const SHOWS: &[&str] = &["content-type", "location"];

pub(super) fn probes(known: &Known) -> Vec<Probe> {
    let probe = |kind, id, what, why: Source, judge| {
        let found = asks(&known.target, kind);
        let none = || "the path has no such spelling".to_owned();
        let asks = if found.is_empty() { Err(none()) } else { Ok(found) };
        Probe { asks, checks: vec![Check { id, what, why, shows: SHOWS, judge }] }
    };
    vec![
        probe(
            Kind::Percent,
            "path.percent",
            "Letters in hex are the same letters: who does not pay is not given the content.",
            NORMAL,
            Judge::Each(equal, "No spelling in hex opened it."),
        ),
        probe(
            Kind::Dots,
            "path.dots",
            "Dot segments lead to the same path: who does not pay is not given the content.",
            NORMAL,
            Judge::Each(equal, "No dot segment opened it."),
        ),
        probe(
            Kind::Folders,
            "path.folders",
            "No way out of a free folder leads to what is for sale.",
            BYPASSES,
            Judge::Each(folder, "No way through another folder opened it."),
        ),
        probe(
            Kind::Slashes,
            "path.slashes",
            "No spelling of the slashes opens it.",
            ENCODED_SLASH,
            Judge::Each(unpaid::other, "No spelling of the slashes opened it."),
        ),
        probe(
            Kind::Case,
            "path.case",
            "No other case of the letters opens it.",
            BYPASSES,
            Judge::Each(unpaid::other, "No other case opened it."),
        ),
        probe(
            Kind::Suffix,
            "path.suffix",
            "Nothing behind the path, and no other query, opens it.",
            BYPASSES,
            Judge::Each(unpaid::other, "Nothing behind the path opened it."),
        ),
        probe(
            Kind::Malformed,
            "path.malformed",
            "A path that is not well-formed opens nothing, and is no error of the server's.",
            MALFORMED,
            Judge::Each(unpaid::other, "Nothing that is not well-formed opened it, or broke it."),
        ),
    ]
}

/// A spelling that RFC 3986 has for the same resource.
fn equal(known: &Known, ask: &Ask, answer: &Answer) -> Finding {
    let prices = |terms: &Terms| -> Vec<_> {
        terms.offers().iter().filter_map(|(wire, _, offer)| asked(*wire, offer)).collect()
    };
    if answer.status == 402 && prices(&Terms::read(answer)) != prices(&known.terms) {
        return note(format!(
            "{}: 402 with other terms, for what RFC 3986 has for the same resource",
            ask.label
        ));
    }
    unpaid::same(known, ask, answer)
}

/// Of the ways out of a folder, RFC 3986 knows those without a slash in hex or a backslash.
fn folder(known: &Known, ask: &Ask, answer: &Answer) -> Finding {
    match ask.url.contains("%2f") || ask.url.contains('\\') {
        true => unpaid::other(known, ask, answer),
        false => equal(known, ask, answer),
    }
}
