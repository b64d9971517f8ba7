//! Whether the terms are such that every client of their version can pay.

use edge_local::buyer::Wire;
use serde_json::Value;

use crate::answer::{Answer, Ask};
use crate::check::{Answered, Check, Finding, Judge, Probe, note, right, wrong};
use crate::known::Known;
use crate::sources::{CAIP2, EXACT, NODE, Source, V1_HTTP, V2, V2_HTTP};
use crate::terms::asked;

use super::offers;

/// Bytes of headers that a client of Node.js takes.
const MOST: usize = 16 * 1024;

/// From here on little is left for what a payment adds when it repeats the terms: half a kilobyte was measured.
const MUCH: usize = 8 * 1024;

pub(super) fn probes(known: &Known) -> Vec<Probe> {
    let show: &[&str] = &["payment-required"];
    let check = |id, what, why: Source, judge| Check {
        id,
        what,
        why,
        shows: show,
        judge: Judge::All(judge),
    };
    let ask = Ask::get("no payment", known.target.url());
    vec![Probe::new(
        vec![ask],
        [
            check("terms.header", "PAYMENT-REQUIRED is standard base64 of JSON.", V2_HTTP, header),
            check("terms.version", "The terms say which version they are.", V2, version),
            check(
                "terms.offers",
                "There is at least one offer, each with scheme, asset and payTo.",
                V2,
                offers::offers,
            ),
            check(
                "terms.network",
                "Networks have their CAIP-2 names in v2, and their words in v1.",
                CAIP2,
                offers::network,
            ),
            check(
                "terms.amount",
                "Amounts are whole numbers of atomic units, written as text.",
                V2,
                offers::amount,
            ),
            check(
                "terms.timeout",
                "Each offer says for how many seconds a payment may stay valid.",
                V2,
                offers::timeout,
            ),
            check("terms.resource", "The resource is named by its absolute URL.", V2, resource),
            check(
                "terms.domain",
                "Offers of EIP-3009 tokens say what is signed: extra.name and extra.version.",
                EXACT,
                offers::domain,
            ),
            check(
                "terms.body",
                "A body of v1 has all that strict clients of v1 read.",
                V1_HTTP,
                offers::body,
            ),
            check("terms.agree", "Header and body ask the same.", V2_HTTP, agree),
            check(
                "terms.size",
                "The headers fit into what clients take: 16 KB in Node.js.",
                NODE,
                size,
            ),
        ],
    )]
}

/// Judges every offer by what is wrong with it, if anything is.
fn header(known: &Known, _: &[Answered<'_>]) -> Finding {
    match &known.terms.v2 {
        Some(Ok(_)) => right("PAYMENT-REQUIRED can be read."),
        Some(Err(why)) => wrong(format!("PAYMENT-REQUIRED: {why}")),
        None if known.terms.v1.is_some() => {
            note("The seller speaks v1 only: clients of v2 alone cannot buy.")
        }
        None => wrong("there is no PAYMENT-REQUIRED, and no body of v1"),
    }
}

fn version(known: &Known, _: &[Answered<'_>]) -> Finding {
    match known.terms.json(Wire::V2).map(|json| &json["x402Version"]) {
        Some(version) if *version != 2 => {
            wrong(format!("PAYMENT-REQUIRED says x402Version {version}, and is for v2"))
        }
        _ => match known.terms.wires().is_empty() {
            true => wrong("no terms say their version"),
            false => right("The terms say their version."),
        },
    }
}

fn resource(known: &Known, _: &[Answered<'_>]) -> Finding {
    let absolute = |url: &Value| url.as_str().is_some_and(|url| url.contains("://"));
    let mut found = Vec::new();
    if let Some(json) = known.terms.json(Wire::V2) {
        found.push(("header, resource.url".to_owned(), &json["resource"]["url"]));
    }
    let offers = known.terms.offers();
    for (_, place, offer) in offers.iter().filter(|(wire, ..)| *wire == Wire::V1) {
        found.push((format!("{place}, resource"), &offer["resource"]));
    }
    let faults: Vec<_> = found
        .iter()
        .filter(|(_, url)| !absolute(url))
        .map(|(place, url)| format!("{place} is {url}"))
        .collect();
    if !faults.is_empty() {
        return wrong(faults.join("; "));
    }
    match found
        .iter()
        .find(|(_, url)| url.as_str().is_some_and(|url| !url.starts_with(&known.target.origin)))
    {
        Some((place, url)) => {
            note(format!("{place} is {url}, at another origin than it was asked at"))
        }
        None => right("The resource is named by its URL."),
    }
}

fn agree(known: &Known, _: &[Answered<'_>]) -> Finding {
    let offers = known.terms.offers();
    let of = |wanted| {
        let offers = offers.iter().filter(move |(wire, ..)| *wire == wanted);
        offers.filter_map(|(wire, _, offer)| asked(*wire, offer)).collect::<Vec<_>>()
    };
    let (header, body) = (of(Wire::V2), of(Wire::V1));
    let same = |[network, rest @ ..]: &[String; 4], [other, others @ ..]: &[String; 4]| {
        // Names of v1 that are not known here cannot be compared with CAIP-2's.
        let comparable = network.starts_with("eip155:");
        (network == other || !comparable)
            && rest.iter().zip(others).all(|(one, other)| one.eq_ignore_ascii_case(other))
    };
    let repeated = known.terms.v2_body.as_ref().zip(known.terms.json(Wire::V2));
    let repeats = repeated.is_none_or(|(body, header)| body["accepts"] == header["accepts"]);
    let matched = |offer: &[String; 4]| header.iter().any(|other| same(offer, other));
    match repeats && (header.is_empty() || body.iter().all(matched)) {
        true => right("Header and body ask the same, or only one of them asks."),
        false => wrong("the body has an offer that the header has not"),
    }
}

fn size(_: &Known, answered: &[Answered<'_>]) -> Finding {
    let bytes = answered.iter().map(|(_, answer)| bytes(answer)).max().unwrap_or_default();
    match bytes {
        _ if bytes > MOST => {
            wrong(format!("{bytes} bytes of headers: clients of Node.js fail above {MOST}"))
        }
        _ if bytes > MUCH => note(format!(
            "{bytes} bytes of headers; a payment repeats the terms, and some servers take {MUCH}"
        )),
        _ => right(format!("{bytes} bytes of headers.")),
    }
}

/// The header lines, as HTTP/1.1 has them.
fn bytes(answer: &Answer) -> usize {
    answer.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum()
}
