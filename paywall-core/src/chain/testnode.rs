//! A chain in memory and a node that answers for it, well or badly.

use std::cell::{Cell, RefCell};

use serde_json::{Value, json};

use super::log::{CANCELED, TRANSFER, USED};
use super::{ExpectedTransfer, word};
use crate::clock::Micros;
use crate::eip712::keccak;
use crate::facilitator::{Call, Outcome};
use crate::hex;
use crate::store::{Ask, Failed, Reply};
use crate::world::{Called, RpcCall, World};

pub(super) const CHAIN: u64 = 84532;
pub(super) const TOKEN: [u8; 20] = [0x70; 20];
pub(super) const PAYER: [u8; 20] = [0xaa; 20];
pub(super) const PAYEE: [u8; 20] = [0xbb; 20];
pub(super) const NONCE: [u8; 32] = [0x11; 32];
pub(super) const VALUE: u128 = 10_000;

/// A log: who emits it, its topics, its data.
#[derive(Clone, Debug)]
pub(super) struct Log(pub(super) [u8; 20], pub(super) Vec<[u8; 32]>, pub(super) Vec<u8>);

pub(super) fn used(from: [u8; 20], nonce: [u8; 32]) -> Log {
    Log(TOKEN, vec![USED, word(&from), nonce], vec![])
}

pub(super) fn canceled(from: [u8; 20], nonce: [u8; 32]) -> Log {
    Log(TOKEN, vec![CANCELED, word(&from), nonce], vec![])
}

pub(super) fn transfer(from: [u8; 20], to: [u8; 20], value: u128) -> Log {
    let data = [[0; 16], value.to_be_bytes()].concat();
    Log(TOKEN, vec![TRANSFER, word(&from), word(&to)], data)
}

/// The payment itself.
pub(super) fn payment() -> Vec<Log> {
    vec![used(PAYER, NONCE), transfer(PAYER, PAYEE, VALUE)]
}

/// Blocks, each with its time and its transactions' logs.
#[derive(Clone, Debug, Default)]
pub(super) struct Chain(pub(super) Vec<(u64, Vec<Vec<Log>>)>);

impl Chain {
    /// `count` empty blocks, one every `interval` seconds up to `end`.
    pub(super) fn idle(count: u64, interval: u64, end: u64) -> Self {
        Chain((1..=count).map(|n| (end - (count - n) * interval, vec![])).collect())
    }

    /// Adds a transaction to a block, counted from the last one.
    pub(super) fn with(mut self, from_last: usize, logs: Vec<Log>) -> Self {
        let at = self.0.len() - 1 - from_last;
        self.0[at].1.push(logs);
        self
    }

    fn block_hash(number: usize) -> [u8; 32] {
        keccak(&[b"block", &number.to_be_bytes()])
    }

    fn transaction(number: usize, at: usize) -> [u8; 32] {
        keccak(&[b"transaction", &number.to_be_bytes(), &at.to_be_bytes()])
    }

    /// The hash of the first transaction in a block, counted from the last one.
    pub(super) fn first_transaction(&self, from_last: usize) -> [u8; 32] {
        Self::transaction(self.0.len() - 1 - from_last, 0)
    }

    /// Every log in some blocks, as JSON.
    fn logs(&self, blocks: std::ops::RangeInclusive<usize>) -> Vec<Value> {
        let mut all = Vec::new();
        for number in blocks {
            let Some((_, transactions)) = self.0.get(number) else { break };
            let mut index = 0;
            for (at, logs) in transactions.iter().enumerate() {
                for Log(address, topics, data) in logs {
                    all.push(json!({
                        "address": hex::encode(address),
                        "topics": topics.iter().map(|topic| hex::encode(topic)).collect::<Vec<_>>(),
                        "data": hex::encode(data),
                        "blockNumber": format!("0x{number:x}"),
                        "blockHash": hex::encode(&Self::block_hash(number)),
                        "transactionHash": hex::encode(&Self::transaction(number, at)),
                        "logIndex": format!("0x{index:x}"),
                        "removed": false,
                    }));
                    index += 1;
                }
            }
        }
        all
    }
}

/// Answers for a chain.
pub(super) struct TestNode {
    pub(super) chain: Chain,
    /// `Some` to refuse batches so.
    pub(super) refuses_batches: Option<Value>,
    pub(super) most_blocks: usize,
    /// How many blocks back states are kept.
    pub(super) keeps_states: usize,
    /// Changes a method's answer: `(method, result)`.
    #[expect(clippy::type_complexity)]
    pub(super) spoil: Option<Box<dyn Fn(&str, &mut Value)>>,
    /// In place of every answer.
    pub(super) outcome: Option<Outcome>,
    pub(super) now: Micros,
    pub(super) trips: Cell<usize>,
    pub(super) asked: RefCell<Vec<String>>,
}

impl TestNode {
    pub(super) fn of(chain: Chain) -> Self {
        TestNode {
            chain,
            refuses_batches: None,
            most_blocks: 10_000,
            keeps_states: usize::MAX,
            spoil: None,
            outcome: None,
            now: Micros(0),
            trips: Cell::new(0),
            asked: RefCell::default(),
        }
    }

