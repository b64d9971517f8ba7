//! What proves a payment on its chain: the log that spent its nonce, and the transfer that goes with it.
//!
//! A transaction may carry many authorizations, through a contract that sends several at once. Tokens
//! that log as EIP-3009's reference implementation does, Circle's FiatToken among them, log
//! `AuthorizationUsed` and then, next of theirs, the `Transfer` that it authorized:
//! <https://github.com/circlefin/stablecoin-evm/blob/master/contracts/v2/EIP3009.sol>. Only that next
//! log counts. A token that logs otherwise gives no evidence.

use std::ops::RangeInclusive;

use serde_json::Value;

use crate::node::{Authorization, Block, TRANSFER, bytes, quantity, word};
use crate::u256::U256;

/// `AuthorizationUsed(address indexed authorizer, bytes32 indexed nonce)`, hashed.
pub const USED: [u8; 32] = [
    0x98, 0xde, 0x50, 0x35, 0x28, 0xee, 0x59, 0xb5, 0x75, 0xef, 0x0c, 0x0a, 0x25, 0x76, 0xa8, 0x24,
    0x97, 0xbf, 0xc0, 0x29, 0xa5, 0x68, 0x5b, 0x20, 0x9e, 0x9e, 0xc3, 0x33, 0x47, 0x9b, 0x10, 0xa5,
];

/// `AuthorizationCanceled(address indexed authorizer, bytes32 indexed nonce)`, hashed.
pub const CANCELED: [u8; 32] = [
    0x1c, 0xdd, 0x46, 0xff, 0x24, 0x27, 0x16, 0xcd, 0xaa, 0x72, 0xd1, 0x59, 0xd3, 0x39, 0xa4, 0x85,
    0xb3, 0x43, 0x83, 0x98, 0x34, 0x8d, 0x68, 0xf0, 0x9d, 0x7c, 0x8c, 0x0a, 0x59, 0x35, 0x3d, 0x81,
];

/// The log that spent a nonce.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Spending {
    /// It took the authorization back.
    pub cancels: bool,
    /// In the block at this height, ...
    pub block: u64,
    /// ... of this hash, ...
    pub block_hash: [u8; 32],
    /// ... by this transaction.
    pub transaction: [u8; 32],
    index: u64,
}

/// What a payment is on its chain: the money that moves, and who let it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Transfer {
    /// What the token knows it by.
    pub authorization: Authorization,
    /// Who is paid.
    pub to: [u8; 20],
    /// Atomic units.
    pub value: U256,
}

/// Which transfer a nonce was spent on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paired {
    /// The one expected.
    Expected,
    /// Another one.
    Other,
}

/// A log of the token.
struct Log {
    topics: Vec<[u8; 32]>,
    /// `data`, if it is one word.
    word: Option<[u8; 32]>,
    index: u64,
}

impl Log {
    fn read(log: &Value) -> Result<Self, String> {
        let read = || {
            let topics = log["topics"].as_array()?.iter().map(bytes).collect::<Option<_>>()?;
            Some(Log { topics, word: bytes(&log["data"]), index: quantity(&log["logIndex"])? })
        };
        match log["removed"].as_bool() {
            Some(true) => Err("the node gives a log that was removed".to_owned()),
            _ => read().ok_or_else(|| "the node's log is none".to_owned()),
        }
    }

    /// Whether it is this event of the payment's nonce.
    fn is(&self, event: [u8; 32], authorization: &Authorization) -> bool {
        self.topics == [event, word(&authorization.from), authorization.nonce]
    }
}

/// Reads the answer to the search of some blocks: the log, if there is one.
pub fn spending(
    logs: &Value,
    authorization: &Authorization,
    blocks: RangeInclusive<u64>,
) -> Result<Option<Spending>, String> {
    let logs = logs.as_array().ok_or("the node's logs are none")?;
    let value = match logs.as_slice() {
        [] => return Ok(None),
        [log] => log,
        _ => return Err("the node has a nonce spent twice".to_owned()),
    };
    let log = Log::read(value)?;
    let cancels = log.is(CANCELED, authorization);
    let asked_for = bytes(&value["address"]) == Some(authorization.token)
        && (cancels || log.is(USED, authorization))
        && quantity(&value["blockNumber"]).is_some_and(|number| blocks.contains(&number));
    let read = || {
        Some(Spending {
            cancels,
            block: quantity(&value["blockNumber"])?,
            block_hash: bytes(&value["blockHash"])?,
            transaction: bytes(&value["transactionHash"])?,
            index: log.index,
        })
    };
    match asked_for {
        true => read().map(Some).ok_or_else(|| "the node's log is none".to_owned()),
        false => Err("the node gives another log than it was asked for".to_owned()),
    }
}

