//! What the paid part of the walk needs from outside: time, facilitators, the chain, and records.
//!
//! The walk is sans-IO: straight-line `async` code over a [`World`], which the compiler turns into
//! the state machine. In the function every future is ready at once ([`crate::io::drive`] polls one
//! time); a simulator, a fuzzer and the tests bring worlds of their own, and poll two walks in turn
//! to race them. To drop a walk at an `.await` is what the death of its sandbox would be there.

use serde::Serialize;

use crate::clock::Micros;
use crate::facilitator::{Call, Outcome};
use crate::store::{Ask, Failed, Reply};

/// The outside.
pub trait World {
    /// The wall clock.
    fn now(&self) -> Micros;

    /// Asks a facilitator.
    fn call(&self, call: &Call) -> impl Future<Output = Called>;

    /// Asks a node of the chain.
    fn rpc(&self, call: &RpcCall) -> impl Future<Output = Called>;

    /// Does all of `asks` at the same time, in at most `timeout_ms` milliseconds, and answers in
    /// their order, one answer an ask.
    fn records(
        &self,
        asks: Vec<Ask>,
        timeout_ms: u64,
    ) -> impl Future<Output = Vec<Result<Reply, Failed>>>;
}

/// A JSON-RPC request, to be POSTed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RpcCall {
    /// The CAIP-2 name of the network: what the secrets name its node by.
    pub network: String,
    /// The node's URL; `None` if the secrets have it.
    pub url: Option<String>,
    /// JSON.
    pub body: String,
    /// Milliseconds for everything: DNS, connecting, TLS, writing and reading.
    pub timeout_ms: u64,
}

/// How a call ended, and where its time went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Called {
    /// How it ended.
    pub outcome: Outcome,
    /// Where its time went.
    pub phases: Phases,
}

impl From<Outcome> for Called {
    /// A call that took no time.
    fn from(outcome: Outcome) -> Self {
        Called { outcome, phases: Phases::default() }
    }
}

/// Milliseconds of each phase of a call that was entered; a call that failed did so in the last one.
/// A kept connection has neither DNS, connecting nor TLS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Phases {
    /// Finding the host's addresses.
    #[serde(rename = "dnsMs", skip_serializing_if = "Option::is_none")]
    pub dns: Option<u64>,
    /// Opening the connection.
    #[serde(rename = "connectMs", skip_serializing_if = "Option::is_none")]
    pub connect: Option<u64>,
    /// The TLS handshake.
    #[serde(rename = "tlsMs", skip_serializing_if = "Option::is_none")]
    pub tls: Option<u64>,
    /// Writing the request.
    #[serde(rename = "sendMs", skip_serializing_if = "Option::is_none")]
    pub send: Option<u64>,
    /// Waiting for the first byte of the answer.
    #[serde(rename = "waitMs", skip_serializing_if = "Option::is_none")]
    pub wait: Option<u64>,
    /// Reading the rest of it.
    #[serde(rename = "readMs", skip_serializing_if = "Option::is_none")]
    pub read: Option<u64>,
}
