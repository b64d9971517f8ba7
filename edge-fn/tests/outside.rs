//! The world of a sandbox: what facilitators and nodes see of it, and what it is without secrets.

mod loopback;
mod viewer;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, mpsc};

use content_config::compile;
use edge_fn::io::auth::Credentials;
use edge_fn::io::clock::now;
use edge_fn::io::http::Http;
use edge_fn::io::outside::Outside;
use edge_fn::io::records::Records;
use edge_fn::io::sandbox::Sandbox;
use edge_fn::io::secrets::Source;
use edge_fn::io::settings::{Settings, Store};
use paywall_core::clock::Micros;
use paywall_core::facilitator::{Call, Endpoint, Outcome};
use paywall_core::node::{NodeCall, Question, Said};
use paywall_core::paywall::Overrides;
use paywall_core::purchase::{Effect, Heard, Unless};
use paywall_core::world::World;
use price_table::{Redemptions, Table};
use serde_json::Value;
use serde_json::value::to_raw_value;
use site_secrets::{Parameter, Proof};

use loopback::{read, respond, server};

/// What outlives an invocation.
struct Standing {
    http: Http,
    credentials: Credentials,
    records: Records,
    rpc: BTreeMap<String, String>,
    singly: Mutex<BTreeSet<String>>,
}

impl Standing {
    fn new(proofs: &[(&str, Proof)], rpc: &[(&str, &str)]) -> Self {
        let proofs = proofs.iter().map(|(url, proof)| ((*url).to_owned(), proof.clone())).collect();
        let rpc = rpc.iter().map(|(name, url)| ((*name).to_owned(), (*url).to_owned())).collect();
        Standing {
            http: Http::default(),
            credentials: Credentials::read(&proofs),
            records: Records::new(&Redemptions::Memory, Some(Store::Memory)),
            rpc,
            singly: Mutex::default(),
        }
    }

    fn world(&self) -> Outside<'_> {
        let Standing { http, credentials, records, rpc, singly } = self;
        Outside { site: "shop", http, credentials, records, rpc, singly }
    }

    fn call(&self, endpoint: Endpoint, url: &str) -> Outcome {
        let call = Call {
            endpoint,
            facilitator: url.to_owned(),
            body: r#"{"x":1}"#.into(),
            timeout_ms: 2_000,
            connect_timeout_ms: 2_000,
        };
        let effect = Effect::Facilitator { call, unless: Unless::Never };
        match self.world().run(&effect) {
            (Heard::Facilitator(outcome), _) => outcome,
            (heard, _) => panic!("{heard:?}"),
        }
    }

    fn rpc(&self, network: &str, url: Option<&str>) -> Said {
        let call = NodeCall {
            network: network.into(),
            url: url.map(str::to_owned),
            questions: vec![Question::BlockNumber],
            timeout_ms: 2_000,
        };
        match self.world().run(&Effect::Node { calls: vec![call], look: false }) {
            (Heard::Node(said), _) => said.into_iter().next().unwrap(),
            (heard, _) => panic!("{heard:?}"),
        }
    }
}

/// Answers 200 and `{}` for ever, and tells of connections and requests.
fn patient() -> (String, mpsc::Receiver<String>) {
    server(|mut stream, requests| {
        requests.send("connection".into()).unwrap();
        while let Some(request) = read(&mut stream) {
            requests.send(request).unwrap();
            respond(&mut stream, "200 OK", "{}");
        }
    })
}

fn ok() -> Outcome {
    Outcome::Answered { status: 200, body: b"{}".to_vec(), location: None, extensions: None }
}

