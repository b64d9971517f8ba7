//! `check --online` against small servers on this machine.
#![cfg(feature = "cli")]

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use content_config::cli;
use serde_json::{Value, json};
use tempfile::TempDir;

/// Base's USDC: what `DOMAIN_SEPARATOR()` says on the chain.
/// <https://basescan.org/token/0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913#readProxyContract>
const USDC_DOMAIN: &str = "0x02fa7265e7c5d81118673727957699e4d68f74cd74b7db77da710fe8a2c7834f";

/// What EIP-3009 says of a nonce that nobody has used.
const UNUSED: &str = "0x0000000000000000000000000000000000000000000000000000000000000000";

/// Status, a line of headers, and body of an answer to a path and a body.
type Answer = (u16, String, String);

/// What a server answers.
type Script = Box<dyn Fn(&str, &str) -> Answer + Send>;

/// A server for as long as the test runs: where it is, and how often it was asked.
fn server(answer: impl Fn(&str, &str) -> Answer + Send + 'static) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    thread::spawn(move || {
        for stream in listener.incoming() {
            count.fetch_add(1, Ordering::SeqCst);
            serve(stream.unwrap(), &answer);
        }
    });
    (url, asked)
}

fn serve(mut stream: TcpStream, answer: &impl Fn(&str, &str) -> Answer) {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        request.push(byte[0]);
    }
    let head = String::from_utf8(request).unwrap().to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |digits| digits.parse().unwrap())];
    stream.read_exact(&mut body).unwrap();
    let path = head.split(' ').nth(1).unwrap();
    let (status, header, body) = answer(path, &String::from_utf8(body).unwrap());
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status} x\r\n{header}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
    .unwrap();
}

fn kinds(kinds: Value) -> Answer {
    (200, String::new(), json!({ "kinds": kinds }).to_string())
}

fn both_versions() -> Answer {
    kinds(json!([
        {"x402Version": 2, "scheme": "exact", "network": "eip155:8453"},
        {"x402Version": 1, "scheme": "exact", "network": "base"},
    ]))
}

/// A node of Base at block 1,000 whose answers to calls are these.
fn node(domain: &'static str, state: impl Fn(&str) -> Value + Send + 'static) -> String {
    server(move |_, body| {
        let calls: Vec<Value> = serde_json::from_str(body).unwrap();
        // Backwards, as a node may.
        let replies = calls.iter().rev().map(|call| {
            let block = call["params"][1].as_str().unwrap_or_default();
            let data = call["params"][0]["data"].as_str().unwrap_or_default();
            let result = match call["method"].as_str().unwrap() {
                "eth_chainId" => json!({"result": "0x2105"}),
                "eth_blockNumber" => json!({"result": "0x3e8"}),
                "eth_call" if data == "0x3644e515" => json!({"result": domain}),
                "eth_call" => state(block),
                other => panic!("{other}"),
            };
            let mut reply = json!({"jsonrpc": "2.0", "id": call["id"]});
            reply.as_object_mut().unwrap().extend(result.as_object().unwrap().clone());
            reply
        });
        (200, String::new(), Value::from(replies.collect::<Vec<_>>()).to_string())
    })
    .0
}

fn good_node() -> String {
    node(USDC_DOMAIN, |_| json!({ "result": UNUSED }))
}

struct Shop(TempDir);

impl Shop {
    fn new(facilitator: &str, rpc: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("content")).unwrap();
        fs::write(folder.path().join("content/a.txt"), "a").unwrap();
        let text = format!(
            "[site]\nid = \"shop\"\ndiscovery = false\nurls = [\"https://shop.example\"]\ncontent = \"content\"\n\
             [payment]\npay_to = \"0x209693Bc6afc0C5328bA36FaF03C514EF312287C\"\n\
             accept = [\"base/usdc\"]\nfacilitators = [{{ url = \"{facilitator}\", auth = \"bearer\" }}]\n\
             [[rule]]\npath = \"**\"\nprice = \"0.01\"\n[rpc]\n{rpc}\n"
        );
        fs::write(folder.path().join("content.toml"), text).unwrap();
        Shop(folder)
    }

    fn check(&self, arguments: &[&str]) -> (u8, String) {
        let config = self.0.path().join("content.toml");
        let (mut out, mut errors) = (Vec::new(), Vec::new());
        let config = config.to_str().unwrap();
        let all = [&["content-config", "check", "--config", config], arguments].concat();
        let code = cli::run(all.into_iter().map(Into::into), false, &mut out, &mut errors);
        assert_eq!(String::from_utf8(errors).unwrap(), "");
        (code, String::from_utf8(out).unwrap())
    }
}

#[test]
fn all_is_well() {
    let (facilitator, asked) = server(|path, _| match path {
        "/supported" => both_versions(),
        other => panic!("{other}"),
    });
    let (first, second) = (good_node(), good_node());
    let rpc = format!("base = {{ url = \"{first}\", second = \"{second}\", confirmations = 5 }}");
    let shop = Shop::new(&facilitator, &rpc);
    let (code, out) = shop.check(&["--online"]);
    assert_eq!(code, 0, "{out}");
    assert!(out.contains(&format!("ok          {facilitator} settles on eip155:8453")), "{out}");
    for node in [first, second] {
        let ok = format!(
            "ok          the node {node} is of eip155:8453, and knows its tokens, now and 5 blocks back"
        );
        assert!(out.contains(&ok), "{out}");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1, "once, whatever the number of offers");
    let (code, out) = shop.check(&[]);
    assert_eq!((code, out.contains("settles on")), (0, false), "{out}");
    assert_eq!(asked.load(Ordering::SeqCst), 1, "not at all without --online");
}

