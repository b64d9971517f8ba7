//! What facilitators are asked, and what their answers mean.
//!
//! Facilitators differ in HTTP statuses (one answers 500 to a replay, another 200 to a failure),
//! so an answer is read whatever its status, and only a real boolean in a JSON object counts.
//! API: <https://github.com/x402-foundation/x402/blob/main/specs/x402-specification-v2.md>.

use price_table::{Listing, challenge};
use serde_json::{Value, json};

use crate::claim::Wire;
use crate::limits;
use crate::payment::Payment;
pub use crate::receipt::{Expected, Payer, Receipt};
use crate::refused_before_submission;

/// Which endpoint is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// Read-only.
    Verify,
    /// Moves money.
    Settle,
}

impl Endpoint {
    /// The last segment of its path.
    pub fn name(self) -> &'static str {
        match self {
            Endpoint::Verify => "verify",
            Endpoint::Settle => "settle",
        }
    }
}

/// A call for the `io` module to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Which endpoint.
    pub endpoint: Endpoint,
    /// The facilitator's base URL, without a slash at the end.
    pub facilitator: String,
    /// JSON, to be POSTed.
    pub body: String,
    /// Milliseconds for everything: DNS, connecting, TLS, writing and reading.
    pub timeout_ms: u64,
    /// Milliseconds for what comes before the first byte of the request: DNS, connecting, TLS.
    /// Shorter than `timeout_ms` where another facilitator could be asked instead.
    pub connect_timeout_ms: u64,
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// An HTTP answer was read to its end.
    Answered {
        /// The HTTP status.
        status: u16,
        /// The body, whatever it is.
        body: Vec<u8>,
        /// Where a redirect points to, for the operator. No redirect is ever followed.
        location: Option<String>,
    },
    /// Not one byte of the request went out. Holds why.
    NotSent(String),
    /// Bytes of the request went out, and no whole answer came back. Holds why.
    Lost(String),
}

/// What an answer of `/settle` means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// The money moved.
    Settled(Receipt),
    /// It did not, and nothing was submitted. Holds the facilitator's code.
    Refused(String),
    /// The request did not arrive, or was not taken up. Holds why.
    NotSubmitted(String),
    /// It may have moved. Holds why that is not known, for the log.
    Unknown(String),
}

/// What an answer of `/verify` means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verification {
    /// The payment is good.
    Valid,
    /// It is not, for a reason that a new payment cures. Holds the facilitator's code.
    Refused(String),
    /// The facilitator did not say. Holds why, for the log.
    Unavailable(String),
    /// It is not valid any more, or for a reason that is not known to come before submission: it
    /// may have been submitted earlier. Holds why, for the log.
    Unclear(String),
}

/// The body of `/verify` and `/settle`. The same payment for the same URL always gives the same bytes.
pub(crate) fn body(payment: &Payment<'_>, listing: &Listing<'_>, url: &str) -> String {
    let offer = payment.offer;
    let (version, payment, requirements) = match payment.claim.wire {
        Wire::V1 => {
            let requirements = challenge::requirements_v1(offer, listing, url);
            let payment = json!({
                "x402Version": 1,
                "scheme": challenge::SCHEME,
                "network": offer.network.v1,
                "payload": payment.payload(),
            });
            (1, payment, json!(requirements))
        }
        Wire::V2 => {
            let requirements = challenge::requirements_v2(offer);
            let payment = json!({
                "x402Version": 2,
                "resource": challenge::resource(listing, url),
                "accepted": requirements,
                "payload": payment.payload(),
            });
            (2, payment, json!(requirements))
        }
    };
    json!({
        "x402Version": version,
        "paymentPayload": payment,
        "paymentRequirements": requirements,
    })
    .to_string()
}

/// Reads the end of a `/settle` call. `first` says that this request was the first to claim the
/// payment: only then can a refusal be believed to be about this payment and not about its success.
pub fn settlement(outcome: &Outcome, expected: &Expected, first: bool) -> Settlement {
    let json = match object(outcome) {
        Ok(json) => json,
        Err(Outcome::NotSent(why)) => return Settlement::NotSubmitted(why.clone()),
        Err(Outcome::Lost(why)) => return Settlement::Unknown(why.clone()),
        Err(Outcome::Answered { status, .. }) => {
            return without_verdict(*status, "not a JSON object");
        }
    };
    let transaction = match &json["transaction"] {
        Value::String(text) => text.as_str(),
        Value::Null => "",
        _ => return Settlement::Unknown("a transaction that is not a string".into()),
    };
    match json["success"].as_bool() {
        Some(true) => match expected.contradiction(&json) {
            None => match Receipt::of(&json, transaction, expected) {
                Some(receipt) => Settlement::Settled(receipt),
                None => Settlement::Unknown("success without a transaction hash".into()),
            },
            Some(field) => Settlement::Unknown(format!("success with another {field}")),
        },
        Some(false) => {
            // A code that names what happened is the last word: there may be a transaction behind it.
            let reason = json["errorReason"].as_str().unwrap_or_default();
            let named = !matches!(reason, "" | "unexpected_error") && !reason.contains(' ');
            let words = [&json["errorMessage"]];
            if transaction.is_empty() && refused_before_submission::demands_verify(reason) {
                return Settlement::NotSubmitted(cut(reason));
            }
            match refusal(reason, if named { &[] } else { &words }) {
                Ok(code) if first && transaction.is_empty() => Settlement::Refused(code),
                Ok(code) | Err(code) => Settlement::Unknown(code),
            }
        }
        None => match outcome {
            Outcome::Answered { status, .. } if transaction.is_empty() => {
                without_verdict(*status, "no boolean `success`")
            }
            _ => Settlement::Unknown("no boolean `success`".into()),
        },
    }
}

