//! What the chain shows of a payment whose outcome is not known.
//!
//! Evidence only completes a payment that was bound to its object before: what stood on the chain
//! already then (less [`TOLERANCE_SECONDS`]) paid for something else. It is read at the network's
//! confirmation depth, over JSON-RPC, with as few trips as it takes:
//!
//! | trip | asked | ends if |
//! | --- | --- | --- |
//! | 1 | `eth_chainId`, `eth_blockNumber` | it is another chain |
//! | 2 | `eth_call` of `authorizationState`, `eth_getBlockByNumber` | the nonce is unspent, or was spent before |
//! | 3, 4 | `eth_getBlockByNumber`, `eth_getLogs` from the payment's binding on | it was cancelled |
//! | 5 | `eth_getTransactionReceipt`, `eth_getBlockByNumber` | |
//!
//! Each trip is one batch, or single requests where a node takes no batches. An answer that is
//! missing, malformed or contradicts another is no evidence: the payment stays unknown.
//!
//! * <https://eips.ethereum.org/EIPS/eip-3009>
//! * <https://ethereum.github.io/execution-apis/>

mod json_rpc;
mod log;
#[cfg(test)]
mod node_tests;
#[cfg(test)]
mod property_tests;
mod search;
#[cfg(test)]
mod testnode;
#[cfg(test)]
mod tests;

use price_table::Rpc;
use serde_json::{Value, json};

use crate::clock::Micros;
use crate::hex;
use crate::u256::U256;
use crate::world::World;
use json_rpc::{Node, Request};
use log::Paired;
use search::{Block, Found};

/// How far the clock of a sandbox may be ahead of the chain's, in seconds. A block bears the time at
/// which its slot began, and takes in what comes a little later; Ethereum's have 12 s, the longest:
/// <https://ethereum.org/developers/docs/blocks/#block-time>.
pub const TOLERANCE_SECONDS: u64 = 15;

/// `authorizationState(address,bytes32)`, the first bytes of its Keccak-256.
const AUTHORIZATION_STATE: [u8; 4] = [0xe9, 0x4a, 0x01, 0x02];

/// So many blocks before the last one tell how fast blocks come.
const PROBE_BLOCKS: u64 = 256;

/// What must have happened for a payment to count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedTransfer {
    /// The chain.
    pub chain_id: u64,
    /// The token's contract.
    pub token: [u8; 20],
    /// Who pays.
    pub from: [u8; 20],
    /// The authorization's nonce.
    pub nonce: [u8; 32],
    /// Who is paid.
    pub to: [u8; 20],
    /// Atomic units.
    pub value: U256,
    /// When the payment was bound to its object.
    pub bound_at: Micros,
    /// When the authorization ends, in seconds since the epoch.
    pub valid_before: u64,
}

/// What the chain shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// The money moved as it should, since the payment was bound.
    Settled {
        /// The transaction's hash.
        transaction: [u8; 32],
    },
    /// The payer took the authorization back.
    Cancelled,
    /// It can never be settled any more: its window is over and its nonce unspent.
    NeverPaid,
    /// Its nonce is spent on another transfer, or was spent before it was bound.
    SpentOtherwise,
    /// None of these, as yet. Holds why, for the log.
    Unknown(String),
}

/// Looks for a payment. Begins no call after `deadline`.
pub async fn evidence<W: World>(
    world: &W,
    rpc: &Rpc,
    expected: &ExpectedTransfer,
    deadline: Micros,
) -> Evidence {
    let node = Node::new(world, rpc, expected.chain_id, deadline);
    look(&node, rpc.confirmations, expected).await.unwrap_or_else(Evidence::Unknown)
}

/// Whether a nonce is spent in the newest block; `None` if that cannot be told.
pub async fn is_used<W: World>(
    world: &W,
    rpc: &Rpc,
    chain_id: u64,
    token: &[u8; 20],
    from: &[u8; 20],
    nonce: &[u8; 32],
    deadline: Micros,
) -> Option<bool> {
    let node = Node::new(world, rpc, chain_id, deadline);
    let state = authorization_state(token, from, nonce, json!("latest"));
    let [state] = node.ask_this_chain([state]).await.ok()?;
    read_state(&state.ok()?).ok()
}