    fn answer(&self, request: &Value) -> Value {
        let method = request["method"].as_str().unwrap();
        self.asked.borrow_mut().push(method.to_owned());
        match self.result(method, &request["params"]) {
            Ok(mut result) => {
                if let Some(spoil) = &self.spoil {
                    spoil(method, &mut result);
                }
                json!({ "jsonrpc": "2.0", "id": request["id"], "result": result })
            }
            Err(why) => {
                let error = json!({ "code": -32000, "message": why });
                json!({ "jsonrpc": "2.0", "id": request["id"], "error": error })
            }
        }
    }

    fn result(&self, method: &str, params: &Value) -> Result<Value, &'static str> {
        let last = self.chain.0.len() - 1;
        let number = |value: &Value| match value.as_str().unwrap() {
            "latest" => last,
            text => usize::from_str_radix(&text[2..], 16).unwrap(),
        };
        Ok(match method {
            "eth_chainId" => json!(format!("0x{CHAIN:x}")),
            "eth_blockNumber" => json!(format!("0x{last:x}")),
            "eth_getBlockByNumber" => {
                let number = number(&params[0]);
                let Some((time, _)) = self.chain.0.get(number) else { return Ok(Value::Null) };
                json!({
                    "number": format!("0x{number:x}"),
                    "hash": hex::encode(&Chain::block_hash(number)),
                    "timestamp": format!("0x{time:x}"),
                    "transactions": [],
                })
            }
            "eth_call" => {
                let number = number(&params[1]);
                if number > last || last - number > self.keeps_states {
                    return Err("missing trie node");
                }
                // The selector, the address's padding, the address, the nonce.
                let data = hex::decode(params[0]["data"].as_str().unwrap()).unwrap();
                let (payer, nonce) = (hex::encode(&data[4..36]), hex::encode(&data[36..]));
                let spends = |log: &Value| {
                    let topics = &log["topics"];
                    let event = [USED, CANCELED].map(|event| hex::encode(&event));
                    log["address"] == params[0]["to"].as_str().unwrap()
                        && event.iter().any(|event| topics[0] == event.as_str())
                        && (topics[1] == payer.as_str() && topics[2] == nonce.as_str())
                };
                let spent = self.chain.logs(0..=number).iter().any(spends);
                json!(format!("0x{:064x}", u8::from(spent)))
            }
            "eth_getLogs" => {
                let filter = &params[0];
                let (from, to) = (number(&filter["fromBlock"]), number(&filter["toBlock"]));
                if to - from >= self.most_blocks {
                    return Err("query exceeds the range");
                }
                let matches = |log: &Value| {
                    let wanted = filter["topics"].as_array().unwrap();
                    log["address"] == filter["address"]
                        && wanted.iter().enumerate().all(|(at, wanted)| match wanted {
                            Value::Array(any) => any.contains(&log["topics"][at]),
                            one => *one == log["topics"][at],
                        })
                };
                self.chain.logs(from..=to).into_iter().filter(matches).collect()
            }
            "eth_getTransactionReceipt" => {
                let mut logs = self.chain.logs(0..=last);
                logs.retain(|log| log["transactionHash"] == params[0]);
                let Some(first) = logs.first() else { return Ok(Value::Null) };
                json!({
                    "transactionHash": params[0],
                    "blockNumber": first["blockNumber"],
                    "blockHash": first["blockHash"],
                    "status": "0x1",
                    "logs": logs,
                })
            }
            other => panic!("nobody asks {other}"),
        })
    }
}

impl World for TestNode {
    fn now(&self) -> Micros {
        self.now
    }

    async fn rpc(&self, call: &RpcCall) -> Called {
        assert_eq!(call.network, format!("eip155:{CHAIN}"));
        self.trips.set(self.trips.get() + 1);
        if let Some(outcome) = &self.outcome {
            return outcome.clone().into();
        }
        let answer = match (serde_json::from_str(&call.body).unwrap(), &self.refuses_batches) {
            (Value::Array(_), Some(refusal)) => refusal.clone(),
            // In any order: the protocol promises none.
            (Value::Array(batch), None) => {
                batch.iter().rev().map(|request| self.answer(request)).collect()
            }
            (request, _) => self.answer(&request),
        };
        Outcome::Answered { status: 200, body: answer.to_string().into_bytes(), location: None }
            .into()
    }

    async fn call(&self, _: &Call) -> Called {
        unreachable!("no facilitator is asked")
    }

    async fn records(&self, _: Vec<Ask>, _: u64) -> Vec<Result<Reply, Failed>> {
        unreachable!("no record is needed")
    }
}

/// The payment that is looked for, bound at `bound_at` and valid for a minute.
pub(super) fn expected(bound_at: u64) -> ExpectedTransfer {
    ExpectedTransfer {
        chain_id: CHAIN,
        token: TOKEN,
        from: PAYER,
        nonce: NONCE,
        to: PAYEE,
        value: VALUE.into(),
        bound_at: Micros::from_secs(bound_at),
        valid_before: bound_at + 60,
    }
}
