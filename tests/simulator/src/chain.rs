//! A chain with one EIP-3009 token: blocks every two seconds, transactions that wait for theirs, and
//! a JSON-RPC node.

use std::cell::RefCell;
use std::collections::BTreeMap;

use paywall_core::clock::Micros;
use paywall_core::hex;
use serde_json::{Value, json};
use sha3::{Digest as _, Keccak256};

use crate::wallet::Authorization;

/// The number of the block at [`crate::EPOCH`].
const FIRST_BLOCK: u64 = 1_000_000;
/// As on Base, in microseconds.
const BLOCK_TIME: u64 = 2_000_000;

/// The chain.
#[derive(Debug, Default)]
pub struct Chain(RefCell<State>);

#[derive(Debug, Default)]
struct State {
    waiting: Vec<(u64, Transaction)>,
    mined: Vec<Mined>,
    nonces: BTreeMap<([u8; 20], [u8; 32]), Nonce>,
    balances: BTreeMap<[u8; 20], u128>,
    count: u64,
}

/// What a nonce was used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nonce {
    /// A transfer, by the transaction with this index.
    Transfer(usize),
    /// A cancellation.
    Cancelled,
}

/// What a transaction asks of the token.
#[derive(Clone, Debug)]
pub enum Action {
    /// `transferWithAuthorization`.
    Transfer(Authorization),
    /// `cancelAuthorization`.
    Cancel([u8; 20], [u8; 32]),
    /// A contract that burns the nonce by a cancellation or a transfer of another value, and moves the
    /// right amount by an unrelated transfer in the same transaction.
    BurnBeside(Authorization),
}

/// A transaction.
#[derive(Clone, Debug)]
pub struct Transaction {
    /// Its hash.
    pub hash: [u8; 32],
    /// What it does.
    pub action: Action,
    /// When the `/settle` left that made somebody send it; `None` if no seller asked for it.
    pub departed: Option<Micros>,
    /// What its calldata shows to everybody: the signature.
    pub signature: Vec<u8>,
}

/// A transaction in a block.
#[derive(Clone, Debug)]
pub struct Mined {
    /// It.
    pub transaction: Transaction,
    /// Microseconds since the Unix epoch.
    pub at: u64,
    /// Whether it did what it asks.
    pub success: bool,
}

impl Chain {
    /// Gives an account some of the token.
    pub fn fund(&self, account: [u8; 20], amount: u128) {
        self.0.borrow_mut().balances.insert(account, amount);
    }

    /// What an account has.
    pub fn balance(&self, account: &[u8; 20]) -> u128 {
        self.0.borrow().balances.get(account).copied().unwrap_or_default()
    }

    /// Sends a transaction that is mined in the first block after `at`; gives its hash.
    pub fn send(
        &self,
        action: Action,
        signature: Vec<u8>,
        departed: Option<Micros>,
        at: Micros,
    ) -> [u8; 32] {
        let state = &mut *self.0.borrow_mut();
        state.count += 1;
        let hash = Keccak256::digest(state.count.to_be_bytes()).into();
        let block = at.0 / BLOCK_TIME + 1;
        let transaction = Transaction { hash, action, departed, signature };
        state.waiting.push((block * BLOCK_TIME, transaction));
        hash
    }

    /// Mines what is due.
    pub fn advance(&self, now: Micros) {
        let state = &mut *self.0.borrow_mut();
        state.waiting.sort_by_key(|(at, _)| *at);
        while state.waiting.first().is_some_and(|(at, _)| *at <= now.0) {
            let (at, transaction) = state.waiting.remove(0);
            state.mine(transaction, at);
        }
    }

    /// Whether a nonce is used or cancelled.
    pub fn nonce(&self, from: &[u8; 20], nonce: &[u8; 32]) -> Option<Nonce> {
        self.0.borrow().nonces.get(&(*from, *nonce)).copied()
    }

    /// A transaction in a block.
    pub fn mined(&self, hash: &[u8; 32]) -> Option<Mined> {
        self.0.borrow().mined.iter().find(|mined| mined.transaction.hash == *hash).cloned()
    }

    /// Every transfer in a block or on its way there: what an observer sees.
    pub fn calldata(&self) -> Vec<(Transaction, Authorization)> {
        let state = self.0.borrow();
        let waiting = state.waiting.iter().map(|(_, transaction)| transaction);
        let all = state.mined.iter().map(|mined| &mined.transaction).chain(waiting);
        all.filter_map(|transaction| match &transaction.action {
            Action::Transfer(a) => Some((transaction.clone(), a.clone())),
            _ => None,
        })
        .collect()
    }

