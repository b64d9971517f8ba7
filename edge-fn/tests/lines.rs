//! What the function itself prints: `bootstrap` behind pipes, with secrets of every kind, and servers that repeat
//! whatever they are sent.

#[allow(dead_code)]
mod loopback;
#[path = "../../paywall-core/tests/walk/search.rs"]
mod search;
mod viewer;

use std::collections::HashSet;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use content_config::compile;
use paywall_core::log::{Alarm, Line, Mend};
use serde_json::{Value, json};
use tempfile::TempDir;

use loopback::{read, server};
use search::{Pieces, forms};

// Random, and nobody's.
const BEARER: &str = "fac_live_Zq7RtB2xWk9LmP4vNs8HdYc3";
const NODE_KEY: &str = "QmJ8xVt2LpR7nKs4WdYz9HcG3fBa6TeU";
const HANDOVER: &str = "9f1c7ae04bd23586e0a7f4c9d1b83e5276fa0cd94e81b35a72c6d09f8e4ab135";
const PASS: &str = "51d8e2b7f39a0c64d85b1e7f2a93c06b4d7e18f5a2c93b60e7d41f8a5c2b9e03";
const AWS_SECRET: &str = "wJ4lrXUtnFEMIK7MDENGbPxRfiCYzq9ZtUwVn2Q";
const AWS_TOKEN: &str = "IQoJb3JpZ2luX2VjEJr7Hq2Zx9LmPvNs8RtB4WkYc3DfGhJk6";
const SEAL: &str = "c4u7qkzm2xw5rjhtfy3vnbgadp";

/// A contract wallet's, which only a facilitator can judge.
fn signature() -> String {
    let bytes: String =
        (0..97_u32).map(|n| format!("{:02x}", n.wrapping_mul(2_654_435_761) >> 24)).collect();
    format!("0x{bytes}{}", "6492".repeat(16))
}

/// What nobody may find, in any spelling.
fn spellings() -> Vec<String> {
    let mut own = vec![signature()];
    own.extend([BEARER, NODE_KEY, HANDOVER, PASS, AWS_SECRET, AWS_TOKEN, SEAL].map(str::to_owned));
    // The end of the signature is the same in each of its kind, and twelve of its digits in a row mean nothing.
    own.iter().flat_map(|secret| forms(secret)).collect()
}

/// A server that says each thing in turn to a request, and the last one for ever: `{}` in it are the long words that it
/// was sent, `{all}` is everything.
fn repeats(answers: &'static [(&'static str, &'static str)]) -> String {
    let asked = Arc::new(AtomicUsize::new(0));
    let (url, _) = server(move |mut stream, _| {
        let asked = asked.clone();
        // Several are asked at the same time, and may hang up.
        thread::spawn(move || {
            while let Some(request) = read(&mut stream) {
                let nth = asked.fetch_add(1, Ordering::Relaxed);
                let (status, body) = answers[nth.min(answers.len() - 1)];
                let words = request.split([' ', '"', ',', '=', '\r', '\n']);
                let long = words.filter(|word| word.len() > 20).collect::<Vec<_>>().join(" ");
                let all = request.replace(['"', '\\', '\r', '\n'], " ");
                let body = body.replace("{all}", &all).replace("{}", &long);
                let status = status.replace("{}", &long);
                let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n", body.len());
                if stream.write_all((head + &body).as_bytes()).is_err() {
                    return;
                }
            }
        });
    });
    url
}

/// A folder as a package has it.
fn package(facilitators: &[&str], secrets: &Value) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let named: Vec<_> = facilitators
        .iter()
        .map(|url| format!("{{ url = \"{url}\", auth = \"bearer\" }}"))
        .collect();
    let text = format!(
        "[site]\nid = \"shop\"\nurls = [\"https://shop.example\"]\ncontent = \"content\"\n\
         discovery = false\nsealed = true\npage = false\n\
         [payment]\npay_to = \"0x70997970C51812dc3A010C7d01b50e0d17dc79C8\"\n\
         accept = [\"base-sepolia/usdc\"]\nfacilitators = [{}]\n\
         [rpc]\nbase-sepolia = {{ secret = true }}\n\
         [[rule]]\npath = \"**\"\nprice = \"0.01\"\ndescription = \"A file.\"\n\
         [[rule]]\npath = \"free.txt\"\nfree = true\n",
        named.join(", ")
    );
    let path = folder.path().join("content.toml");
    fs::write(&path, text).unwrap();
    fs::create_dir(folder.path().join("content")).unwrap();
    for name in ["a.json", "free.txt"] {
        fs::write(folder.path().join("content").join(name), name).unwrap();
    }
    let compiled = compile(&path).unwrap_or_else(|report| panic!("{report}"));
    fs::write(folder.path().join("table.bin"), compiled.file()).unwrap();
    fs::write(folder.path().join("seal.json"), json!({ "site": "shop", "seal": SEAL }).to_string())
        .unwrap();
    fs::write(folder.path().join("secrets.json"), secrets.to_string()).unwrap();
    folder
}