async fn look<W: World>(
    node: &Node<'_, W>,
    confirmations: u32,
    expected: &ExpectedTransfer,
) -> Result<Evidence, String> {
    let ExpectedTransfer { token, from, nonce, bound_at, valid_before, .. } = expected;
    let [head] = node.ask_this_chain([Request::new("eth_blockNumber", json!([]))]).await?;
    let head = json_rpc::quantity(&head?).ok_or("the node's block number is none")?;
    // The block itself is the first confirmation.
    let depth = u64::from(confirmations.max(1)) - 1;
    let last = head.checked_sub(depth).ok_or("the chain is not deep enough yet")?;

    let probe = last.saturating_sub(PROBE_BLOCKS);
    let state = |number| authorization_state(token, from, nonce, json_rpc::number(number));
    let [spent, last, probe] =
        node.ask([state(last), Block::request(last), Block::request(probe)]).await?;
    let (spent, last, probe) = (read_state(&spent?)?, Block::read(&last?)?, Block::read(&probe?)?);
    if !spent {
        return match last.timestamp > *valid_before {
            true => Ok(Evidence::NeverPaid),
            false => Err("its nonce is unspent as yet".to_owned()),
        };
    }
    let since = bound_at.secs().saturating_sub(TOLERANCE_SECONDS);
    if last.timestamp < since {
        return Ok(Evidence::SpentOtherwise);
    }

    let start = search::before(node, since, &last, &probe).await?;
    if start.timestamp < since {
        // Nodes without old states do not answer this; most payments are not that old.
        let [before] = node.ask([state(start.number)]).await?;
        if before.is_ok_and(|state| read_state(&state) == Ok(true)) {
            return Ok(Evidence::SpentOtherwise);
        }
    }
    let spending = match search::spending(node, expected, start, &last).await? {
        Found::Spending(spending) => spending,
        Found::NoneUpTo(number) => {
            let [then] = node.ask([state(number)]).await?;
            return match read_state(&then?)? {
                // What spent it later can only have taken it back.
                false => Ok(Evidence::NeverPaid),
                true => Err("its nonce is spent, and no log says how".to_owned()),
            };
        }
    };
    if spending.cancels {
        return Ok(Evidence::Cancelled);
    }

    let [receipt, block] = node
        .ask([
            Request::new("eth_getTransactionReceipt", json!([hex::encode(&spending.transaction)])),
            Block::request(spending.block),
        ])
        .await?;
    let (receipt, block) = (receipt?, Block::read(&block?)?);
    let paired = log::pair(&receipt, &spending, &block, expected)?;
    if block.timestamp < since {
        return Ok(Evidence::SpentOtherwise);
    }
    Ok(match paired {
        Paired::Expected => Evidence::Settled { transaction: spending.transaction },
        Paired::Other => Evidence::SpentOtherwise,
    })
}

/// Asks whether an authorization is used or cancelled.
fn authorization_state(
    token: &[u8; 20],
    from: &[u8; 20],
    nonce: &[u8; 32],
    block: Value,
) -> Request {
    let data = [AUTHORIZATION_STATE.as_slice(), &word(from), nonce].concat();
    let call = json!({ "to": hex::encode(token), "data": hex::encode(&data) });
    Request::new("eth_call", json!([call, block]))
}

fn read_state(answer: &Value) -> Result<bool, String> {
    let word = json_rpc::bytes::<32>(answer).map(U256);
    match word {
        Some(word) if word == U256::from(0) => Ok(false),
        Some(word) if word == U256::from(1) => Ok(true),
        _ => Err("the token does not know `authorizationState`".to_owned()),
    }
}

/// An address as the ABI and the topics of logs have it.
fn word(address: &[u8; 20]) -> [u8; 32] {
    let mut word = [0; 32];
    word[12..].copy_from_slice(address);
    word
}