    /// Every transfer that moved money, oldest first.
    pub fn transfers(&self) -> Vec<(Mined, Authorization)> {
        let state = self.0.borrow();
        let transfers = state.mined.iter().filter(|mined| mined.success).filter_map(|mined| {
            match &mined.transaction.action {
                Action::Transfer(a) => Some((mined.clone(), a.clone())),
                _ => None,
            }
        });
        transfers.collect()
    }

    /// Answers a JSON-RPC request, or a batch of them, as a node would that is `lag` behind.
    pub fn answer(&self, request: &Value, now: Micros, lag: u64) -> Value {
        match request {
            Value::Array(batch) => batch.iter().map(|one| self.answer(one, now, lag)).collect(),
            one => {
                let head = Head::at(now.0.saturating_sub(lag));
                let result = self.result(&one["method"], &one["params"], head);
                json!({ "jsonrpc": "2.0", "id": one["id"], "result": result })
            }
        }
    }

    fn result(&self, method: &Value, params: &Value, head: Head) -> Value {
        match method.as_str().unwrap_or_default() {
            "eth_chainId" => quantity(crate::wallet::CHAIN_ID),
            "eth_blockNumber" => quantity(head.0),
            "eth_getBlockByNumber" => {
                let block = head.resolve(&params[0]);
                match block.0 <= head.0 {
                    true => json!({ "number": quantity(block.0), "hash": block.hash(),
                        "timestamp": quantity(block.time() / 1_000_000) }),
                    false => Value::Null,
                }
            }
            "eth_call" => {
                let data = hex::decode(
                    params[0]["data"].as_str().or(params[0]["input"].as_str()).unwrap_or_default(),
                )
                .unwrap_or_default();
                assert_eq!(
                    &data[..4],
                    selector("authorizationState(address,bytes32)"),
                    "what is called"
                );
                let (from, nonce) = (array(&data[16..36]), array(&data[36..68]));
                let used = self.0.borrow().used_at(&from, &nonce, head.resolve(&params[1]));
                Value::String(hex::encode(&word(u64::from(used))))
            }
            "eth_getLogs" => {
                let filter = &params[0];
                let from = head.resolve(&filter["fromBlock"]);
                let to = head.resolve(&filter["toBlock"]);
                let state = self.0.borrow();
                let logs =
                    state.mined.iter().enumerate().flat_map(|(index, mined)| logs(index, mined));
                logs.filter(|(block, log)| {
                    (from.0..=to.0.min(head.0)).contains(block) && matches(filter, log)
                })
                .map(|(_, log)| log)
                .collect()
            }
            "eth_getTransactionReceipt" => {
                let hash = params[0].as_str().and_then(hex::decode_array::<32>).unwrap_or_default();
                let state = self.0.borrow();
                let found =
                    state.mined.iter().enumerate().find(|(_, m)| m.transaction.hash == hash);
                match found {
                    Some((index, mined)) if block_of(mined) <= head.0 => json!({
                        "transactionHash": hex::encode(&hash),
                        "blockNumber": quantity(block_of(mined)),
                        "blockHash": Head(block_of(mined)).hash(),
                        "status": if mined.success { "0x1" } else { "0x0" },
                        "logs": logs(index, mined).into_iter().map(|(_, log)| log).collect::<Vec<_>>(),
                    }),
                    _ => Value::Null,
                }
            }
            other => panic!("the node does not know {other}"),
        }
    }
}

impl State {
    fn mine(&mut self, transaction: Transaction, at: u64) {
        let index = self.mined.len();
        let success = match &transaction.action {
            Action::Transfer(a) => self.transfer(a, index, at),
            Action::Cancel(from, nonce) => self.use_nonce(from, nonce, Nonce::Cancelled),
            Action::BurnBeside(a) => self.use_nonce(&a.from, &a.nonce, Nonce::Cancelled),
        };
        self.mined.push(Mined { transaction, at, success });
    }

    fn transfer(&mut self, a: &Authorization, index: usize, at: u64) -> bool {
        let seconds = at / 1_000_000;
        let balance = self.balances.get(&a.from).copied().unwrap_or_default();
        let good = seconds > a.valid_after
            && seconds < a.valid_before
            && balance >= a.value
            && !self.nonces.contains_key(&(a.from, a.nonce));
        if good {
            self.balances.insert(a.from, balance - a.value);
            self.use_nonce(&a.from, &a.nonce, Nonce::Transfer(index));
        }
        good
    }

    fn use_nonce(&mut self, from: &[u8; 20], nonce: &[u8; 32], used: Nonce) -> bool {
        let new = !self.nonces.contains_key(&(*from, *nonce));
        if new {
            self.nonces.insert((*from, *nonce), used);
        }
        new
    }