fn secrets(facilitators: &[&str], node: &str) -> Value {
    let proofs: serde_json::Map<_, _> =
        facilitators.iter().map(|url| ((*url).to_owned(), json!({ "bearer": BEARER }))).collect();
    json!({
        "site": "shop",
        "handover": [HANDOVER],
        "pass": [PASS],
        "facilitators": proofs,
        "rpc": { "eip155:84532": format!("{node}/v2/{NODE_KEY}") },
    })
}

/// A payment of a contract wallet.
fn payment(nonce: u8) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let payment = json!({
        "x402Version": 2,
        "accepted": {
            "scheme": "exact", "network": "eip155:84532", "amount": "10000",
            "asset": "0x036CbD53842c5426634e7929541eC2318f3dCF7e",
            "payTo": "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
            "maxTimeoutSeconds": 300, "extra": { "name": "USDC", "version": "2" },
        },
        "payload": {
            "signature": signature(),
            "authorization": {
                "from": "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
                "to": "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
                "value": "10000",
                "validAfter": (now - 60).to_string(),
                "validBefore": (now + 280).to_string(),
                "nonce": format!("0x{}", format!("{nonce:02x}").repeat(32)),
            },
        },
    });
    STANDARD.encode(payment.to_string())
}

/// Everything that the function wrote: lines, its errors, and what it told the shim of errors.
struct Written {
    lines: Vec<Line>,
    all: String,
}

