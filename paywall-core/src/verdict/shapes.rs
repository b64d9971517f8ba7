//! What an answer is worth by more than one of its codes: as a whole, or by its status alone.

use price_table::Dialect;

use super::answer::Answer;
use super::cause::Cause;
use super::cdp;
use super::class::{Class, Group, Table, codes};

/// What is said of a payer by whoever screens payers, in any dialect and at any status.
/// `kyt_risk_detected` and `..._kyt` are CDP's; `Address blocked: ` is Ultravioleta's (403).
pub(super) const PAYER: Table = Table {
    whole: &[Group {
        prefix: "",
        class: Class::Payer, // before: "screening runs at both"
        codes: codes! {
            "invalid_exact_evm_payload_authorization_from_address_kyt"
            "kyt_risk_detected"
        },
    }],
    starts: &[Group { prefix: "", class: Class::Payer, codes: codes! { "Address blocked: " } }],
};

/// Why an answer of a reviewed shape was not taken up.
pub(super) fn of(dialect: Dialect, url: &str, answer: &Answer<'_>) -> Option<Cause> {
    let json = &answer.json;
    // CDP's schema: a description over 500 characters, an unknown network, a short signature. It says so
    // in the envelope, which has no verdict (x402#2284, #2785, #2832; 2026-11-26).
    let is_schema = dialect == Dialect::Cdp
        && answer.status == 400
        && json["errorType"] == cdp::SCHEMA
        && !answer.has_verdict();
    // FastAPI's validation, which is before Python's handler: a list of what is wrong.
    let is_validation = dialect == Dialect::Reference
        && answer.status == 422
        && json["detail"].is_array()
        && !answer.has_verdict();
    // PayAI's nginx: "the facilitator never saw the request". Whatever the facilitator itself says is
    // JSON. <https://docs.payai.network/x402/facilitators/capacity-and-limits>, 2026-11-26.
    let is_full = answer.status == 503 && !answer.is_object() && is_host(url, "payai.network");
    match (is_schema || is_validation, is_full) {
        (true, _) => Some(Cause::Terms),
        (_, true) => Some(Cause::Busy),
        _ => None,
    }
}

/// Why an answer was not taken up, by its status, where nothing in it is listed: who sent it, where to,
/// how often or in what form was wrong, and that is looked at before what it asks for.
///
/// A 401 "has not been applied", a 405 is not supported by the resource, a 413 and a 415 are refused for
/// their form: <https://www.rfc-editor.org/rfc/rfc9110.html#section-15.5>. A redirect asks somewhere
/// else; but 303 means that this is done and its result stands elsewhere. Not here: 400, 408, 409, 422,
/// and all of 5xx, which some answer to a payment that they looked at or sent.
pub(super) fn of_status(answer: &Answer<'_>) -> Option<Cause> {
    let cause = match answer.status {
        301 | 302 | 307 | 308 => Cause::Moved,
        401 | 403 => Cause::Secret,
        402 => Cause::Bill,
        404..=406 | 410 | 411 | 413..=415 | 417 | 421 | 426 | 431 => Cause::Endpoint,
        429 => Cause::Rate,
        _ => return None,
    };
    let stands_before = matches!(answer.status, 401 | 403 | 429);
    // With a verdict, it was read: "used" is answered as 402 or 404 by some.
    ((stands_before || !answer.has_verdict()) && !answer.speaks_of_the_payment()).then_some(cause)
}

/// Whether an answer that is no success leaves open that the payment still settles: it says that it
/// waits, or it is a server's failure that says nothing.
///
/// Codes are the facilitator's own words. Of texts only the beginning is looked at, since what follows
/// may be the buyer's.
pub(super) fn may_still_settle(answer: &Answer<'_>, is_listed: bool) -> bool {
    let is_dumb = answer.status >= 500 && !answer.has_verdict() && !is_listed;
    let waits = |text: &str| {
        let code = text.split(": ").next().unwrap_or(text);
        let is_code = !code.contains(char::is_whitespace);
        (is_code && WAITING.iter().any(|word| code.contains(word)))
            || WAITING_TEXTS.iter().any(|start| text.starts_with(start))
    };
    // 202: accepted, in flight (Circle).
    answer.status == 202 || is_dumb || answer.names().chain(answer.words()).any(waits)
}

/// In codes.
const WAITING: [&str; 4] = ["pending", "timed_out", "receipt", "confirmation"];

/// How texts begin: viem, alloy, OpenFacilitator, CDP (x402#1062).
const WAITING_TEXTS: [&str; 4] = [
    "Timed out while waiting for transaction",
    "transaction was not confirmed within the timeout",
    "Transaction broadcast but confirmation timed out",
    "transaction did not confirm in time",
];

/// Whether a URL's host is this one or below it.
fn is_host(url: &str, domain: &str) -> bool {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = host.split(['/', ':']).next().unwrap_or_default();
    host.strip_suffix(domain).is_some_and(|sub| sub.is_empty() || sub.ends_with('.'))
}