    fn used_at(&self, from: &[u8; 20], nonce: &[u8; 32], block: Head) -> bool {
        self.mined.iter().filter(|mined| mined.success && block_of(mined) <= block.0).any(|mined| {
            match &mined.transaction.action {
                Action::Transfer(a) | Action::BurnBeside(a) => (&a.from, &a.nonce) == (from, nonce),
                Action::Cancel(f, n) => (f, n) == (from, nonce),
            }
        })
    }
}

/// A block.
#[derive(Clone, Copy)]
struct Head(u64);

impl Head {
    fn at(micros: u64) -> Self {
        Head(FIRST_BLOCK + micros.saturating_sub(crate::EPOCH.0) / BLOCK_TIME)
    }

    fn resolve(self, name: &Value) -> Head {
        match name.as_str().unwrap_or("latest") {
            "latest" | "safe" | "finalized" | "pending" => self,
            "earliest" => Head(0),
            number => Head(u64::from_str_radix(&number[2..], 16).expect("a block number")),
        }
    }

    fn time(self) -> u64 {
        crate::EPOCH.0 - crate::EPOCH.0 % BLOCK_TIME
            + self.0.saturating_sub(FIRST_BLOCK) * BLOCK_TIME
            - FIRST_BLOCK.saturating_sub(self.0) * BLOCK_TIME
    }

    fn hash(self) -> String {
        hex::encode(&Keccak256::digest(self.0.to_be_bytes()))
    }
}

fn block_of(mined: &Mined) -> u64 {
    Head::at(mined.at).0
}

/// The logs of a transaction, each with its block.
fn logs(index: usize, mined: &Mined) -> Vec<(u64, Value)> {
    if !mined.success {
        return vec![];
    }
    let token = hex::encode(&crate::wallet::TOKEN);
    let used = |a: &[u8; 20], n: &[u8; 32], event: &str| {
        (vec![topic(event), left_padded(a), hex::encode(n)], "0x".to_owned())
    };
    let moved = |a: &Authorization| {
        let topics = vec![
            topic("Transfer(address,address,uint256)"),
            left_padded(&a.from),
            left_padded(&a.to),
        ];
        (topics, hex::encode(&word(u64::try_from(a.value).expect("prices are small"))))
    };
    let events = match &mined.transaction.action {
        Action::Transfer(a) => {
            vec![used(&a.from, &a.nonce, "AuthorizationUsed(address,bytes32)"), moved(a)]
        }
        Action::Cancel(from, nonce) => {
            vec![used(from, nonce, "AuthorizationCanceled(address,bytes32)")]
        }
        Action::BurnBeside(a) => vec![
            used(&a.from, &a.nonce, "AuthorizationUsed(address,bytes32)"),
            moved(&Authorization { value: 1, ..a.clone() }),
            moved(a),
        ],
    };
    let block = block_of(mined);
    let log = |position: usize, (topics, data): (Vec<String>, String)| {
        let log = json!({
            "address": token, "topics": topics, "data": data, "removed": false,
            "blockNumber": quantity(block), "blockHash": Head(block).hash(),
            "transactionHash": hex::encode(&mined.transaction.hash),
            "transactionIndex": quantity(index as u64), "logIndex": quantity(position as u64),
            "blockTimestamp": quantity(Head(block).time() / 1_000_000),
        });
        (block, log)
    };
    events.into_iter().enumerate().map(|(position, event)| log(position, event)).collect()
}

fn matches(filter: &Value, log: &Value) -> bool {
    let same = |a: &Value, b: &Value| {
        a.as_str().map(str::to_ascii_lowercase) == b.as_str().map(str::to_ascii_lowercase)
    };
    let address = match &filter["address"] {
        Value::Array(any) => any.iter().any(|one| same(one, &log["address"])),
        Value::Null => true,
        one => same(one, &log["address"]),
    };
    let topics = filter["topics"].as_array().map_or(&[][..], Vec::as_slice);
    address
        && topics.iter().enumerate().all(|(n, wanted)| match wanted {
            Value::Null => true,
            Value::Array(any) => any.iter().any(|one| same(one, &log["topics"][n])),
            one => same(one, &log["topics"][n]),
        })
}

fn quantity(number: u64) -> Value {
    Value::String(format!("{number:#x}"))
}

fn topic(event: &str) -> String {
    hex::encode(&Keccak256::digest(event))
}

fn selector(function: &str) -> [u8; 4] {
    array(&Keccak256::digest(function)[..4])
}

fn left_padded(address: &[u8; 20]) -> String {
    let mut padded = [0; 32];
    padded[12..].copy_from_slice(address);
    hex::encode(&padded)
}

fn word(number: u64) -> [u8; 32] {
    let mut word = [0; 32];
    word[24..].copy_from_slice(&number.to_be_bytes());
    word
}

fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.try_into().expect("the length was asked for")
}
