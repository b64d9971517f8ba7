//! A chain that is made up block by block, and its node: what it answers, and in which ways it may be wrong.

use std::collections::BTreeMap;

use paywall_core::hex;
use paywall_core::node::{TRANSFER, word};
use paywall_core::scheme::spending::USED;
use serde_json::{Value, json};

/// A transfer in a block.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    pub(crate) token: [u8; 20],
    pub(crate) from: [u8; 20],
    pub(crate) to: [u8; 20],
    pub(crate) value: u128,
    pub(crate) nonce: Option<[u8; 32]>,
    pub(crate) block: u64,
    pub(crate) transaction: [u8; 32],
}

/// A chain.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) chain_id: u64,
    /// The second of the first block, and seconds between two.
    pub(crate) begins: u64,
    pub(crate) every: u64,
    pub(crate) head: u64,
    pub(crate) made: Vec<Made>,
    /// From this block on, blocks have other hashes than before.
    pub(crate) replaced: BTreeMap<u64, u8>,
    /// The node leaves these transactions out of its logs.
    pub(crate) hidden: Vec<[u8; 32]>,
    /// It searches so many blocks for logs at once.
    pub(crate) range: u64,
    /// It knows the state of so many of the newest blocks.
    pub(crate) memory: u64,
}

impl World {
    /// One of so many blocks, two seconds each, the last of which is of `now`.
    pub(crate) fn new(now: u64, blocks: u64) -> Self {
        World {
            chain_id: 84_532,
            begins: now - 2 * (blocks - 1),
            every: 2,
            head: blocks - 1,
            made: vec![],
            replaced: BTreeMap::new(),
            hidden: vec![],
            range: 10_000,
            memory: u64::MAX,
        }
    }

    /// The block of a second.
    pub(crate) fn block_of(&self, second: u64) -> u64 {
        (second - self.begins).div_ceil(self.every)
    }

    pub(crate) fn time(&self, block: u64) -> u64 {
        self.begins + block * self.every
    }

    /// A transfer in the block of a second; gives the transaction's hash, which no other has.
    pub(crate) fn pay(
        &mut self,
        (token, from, to): ([u8; 20], [u8; 20], [u8; 20]),
        value: u128,
        nonce: Option<[u8; 32]>,
        second: u64,
    ) -> [u8; 32] {
        let mut transaction = [0x77; 32];
        transaction[..8].copy_from_slice(&(self.made.len() as u64).to_be_bytes());
        let block = self.block_of(second);
        self.made.push(Made { token, from, to, value, nonce, block, transaction });
        transaction
    }

    fn hash(&self, block: u64) -> String {
        let mut hash = [0xb1; 32];
        hash[..8].copy_from_slice(&block.to_be_bytes());
        hash[8] = self.replaced.range(..=block).next_back().map_or(0, |(_, times)| *times);
        hex::encode(&hash)
    }

    fn balance(&self, token: [u8; 20], of: [u8; 20], block: u64) -> u128 {
        let until = self.made.iter().filter(|it| it.block <= block && it.token == token);
        until.fold(1_000_000_000, |has, it| {
            let has = if it.to == of { has + it.value } else { has };
            if it.from == of { has - it.value } else { has }
        })
    }

    fn logs(&self, made: &Made) -> Vec<Value> {
        // The place in the block goes by the transaction.
        let first =
            10 * self.made.iter().position(|it| it.transaction == made.transaction).unwrap();
        let log = |index: usize, topics: Value, data: String| {
            json!({
                "address": hex::encode(&made.token), "topics": topics, "data": data, "removed": false,
                "blockNumber": quantity(made.block), "blockHash": self.hash(made.block),
                "transactionHash": hex::encode(&made.transaction), "logIndex": quantity(index as u64),
            })
        };
        let padded = |address: &[u8; 20]| hex::encode(&word(address));
        let used = made.nonce.map(|nonce| {
            let topics = json!([hex::encode(&USED), padded(&made.from), hex::encode(&nonce)]);
            log(first, topics, "0x".to_owned())
        });
        let topics = json!([hex::encode(&TRANSFER), padded(&made.from), padded(&made.to)]);
        let moved = log(first + 1, topics, hex::encode(&number(made.value)));
        used.into_iter().chain([moved]).collect()
    }

