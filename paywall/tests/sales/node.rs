//! A node of Base Sepolia on loopback: it answers what Anvil answered when the tests of chain
//! evidence were recorded, `paywall-core/tests/chain/record.mjs`, moved to yesterday.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::store::long_ago;

const BLOCK: &str = "eth_getBlockByNumber";

pub(crate) struct Node {
    pub(crate) url: String,
    facts: Arc<Value>,
    accepting: JoinHandle<()>,
    throttles: Arc<AtomicUsize>,
}

impl Node {
    pub(crate) async fn start() -> Self {
        let facts = include_str!("../../../paywall-core/tests/chain/anvil.json");
        let mut facts: Value = serde_json::from_str(facts).unwrap();
        move_to(&mut facts, long_ago());
        let facts = Arc::new(facts);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        // As a service's key stands in the path.
        let url = format!("http://{}/v2/key-of-the-seller", listener.local_addr().unwrap());
        let throttles = Arc::new(AtomicUsize::new(0));
        let accepting = tokio::spawn(accept(listener, Arc::clone(&facts), Arc::clone(&throttles)));
        Node { url, facts, accepting, throttles }
    }

    /// Answers 429 to so many requests.
    pub(crate) fn throttle(&self, count: usize) {
        self.throttles.store(count, Ordering::SeqCst);
    }

    /// The hash of a transaction by the name that it was recorded under.
    pub(crate) fn transaction(&self, name: &str) -> String {
        self.facts["transactions"][name].as_str().unwrap().to_owned()
    }

    pub(crate) fn payer(&self) -> [u8; 20] {
        paywall_core::hex::decode_array(self.facts["payer"].as_str().unwrap()).unwrap()
    }

    /// When the chain began, and when its last block was made.
    pub(crate) fn times(&self) -> (u64, u64) {
        let time = |number: &str| time(find(&self.facts, BLOCK, &json!([number, false])).unwrap());
        let head = find(&self.facts, "eth_blockNumber", &json!([])).unwrap();
        (time("0x0"), time(head["result"].as_str().unwrap()))
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Has the chain begin at a second.
fn move_to(facts: &mut Value, second: u64) {
    let began = time(find(facts, BLOCK, &json!(["0x0", false])).unwrap());
    for one in facts["asked"].as_array_mut().unwrap() {
        if one["method"] == BLOCK {
            let moved = time(&one["answer"]) - began + second;
            one["answer"]["result"]["timestamp"] = json!(format!("0x{moved:x}"));
        }
    }
}

/// The time of a block, in seconds.
fn time(answer: &Value) -> u64 {
    let digits = answer["result"]["timestamp"].as_str().unwrap().strip_prefix("0x").unwrap();
    u64::from_str_radix(digits, 16).unwrap()
}

async fn accept(listener: TcpListener, facts: Arc<Value>, throttles: Arc<AtomicUsize>) {
    while let Ok((socket, _)) = listener.accept().await {
        let (facts, throttles) = (Arc::clone(&facts), Arc::clone(&throttles));
        let answer = move |request: Request<Incoming>| {
            let (facts, throttles) = (Arc::clone(&facts), Arc::clone(&throttles));
            async move {
                let throttled = throttles
                    .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
                let mut body = s3s::Body::from(request.into_body());
                let bytes = body.store_all_limited(1024 * 1024).await.unwrap();
                let answer = match serde_json::from_slice(&bytes).unwrap() {
                    Value::Array(batch) => batch.iter().map(|one| respond(&facts, one)).collect(),
                    one => respond(&facts, &one),
                };
                let mut response = Response::new(s3s::Body::from(answer.to_string()));
                if throttled.is_ok() {
                    response = Response::new(s3s::Body::from("slow down".to_owned()));
                    *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
                }
                Ok::<_, Infallible>(response)
            }
        };
        tokio::spawn(async move {
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(socket), service_fn(answer))
                .await;
        });
    }
}

fn respond(facts: &Value, request: &Value) -> Value {
    let id = &request["id"];
    match answer_to(facts, request["method"].as_str().unwrap(), &request["params"]) {
        Some(mut answer) => {
            answer["id"] = id.clone();
            answer
        }
        None => {
            json!({ "jsonrpc": "2.0", "id": id, "error": { "code": -32601, "message": "not recorded" } })
        }
    }
}

/// What it answers: as recorded, but for one more block, so that its last one counts as paid, and logs
/// of the blocks that are asked about.
fn answer_to(facts: &Value, method: &str, params: &Value) -> Option<Value> {
    let number = |value: &Value| {
        let digits = value.as_str().unwrap().strip_prefix("0x").unwrap();
        u64::from_str_radix(digits, 16).unwrap()
    };
    match method {
        "eth_blockNumber" => {
            let mut answer = find(facts, method, params)?.clone();
            answer["result"] = json!(format!("0x{:x}", number(&answer["result"]) + 1));
            Some(answer)
        }
        "eth_getLogs" => {
            let mut asked = facts["asked"].as_array()?.iter();
            let same = |one: &&Value| {
                one["method"] == method && one["params"][0]["topics"] == params[0]["topics"]
            };
            let mut answer = asked.find(same)?["answer"].clone();
            let (from, to) = (number(&params[0]["fromBlock"]), number(&params[0]["toBlock"]));
            let logs = answer["result"].as_array_mut()?;
            logs.retain(|log| (from..=to).contains(&number(&log["blockNumber"])));
            Some(answer)
        }
        _ => find(facts, method, params).cloned(),
    }
}

fn find<'a>(facts: &'a Value, method: &str, params: &Value) -> Option<&'a Value> {
    let asked = facts["asked"].as_array().unwrap();
    let found = asked.iter().find(|one| one["method"] == method && one["params"] == *params)?;
    Some(&found["answer"])
}
