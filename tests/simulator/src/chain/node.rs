//! Nodes of the chain: what they answer to the paywall's questions, and in which ways they are wrong.

use paywall_core::clock::Micros;
use paywall_core::hex;
use paywall_core::node::{Answer, At, NodeCall, NodeError, Question, Said, Way, word};
use paywall_core::scheme::spending::USED;
use serde_json::{Value, json};
use sha3::{Digest as _, Keccak256};

use super::{Action, Chain, Mined, View, height};
use crate::wallet::{Authorization, CHAINS, PAYEE, Payment};

/// How a node is, for one call.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mood {
    /// So many blocks behind.
    pub lag: u64,
    /// On a fork of its own, since so many blocks: what happened since, it does not know.
    pub forked: u64,
    /// It searches so many blocks for logs at once, and no more; 0 for any number.
    pub range: u64,
    /// It knows no state older than so many blocks; 0 for all.
    pub memory: u64,
    /// The node behind the same name that answers about state is so many blocks behind the others.
    pub mixed: u64,
}

/// Answers all questions of a call.
pub fn answer(chain: &Chain, call: &NodeCall, mood: Mood, now: Micros) -> Said {
    chain.advance(now);
    let network = CHAINS.iter().find(|c| call.network == format!("eip155:{}", c.id));
    let network = network.expect("one of the table's");
    let node = Node { chain, mood, head: height(now.0) - mood.lag, token: network.token };
    Ok(call.questions.iter().map(|question| node.one(question, network.id)).collect())
}

struct Node<'c> {
    chain: &'c Chain,
    mood: Mood,
    head: u64,
    token: [u8; 20],
}

