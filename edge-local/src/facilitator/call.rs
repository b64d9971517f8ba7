//! What a facilitator is asked.

use serde_json::Value;

/// What a facilitator can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// `POST /settle`
    Settle,
    /// `GET /supported`
    Supported,
    /// `POST /verify`
    Verify,
}

/// One request that was received, faulty answer or not.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// What was asked.
    pub endpoint: Endpoint,
    /// The request's JSON; null if there was none or it did not parse.
    pub body: Value,
}
