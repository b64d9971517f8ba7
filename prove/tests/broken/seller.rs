//! A seller that does everything right, but for one thing at most.

use std::collections::HashMap;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Value, json};

use crate::server::{Request, Response};

pub(crate) const PATH: &str = "/shop/report.json";
pub(crate) const OTHER: &str = "/shop/other.json";
pub(crate) const CONTENT: &str =
    "{\"rates\":[1,2,3,5,8,13,21,34,55,89],\"of\":\"what is for sale\"}\n";
pub(crate) const ETAG: &str = "\"what-is-for-sale\"";

/// What a seller does wrong.
#[derive(Clone, Copy)]
pub(crate) enum Fault {
    /// Nothing.
    None,
    /// It gives the content to such requests without a payment. The second argument: something was bought.
    Opens(fn(&Request, bool) -> bool),
    /// Its terms are changed so, in v2 and v1.
    Terms(fn(&mut Value, &mut Value)),
    /// Its answers are changed so.
    Answers(fn(&Request, &mut Response)),
    /// It takes such payments without settling them.
    Takes(fn(&Value) -> bool),
    /// It changes payments of this version before it looks at them.
    Mends(fn(&mut Value, u8)),
}

pub(crate) struct Seller {
    fault: Fault,
    facilitator: String,
    /// Signatures that were settled: for which path, and the receipt.
    settled: HashMap<String, (String, String)>,
}

impl Seller {
    pub(crate) fn new(fault: Fault, facilitator: String) -> Seller {
        Seller { fault, facilitator, settled: HashMap::new() }
    }

    pub(crate) fn answer(&mut self, request: &Request) -> Response {
        let mut response = match self.fault {
            Fault::Opens(whom) if whom(request, !self.settled.is_empty()) => content(request),
            _ => self.right(request),
        };
        if let Fault::Answers(change) = self.fault {
            change(request, &mut response);
        }
        response
    }

    fn right(&mut self, request: &Request) -> Response {
        let Some(path) = decoded(&request.path) else { return refusal(400, "malformed path") };
        if path != PATH && path != OTHER {
            return refusal(404, "not for sale");
        }
        if request.method == "OPTIONS" {
            return cors(Response::new(204, ""))
                .with("Access-Control-Allow-Methods", "GET, HEAD")
                .with(
                    "Access-Control-Allow-Headers",
                    "payment-signature, x-payment, access-control-expose-headers",
                );
        }
        if !matches!(&*request.method, "GET" | "HEAD") {
            return refusal(405, "GET it").with("Allow", "GET, HEAD, OPTIONS");
        }
        let version = match () {
            () if request.has("PAYMENT-SIGNATURE") => 2,
            () if request.has("X-PAYMENT") => 1,
            () => return self.challenge(request, &path, 402, "payment required"),
        };
        if request.method == "HEAD" {
            return self.challenge(request, &path, 402, "payment required");
        }
        self.paid(request, &path, version)
    }

    /// The offers in v2 and v1, and the resource of v2.
    fn terms(&self, request: &Request, path: &str, error: &str) -> (Value, Value) {
        let url = format!("http://{}{path}", request.header("host"));
        let offer = |name: &str, network: &str| {
            json!({
                "scheme": "exact", "network": network, name: "10000",
                "asset": "0x036CbD53842c5426634e7929541eC2318f3dCF7e",
                "payTo": "0x70997970C51812dc3A010C7d01b50e0d17dc79C8", "maxTimeoutSeconds": 60,
                "extra": {"name": "USDC", "version": "2"},
            })
        };
        let mut v1 = offer("maxAmountRequired", "base-sepolia");
        for (name, value) in
            [("resource", &*url), ("description", "rates"), ("mimeType", "application/json")]
        {
            v1[name] = value.into();
        }
        let mut v1 = json!({"x402Version": 1, "error": error, "accepts": [v1]});
        let mut v2 = json!({
            "x402Version": 2, "error": error, "resource": {"url": url},
            "accepts": [offer("amount", "eip155:84532")],
        });
        if let Fault::Terms(change) = self.fault {
            change(&mut v2, &mut v1);
        }
        (v2, v1)
    }

