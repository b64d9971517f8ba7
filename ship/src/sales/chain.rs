//! Looking unresolved payments up on the chain, with the function's own rules of evidence.

use std::collections::HashMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, bail};
use paywall_core::chain::{self, Evidence, ExpectedTransfer};
use paywall_core::clock::Micros;
use paywall_core::facilitator::{Call, Outcome};
use paywall_core::hex;
use paywall_core::store::{Ask, Failed, PaymentId, Reply};
use paywall_core::world::{Called, RpcCall, World};
use price_table::Rpc;
use serde_json::{Value, json};
use url::{Host, Url};

use super::entry::{Entry, OnChain};

/// What one payment may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits before a node that throttles is asked again.
const WAITS: [Duration; 3] =
    [Duration::from_millis(500), Duration::from_secs(2), Duration::from_secs(5)];

/// How deep a block must be where nobody says: more than any network that the price table's compiler
/// knows needs; see `confirmations` of `content-config/src/networks.rs`.
pub(crate) const CONFIRMATIONS: u32 = 900;

/// Nodes, by the CAIP-2 names of their networks.
#[derive(Debug)]
pub(crate) struct Nodes {
    http: reqwest::Client,
    nodes: HashMap<String, Node>,
}

#[derive(Debug)]
struct Node {
    url: Url,
    confirmations: u32,
}

impl Nodes {
    /// Asks each node which chain it is of.
    pub(crate) async fn open(
        urls: &[Url],
        confirmations: impl Fn(&str) -> u32,
    ) -> anyhow::Result<Self> {
        // Fails if there is one already, which does as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let redirect = reqwest::redirect::Policy::none();
        let http = reqwest::Client::builder().redirect(redirect).build()?;
        let mut nodes = HashMap::new();
        for url in urls {
            // The rest of it may hold a key.
            let host = url.host_str().unwrap_or_default();
            if !is_safe(url) {
                bail!(
                    "--rpc {}://{host}: write https://, or http:// for this machine",
                    url.scheme()
                );
            }
            let network = network(&http, url).await.with_context(|| {
                format!(
                    "the node at {host} does not tell its chain: check the URL of --rpc and its key"
                )
            })?;
            let confirmations = confirmations(&network);
            if nodes.insert(network.clone(), Node { url: url.clone(), confirmations }).is_some() {
                bail!("two nodes of {network}, the second at {host}: leave one --rpc out");
            }
        }
        Ok(Nodes { http, nodes })
    }

    /// Finds out whether a payment was charged, as far as the nodes tell.
    pub(crate) async fn look(&self, entry: &mut Entry) {
        let Some(node) = self.nodes.get(&entry.network) else {
            if !self.nodes.is_empty() {
                entry.why += "; not looked up: no --rpc is a node of its network";
            }
            return;
        };
        let (on_chain, why) = match expected(entry) {
            None => (OnChain::Unknown, "only its facilitator understands it".to_owned()),
            Some(expected) => {
                let rpc = Rpc { url: None, second: None, confirmations: node.confirmations };
                let deadline = Micros(self.now().0 + PATIENCE.as_micros() as u64);
                match chain::evidence(self, &rpc, &expected, deadline).await {
                    Evidence::Settled { transaction } => {
                        let transaction = hex::encode(&transaction);
                        let why = format!(
                            "settled on chain: {transaction}; if the function's log has an alarm with \
                             this transaction, its payer was served"
                        );
                        entry.transaction = Some(transaction);
                        (OnChain::Settled, why)
                    }
                    Evidence::Cancelled => {
                        (OnChain::NotSettled, "not settled: its payer took it back".to_owned())
                    }
                    Evidence::NeverPaid => (
                        OnChain::NotSettled,
                        "not settled: its nonce was not used in time".to_owned(),
                    ),
                    Evidence::SpentOtherwise => (
                        OnChain::NotSettled,
                        "not settled: its nonce was spent before, or on another transfer"
                            .to_owned(),
                    ),
                    Evidence::Unknown(why) => {
                        (OnChain::Unknown, format!("the chain does not tell: {why}"))
                    }
                }
            }
        };
        entry.on_chain = Some(on_chain);
        entry.why = format!("{why}; {}", entry.why);
    }
}

