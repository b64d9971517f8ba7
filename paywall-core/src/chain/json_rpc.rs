//! Asking a node: JSON-RPC 2.0 over HTTP, <https://www.jsonrpc.org/specification>.

use std::cell::Cell;

use price_table::Rpc;
use serde_json::{Value, json};

use crate::clock::Micros;
use crate::facilitator::Outcome;
use crate::hex;
use crate::limits;
use crate::world::{RpcCall, World};

/// So much of a node's own words goes to the log, in characters.
const WHY_CHARS: usize = 120;

/// A question.
#[derive(Clone, Debug)]
pub(super) struct Request {
    method: &'static str,
    params: Value,
}

/// An answer, or why there is none.
pub(super) type Answer = Result<Value, String>;

/// A node of one chain.
pub(super) struct Node<'w, W> {
    world: &'w W,
    network: String,
    chain_id: u64,
    url: Option<String>,
    deadline: Micros,
    /// Whether it was seen to take no batches.
    singly: Cell<bool>,
}

impl Request {
    pub(super) fn new(method: &'static str, params: Value) -> Self {
        Request { method, params }
    }

    fn to_json(&self, id: usize) -> Value {
        let Request { method, params } = self;
        json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })
    }
}

impl<'w, W: World> Node<'w, W> {
    pub(super) fn new(world: &'w W, rpc: &Rpc, chain_id: u64, deadline: Micros) -> Self {
        Node {
            world,
            network: format!("eip155:{chain_id}"),
            chain_id,
            url: rpc.url.as_deref().map(str::to_owned),
            deadline,
            singly: Cell::new(false),
        }
    }

    /// Asks, after making sure that it is a node of the right chain: the word of another one would
    /// make a paid payment look unpaid.
    pub(super) async fn ask_this_chain<const N: usize>(
        &self,
        requests: [Request; N],
    ) -> Result<[Answer; N], String> {
        let chain_id = Request::new("eth_chainId", json!([]));
        let all: Vec<_> = std::iter::once(chain_id).chain(requests).collect();
        let mut answers = self.ask_all(&all).await?;
        let rest = answers.split_off(1);
        let [chain_id] = array(answers);
        match quantity(&chain_id?) {
            Some(id) if id == self.chain_id => Ok(array(rest)),
            Some(id) => Err(format!("the node of {} is of chain {id}", self.network)),
            None => Err("the node's chain id is none".to_owned()),
        }
    }

    /// Asks, in one batch if the node takes it. An error is about the node; each answer may be one
    /// about its question.
    pub(super) async fn ask<const N: usize>(
        &self,
        requests: [Request; N],
    ) -> Result<[Answer; N], String> {
        self.ask_all(&requests).await.map(array)
    }

    async fn ask_all(&self, requests: &[Request]) -> Result<Vec<Answer>, String> {
        if requests.len() > 1 && !self.singly.get() {
            let batch: Vec<_> = requests.iter().enumerate().map(|(id, r)| r.to_json(id)).collect();
            if let Some(answers) = read_batch(self.post(&json!(batch)).await?, requests.len()) {
                return Ok(answers);
            }
            self.singly.set(true);
        }
        let mut answers = Vec::with_capacity(requests.len());
        for (id, request) in requests.iter().enumerate() {
            let answer = self.post(&request.to_json(id)).await?;
            if !is_answer_to(&answer, id) {
                return Err(format!("the node's answer to {} is none", request.method));
            }
            answers.push(read(answer, request.method));
        }
        Ok(answers)
    }

    async fn post(&self, body: &Value) -> Result<Value, String> {
        let left = self.deadline.millis_since(self.world.now());
        if left < limits::SHORTEST_CALL_MS {
            return Err("no time left to look at the chain".to_owned());
        }
        let call = RpcCall {
            network: self.network.clone(),
            url: self.url.clone(),
            body: body.to_string(),
            timeout_ms: left,
        };
        match self.world.rpc(&call).await.outcome {
            // 429, most of all: to ask more, one by one, would not help.
            Outcome::Answered { status: status @ (401 | 403 | 429 | 500..), .. } => {
                Err(format!("the node of {} answers {status}", self.network))
            }
            Outcome::Answered { status, body, .. } => serde_json::from_slice(&body)
                .map_err(|_| format!("the node of {} answers {status} without JSON", self.network)),
            Outcome::NotSent(why) | Outcome::Lost(why) => Err(format!("the node: {why}")),
        }
    }
}

/// The answers in the order of their questions; `None` unless there is exactly one for each.
fn read_batch(answers: Value, count: usize) -> Option<Vec<Answer>> {
    let Value::Array(answers) = answers else { return None };
    if answers.len() != count {
        return None;
    }
    let mut ordered: Vec<Option<Answer>> = vec![None; count];
    for answer in answers {
        let id = (0..count).find(|id| is_answer_to(&answer, *id))?;
        if ordered[id].replace(read(answer, "a question")).is_some() {
            return None;
        }
    }
    ordered.into_iter().collect()
}

fn is_answer_to(answer: &Value, id: usize) -> bool {
    answer["id"].as_u64().is_some_and(|answered| answered == id as u64)
}

fn read(mut answer: Value, what: &str) -> Answer {
    if let Some(error) = answer.get("error").filter(|error| !error.is_null()) {
        let words = error["message"].as_str().unwrap_or_default();
        let words: String = words.chars().filter(|c| !c.is_control()).take(WHY_CHARS).collect();
        return Err(format!("the node refuses {what}: {} {words}", error["code"]));
    }
    match answer["result"].take() {
        Value::Null => Err(format!("the node has nothing for {what}")),
        result => Ok(result),
    }
}

fn array<const N: usize>(answers: Vec<Answer>) -> [Answer; N] {
    answers.try_into().unwrap_or_else(|_| unreachable!("one answer for each question"))
}

/// A number, as JSON-RPC writes it: <https://ethereum.org/developers/docs/apis/json-rpc/#quantities-encoding>.
pub(super) fn quantity(value: &Value) -> Option<u64> {
    let digits = value.as_str()?.strip_prefix("0x")?;
    // `from_str_radix` takes a sign.
    let all = digits.bytes().all(|b| b.is_ascii_hexdigit());
    u64::from_str_radix(digits, 16).ok().filter(|_| all)
}

/// Writes a number.
pub(super) fn number(number: u64) -> Value {
    Value::String(format!("0x{number:x}"))
}

/// Exactly so many bytes.
pub(super) fn bytes<const N: usize>(value: &Value) -> Option<[u8; N]> {
    hex::decode_array(value.as_str()?)
}
