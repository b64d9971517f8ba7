//! A chain in memory, and a node that answers for it, well or badly.

use std::cell::{Cell, RefCell};

use paywall_core::clock::Micros;
use paywall_core::facilitator::Outcome;
use paywall_core::hex;
use paywall_core::keccak::keccak;
use paywall_core::node::{Answer, Authorization, NodeError, Question, Said, ask, word};
use paywall_core::purchase::{Finding, Search, Sought};
use paywall_core::scheme::spending::{CANCELED, Transfer, USED};
use serde_json::{Value, json};

/// Base Sepolia, its USDC, and Anvil's accounts 0 and 1.
pub const CHAIN: u64 = 84532;
pub const TOKEN: [u8; 20] = [
    0x03, 0x6c, 0xbd, 0x53, 0x84, 0x2c, 0x54, 0x26, 0x63, 0x4e, 0x79, 0x29, 0x54, 0x1e, 0xc2, 0x31,
    0x8f, 0x3d, 0xcf, 0x7e,
];
pub const PAYER: [u8; 20] = [
    0xf3, 0x9f, 0xd6, 0xe5, 0x1a, 0xad, 0x88, 0xf6, 0xf4, 0xce, 0x6a, 0xb8, 0x82, 0x72, 0x79, 0xcf,
    0xff, 0xb9, 0x22, 0x66,
];
pub const PAYEE: [u8; 20] = [
    0x70, 0x99, 0x79, 0x70, 0xc5, 0x18, 0x12, 0xdc, 0x3a, 0x01, 0x0c, 0x7d, 0x01, 0xb5, 0x0e, 0x0d,
    0x17, 0xdc, 0x79, 0xc8,
];
pub const OTHER: [u8; 20] = [0xcc; 20];
pub const NONCE: [u8; 32] = [0x11; 32];
pub const VALUE: u128 = 10_000;

/// `Transfer(address,address,uint256)`, hashed: ERC-20.
pub const TRANSFER: [u8; 32] = [
    0xdd, 0xf2, 0x52, 0xad, 0x1b, 0xe2, 0xc8, 0x9b, 0x69, 0xc2, 0xb0, 0x68, 0xfc, 0x37, 0x8d, 0xaa,
    0x95, 0x2b, 0xa7, 0xf1, 0x63, 0xc4, 0xa1, 0x16, 0x28, 0xf5, 0x5a, 0x4d, 0xf5, 0x23, 0xb3, 0xef,
];

/// A log: who emits it, its topics, its data.
#[derive(Clone, Debug)]
pub struct Log(pub [u8; 20], pub Vec<[u8; 32]>, pub Vec<u8>);

pub fn used(from: [u8; 20], nonce: [u8; 32]) -> Log {
    Log(TOKEN, vec![USED, word(&from), nonce], vec![])
}

pub fn canceled(from: [u8; 20], nonce: [u8; 32]) -> Log {
    Log(TOKEN, vec![CANCELED, word(&from), nonce], vec![])
}

pub fn transfer(from: [u8; 20], to: [u8; 20], value: u128) -> Log {
    let data = [[0; 16], value.to_be_bytes()].concat();
    Log(TOKEN, vec![TRANSFER, word(&from), word(&to)], data)
}

/// The payment of a nonce.
pub fn payment_of(nonce: [u8; 32]) -> Vec<Log> {
    vec![used(PAYER, nonce), transfer(PAYER, PAYEE, VALUE)]
}

/// The payment that is sought.
pub fn payment() -> Vec<Log> {
    payment_of(NONCE)
}

/// Blocks, each with its time and its transactions' logs.
#[derive(Clone, Debug, Default)]
pub struct Chain(pub Vec<(u64, Vec<Vec<Log>>)>);

impl Chain {
    /// `count` empty blocks, one every `interval` seconds up to `end`.
    pub fn idle(count: u64, interval: u64, end: u64) -> Self {
        Chain((1..=count).map(|n| (end - (count - n) * interval, vec![])).collect())
    }

    /// Adds a transaction to a block, counted from the last one.
    pub fn with(mut self, from_last: usize, logs: Vec<Log>) -> Self {
        let at = self.0.len() - 1 - from_last;
        self.0[at].1.push(logs);
        self
    }

    /// Whether some block spends the nonce.
    pub fn spends(&self, from: [u8; 20], nonce: [u8; 32], blocks: usize) -> bool {
        self.0.iter().take(blocks).flat_map(|(_, all)| all.iter().flatten()).any(|log| {
            log.0 == TOKEN
                && [USED, CANCELED].contains(&log.1[0])
                && log.1[1..] == [word(&from), nonce]
        })
    }

    fn block_hash(number: usize) -> [u8; 32] {
        keccak(&[b"block", &number.to_be_bytes()])
    }

    pub fn transaction(number: usize, at: usize) -> [u8; 32] {
        keccak(&[b"transaction", &number.to_be_bytes(), &at.to_be_bytes()])
    }