fn run(folder: &Path, environment: &[(&str, &str)], events: &[Value]) -> Written {
    let answers = folder.join("answers");
    fs::write(&answers, "").unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_bootstrap"))
        .arg(&answers)
        .env_clear()
        .env("LAMBDA_TASK_ROOT", folder)
        .envs([
            ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", AWS_SECRET),
            ("AWS_SESSION_TOKEN", AWS_TOKEN),
        ])
        .envs(environment.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let deadline = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() + 60_000;
    for event in events {
        // It may be gone already: it could not start.
        let _ = writeln!(stdin, "{deadline} {event}");
    }
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let (log, errors) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    let told = fs::read_to_string(&answers).unwrap();
    let told: Vec<_> = told.lines().filter(|line| line.starts_with("error ")).collect();
    let lines =
        log.lines().map(|line| Line::read(line).unwrap_or_else(|why| panic!("{why}: {line}")));
    Written { lines: lines.collect(), all: format!("{log}{errors}{}", told.join("\n")) }
}

fn visits(count: u8) -> Vec<Value> {
    let pay = |nonce| viewer::event("GET", "/a.json", ("PAYMENT-SIGNATURE", &payment(nonce)));
    let mut events: Vec<_> = (1..=count).map(pay).collect();
    for header in ["Authorization", "X-PAYMENT-PASS", "X-PAYMENT", "If-Match", "x-x402-handover"] {
        events.push(viewer::event("GET", "/a.json", (header, HANDOVER)));
        events.push(viewer::event("GET", "/free.txt", (header, BEARER)));
    }
    events.push(json!({ "Records": [{ "cf": { "config": { "eventType": BEARER } } }] }));
    events.push(json!({ "Records": [{ "cf": { "config": HANDOVER } }] }));
    events
}

#[test]
fn nothing_that_others_repeat_is_in_it() {
    let spellings = spellings();
    let pieces = Pieces::of(&spellings);
    let facilitator = repeats(&[
        ("200 OK", r#"{"isValid":true}"#),
        ("200 OK", r#"{"success":false,"errorReason":"{}","errorMessage":"{all}"}"#),
        ("401 Unauthorized", r#"{"error":"bad token {}"}"#),
        ("200 OK", r#"{"isValid":true}"#),
        ("400 Bad Request", r#"{"errorType":"{}","errorMessage":"{}"}"#),
        ("500 Internal Server Error", "{all}"),
        ("308 Permanent Redirect\r\nlocation: https://f.example/{}", "{}"),
        ("200 OK", r#"{"isValid":false,"invalidReason":"{}","invalidMessage":"{all}"}"#),
        ("200 OK", r#"{"isValid":true}"#),
        ("200 OK", r#"{"success":true,"transaction":"{}","payer":"{}"}"#),
        ("429 Too Many Requests", "{all}"),
    ]);
    let node = repeats(&[
        ("200 OK", r#"[{"jsonrpc":"2.0","id":0,"error":{"code":-32000,"message":"{} {all}"}}]"#),
        ("200 OK", r#"{"jsonrpc":"2.0","id":0,"error":{"code":"{}","message":"{all}"}}"#),
        ("401 Unauthorized", "{all}"),
        ("200 OK", "{all}"),
    ]);
    let bucket = repeats(&[
        ("403 Forbidden", "<Error><Code>{all}</Code><Message>{all}</Message></Error>"),
        ("200 OK\r\netag: 1", r#"{"v":"{}","writer":"{all}"}"#),
        ("200 OK\r\netag: 1", "{all}"),
        ("404 Not Found", "<Error><Code>NoSuchKey</Code></Error>"),
        ("200 OK", "{all}"),
    ]);
    let ssm = repeats(&[
        ("400 Bad Request", r#"{"__type":"com.amazonaws#{}","message":"{all}"}"#),
        ("200 OK", r#"{"Parameter":{"Value":"{all}"}}"#),
        (
            "200 OK",
            r#"{"Parameter":{"Value":"{\"site\":\"shop\",\"fac_live_Zq7RtB2xWk9LmP4vNs8HdYc3\":1}"}}"#,
        ),
    ]);
    let store = format!("{}/records/x402", bucket.replace("http://", "s3+http://"));
    let urls = [facilitator.as_str()];
    let good = secrets(&urls, &node);
    let with = |pointer: &str, value: Value| {
        let mut secrets = good.clone();
        secrets[pointer] = value;
        secrets
    };
    let here = json!({ "ssm": { "parameter": "/x402/shop/secrets", "region": "us-east-1" } });
    let from_ssm = vec![("X402_STORE", "memory"), ("AWS_ENDPOINT_URL_SSM", ssm.as_str())];
    let mut seen = HashSet::new();
    let mut lines = 0;
    for (document, environment) in [
        (good.clone(), vec![("X402_STORE", "memory")]),
        (good.clone(), vec![("X402_STORE", store.as_str())]),
        (with("facilitators", json!({})), vec![("X402_STORE", "memory")]),
        (
            with(
                "facilitators",
                json!({ urls[0]: { "cdp": { "keyId": BEARER, "secret": AWS_SECRET } } }),
            ),
            vec![],
        ),
        (with("facilitators", json!({ BEARER: { "bearer": BEARER } })), vec![]),
        (with("rpc", json!({ format!("{node}/v2/{NODE_KEY}"): "eip155:84532" })), vec![]),
        (with("rpc", json!({ "eip155:84532": format!("no URL {NODE_KEY}") })), vec![]),
        (with("handover", json!([HANDOVER, NODE_KEY])), vec![]),
        (with(BEARER, json!(1)), vec![]),
        (with("site", json!(NODE_KEY)), vec![]),
        (json!(HANDOVER), vec![]),
        // Each says something else of SSM.
        (here.clone(), from_ssm.clone()),
        (here.clone(), from_ssm.clone()),
        (here, from_ssm),
    ] {
        let folder = package(&urls, &document);
        let written = run(folder.path(), &environment, &visits(8));
        assert_eq!(pieces.find(&written.all), None, "{document}: {}", written.all);
        lines += written.lines.len();
        for line in written.lines {
            seen.insert(
                line.operator_code.map_or(line.outcome.to_string(), |it| it.code().to_owned()),
            );
            seen.extend(line.alarm_code.map(|it| it.code().to_owned()));
        }
    }
    assert!(lines > 60, "{lines}");
    for code in [Mend::SecretsUnusable, Mend::SecretsUnavailable, Mend::FacilitatorMoved] {
        assert!(seen.contains(code.code()), "{code:?} is not in {seen:?}");
    }
    for code in [Alarm::Start, Alarm::NoSecrets, Alarm::PaymentUnknown] {
        assert!(seen.contains(code.code()), "{code:?} is not in {seen:?}");
    }
    assert!(seen.contains("free") && seen.contains("store_unavailable"), "{seen:?}");
}
