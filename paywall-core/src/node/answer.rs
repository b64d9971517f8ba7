//! Reading the plain answers of a node. One that is missing or malformed is no evidence.

use super::call::Answer;
use super::json_rpc::{bytes, quantity};
use crate::u256::U256;

/// What is needed of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Block {
    /// Its height.
    pub number: u64,
    /// Its hash.
    pub hash: [u8; 32],
    /// Seconds since the epoch.
    pub time: u64,
}

/// The block at a height.
pub fn block(answer: &Answer, number: u64) -> Result<Block, String> {
    let block = answer.as_ref().map_err(|error| error.why.clone())?;
    let read = || {
        Some(Block {
            number: quantity(&block["number"])?,
            hash: bytes(&block["hash"])?,
            time: quantity(&block["timestamp"])?,
        })
    };
    let read = read().ok_or("the node's block is none")?;
    match read.number == number {
        true => Ok(read),
        false => Err("the node gives another block than it was asked for".into()),
    }
}

/// The newest block's height.
pub fn block_number(answer: &Answer) -> Result<u64, String> {
    let value = answer.as_ref().map_err(|error| error.why.clone())?;
    quantity(value).ok_or_else(|| "the node's block number is none".into())
}

/// That it is a node of this chain: the word of another one would make a paid payment look unpaid.
pub fn chain_id(answer: &Answer, expected: u64) -> Result<(), String> {
    let value = answer.as_ref().map_err(|error| error.why.clone())?;
    match quantity(value) {
        Some(id) if id == expected => Ok(()),
        Some(id) => Err(format!("the node of eip155:{expected} is of chain {id}")),
        None => Err("the node's chain id is none".into()),
    }
}

/// Whether an authorization is used or cancelled.
pub fn is_spent(answer: &Answer) -> Result<bool, String> {
    match uint(answer)? {
        word if word == U256::from(0) => Ok(false),
        word if word == U256::from(1) => Ok(true),
        _ => Err("the token does not know `authorizationState`".into()),
    }
}

/// One word, as a number.
pub fn uint(answer: &Answer) -> Result<U256, String> {
    let value = answer.as_ref().map_err(|error| error.why.clone())?;
    bytes::<32>(value).map(U256).ok_or_else(|| "the node's word is none".into())
}