    /// The hash of the first transaction in a block, counted from the last one.
    pub fn first_transaction(&self, from_last: usize) -> [u8; 32] {
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

/// Changes a method's answer: `(method, result)`.
pub type Spoil = Box<dyn Fn(&str, &mut Value)>;

/// Answers for a chain.
pub struct TestNode {
    pub chain: Chain,
    /// So many of the newest blocks it has not seen.
    pub lag: usize,
    /// `Some` to refuse batches so.
    pub refuses_batches: Option<Value>,
    pub most_blocks: usize,
    /// How many blocks back states are kept.
    pub keeps_states: usize,
    pub spoil: Option<Spoil>,
    /// In place of every answer.
    pub outcome: Option<Outcome>,
    /// What the payer has of the token.
    pub balance: u128,
    /// The token refuses the payer whatever they have.
    pub denies: bool,
    pub trips: Cell<usize>,
    pub asked: RefCell<Vec<String>>,
}

impl TestNode {
    pub fn of(chain: Chain) -> Self {
        TestNode {
            chain,
            lag: 0,
            refuses_batches: None,
            most_blocks: 10_000,
            keeps_states: usize::MAX,
            spoil: None,
            outcome: None,
            balance: 1_000_000_000,
            denies: false,
            trips: Cell::new(0),
            asked: RefCell::default(),
        }
    }

    /// Changes the answers to one method.
    pub fn spoil(&mut self, wanted: &'static str, change: impl Fn(&mut Value) + 'static) {
        self.spoil = Some(Box::new(move |method, result| {
            if method == wanted {
                change(result);
            }
        }));
    }

    /// Answers questions as whoever asks over the network would hear it.
    pub fn say(&self, questions: &[Question]) -> Said {
        let mut singly = false;
        ask(questions, &mut singly, |body| self.post(&body))
    }

    /// Answers a body of JSON-RPC.
    pub fn post(&self, body: &str) -> Outcome {
        self.trips.set(self.trips.get() + 1);
        if let Some(outcome) = &self.outcome {
            return outcome.clone();
        }
        let answer = match (serde_json::from_str(body).unwrap(), &self.refuses_batches) {
            (Value::Array(_), Some(refusal)) => refusal.clone(),
            // In any order: the protocol promises none.
            (Value::Array(batch), None) => {
                batch.iter().rev().map(|request| self.answer(request)).collect()
            }
            (request, _) => self.answer(&request),
        };
        Outcome::Answered {
            status: 200,
            body: answer.to_string().into_bytes(),
            location: None,
            extensions: None,
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
            Err(error) => {
                let code = if error.reverted { 3 } else { -32000 };
                let error = json!({ "code": code, "message": error.why });
                json!({ "jsonrpc": "2.0", "id": request["id"], "error": error })
            }
        }
    }

    fn last(&self) -> usize {
        self.chain.0.len() - 1 - self.lag
    }

    fn result(&self, method: &str, params: &Value) -> Answer {
        let last = self.last();
        let number = |value: &Value| match value.as_str().unwrap() {
            "latest" => last,
            text => usize::from_str_radix(&text[2..], 16).unwrap(),
        };
        Ok(match method {
            "eth_chainId" => json!(format!("0x{CHAIN:x}")),
            "eth_blockNumber" => json!(format!("0x{last:x}")),
            "eth_getBlockByNumber" => {
                let number = number(&params[0]);
                let found = self.chain.0.get(number).filter(|_| number <= last);
                let Some((time, _)) = found else { return Ok(Value::Null) };
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
                    return Err(NodeError::from("missing trie node".to_owned()));
                }
                self.call(&params[0], number)?
            }
            "eth_getLogs" => {
                let filter = &params[0];
                let (from, to) = (number(&filter["fromBlock"]), number(&filter["toBlock"]));
                if to - from >= self.most_blocks {
                    return Err(NodeError::from("query exceeds the range".to_owned()));
                }
                let matches = |log: &Value| {
                    let wanted = filter["topics"].as_array().unwrap();
                    log["address"] == filter["address"]
                        && wanted.iter().enumerate().all(|(at, wanted)| match wanted {
                            Value::Array(any) => any.contains(&log["topics"][at]),
                            one => *one == log["topics"][at],
                        })
                };
                self.chain.logs(from..=to.min(last)).into_iter().filter(matches).collect()
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

    /// What the token answers: to `authorizationState`, `balanceOf`, or the transfer itself.
    fn call(&self, call: &Value, number: usize) -> Answer {
        let data = hex::decode(call["data"].as_str().unwrap()).unwrap();
        let ours = call["to"] == hex::encode(&TOKEN).as_str();
        let from: [u8; 20] = data[16..36].try_into().unwrap();
        let spent =
            |nonce: &[u8]| ours && self.chain.spends(from, nonce.try_into().unwrap(), number + 1);
        let uint = |n: u128| Ok(json!(format!("0x{n:064x}")));
        match data[..4] {
            [0xe9, 0x4a, 0x01, 0x02] => uint(spent(&data[36..68]).into()),
            [0x70, 0xa0, 0x82, 0x31] => uint(self.balance),
            _ if self.denies || self.balance < VALUE || spent(&data[164..196]) => {
                let why = "execution reverted: FiatTokenV2: no".to_owned();
                Err(NodeError { why, reverted: true })
            }
            _ => Ok(json!("0x")),
        }
    }
}

/// The payment that is looked for, sent at `sent` and valid for a minute, unspent at block `look`.
pub fn sought(sent: u64, look: Option<u64>) -> Sought {
    Sought {
        chain_id: CHAIN,
        transfer: Transfer {
            authorization: Authorization { token: TOKEN, from: PAYER, nonce: NONCE },
            to: PAYEE,
            value: VALUE.into(),
        },
        ends: sent + 60,
        look: look.map(|block| paywall_core::purchase::Look { block, at: Micros::from_secs(sent) }),
        searched: None,
        sent_at: Micros::from_secs(sent),
        confirmations: 3,
    }
}

/// Searches to its end.
pub fn find(node: &TestNode, sought: Sought) -> Finding {
    let mut search = Search::new(sought);
    for _ in 0..100 {
        let said = node.say(&search.questions());
        if let Some(finding) = search.hear(&said, Micros(0)) {
            return finding;
        }
    }
    panic!("the search has no end");
}