/// Reads the receipt of the transaction that spent the nonce. `block` is the chain's at its height.
pub fn pair(
    receipt: &Value,
    spending: &Spending,
    block: &Block,
    expected: &Transfer,
) -> Result<Paired, String> {
    let same = bytes(&receipt["transactionHash"]) == Some(spending.transaction)
        && quantity(&receipt["blockNumber"]) == Some(spending.block)
        && bytes(&receipt["blockHash"]) == Some(spending.block_hash)
        && (block.number, block.hash) == (spending.block, spending.block_hash);
    if !same {
        return Err("the node's log, receipt and block are not of one chain".to_owned());
    }
    if quantity(&receipt["status"]) != Some(1) {
        return Err("the node has a log of a transaction that failed".to_owned());
    }
    let mut logs = Vec::new();
    for log in receipt["logs"].as_array().ok_or("the node's receipt has no logs")? {
        if bytes(&log["address"]) == Some(expected.authorization.token) {
            logs.push(Log::read(log)?);
        }
    }
    if !logs.is_sorted_by(|earlier, later| earlier.index < later.index) {
        return Err("the logs of the node's receipt are in no order".to_owned());
    }
    let mut used = logs.iter().enumerate().filter(|(_, log)| log.is(USED, &expected.authorization));
    let (Some((at, log)), None) = (used.next(), used.next()) else {
        return Err("the node's receipt does not spend the nonce once".to_owned());
    };
    if log.index != spending.index {
        return Err("the node's log is not the receipt's".to_owned());
    }
    match logs.get(at + 1).map(|log| (log.topics.as_slice(), log.word)) {
        Some(([TRANSFER, from, to], Some(value)))
            if *from == word(&expected.authorization.from) =>
        {
            let expects = *to == word(&expected.to) && U256(value) == expected.value;
            Ok(if expects { Paired::Expected } else { Paired::Other })
        }
        _ => Err("the token does not log its transfers as EIP-3009's reference does".to_owned()),
    }
}

/// A transfer, as the receipt of its transaction shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Moved {
    /// The token.
    pub token: [u8; 20],
    /// Who paid.
    pub from: [u8; 20],
    /// Who was paid.
    pub to: [u8; 20],
    /// Atomic units.
    pub value: U256,
    /// The place of its log in the block.
    pub index: u64,
    /// The nonce of the authorization that let it, if one did: [`pair`] says how they are told to belong together.
    pub nonce: Option<[u8; 32]>,
}

/// Reads what a transaction moved of some tokens, from its receipt. `block` is the chain's at its height.
pub fn moved(
    receipt: &Value,
    transaction: &[u8; 32],
    block: &Block,
    tokens: &[[u8; 20]],
) -> Result<Vec<Moved>, String> {
    let same = bytes(&receipt["transactionHash"]) == Some(*transaction)
        && quantity(&receipt["blockNumber"]) == Some(block.number)
        && bytes(&receipt["blockHash"]) == Some(block.hash);
    if !same {
        return Err("the node's receipt and block are not of one chain".to_owned());
    }
    if quantity(&receipt["status"]) != Some(1) {
        return Ok(vec![]);
    }
    let (mut moves, mut earlier, mut last) = (vec![], Vec::<([u8; 20], Log)>::new(), None);
    for log in receipt["logs"].as_array().ok_or("the node's receipt has no logs")? {
        let token = bytes(&log["address"]).ok_or("the node's log is none")?;
        if !tokens.contains(&token) {
            continue;
        }
        let log = Log::read(log)?;
        if last.is_some_and(|last| log.index <= last) {
            return Err("the logs of the node's receipt are in no order".to_owned());
        }
        last = Some(log.index);
        if let ([TRANSFER, from, to], Some(value)) = (log.topics.as_slice(), log.word) {
            let used = earlier.iter().rfind(|(of, _)| *of == token).map(|(_, log)| &log.topics[..]);
            let nonce = match used {
                Some([USED, owner, nonce]) if owner == from => Some(*nonce),
                _ => None,
            };
            let (from, to) = (address(from)?, address(to)?);
            moves.push(Moved { token, from, to, value: U256(value), index: log.index, nonce });
        }
        earlier.push((token, log));
    }
    Ok(moves)
}

fn address(word: &[u8; 32]) -> Result<[u8; 20], String> {
    match word.split_at(12) {
        ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], address) => {
            Ok(address.try_into().expect("20 of 32 bytes"))
        }
        _ => Err("the token's log names no address".to_owned()),
    }
}
