//! Whether a page of another origin can pay. A seller that has no CORS at all does not sell to pages.

use edge_local::buyer::Wire;
use http::Method;

use crate::answer::{Answer, Ask};
use crate::check::{Answered, Check, Finding, Judge, Probe, note, right, wrong};
use crate::known::Known;
use crate::sources::{CORS, PREFLIGHT};

/// The page's.
pub(super) const ORIGIN: &str = "https://x402-prove.example";

/// The reference clients for browsers send it, literally, with a request.
const ODD: &str = "access-control-expose-headers";

const ALLOW: &str = "access-control-allow-origin";

pub(super) fn probes(known: &Known) -> Vec<Probe> {
    let url = known.target.url();
    let wanted = [names(known), vec![ODD]].concat().join(",");
    let preflight = Ask::get("a preflight", &url)
        .method(Method::OPTIONS)
        .header("Origin", ORIGIN)
        .header("Access-Control-Request-Method", "GET")
        .header("Access-Control-Request-Headers", wanted);
    let check = |id, what, why, shows, judge| Check { id, what, why, shows, judge };
    vec![Probe::new(
        vec![preflight, Ask::get("a page", &url).header("Origin", ORIGIN)],
        [
            check(
                "cors.preflight",
                "A browser's preflight for a payment is answered 2xx, and allows the payment's header.",
                PREFLIGHT,
                &[ALLOW, "access-control-allow-headers"],
                Judge::All(preflighted),
            ),
            check(
                "cors.readable",
                "A page of another origin can read the 402 and its terms.",
                CORS,
                &[ALLOW, "access-control-expose-headers"],
                Judge::All(readable),
            ),
        ],
    )]
}

fn names(known: &Known) -> Vec<&'static str> {
    let name = |wire| match wire {
        Wire::V1 => "x-payment",
        Wire::V2 => "payment-signature",
    };
    known.terms.wires().into_iter().map(name).collect()
}

/// What is wrong with an answer that a page is to read: browsers want one value that allows the page's origin.
fn forbids(answer: &Answer, what: &str) -> Option<Finding> {
    let values: Vec<_> =
        answer.headers.get_all(ALLOW).iter().map(|value| value.as_bytes()).collect();
    match *values {
        [one] if one == b"*" || one == ORIGIN.as_bytes() => None,
        // Which pages may buy is the seller's to decide.
        [_] => Some(note(format!("{what} is for pages of other origins than {ORIGIN} alone."))),
        [] => Some(wrong(format!("{what} comes without Access-Control-Allow-Origin"))),
        _ => Some(wrong(format!(
            "{what} comes with {} Access-Control-Allow-Origin, and browsers take one",
            values.len()
        ))),
    }
}

/// The preflight and the 402; or a finding, if the seller has no CORS at all.
fn both<'a>(answered: &[Answered<'a>]) -> Result<[&'a Answer; 2], Finding> {
    match *answered {
        [(_, preflight), (_, page)]
            if [preflight, page].iter().any(|answer| answer.headers.contains_key(ALLOW)) =>
        {
            Ok([preflight, page])
        }
        _ => Err(note("The seller has no CORS: pages of other origins cannot buy here.")),
    }
}

fn preflighted(known: &Known, answered: &[Answered<'_>]) -> Finding {
    let preflight = match both(answered) {
        Ok([preflight, _]) => preflight,
        Err(finding) => return finding,
    };
    if !preflight.is_success() {
        return wrong(format!(
            "a preflight is answered {}, and browsers send no payment in it",
            preflight.status
        ));
    }
    if let Some(finding) = forbids(preflight, "a preflight's answer") {
        return finding;
    }
    let allowed = |name: &str| {
        ["*", name].iter().any(|name| preflight.lists("access-control-allow-headers", name))
    };
    let missing: Vec<_> = names(known).into_iter().filter(|name| !allowed(name)).collect();
    if !missing.is_empty() {
        return wrong(format!("pages may not send {}", missing.join(", ")));
    }
    if !allowed(ODD) {
        return note(format!(
            "Pages may not send {ODD}, which x402's clients for browsers add to a payment."
        ));
    }
    right("Pages may send a payment.")
}

fn readable(known: &Known, answered: &[Answered<'_>]) -> Finding {
    let page = match both(answered) {
        Ok([_, page]) => page,
        Err(finding) => return finding,
    };
    if let Some(finding) = forbids(page, "the 402") {
        return finding;
    }
    let exposed = |name: &str| {
        ["*", name].iter().any(|name| page.lists("access-control-expose-headers", name))
    };
    if known.terms.v2.is_some() && !exposed("payment-required") {
        return wrong("pages may read the 402, but not its PAYMENT-REQUIRED");
    }
    right("Pages can read the 402 and its terms.")
}

/// Whether a page may read a receipt, if it may read anything.
pub(super) fn receipt(answer: &Answer) -> Finding {
    if !answer.headers.contains_key(ALLOW) {
        return note("What was bought comes without CORS: pages of other origins cannot read it.");
    }
    if let Some(finding) = forbids(answer, "what was bought") {
        return finding;
    }
    let exposed = |name: &str| answer.lists("access-control-expose-headers", name);
    match ["payment-response", "x-payment-response", "*"].into_iter().any(exposed) {
        true => right("Pages can read what they bought, and the receipt."),
        false => wrong("pages may read what they bought, but not the receipt"),
    }
}