    /// Answers a question.
    pub(crate) fn answer(&self, method: &str, params: &Value) -> Result<Value, String> {
        let read = |value: &Value| {
            let digits = value.as_str().and_then(|it| it.strip_prefix("0x")).unwrap_or("0");
            u64::from_str_radix(digits, 16).unwrap_or(u64::MAX)
        };
        match method {
            "eth_chainId" => Ok(quantity(self.chain_id).into()),
            "eth_blockNumber" => Ok(quantity(self.head).into()),
            "eth_getBlockByNumber" => match read(&params[0]) {
                block if block > self.head => Ok(Value::Null),
                block => Ok(json!({ "number": quantity(block), "hash": self.hash(block),
                    "timestamp": quantity(self.time(block)) })),
            },
            "eth_call" => self.call(params, read(&params[1])),
            "eth_getLogs" => {
                let asked = &params[0];
                let (from, to) = (read(&asked["fromBlock"]), read(&asked["toBlock"]));
                if to - from >= self.range {
                    return Err("range is too large".to_owned());
                }
                let seen =
                    self.made.iter().filter(|it| (from..=to.min(self.head)).contains(&it.block));
                let seen = seen.filter(|it| !self.hidden.contains(&it.transaction));
                let logs = seen.flat_map(|made| self.logs(made));
                Ok(logs.filter(|log| fits(log, asked)).collect())
            }
            "eth_getTransactionReceipt" => {
                let of = |it: &&Made| json!(hex::encode(&it.transaction)) == params[0];
                let made = self.made.iter().filter(|it| it.block <= self.head);
                let logs: Vec<_> = made.clone().filter(of).flat_map(|it| self.logs(it)).collect();
                let Some(first) = made.clone().find(of) else { return Ok(Value::Null) };
                Ok(json!({ "transactionHash": params[0], "blockNumber": quantity(first.block),
                    "blockHash": self.hash(first.block), "status": "0x1", "logs": logs }))
            }
            _ => Err(format!("{method} is not known")),
        }
    }

    fn call(&self, params: &Value, block: u64) -> Result<Value, String> {
        if block > self.head || self.head - block >= self.memory {
            return Err("missing trie node".to_owned());
        }
        let token = hex::decode_array(params[0]["to"].as_str().unwrap()).unwrap();
        let data = hex::decode(params[0]["data"].as_str().unwrap()).unwrap();
        let owner: [u8; 20] = data[16..36].try_into().unwrap();
        let word = match data[..4] {
            [0x70, 0xa0, 0x82, 0x31] => number(self.balance(token, owner, block)),
            _ => {
                let nonce = Some(data[36..68].try_into().unwrap());
                let spent = |it: &Made| it.from == owner && it.nonce == nonce && it.block <= block;
                number(self.made.iter().any(spent).into())
            }
        };
        Ok(hex::encode(&word).into())
    }
}

/// Whether a log is one that was asked for: <https://ethereum.github.io/execution-apis/>.
fn fits(log: &Value, asked: &Value) -> bool {
    let is_in = |value: &Value, wanted: &Value| match wanted {
        Value::Null => true,
        Value::Array(any) => any.contains(value),
        one => value == one,
    };
    let topics = asked["topics"].as_array().unwrap();
    is_in(&log["address"], &asked["address"])
        && topics.len() <= log["topics"].as_array().unwrap().len()
        && topics.iter().enumerate().all(|(at, wanted)| is_in(&log["topics"][at], wanted))
}

fn quantity(number: u64) -> String {
    format!("{number:#x}")
}

fn number(number: u128) -> [u8; 32] {
    let mut word = [0; 32];
    word[16..].copy_from_slice(&number.to_be_bytes());
    word
}
