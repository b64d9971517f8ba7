//! CloudFront between buyers and sandboxes.

use std::cell::Cell;
use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use paywall_core::event::{Headers, Output, Request, Response};
use paywall_core::viewer_response::viewer_response;
use serde_json::Value;

use paywall_core::visit::Decision;

use crate::mutant::Mutant;
use crate::oracle::{Grant, Said};
use crate::sandbox::{Ended, Visit, invoke};
use crate::seal;
use crate::shop::{Product, SITES};
use crate::universe::Universe;
use crate::wallet::Payment;

/// What a buyer asks.
#[derive(Clone)]
pub struct Asked {
    /// Who asks, for the notes.
    pub who: String,
    /// The method.
    pub method: &'static str,
    /// At which shop.
    pub shop: usize,
    /// The path, however it is spelled.
    pub path: String,
    /// The address that it comes from.
    pub address: &'static str,
    /// A payment.
    pub payment: Option<Rc<Payment>>,
    /// A pass, and what it came with.
    pub pass: Option<Pass>,
}

/// A pass.
#[derive(Clone, Debug)]
pub struct Pass {
    value: String,
    shop: usize,
    product: Product,
    transaction: [u8; 32],
}

/// What a buyer is answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Whether the answer says to send the same payment again.
    pub resend: bool,
    /// A pass that came with the object.
    pub pass: Option<Pass>,
    /// The code of a refusal.
    pub code: String,
}

impl Asked {
    /// A plain purchase.
    pub fn purchase(
        who: &str,
        address: &'static str,
        shop: usize,
        product: Product,
        payment: Rc<Payment>,
    ) -> Self {
        Asked {
            who: who.to_owned(),
            method: "GET",
            shop,
            path: format!("/{}", product.key()),
            address,
            payment: Some(payment),
            pass: None,
        }
    }
}

/// Asks, and waits for the end.
pub async fn ask(universe: Universe, asked: Asked) -> Answer {
    universe.schedule.sleep(universe.hop()).await;
    let number = universe.next_request();
    universe.note(|| {
        let with = asked.payment.as_ref().map(|p| universe.name(&p.authorization));
        let with =
            with.unwrap_or_else(|| if asked.pass.is_some() { "a pass" } else { "nothing" }.into());
        let Asked { who, method, shop, path, .. } = &asked;
        format!("{who} asks {number}: {method} {}{path} with {with}", SITES[*shop])
    });
    let product = Product::at(asked.path.trim_start_matches('/'));
    let mut headers = Headers::default();
    headers.set("Host", "shop.example");
    if let Some(payment) = &asked.payment {
        headers.set("PAYMENT-SIGNATURE", payment.header.clone());
    }
    if let Some(pass) = &asked.pass {
        headers.set("X-PAYMENT-PASS", pass.value.clone());
    }
    let seen = if universe.is(Mutant::OriginIgnored) { "203.0.113.1" } else { asked.address };
    let request = Request {
        client_ip: seen.into(),
        headers,
        method: asked.method.into(),
        querystring: String::new(),
        uri: asked.path.clone(),
    };
    let id = format!("request-{number}");
    let visit = Visit {
        number,
        id: id.clone(),
        method: asked.method,
        shop: asked.shop,
        product,
        payment: asked.payment.as_ref().map(|payment| payment.authorization.clone()),
        wrapped: asked.payment.as_ref().is_some_and(|payment| payment.signature.len() != 65),
        network: asked.address,
        began: Cell::new(None),
    };
    let answer = match invoke(&universe, request, visit.clone()).await {
        Ended::Failed => Answer { status: 503, resend: false, pass: None, code: String::new() },
        Ended::Answered(decision, sandbox) => {
            let unrecorded = decision.log.unrecorded.as_ref();
            let unrecorded =
                unrecorded.and_then(|r| paywall_core::hex::decode_array(r.transaction()));
            if let Some(transaction) = unrecorded {
                universe.oracle.alarmed(transaction);
            }
            assert!(!tells_seal(&decision), "the seal is told: {decision:?}");
            match &decision.output {
                Output::Response(response) => {
                    refused(&universe, &asked, &visit, &sandbox, response)
                }
                Output::Request(request) => {
                    let transaction = decision.log.transaction.as_deref();
                    let transaction = transaction.and_then(paywall_core::hex::decode_array);
                    let path = seal().strip(&request.uri);
                    let path = path.expect("what goes on leads below the seal");
                    let served = Product::at(path.trim_start_matches('/'));
                    universe.oracle.granted(
                        &universe,
                        Grant {
                            at: universe.now(),
                            store: sandbox.store,
                            shop: asked.shop,
                            asked: product,
                            product: served,
                            transaction: transaction.or(asked.pass.as_ref().map(|p| p.transaction)),
                            payment: visit.payment.clone().filter(|_| transaction.is_some()),
                            pass: asked.pass.as_ref().map(|pass| (pass.shop, pass.product)),
                            number: visit.number,
                            network: asked.address,
                            other_mode: sandbox.edition.other_mode,
                        },
                    );
                    let response = Response {
                        status: "200".into(),
                        status_description: "OK".into(),
                        headers: Headers::default(),
                        body: None,
                    };
                    let (response, _) = viewer_response(&sandbox.paywall, &id, request, response);
                    let pass =
                        response.headers.first("x-payment-pass").zip(transaction).zip(served);
                    let pass = pass.map(|((value, transaction), product)| Pass {
                        value: value.to_owned(),
                        shop: asked.shop,
                        product,
                        transaction,
                    });
                    Answer { status: 200, resend: false, pass, code: String::new() }
                }
            }
        }
    };
    universe.note(|| format!("{} is answered {number}: {}", asked.who, answer.status));
    universe.schedule.sleep(universe.hop()).await;
    answer
}

fn refused(
    universe: &Universe,
    asked: &Asked,
    visit: &Visit,
    sandbox: &crate::sandbox::Sandbox,
    response: &Response,
) -> Answer {
    let mut status: u16 = response.status.parse().expect("digits");
    let body = response.body.as_deref().unwrap_or_default();
    let body = match serde_json::from_str(body) {
        Ok(json) => json,
        Err(_) => STANDARD
            .decode(body)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or(Value::Null),
    };
    let code = body["paywall"]["code"].as_str().unwrap_or_default().to_owned();
    if universe.is(Mutant::UnknownIs402)
        && matches!(&*code, "settlement_unknown" | "earlier_payment_unknown")
    {
        status = 402;
    }
    universe.note(|| format!("  refused: {status} {code}"));
    let genuine = asked.payment.as_ref().is_some_and(|payment| payment.is_genuine());
    universe.oracle.refused(
        universe,
        Said {
            store: sandbox.store,
            number: visit.number,
            status,
            code: code.clone(),
            // What a forger is told is no word about the payment.
            payment: visit.payment.clone().filter(|_| genuine),
            product: visit.product,
            asks: asked.method == "GET",
            other_mode: sandbox.edition.other_mode,
        },
    );
    let resend = body["paywall"]["resendSamePayment"].as_bool().unwrap_or_default();
    Answer { status, resend, pass: None, code }
}

/// Whether a viewer, or who reads the log, learns where the objects are.
fn tells_seal(decision: &Decision) -> bool {
    let seal = seal();
    let seal = seal.as_str();
    let mut fields = match &decision.output {
        Output::Response(response) if response.body.iter().any(|it| it.contains(seal)) => {
            return true;
        }
        Output::Response(response) => response.headers.iter(),
        Output::Request(request) => request.headers.iter(),
    };
    fields.any(|(_, value)| value.contains(seal)) || decision.log.to_json().contains(seal)
}
