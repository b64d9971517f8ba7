//! A seller for the buyer's tests: one file, one price, settled with the facilitator.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use base64::prelude::{BASE64_STANDARD, Engine};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};

use super::client::client;
use crate::facilitator::{Facilitator, Options, Wire};

pub(super) const CONTENT: &[u8] = b"what was bought\n";

pub(super) type Answer = Response<Full<Bytes>>;

/// Sells one file at every path but `/free` and `/broken`. Before it settles a payment it gives the scripted answers.
pub(super) struct Seller {
    pub(super) facilitator: Facilitator,
    address: std::net::SocketAddr,
    state: Arc<State>,
    serving: tokio::task::JoinHandle<()>,
}

struct State {
    facilitator: String,
    scripted: Mutex<VecDeque<Answer>>,
    /// Payment headers received, `name: value`.
    payments: Mutex<Vec<String>>,
}

impl Drop for Seller {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Seller {
    pub(super) async fn start(scripted: Vec<Answer>) -> Seller {
        let facilitator = Facilitator::start(Options::default()).await.expect("a port");
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let state = Arc::new(State {
            facilitator: facilitator.url(),
            scripted: Mutex::new(scripted.into()),
            payments: Mutex::default(),
        });
        let shared = state.clone();
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = shared.clone();
                let service = hyper::service::service_fn(move |request| {
                    let state = state.clone();
                    async move { Ok::<_, Infallible>(state.answer(request).await) }
                });
                let http = hyper::server::conn::http1::Builder::new();
                tokio::spawn(http.serve_connection(TokioIo::new(stream), service));
            }
        });
        Seller { facilitator, address, state, serving }
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(super) fn payments(&self) -> Vec<String> {
        self.state.payments.lock().expect("payments").clone()
    }
}

pub(super) fn respond(status: u16, header: (&str, &str), body: impl Into<Bytes>) -> Answer {
    let response = Response::builder().status(status).header(header.0, header.1);
    response.body(Full::new(body.into())).expect("a response")
}

/// A 503 as the paywall answers while it does not know whether a payment settled.
pub(super) fn unsettled(retry_after: &str, resend: bool) -> Answer {
    let paywall = json!({
        "code": "settlement_unknown", "message": "Not known yet.", "retryable": true,
        "resendSamePayment": resend, "nextStep": "Send the same payment again.",
    });
    let body = json!({"error": "settlement_unknown", "paywall": paywall}).to_string();
    respond(503, ("retry-after", retry_after), body)
}

/// A 402's terms: three offers that the buyer cannot pay, and one that it can.
pub(super) fn terms(wire: Wire) -> Value {
    let (price, network) = match wire {
        Wire::V1 => ("maxAmountRequired", "base-sepolia"),
        Wire::V2 => ("amount", "eip155:84532"),
    };
    let mut offer = json!({
        "scheme": "exact", "network": network, price: "10000",
        "asset": "0x036CbD53842c5426634e7929541eC2318f3dCF7e",
        "payTo": "0x70997970C51812dc3A010C7d01b50e0d17dc79C8", "maxTimeoutSeconds": 60,
        "extra": {"name": "USDC", "version": "2", "paymentFlow": "upfront"},
        "resource": "http://shop.example/file", "description": "d", "mimeType": "text/plain",
    });
    // What this buyer cannot pay stands first, so that it has to choose.
    let mut foreign = offer.clone();
    foreign["network"] = "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp".into();
    let mut unknown_flow = offer.clone();
    unknown_flow["extra"]["paymentFlow"] = "barter".into();
    let mut metered = offer.clone();
    metered["scheme"] = "upto".into();
    offer["description"] = "the one".into();
    json!({
        "x402Version": wire.number(), "error": "payment required",
        "resource": {"url": "http://shop.example/file", "description": "d", "mimeType": "text/plain"},
        "accepts": [foreign, unknown_flow, metered, offer],
    })
}

impl State {
    async fn answer(&self, request: Request<Incoming>) -> Answer {
        let headers = request.headers();
        let payment = ["payment-signature", "x-payment"]
            .into_iter()
            .find_map(|name| Some((name, headers.get(name)?.to_str().ok()?.to_owned())));
        let Some((name, value)) = payment else {
            let required = BASE64_STANDARD.encode(terms(Wire::V2).to_string());
            return match request.uri().path() {
                "/free" => respond(200, ("x", "y"), CONTENT),
                "/broken" => respond(404, ("x", "y"), r#"{"error":"not_for_sale"}"#),
                "/v1-only" => respond(402, ("x", "y"), terms(Wire::V1).to_string()),
                "/garbage" => {
                    respond(402, ("payment-required", "%%%"), terms(Wire::V1).to_string())
                }
                "/nothing" => respond(402, ("x", "y"), r#"{"x402Version":1,"accepts":[]}"#),
                _ => respond(402, ("payment-required", &required), terms(Wire::V1).to_string()),
            };
        };
        self.payments.lock().expect("payments").push(format!("{name}: {value}"));
        if let Some(scripted) = self.scripted.lock().expect("script").pop_front() {
            return scripted;
        }
        let payment: Value =
            serde_json::from_slice(&BASE64_STANDARD.decode(value).expect("base64")).expect("JSON");
        let wire = if name == "x-payment" { Wire::V1 } else { Wire::V2 };
        let request = json!({
            "x402Version": wire.number(),
            "paymentPayload": payment, "paymentRequirements": terms(wire)["accepts"][3],
        });
        let settle = client().expect("a client").post(format!("{}/settle", self.facilitator));
        let receipt = settle.body(request.to_string()).send().await.expect("a facilitator");
        let receipt = receipt.text().await.expect("a receipt");
        let status = if receipt.contains(r#""success":true"#) { 200 } else { 402 };
        respond(status, ("payment-response", &BASE64_STANDARD.encode(receipt)), CONTENT)
    }
}
