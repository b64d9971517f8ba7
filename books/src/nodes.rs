//! Looking unresolved payments up on the chain, with the function's own search for evidence.

use std::collections::HashMap;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use paywall_core::clock::Micros;
use paywall_core::facilitator::Outcome;
use paywall_core::hex;
use paywall_core::limits;
use paywall_core::node::{self, At, Authorization, Question, Said};
use paywall_core::purchase::{Finding, PaymentId, Search, Sought};
use serde_json::{Value, json};
use tokio::runtime::Handle;
use url::{Host, Url};

use crate::chain::Chain;
use crate::entry::{Entry, Inquiry, OnChain};
use crate::error::Error;

/// What one answer may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the search for one payment may take.
const SEARCH: Duration = Duration::from_secs(60);

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
    /// Whether nobody else sells for this payee.
    alone: bool,
}

#[derive(Clone, Debug)]
struct Node {
    url: Url,
    confirmations: u32,
}

impl Nodes {
    /// Asks each node which chain it is of.
    pub(crate) async fn open(
        urls: &[Url],
        alone: bool,
        confirmations: impl Fn(&str) -> u32,
    ) -> next_step::Outcome<Self> {
        // Fails if there is one already, which does as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let redirect = reqwest::redirect::Policy::none();
        let http = reqwest::Client::builder().redirect(redirect).build();
        let http = http.map_err(ship::Error::not_started)?;
        let mut nodes = HashMap::new();
        for url in urls {
            // The rest of it may hold a key.
            let host = url.host_str().unwrap_or_default().to_owned();
            if !is_safe(url) {
                return Err(Error::OpenNode { scheme: url.scheme().to_owned(), host }.into());
            }
            let network = match network(&http, url).await {
                Ok(network) => network,
                Err(why) => return Err(Error::MuteNode { host, why }.into()),
            };
            let confirmations = confirmations(&network);
            if nodes.insert(network.clone(), Node { url: url.clone(), confirmations }).is_some() {
                return Err(Error::TwoNodes { network, host }.into());
            }
        }
        Ok(Nodes { http, nodes, alone })
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Asks the node of a network as long as `ask` wants; `None` if there is none.
    pub(crate) async fn with<T: Send + 'static>(
        &self,
        network: &str,
        ask: impl FnOnce(&mut Line) -> T + Send + 'static,
    ) -> next_step::Outcome<Option<T>> {
        let Some(node) = self.nodes.get(network) else { return Ok(None) };
        let (http, node, handle) = (self.http.clone(), node.clone(), Handle::current());
        let mut line = Line { http, node, handle, singly: false };
        // The questions and answers of the core wait for each other.
        let asking = tokio::task::spawn_blocking(move || ask(&mut line));
        Ok(Some(asking.await.map_err(|why| Error::NotLookedUp { why: why.to_string() })?))
    }

    /// The URL of a network's node.
    pub(crate) fn url(&self, network: &str) -> Option<Url> {
        Some(self.nodes.get(network)?.url.clone())
    }

    /// How deep a block of a network must be to stay; `None` if there is no node of it.
    pub(crate) fn confirmations(&self, network: &str) -> Option<u32> {
        Some(self.nodes.get(network)?.confirmations)
    }

    /// Finds out whether a payment was charged, as far as the nodes tell.
    pub(crate) async fn look(&self, entry: &mut Entry) -> next_step::Outcome<()> {
        if self.nodes.is_empty() {
            return Ok(());
        }
        let network = entry.network.clone().unwrap_or_default();
        let (inquiry, mark, alone) = (entry.inquiry.clone(), entry.mark.clone(), self.alone);
        let ask = move |line: &mut Line| match (inquiry, mark) {
            (Some(Inquiry::Transfer { sought, contradicted }), _) => {
                transfer(line, *sought, !contradicted || alone)
            }
            (Some(Inquiry::Nonce), Some(mark)) => nonce(line, &mark.payment),
            (Some(Inquiry::Nonce) | None, _) => {
                Shown::unknown("only its facilitator understands it".to_owned())
            }
        };
        let Some(shown) = self.with(&network, ask).await? else {
            entry.why += "; not looked up: no --rpc is a node of its network";
            return Ok(());
        };
        entry.transaction = shown.transaction.or(entry.transaction.take());
        entry.on_chain = Some(shown.on_chain);
        entry.why = format!("{}; {}", shown.why, entry.why);
        Ok(())
    }
}

/// What a node shows of a payment.
struct Shown {
    on_chain: OnChain,
    transaction: Option<String>,
    why: String,
}