#[test]
fn facilitators_that_will_not_do() {
    let redirect = |_: &str, _: &str| {
        (
            308,
            "location: https://www.x402.example/facilitator/supported\r\n".to_owned(),
            String::new(),
        )
    };
    let of = |body: Value| move |_: &str, _: &str| kinds(body.clone());
    let status = |status| move |_: &str, _: &str| (status, String::new(), "no".to_owned());
    let exact = |version: u64, network: &str| json!([{"x402Version": version, "scheme": "exact", "network": network}]);
    let other = json!([{"x402Version": 2, "scheme": "upto", "network": "eip155:8453"}]);
    let cases: Vec<(Script, u8, &str)> = vec![
        (Box::new(redirect), 1, "write its new URL: https://www.x402.example/facilitator\n"),
        (
            Box::new(of(exact(2, "eip155:84532"))),
            1,
            "does not settle `exact` of x402 v2 on eip155:8453",
        ),
        (Box::new(of(exact(1, "base"))), 1, "does not settle `exact` of x402 v2 on eip155:8453"),
        (Box::new(of(other)), 1, "it settles there by upto of x402 v2 only"),
        (Box::new(of(exact(2, "eip155:8453"))), 0, "v1 clients cannot pay"),
        (Box::new(of(exact(2, "eip155:*"))), 0, "v1 clients cannot pay"),
        (Box::new(status(401)), 0, "is not checked: it answers 401 without its secret"),
        (Box::new(status(404)), 1, "/supported answers 404"),
        (Box::new(status(200)), 1, "is not a list of kinds"),
    ];
    for (answer, wanted, text) in cases {
        let (facilitator, _) = server(answer);
        let (code, out) = Shop::new(&facilitator, "").check(&["--online"]);
        assert!(code == wanted && out.contains(text), "{code}, not {wanted}, {text}\n{out}");
    }
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (code, out) = Shop::new(&format!("http://{closed}"), "").check(&["--online"]);
    assert!(code == 1 && out.contains("does not answer"), "{out}");
}

#[test]
fn nodes_that_will_not_do() {
    let unused = || json!({ "result": UNUSED });
    let failure = || json!({"error": {"code": -32000, "message": "missing trie node"}});
    let pruned = move |block: &str| if block == "latest" { unused() } else { failure() };
    let back = |block: &str| {
        assert!(["latest", "0x3de"].contains(&block), "10 blocks before 1,000: {block}");
        json!({ "result": UNUSED })
    };
    let elsewhere = server(|_, _| {
        let replies = [("0x1", 0), ("0x1", 1), ("0x", 2), ("0x", 3)]
            .map(|(result, id)| json!({"id": id, "result": result}));
        (200, String::new(), Value::from(replies.to_vec()).to_string())
    });
    let no_batch = server(|_, _| (200, String::new(), json!({"error": "no batches"}).to_string()));
    let refuses = server(|_, _| (429, String::new(), String::new()));
    for (url, wanted, text) in [
        (node(USDC_DOMAIN, back), 0, "now and 10 blocks back"),
        (node(USDC_DOMAIN, pruned), 1, "does not know the state 10 blocks back: missing trie node"),
        (node(UNUSED, move |_| unused()), 1, "is not that of \"USD Coin\", \"2\""),
        (node("0x", move |_| unused()), 0, "has no DOMAIN_SEPARATOR()"),
        (node(USDC_DOMAIN, move |_| failure()), 1, "answers authorizationState"),
        (elsewhere.0, 1, "is of eip155:1, not of eip155:8453"),
        (no_batch.0, 1, "a node must take several calls in one request"),
        (refuses.0, 1, "does not answer: it answers 429"),
    ] {
        let (facilitator, _) = server(|_, _| both_versions());
        let rpc = format!("base = {{ url = \"{url}\", confirmations = 10 }}");
        let (code, out) = Shop::new(&facilitator, &rpc).check(&["--online"]);
        assert!(code == wanted && out.contains(text), "{code}, not {wanted}, {text}\n{out}");
    }
}

#[test]
fn a_node_in_the_secrets_is_named() {
    let (facilitator, _) = server(|_, _| both_versions());
    let (code, out) = Shop::new(&facilitator, "base = { secret = true }").check(&["--online"]);
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("the node of eip155:8453 is not checked"), "{out}");
}

#[test]
fn as_json() {
    let (facilitator, _) = server(|_, _| kinds(json!([])));
    let shop = Shop::new(&facilitator, "");
    let (code, out) = shop.check(&["--online", "--json"]);
    let answer: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &answer["ok"]), (1, &json!(false)));
    assert_eq!(answer["online"][0]["severity"], "error");
    let (_, out) = shop.check(&["--json"]);
    assert_eq!(serde_json::from_str::<Value>(&out).unwrap().get("online"), None);
}