impl Node<'_> {
    fn one(&self, question: &Question, chain_id: u64) -> Answer {
        match question {
            Question::ChainId => Ok(quantity(chain_id)),
            Question::BlockNumber => Ok(quantity(self.head)),
            Question::Block(height) if *height > self.head => Ok(Value::Null),
            Question::Block(height) => Ok(json!({ "number": quantity(*height),
                "hash": self.hash(*height), "timestamp": quantity(self.chain.stamp(*height)) })),
            Question::State(a, at) => {
                let used = self.view(*at)?.used(&(a.from, a.nonce));
                Ok(Value::String(hex::encode(&number(used.into()))))
            }
            Question::Balance { of, at, .. } => {
                Ok(Value::String(hex::encode(&number(self.view(*at)?.balance(of)))))
            }
            Question::Call { data, at, .. } => self.call(data, *at),
            Question::Logs(a, _, first, last) => {
                if self.mood.range > 0 && last - first >= self.mood.range {
                    return Err(String::from("the range is too wide").into());
                }
                let seen = self.seen();
                let of = seen.iter().filter(|mined| (*first..=*last).contains(&mined.block));
                let logs = of.filter(|mined| mined.success).flat_map(|mined| self.logs(mined));
                let wanted = json!([padded(&a.from), hex::encode(&a.nonce)]);
                let of = |log: &Value| [&log["topics"][1], &log["topics"][2]].map(Value::clone);
                Ok(logs.filter(|log| json!(of(log)) == wanted).collect())
            }
            Question::Transfers { way: Way::Out, .. } => Ok(json!([])),
            Question::Transfers { of, first, last, .. } => {
                if self.mood.range > 0 && last - first >= self.mood.range {
                    return Err(String::from("the range is too wide").into());
                }
                let seen = self.seen();
                let of: Vec<_> = of.iter().map(|owner| json!(padded(owner))).collect();
                let within = seen.iter().filter(|mined| (*first..=*last).contains(&mined.block));
                let logs = within.filter(|mined| mined.success).flat_map(|mined| self.logs(mined));
                let moves = |log: &Value| log["topics"][0] == transfer_event();
                Ok(logs.filter(|log| moves(log) && of.contains(&log["topics"][2])).collect())
            }
            Question::Receipt(hash) => {
                let seen = self.seen();
                let found = seen.iter().find(|mined| mined.transaction.hash == *hash);
                Ok(found.map_or(Value::Null, |mined| {
                    json!({
                        "transactionHash": hex::encode(hash),
                        "blockNumber": quantity(mined.block),
                        "blockHash": self.hash(mined.block),
                        "status": if mined.success { "0x1" } else { "0x0" },
                        "logs": if mined.success { self.logs(mined) } else { vec![] },
                    })
                }))
            }
        }
    }

    /// What it has in its blocks.
    fn seen(&self) -> Vec<Mined> {
        let last = self.head - self.mood.forked;
        let state = self.chain.state.borrow();
        state.mined.iter().filter(|mined| mined.block <= last).cloned().collect()
    }

    fn view(&self, at: At) -> Result<View, NodeError> {
        let wanted = match at {
            At::Latest => self.head,
            At::Number(height) => height,
        };
        if wanted > self.head {
            return Err(String::from("header not found").into());
        }
        if self.mood.memory > 0 && self.head - wanted > self.mood.memory {
            return Err(String::from("missing trie node").into());
        }
        let wanted = if at == At::Latest { wanted - self.mood.mixed } else { wanted };
        Ok(self.chain.view(wanted.min(self.head - self.mood.forked)))
    }

    /// `transferWithAuthorization`, in either of its forms.
    fn call(&self, data: &[u8], at: At) -> Answer {
        let words: Vec<[u8; 32]> =
            data[4..].chunks(32).map(|word| word.try_into().expect("the ABI has words")).collect();
        let small = |at: usize| {
            let half: [u8; 16] = words[at][16..].try_into().expect("half of a word");
            u128::from_be_bytes(half)
        };
        let owner = |at: usize| words[at][12..].try_into().expect("20 of 32 bytes");
        let a = Authorization {
            chain: 0,
            from: owner(0),
            to: owner(1),
            value: small(2),
            valid_after: u64::try_from(small(3)).unwrap_or(u64::MAX),
            valid_before: u64::try_from(small(4)).unwrap_or(u64::MAX),
            nonce: words[5],
        };
        let signature = match small(6) {
            224 => {
                let length = small(7) as usize;
                data[4 + 8 * 32..][..length].to_vec()
            }
            v => [&words[7][..], &words[8], &[v as u8]].concat(),
        };
        let height = match at {
            At::Latest => self.head,
            At::Number(height) => height,
        };
        let takes = self.view(at)?.takes(&Action::Transfer(a.clone()), self.chain.stamp(height));
        let genuine = Payment { authorization: a, signature, header: String::new() }.is_genuine();
        match takes && genuine {
            true => Ok(Value::String("0x".into())),
            false => Err(NodeError { why: "execution reverted".into(), reverted: true }),
        }
    }

    fn hash(&self, height: u64) -> Value {
        let reorgs = &self.chain.state.borrow().reorgs;
        let replaced = reorgs.iter().filter(|from| **from <= height).count() as u64;
        let own = self.mood.forked > 0 && height > self.head - self.mood.forked;
        let salt = replaced * 2 + u64::from(own);
        Value::String(hex::encode(&Keccak256::digest(
            [height.to_be_bytes(), salt.to_be_bytes()].concat(),
        )))
    }

    /// The logs of a transaction.
    fn logs(&self, mined: &Mined) -> Vec<Value> {
        let used = |a: &Authorization, event: &[u8; 32]| {
            let topics = json!([hex::encode(event), padded(&a.from), hex::encode(&a.nonce)]);
            (topics, String::from("0x"))
        };
        let moved = |a: &Authorization, value: u128| {
            let topics = json!([transfer_event(), padded(&a.from), padded(&PAYEE)]);
            (topics, hex::encode(&number(value)))
        };
        let events = match &mined.transaction.action {
            Action::Transfer(a) => vec![used(a, &USED), moved(a, a.value)],
            Action::Cancel(a) => vec![used(a, &paywall_core::scheme::spending::CANCELED)],
            Action::BurnBeside(a) => vec![used(a, &USED), moved(a, 1), moved(a, a.value)],
        };
        let log = |(position, (topics, data)): (usize, (Value, String))| {
            json!({
                "address": hex::encode(&self.token), "topics": topics, "data": data,
                "removed": false, "blockNumber": quantity(mined.block),
                "blockHash": self.hash(mined.block),
                "transactionHash": hex::encode(&mined.transaction.hash),
                "transactionIndex": "0x0", "logIndex": quantity(position as u64),
            })
        };
        events.into_iter().enumerate().map(log).collect()
    }
}

fn transfer_event() -> String {
    hex::encode(&Keccak256::digest("Transfer(address,address,uint256)"))
}

fn quantity(number: u64) -> Value {
    Value::String(format!("{number:#x}"))
}

fn padded(address: &[u8; 20]) -> String {
    hex::encode(&word(address))
}

fn number(number: u128) -> [u8; 32] {
    let mut word = [0; 32];
    word[16..].copy_from_slice(&number.to_be_bytes());
    word
}
