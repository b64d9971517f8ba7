//! A facilitator with its own chain in memory: what settles payments on a laptop and in tests.
//!
//! It answers `POST /verify`, `POST /settle` and `GET /supported` as the reference facilitator (npm
//! `@x402/core` and `@x402/evm` 2.27.0) does, v1 and v2, for any EIP-3009 token on any EVM chain.
//!
//! ```text
//! server.rs    HTTP on loopback
//! call.rs      what it is asked
//! options.rs   how it is set up
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
mod call;
pub mod eip3009;
mod fault;
#[cfg(test)]
mod faulty;
#[cfg(test)]
mod forgeries;
mod ledger;
pub(crate) mod networks;
mod options;
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

pub use answer::CALLS_KEPT;
pub use call::{Call, Endpoint};
pub use fault::{Fault, Garble, Work};
pub use ledger::{FUNDED_BALANCE, FUNDED_BUYER, Ledger, Revert, Transfer, wrap_for_smart_wallet};
pub use networks::Wire;
pub use options::Options;
pub(crate) use options::unix_now;

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