fn without_verdict(status: u16, what: &str) -> Settlement {
    let why = format!("HTTP {status}, {what}");
    match refused_before_submission::is_listed_status(status) {
        true => Settlement::NotSubmitted(why),
        false => Settlement::Unknown(why),
    }
}

/// What of a call's end the seller must mend.
pub fn operator(outcome: &Outcome) -> Option<&'static str> {
    let Outcome::Answered { status, .. } = outcome else { return None };
    let json = object(outcome).unwrap_or_default();
    if has_verdict(&json) {
        let reason = json["errorReason"].as_str().unwrap_or_default();
        return refused_before_submission::demands_verify(reason)
            .then_some("it settles only what it verified: set `verify = \"first\"` for it");
    }
    match status {
        401 | 403 => Some("its secret was refused: renew it, and build or deploy again"),
        402 => Some("it wants its own bill paid"),
        404 | 405 => Some("it has no such endpoint: correct its URL"),
        429 => Some("it throttles us: ask it for a higher limit, or name another facilitator"),
        _ => None,
    }
}

/// Whether a call ended in a way that says that the facilitator is out of order: nothing came back, or
/// nothing that it would say itself, or it will have nothing to do with us.
pub fn is_out_of_order(outcome: &Outcome) -> bool {
    match object(outcome) {
        Ok(json) => {
            !has_verdict(&json)
                && matches!(outcome, Outcome::Answered { status: 401 | 402 | 403 | 429, .. })
        }
        Err(_) => true,
    }
}

fn has_verdict(json: &Value) -> bool {
    json["success"].is_boolean() || json["isValid"].is_boolean()
}

/// Reads the end of a `/verify` call.
pub fn verification(outcome: &Outcome, expected: &Expected) -> Verification {
    let json = match object(outcome) {
        Ok(json) => json,
        Err(Outcome::NotSent(why) | Outcome::Lost(why)) => {
            return Verification::Unavailable(why.clone());
        }
        Err(Outcome::Answered { .. }) => {
            return Verification::Unavailable("not a JSON object".into());
        }
    };
    match json["isValid"].as_bool() {
        Some(true) => match expected.contradiction(&json) {
            None => Verification::Valid,
            Some(field) => Verification::Unavailable(format!("valid for another {field}")),
        },
        Some(false) => {
            let reason = json["invalidReason"].as_str().unwrap_or_default();
            match refusal(reason, &[&json["invalidMessage"], &json["invalidReasonDetails"]]) {
                Ok(code) => Verification::Refused(code),
                Err(code) => Verification::Unclear(code),
            }
        }
        None => Verification::Unavailable("no boolean `isValid`".into()),
    }
}

fn object(outcome: &Outcome) -> Result<Value, &Outcome> {
    match outcome {
        Outcome::Answered { body, .. } => match serde_json::from_slice(body) {
            Ok(json @ Value::Object(_)) => Ok(json),
            _ => Err(outcome),
        },
        _ => Err(outcome),
    }
}

/// The code of a refusal that is known to come before submission, or else what was said. Some
/// facilitators put the node's words in place of the code, others beside it.
fn refusal(reason: &str, words: &[&Value]) -> Result<String, String> {
    if refused_before_submission::is_listed(reason) {
        return Ok(cut(reason));
    }
    std::iter::once(reason)
        .chain(words.iter().filter_map(|words| words.as_str()))
        .find_map(refused_before_submission::of_revert)
        .map(str::to_owned)
        .ok_or_else(|| cut(if reason.is_empty() { "unknown_error" } else { reason }))
}

/// Codes are open strings: passed on, cut to a length, and without control characters.
fn cut(code: &str) -> String {
    let mut code: String = code.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    code.truncate(code.floor_char_boundary(limits::CODE_BYTES));
    code
}

/// `SettlementResponse` of a payment that was refused.
pub fn refused_json(code: &str, expected: &Expected) -> String {
    json!({
        "success": false,
        "errorReason": code,
        "transaction": "",
        "network": expected.network(),
        "payer": expected.payer.spelled(&Value::Null),
    })
    .to_string()
}