impl Shown {
    fn unknown(why: String) -> Self {
        Shown { on_chain: OnChain::Unknown, transaction: None, why }
    }
}

/// The way to a node.
pub(crate) struct Line {
    http: reqwest::Client,
    node: Node,
    handle: Handle,
    singly: bool,
}

impl Chain for Line {
    fn ask(&mut self, questions: &[Question]) -> Said {
        let Line { http, node, handle, singly } = self;
        node::ask(questions, singly, |body| {
            match handle.block_on(post(http, &node.url, body, PATIENCE)) {
                Ok((status, body)) => {
                    Outcome::Answered { status, body, location: None, extensions: None }
                }
                Err(why) => Outcome::Lost(why),
            }
        })
    }
}

/// Whether the payment was paid. `ours` is whether, if it was, nothing speaks against that it was for
/// what it is bound to.
fn transfer(line: &mut Line, sought: Sought, ours: bool) -> Shown {
    let confirmations = line.node.confirmations.into();
    let (look, sent_at) = (sought.look, sought.sent_at);
    match find(line, Search::new(Sought { confirmations, ..sought })) {
        Finding::Paid { transaction, time } => {
            let transaction = hex::encode(&transaction);
            // The function judges alike: `Purchase::judge`.
            let why = match ours && (look.is_some() || time >= sent_at.secs()) {
                true => format!(
                    "settled on chain: {transaction}; if the function's log has an alarm with \
                     this transaction, its payer was served"
                ),
                false => format!(
                    "settled on chain: {transaction}, and nothing shows that it was for this: \
                     look whether another shop of the payee sold it"
                ),
            };
            Shown { on_chain: OnChain::Settled, transaction: Some(transaction), why }
        }
        Finding::Never => {
            let why = "not settled: its payer took it back, or its nonce was spent on another \
                       transfer, or not in time";
            Shown { on_chain: OnChain::NotSettled, transaction: None, why: why.to_owned() }
        }
        Finding::Unknown { why, .. } => Shown::unknown(format!("the chain does not tell: {why}")),
    }
}

/// Searches to the end. A search asks so often and no more: the next one goes on where it stopped.
pub(crate) fn find(chain: &mut impl Chain, mut search: Search) -> Finding {
    let (began, mut from) = (Instant::now(), search.searched_before());
    loop {
        let said = chain.ask(&search.questions());
        match search.hear(&said, now()) {
            None => {}
            Some(Finding::Unknown { searched, .. })
                if searched > from && began.elapsed() < SEARCH =>
            {
                from = searched;
                search = search.again(searched);
            }
            Some(finding) => return finding,
        }
    }
}

/// Whether the payment's nonce is spent.
fn nonce(line: &mut Line, payment: &PaymentId) -> Shown {
    match spent(line, payment) {
        Ok(true) => Shown {
            on_chain: OnChain::Spent,
            transaction: None,
            why: "its nonce is spent".to_owned(),
        },
        Ok(false) => Shown::unknown("its nonce is unspent as yet".to_owned()),
        Err(why) => Shown::unknown(format!("the chain does not tell: {why}")),
    }
}

fn spent(line: &mut Line, payment: &PaymentId) -> Result<bool, String> {
    let PaymentId::Eip3009 { chain_id, asset, from, nonce } = *payment else {
        return Err("only its facilitator understands it".to_owned());
    };
    let asked = |said: Said, count: usize| {
        said.and_then(|answers| match answers.len() == count {
            true => Ok(answers),
            false => Err("the node does not answer each question".to_owned()),
        })
    };
    let head = asked(line.ask(&[Question::ChainId, Question::BlockNumber]), 2)?;
    node::chain_id(&head[0], chain_id)?;
    let at = node::block_number(&head[1])?.saturating_sub(limits::PAID_BLOCKS - 1);
    let authorization = Authorization { token: asset, from, nonce };
    let state = asked(line.ask(&[Question::State(authorization, At::Number(at))]), 1)?;
    node::is_spent(&state[0])
}

/// Now, by this machine's clock.
pub(crate) fn now() -> Micros {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Micros(now.as_micros() as u64)
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

async fn network(http: &reqwest::Client, url: &Url) -> Result<String, String> {
    let ask = json!({ "jsonrpc": "2.0", "id": 0, "method": "eth_chainId", "params": [] });
    let (status, body) = post(http, url, ask.to_string(), PATIENCE).await?;
    let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
    let id = answer["result"].as_str().and_then(|id| id.strip_prefix("0x"));
    let id = id.and_then(|digits| u64::from_str_radix(digits, 16).ok());
    let id = id.ok_or_else(|| format!("it answers {status} without a chain id"))?;
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
