//! A facilitator with its own chain in memory: what settles payments on a laptop and in tests.
//!
//! It answers `POST /verify`, `POST /settle` and `GET /supported` as the reference facilitator (npm
//! `@x402/core` and `@x402/evm` 2.27.0) does, v1 and v2, for any EIP-3009 token on any EVM chain.
//!
//! ```text
//! server.rs    HTTP on loopback
//! answer.rs    the truth, or a fault; remembers what was asked
//! wire.rs      a request in either version -> Payment; an outcome -> a body
//! verify.rs    the reference's checks, in its order, with its codes
//! ledger.rs    the chain: balances, spent nonces, contract wallets
//! eip3009.rs   what is signed, and who signed it
//! networks.rs  names of chains, and tokens whose domain is known
//! fault.rs     bad days, for tests alone
//! ```
//!
//! Three things it cannot show: gas, blocks (a transfer is final at once) and reorganisations.

mod answer;
pub mod eip3009;
mod fault;
#[cfg(test)]
mod faulty;
#[cfg(test)]
mod forgeries;
mod ledger;
pub(crate) mod networks;
#[cfg(test)]
mod recorded;
mod server;
#[cfg(test)]
mod testkit;
mod verify;
mod wire;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

pub use answer::CALLS_KEPT;
pub use fault::{Fault, Garble, Work};
pub use ledger::{FUNDED_BALANCE, FUNDED_BUYER, Ledger, Revert, Transfer, wrap_for_smart_wallet};
pub use networks::Wire;

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

/// How a facilitator is set up.
#[derive(Clone)]
pub struct Options {
    /// The chain's time in Unix seconds.
    pub clock: Arc<dyn Fn() -> u64 + Send + Sync>,
}

impl Default for Options {
    /// The machine's clock.
    fn default() -> Self {
        Options { clock: Arc::new(unix_now) }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options").field("now", &(self.clock)()).finish()
    }
}

/// The machine's clock in Unix seconds.
pub(crate) fn unix_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// A running facilitator; dropping it closes its port and every connection.
pub struct Facilitator {
    address: SocketAddr,
    server: server::Server,
}

impl Facilitator {
    /// Starts one on 127.0.0.1, on a port of the system's choice. Needs a Tokio runtime.
    pub async fn start(options: Options) -> io::Result<Facilitator> {
        let (address, server) = server::Server::start(options).await?;
        Ok(Facilitator { address, server })
    }

    /// Base URL, without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The chain that it settles on.
    pub fn ledger(&self) -> Ledger {
        self.server.shared.ledger.clone()
    }

    /// What it was asked, oldest first; the latest [`CALLS_KEPT`] of them.
    pub fn calls(&self) -> Vec<Call> {
        self.server.shared.lock().calls.iter().cloned().collect()
    }

    /// How many times `endpoint` was asked.
    pub fn count(&self, endpoint: Endpoint) -> usize {
        self.server.shared.lock().calls.iter().filter(|call| call.endpoint == endpoint).count()
    }

    /// Spoils one answer of `endpoint`. Called again it spoils the one after.
    pub fn fail_next(&self, endpoint: Endpoint, fault: Fault) {
        self.server.shared.lock().faults.queue(endpoint, fault);
    }

    /// Spoils every answer of `endpoint` that [`fail_next`](Self::fail_next) does not.
    pub fn fail_always(&self, endpoint: Endpoint, fault: Fault) {
        self.server.shared.lock().faults.last(endpoint, fault);
    }

    /// Forgets all faults that were asked for.
    pub fn heal(&self) {
        self.server.shared.lock().faults = fault::Faults::default();
    }

    /// Closes every connection and refuses new ones, but keeps the port, until
    /// [`accept_connections`](Self::accept_connections). Done when it returns.
    pub async fn refuse_connections(&self) -> io::Result<()> {
        self.server.open(false).await
    }

    /// Ends [`refuse_connections`](Self::refuse_connections).
    pub async fn accept_connections(&self) -> io::Result<()> {
        self.server.open(true).await
    }
}

impl fmt::Debug for Facilitator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Facilitator").field("url", &self.url()).finish_non_exhaustive()
    }
}
