//! Faults, for tests alone: what real facilitators do on bad days and cannot be asked to show.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use serde_json::{Value, json};

use super::call::Endpoint;

/// What goes wrong with one answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Does the work, then waits, then answers truthfully.
    AnswerLate(Duration),
    /// Refuses `/settle` for a payment that it has not found valid before; answers truthfully otherwise.
    /// Source: [`e2e/facilitators/typescript`](https://github.com/coinbase/x402/blob/main/e2e/facilitators/typescript/index.ts).
    DemandVerify,
    /// Closes the connection without a byte of an answer.
    Drop(Work),
    /// Answers, but wrongly.
    Garble(Work, Garble),
    /// Waits, then does the work and answers truthfully.
    WorkLate(Duration),
}

/// Whether the payment was really verified or settled behind a faulty answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// It was; what a [`Garble`] leaves alone is the truth.
    Done,
    /// It was not; what a [`Garble`] leaves alone claims that it was.
    Skipped,
}

/// What is wrong with an answer. HTTP 200 and `application/json` unless said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Garble {
    /// `success:false` (or `isValid:false`) with this code.
    Code(&'static str),
    /// Byte by byte, this long apart, with no `Content-Length`.
    Dripped(Duration),
    /// An empty body.
    Empty,
    /// An additional field of this many bytes.
    Huge(usize),
    /// HTTP 500 and `{"error":"unexpected_error"}`.
    InternalError,
    /// HTTP 503 and a proxy's HTML page.
    NotJson,
    /// A success without a transaction.
    NoTransaction,
    /// One atomic unit more than was required.
    OtherAmount,
    /// Another chain.
    OtherNetwork,
    /// Another payer.
    OtherPayer,
    /// HTTP 500 and `settlement_pending` with a transaction, as CDP answers.
    Pending,
    /// A transaction hash of 31 bytes.
    ShortTransaction,
    /// `"true"` instead of `true`.
    SuccessAsText,
    /// The answer as `text/plain`.
    WrongContentType,
}

/// What the server sends in the end.
pub(crate) enum Reply {
    Dropped,
    Sent { status: u16, content_type: &'static str, body: Vec<u8>, drip: Option<Duration> },
}

impl Reply {
    pub(crate) fn json(status: u16, body: &Value) -> Reply {
        let body = body.to_string().into_bytes();
        Reply::Sent { status, content_type: "application/json; charset=utf-8", body, drip: None }
    }
}

impl Garble {
    /// Spoils an answer that is either the truth or a claim of success.
    pub(crate) fn spoil(self, endpoint: Endpoint, request: &Value, mut body: Value) -> Reply {
        let (flag, reason) = match endpoint {
            Endpoint::Verify => ("isValid", "invalidReason"),
            Endpoint::Settle | Endpoint::Supported => ("success", "errorReason"),
        };
        let plain = |status, content_type, body: &str| Reply::Sent {
            status,
            content_type,
            body: body.into(),
            drip: None,
        };
        match self {
            Garble::Code(code) => {
                body[flag] = false.into();
                body[reason] = code.into();
                body["transaction"] = "".into();
            }
            Garble::Dripped(drip) => {
                let (status, content_type) = (200, "application/json");
                let body = body.to_string().into_bytes();
                return Reply::Sent { status, content_type, body, drip: Some(drip) };
            }
            Garble::Empty => return plain(200, "application/json", ""),
            Garble::Huge(bytes) => body["padding"] = "x".repeat(bytes).into(),
            Garble::InternalError => {
                return Reply::json(500, &json!({"error": "unexpected_error"}));
            }
            Garble::NotJson => {
                return plain(
                    503,
                    "text/html",
                    "<html><h1>503 Service Temporarily Unavailable</h1></html>",
                );
            }
            Garble::NoTransaction => body["transaction"] = "".into(),
            Garble::OtherAmount => {
                let terms = &request["paymentRequirements"];
                let required = terms["amount"].as_str().or(terms["maxAmountRequired"].as_str());
                let required = required.and_then(|text| text.parse::<u128>().ok()).unwrap_or(0);
                body["amount"] = (required + 1).to_string().into();
            }
            Garble::OtherNetwork => {
                let others = match request["paymentPayload"]["x402Version"].as_u64() {
                    Some(1) => ["polygon", "avalanche"],
                    _ => ["eip155:137", "eip155:43114"],
                };
                let other = others.into_iter().find(|other| body["network"] != *other);
                body["network"] = other.into();
            }
            Garble::OtherPayer => {
                body["payer"] = "0x000000000000000000000000000000000000dEaD".into()
            }
            Garble::Pending => {
                body[flag] = false.into();
                body[reason] = "settlement_pending".into();
                return Reply::json(500, &body);
            }
            Garble::ShortTransaction => {
                let tx = body["transaction"].as_str().unwrap_or_default();
                body["transaction"] = tx.get(..64).unwrap_or("0x").into();
            }
            Garble::SuccessAsText => body[flag] = "true".into(),
            Garble::WrongContentType => return plain(200, "text/plain", &body.to_string()),
        }
        Reply::json(200, &body)
    }
}

/// Faults in waiting, for each endpoint: first those queued for one answer each, then the lasting one.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    queued: HashMap<Endpoint, VecDeque<Fault>>,
    lasting: HashMap<Endpoint, Fault>,
}

impl Faults {
    pub(crate) fn queue(&mut self, endpoint: Endpoint, fault: Fault) {
        self.queued.entry(endpoint).or_default().push_back(fault);
    }

    pub(crate) fn last(&mut self, endpoint: Endpoint, fault: Fault) {
        self.lasting.insert(endpoint, fault);
    }

    pub(crate) fn take(&mut self, endpoint: Endpoint) -> Option<Fault> {
        let queued = self.queued.get_mut(&endpoint).and_then(VecDeque::pop_front);
        queued.or_else(|| self.lasting.get(&endpoint).copied())
    }
}