    fn challenge(&self, request: &Request, path: &str, status: u16, error: &str) -> Response {
        let (v2, v1) = self.terms(request, path, error);
        let page = request.header("accept").contains("text/html");
        let (kind, body) = match page {
            true => ("text/html", "<p>Pay for this.</p>".to_owned()),
            false => ("application/json", v1.to_string()),
        };
        cors(Response::new(status, body))
            .with("Content-Type", kind)
            .with("Cache-Control", "no-store")
            .with("Vary", "Accept")
            .with("PAYMENT-REQUIRED", BASE64_STANDARD.encode(v2.to_string()))
    }

    fn paid(&mut self, request: &Request, path: &str, version: u8) -> Response {
        let header = request.header(if version == 1 { "X-PAYMENT" } else { "PAYMENT-SIGNATURE" });
        if header.len() > 16_000 {
            return refusal(431, "payment too large");
        }
        let payment = BASE64_STANDARD.decode(header).ok();
        let payment = payment.and_then(|json| serde_json::from_slice::<Value>(&json).ok());
        let Some(mut payment) = payment else {
            return self.challenge(request, path, 400, "invalid_payload");
        };
        if let Fault::Mends(change) = self.fault
            && payment.is_object()
        {
            change(&mut payment, version);
        }
        if let Fault::Takes(what) = self.fault
            && what(&payment)
        {
            return content(request);
        }
        let signature = payment["payload"]["signature"].to_string();
        if let Some((of, receipt)) = self.settled.get(&signature) {
            let again = granted(request, receipt).again();
            return if of == path { again } else { refusal(409, "payment used") };
        }
        let (v2, v1) = self.terms(request, path, "");
        let terms = if version == 1 { v1 } else { v2 };
        let offer = &terms["accepts"][0];
        let meant = match version {
            1 => payment["scheme"] == offer["scheme"] && payment["network"] == offer["network"],
            _ => payment["accepted"] == *offer,
        };
        if !meant || payment["x402Version"] != version {
            return self.challenge(request, path, 402, "no matching payment requirements");
        }
        let asked = json!({"x402Version": version, "paymentPayload": payment, "paymentRequirements": offer});
        let config = ureq::Agent::config_builder().http_status_as_error(false).build();
        let settle = ureq::Agent::from(config)
            .post(format!("{}/settle", self.facilitator))
            .send(asked.to_string());
        let receipt =
            settle.expect("a facilitator").body_mut().read_to_string().expect("a receipt");
        let outcome: Value = serde_json::from_str(&receipt).expect("JSON");
        if outcome["success"] != true {
            let reason = outcome["errorReason"].as_str().unwrap_or("invalid_payload");
            return self.challenge(request, path, 402, reason);
        }
        self.settled.insert(signature, (path.to_owned(), receipt.clone()));
        granted(request, &receipt)
    }
}

fn cors(response: Response) -> Response {
    response.with("Access-Control-Allow-Origin", "*").with(
        "Access-Control-Expose-Headers",
        "PAYMENT-REQUIRED, PAYMENT-RESPONSE, X-PAYMENT-RESPONSE",
    )
}

fn refusal(status: u16, error: &str) -> Response {
    cors(Response::new(status, json!({"error": error}).to_string()))
        .with("Content-Type", "application/json")
}

pub(crate) fn content(request: &Request) -> Response {
    let response = match request.header("range") {
        "bytes=0-9" => Response::new(206, &CONTENT[..10])
            .with("Content-Range", format!("bytes 0-9/{}", CONTENT.len())),
        _ => Response::new(200, CONTENT),
    };
    cors(response)
        .with("Content-Type", "application/json")
        .with("ETag", ETAG)
        .with("Cache-Control", "private")
}

fn granted(request: &Request, receipt: &str) -> Response {
    let name = if request.has("X-PAYMENT") { "X-PAYMENT-RESPONSE" } else { "PAYMENT-RESPONSE" };
    content(request).with(name, BASE64_STANDARD.encode(receipt))
}

/// Letters in hex are letters; anything else in hex, and anything odd, is refused.
fn decoded(path: &str) -> Option<String> {
    let mut rest = path;
    let mut text = String::new();
    while let Some((before, after)) = rest.split_once('%') {
        let byte = u8::from_str_radix(after.get(..2)?, 16).ok()?;
        if !byte.is_ascii_alphanumeric() {
            return None;
        }
        text.push_str(before);
        text.push(byte.into());
        rest = &after[2..];
    }
    text.push_str(rest);
    Some(text)
}
