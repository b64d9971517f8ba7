//! Finding the log that spent a nonce, without knowing its block.

use serde_json::{Value, json};

use super::json_rpc::{self, Node, Request};
use super::log::{self, Spending};
use super::{ExpectedTransfer, word};
use crate::hex;
use crate::world::World;

/// So many blocks are searched for logs at once. Nodes allow from 10 (Alchemy, free) to 10,000:
/// <https://www.alchemy.com/docs/chains/ethereum/ethereum-api-endpoints/eth-get-logs>.
const RANGE_BLOCKS: u64 = 1_000;

/// A range that a node refuses is cut to a tenth, and not below this many blocks.
const LEAST_RANGE_BLOCKS: u64 = 10;

/// A search asks so many times at most: 12,000 blocks, 6.7 hours of Base.
const MOST_RANGES: u32 = 12;

/// A block is sought so many times at most.
const MOST_GUESSES: u32 = 4;

/// So many blocks further back than computed, since blocks do not come evenly.
const SLACK_BLOCKS: u64 = 8;

/// What is needed of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) number: u64,
    pub(super) hash: [u8; 32],
    /// Seconds since the epoch.
    pub(super) timestamp: u64,
}

impl Block {
    pub(super) fn request(number: u64) -> Request {
        Request::new("eth_getBlockByNumber", json!([json_rpc::number(number), false]))
    }

    pub(super) fn read(block: &Value) -> Result<Self, String> {
        let read = || {
            Some(Block {
                number: json_rpc::quantity(&block["number"])?,
                hash: json_rpc::bytes(&block["hash"])?,
                timestamp: json_rpc::quantity(&block["timestamp"])?,
            })
        };
        read().ok_or_else(|| "the node's block is none".to_owned())
    }
}

/// A block stamped before `since`, not long before if that can be helped; or else the chain's first.
/// `last` is not stamped before, and `probe` comes some way before it.
pub(super) async fn before<W: World>(
    node: &Node<'_, W>,
    since: u64,
    last: &Block,
    probe: &Block,
) -> Result<Block, String> {
    let mut near = probe.clone();
    let blocks = last.number - probe.number.min(last.number);
    let seconds = last.timestamp.saturating_sub(probe.timestamp).max(1);
    for guess in 0..MOST_GUESSES {
        if near.timestamp < since || near.number == 0 {
            return Ok(near);
        }
        let back = (near.timestamp - since).saturating_mul(blocks) / seconds;
        let back = (back + back / 8 + SLACK_BLOCKS) << guess;
        let number = near.number.saturating_sub(back);
        let [block] = node.ask([Block::request(number)]).await?;
        near = read_block(&block?, number)?;
    }
    match near.timestamp < since || near.number == 0 {
        true => Ok(near),
        false => Err("the block of its binding was not found".to_owned()),
    }
}

/// What a search ends with.
pub(super) enum Found {
    /// The log that spent the nonce.
    Spending(Spending),
    /// None up to this block, by which the payment's window is over.
    NoneUpTo(u64),
}

/// Looks for the log that spent the nonce, after `start` and up to `last`.
pub(super) async fn spending<W: World>(
    node: &Node<'_, W>,
    expected: &ExpectedTransfer,
    start: Block,
    last: &Block,
) -> Result<Found, String> {
    let mut range = RANGE_BLOCKS;
    // The chain's first block is the only start that may hold what is sought.
    let mut from = if start.number == 0 { 0 } else { start.number + 1 };
    let mut refused = None;
    for _ in 0..MOST_RANGES {
        let to = last.number.min(from.saturating_add(range - 1));
        let [logs, block] = node.ask([request(expected, from, to), Block::request(to)]).await?;
        let logs = match logs {
            Ok(logs) => logs,
            Err(why) if range > LEAST_RANGE_BLOCKS => {
                range /= 10;
                refused = Some(why);
                continue;
            }
            Err(why) => return Err(why),
        };
        let block = read_block(&block?, to)?;
        if let Some(spending) = log::spending(&logs, expected, from..=to)? {
            return Ok(Found::Spending(spending));
        }
        // A token settles nothing after the window.
        if block.timestamp > expected.valid_before {
            return Ok(Found::NoneUpTo(to));
        }
        if to == last.number {
            return Err("its nonce is spent, and no log says how".to_owned());
        }
        from = to + 1;
    }
    Err(refused.unwrap_or_else(|| "its nonce is spent, and its window too long to search".into()))
}

fn request(expected: &ExpectedTransfer, from: u64, to: u64) -> Request {
    let event = [hex::encode(&log::USED), hex::encode(&log::CANCELED)];
    let (payer, nonce) = (hex::encode(&word(&expected.from)), hex::encode(&expected.nonce));
    let filter = json!({
        "address": hex::encode(&expected.token),
        "topics": [event, payer, nonce],
        "fromBlock": json_rpc::number(from),
        "toBlock": json_rpc::number(to),
    });
    Request::new("eth_getLogs", json!([filter]))
}

fn read_block(block: &Value, number: u64) -> Result<Block, String> {
    let block = Block::read(block)?;
    match block.number == number {
        true => Ok(block),
        false => Err("the node gives another block than it was asked for".to_owned()),
    }
}