#[test]
fn a_call_is_one_request_and_the_next_uses_its_connection() {
    let (url, requests) = patient();
    let standing = Standing::new(&[], &[]);
    for endpoint in [Endpoint::Settle, Endpoint::Settle, Endpoint::Verify] {
        assert_eq!(standing.call(endpoint, &url), ok());
    }
    let seen: Vec<_> = requests.try_iter().collect();
    let lines: Vec<_> = seen.iter().map(|text| text.lines().next().unwrap()).collect();
    let settle = "POST /settle HTTP/1.1";
    assert_eq!(lines, ["connection", settle, settle, "POST /verify HTTP/1.1"]);
    assert!(seen[1].to_lowercase().contains("content-type: application/json"));
    assert!(!seen[1].to_lowercase().contains("authorization"));
    assert!(seen[1].ends_with(r#"{"x":1}"#));
    assert_eq!(standing.http.connections(), 1);
}

#[test]
fn each_facilitator_gets_its_own_proof_and_no_other() {
    let (bearer, bearers) = patient();
    let (cdp, cdps) = patient();
    let (open, opens) = patient();
    // A key of this test alone.
    let key = ed25519_compact::KeyPair::from_seed(ed25519_compact::Seed::new([9; 32]));
    let secret = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, *key.sk);
    let standing = Standing::new(
        &[
            (&bearer, Proof::Bearer("tok3n".into())),
            (&cdp, Proof::Cdp { key_id: "id".into(), secret }),
        ],
        &[],
    );
    for url in [&bearer, &cdp, &open] {
        assert_eq!(standing.call(Endpoint::Settle, url), ok());
    }
    let authorization = |requests: &mpsc::Receiver<String>| {
        let request = requests.try_iter().nth(1).unwrap();
        let line = request.lines().find(|line| line.to_lowercase().starts_with("authorization: "));
        line.map(|line| line.split_once(": ").unwrap().1.to_owned())
    };
    assert_eq!(authorization(&bearers).as_deref(), Some("Bearer tok3n"));
    let token = authorization(&cdps).unwrap();
    assert_eq!(token.strip_prefix("Bearer ").unwrap().split('.').count(), 3, "{token}");
    assert_eq!(authorization(&opens), None);
}

#[test]
fn with_a_secret_that_is_none_nothing_is_sent() {
    let (url, requests) = patient();
    let proof = Proof::Cdp { key_id: "id".into(), secret: "hunter2".into() };
    let standing = Standing::new(&[(&url, proof)], &[]);
    let Outcome::NotSent(why) = standing.call(Endpoint::Settle, &url) else { panic!("sent") };
    assert!(why.contains(&url) && why.contains("cdp.secret") && !why.contains("hunter2"), "{why}");
    assert_eq!(requests.try_iter().count(), 0);
}

#[test]
fn nodes_are_the_tables_or_the_secrets_and_their_urls_stay_secret() {
    let (url, requests) = patient();
    let standing = Standing::new(&[], &[("eip155:8453", &format!("{url}/k3y"))]);
    // `{}` is no answer to what was asked, and yet it was.
    for url in [None, Some(format!("{url}/other"))] {
        assert!(standing.rpc("eip155:8453", url.as_deref()).is_err());
    }
    let lines: Vec<_> =
        requests.try_iter().skip(1).map(|text| text.lines().next().unwrap().to_owned()).collect();
    assert_eq!(lines, ["POST /k3y HTTP/1.1", "POST /other HTTP/1.1"]);
    let why = standing.rpc("eip155:1", None).unwrap_err();
    assert!(why.contains("rpc[\"eip155:1\"]"), "{why}");

    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for url in [format!("http://{closed}/k3y"), "http://node.example/k3y".into(), "k3y k3y".into()]
    {
        let standing = Standing::new(&[], &[("eip155:8453", &url)]);
        let outcome = standing.rpc("eip155:8453", None);
        assert!(outcome.is_err(), "{outcome:?}");
        assert!(!format!("{outcome:?}").contains("k3y"), "{outcome:?}");
    }
}

fn table() -> &'static Table {
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/../content-config/sample/content.toml");
    Box::leak(Box::new(compile(sample.as_ref()).unwrap().table().clone()))
}

/// What the sandbox answers to a viewer's request.
fn ask(sandbox: &Sandbox, method: &str, uri: &str) -> Value {
    let event = viewer::event(method, uri, ("Accept", "*/*"));
    let deadline = Micros(now().0 + 4_000_000);
    let answer = sandbox.answer(&to_raw_value(&event).unwrap(), deadline).unwrap();
    serde_json::from_str(answer.get()).unwrap()
}

#[test]
fn without_secrets_what_is_free_is_served_and_nothing_is_quoted() {
    // Nothing answers for this Region, nor is there anybody to ask as.
    let parameter = Parameter { name: "/x402/shop".into(), region: "no-region.invalid".into() };
    let settings = Settings {
        secrets: Source::Ssm(parameter),
        overrides: Overrides::default(),
        store: Some(Store::Memory),
    };
    let sandbox = Sandbox::new(table(), None, settings);
    assert_eq!(ask(&sandbox, "GET", "/free/hello.txt")["uri"], "/free/hello.txt");
    assert_eq!(ask(&sandbox, "OPTIONS", "/datasets/prices.csv")["status"], "204");
    assert_eq!(ask(&sandbox, "GET", "/not-for-sale")["status"], "404");
    for method in ["GET", "HEAD"] {
        let refused = ask(&sandbox, method, "/datasets/prices.csv");
        assert_eq!(refused["status"], "503");
        assert!(refused["headers"]["payment-required"].is_null(), "{refused}");
        assert!(!refused["headers"]["retry-after"].is_null(), "{refused}");
    }
}
