//! A facilitator that wants a key, and a node, in as much as they are asked.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

pub const TOKEN: &str = "the-seller's-token";

/// Base's USDC: what `DOMAIN_SEPARATOR()` says on the chain.
/// <https://basescan.org/token/0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913#readProxyContract>
const USDC_DOMAIN: &str = "0x02fa7265e7c5d81118673727957699e4d68f74cd74b7db77da710fe8a2c7834f";

/// What EIP-3009 says of a nonce that nobody has used.
const UNUSED: &str = "0x0000000000000000000000000000000000000000000000000000000000000000";

/// What a node says.
#[derive(Clone, Copy)]
pub struct Node {
    pub chain: &'static str,
    pub domain: &'static str,
    pub code: &'static str,
    /// How old its newest block is, seconds.
    pub age: u64,
}

pub const BASE: Node = Node { chain: "0x2105", domain: USDC_DOMAIN, code: "0x", age: 2 };

impl Node {
    pub fn start(self) -> String {
        server(move |_, _, body| {
            let calls: Vec<Value> = serde_json::from_str(body).unwrap();
            let replies = calls.iter().map(|call| {
                let result = match call["method"].as_str().unwrap() {
                    "eth_chainId" => json!(self.chain),
                    "eth_blockNumber" => json!("0x3e8"),
                    "eth_getCode" => json!(self.code),
                    "eth_getBlockByNumber" => {
                        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
                        json!({ "timestamp": format!("0x{:x}", now - self.age) })
                    }
                    "eth_call" if call["params"][0]["data"] == "0x3644e515" => json!(self.domain),
                    "eth_call" => json!(UNUSED),
                    other => panic!("{other}"),
                };
                json!({"jsonrpc": "2.0", "id": call["id"], "result": result})
            });
            (200, Value::from(replies.collect::<Vec<_>>()).to_string())
        })
    }
}

/// A facilitator that settles on these networks, v2 and v1 by turns, and lists them for whoever has this token.
pub fn facilitator(networks: &'static [&'static str], token: Option<&'static str>) -> String {
    server(move |path, head, _| {
        assert_eq!(path, "/supported");
        let wanted = token.map(|token| format!("authorization: bearer {token}"));
        if wanted.is_some_and(|wanted| !head.contains(&wanted)) {
            return (401, "{}".to_owned());
        }
        let kinds = networks.iter().map(|network| {
            let version = if network.contains(':') { 2 } else { 1 };
            json!({"x402Version": version, "scheme": "exact", "network": network})
        });
        (200, json!({ "kinds": kinds.collect::<Value>() }).to_string())
    })
}

/// A server for as long as the test runs; the head of a request comes in lower case.
fn server(answer: impl Fn(&str, &str, &str) -> (u16, String) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            serve(stream.unwrap(), &answer);
        }
    });
    url
}

fn serve(mut stream: TcpStream, answer: &impl Fn(&str, &str, &str) -> (u16, String)) {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") {
        // Nobody is left to answer.
        let Ok(()) = stream.read_exact(&mut byte) else { return };
        request.push(byte[0]);
    }
    let head = String::from_utf8(request).unwrap().to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |digits| digits.parse().unwrap())];
    stream.read_exact(&mut body).unwrap();
    let path = head.split(' ').nth(1).unwrap();
    let (status, body) = answer(path, &head, &String::from_utf8(body).unwrap());
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status} x\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
    .unwrap();
}