/// What the chain must show.
fn expected(entry: &Entry) -> Option<ExpectedTransfer> {
    let PaymentId::Eip3009 { chain_id, asset, from, nonce } = entry.mark.as_ref()?.payment else {
        return None;
    };
    Some(ExpectedTransfer {
        chain_id,
        token: asset,
        from,
        nonce,
        to: hex::decode_array(entry.payee.as_ref()?)?,
        value: entry.amount.into(),
        bound_at: entry.bound_at?,
        valid_before: entry.valid_before.unwrap_or(u64::MAX),
    })
}

fn is_safe(url: &Url) -> bool {
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && loopback)
}

async fn network(http: &reqwest::Client, url: &Url) -> anyhow::Result<String> {
    let ask = json!({ "jsonrpc": "2.0", "id": 0, "method": "eth_chainId", "params": [] });
    let answered = post(http, url, ask.to_string(), PATIENCE).await;
    let (status, body) = answered.map_err(anyhow::Error::msg)?;
    let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
    let id = answer["result"].as_str().and_then(|id| id.strip_prefix("0x"));
    let id = id.and_then(|digits| u64::from_str_radix(digits, 16).ok());
    let id = id.with_context(|| format!("it answers {status} without a chain id"))?;
    Ok(format!("eip155:{id}"))
}

/// Asks a node, again while it throttles. Gives the status and the body.
async fn post(
    http: &reqwest::Client,
    url: &Url,
    body: String,
    timeout: Duration,
) -> Result<(u16, Vec<u8>), String> {
    let mut waits = WAITS.iter();
    loop {
        match once(http, url, body.clone(), timeout).await {
            Ok((429 | 503, _)) if waits.len() > 0 => {
                tokio::time::sleep(*waits.next().expect("there is one")).await;
            }
            // Its URL may hold a key.
            answered => return answered.map_err(|error| error.without_url().to_string()),
        }
    }
}

async fn once(
    http: &reqwest::Client,
    url: &Url,
    body: String,
    timeout: Duration,
) -> reqwest::Result<(u16, Vec<u8>)> {
    let request = http.post(url.clone()).header("content-type", "application/json").body(body);
    let answer = request.timeout(timeout).send().await?;
    Ok((answer.status().as_u16(), answer.bytes().await?.to_vec()))
}

impl World for Nodes {
    fn now(&self) -> Micros {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Micros(now.as_micros() as u64)
    }

    async fn rpc(&self, call: &RpcCall) -> Called {
        let Some(node) = self.nodes.get(&call.network) else {
            return Outcome::NotSent("no node of this network".to_owned()).into();
        };
        let timeout = Duration::from_millis(call.timeout_ms);
        match post(&self.http, &node.url, call.body.clone(), timeout).await {
            Ok((status, body)) => Outcome::Answered { status, body, location: None }.into(),
            Err(why) => Outcome::Lost(why).into(),
        }
    }

    async fn call(&self, _: &Call) -> Called {
        Outcome::NotSent("facilitators are not asked here: they would settle".to_owned()).into()
    }

    async fn records(&self, asks: Vec<Ask>, _: u64) -> Vec<Result<Reply, Failed>> {
        asks.iter().map(|_| Err(Failed("evidence needs no records".to_owned()))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_do_not_travel_in_the_clear() {
        for (url, safe) in [
            ("https://node.example/v2/key", true),
            ("http://127.0.0.1:8545", true),
            ("http://[::1]:8545", true),
            ("http://localhost:8545", true),
            ("http://node.example", false),
            ("http://10.0.0.1", false),
            ("ws://127.0.0.1", false),
        ] {
            assert_eq!(is_safe(&url.parse().unwrap()), safe, "{url}");
        }
    }
}
