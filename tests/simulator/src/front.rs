//! CloudFront between buyers and sandboxes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use paywall_core::event::{Headers, Output, Request, Response};
use paywall_core::viewer_response::viewer_response;
use serde_json::Value;

use crate::configuration::Promise;
use crate::oracle::Grant;
use crate::sandbox::{Ended, Visit, invoke};
use crate::shop::Product;
use crate::universe::Universe;
use crate::wallet::Payment;

/// What a buyer asks.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Who asks, for the notes.
    pub who: String,
    /// The method.
    pub method: &'static str,
    /// The path, however it is spelled.
    pub path: String,
    /// A payment.
    pub payment: Option<Payment>,
    /// A pass, and the transaction that it came with.
    pub pass: Option<Pass>,
}

/// A pass.
#[derive(Clone, Debug)]
pub struct Pass {
    value: String,
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
}

impl Asked {
    /// A plain purchase.
    pub fn purchase(who: &str, product: Product, payment: Payment) -> Self {
        Asked {
            who: who.to_owned(),
            method: "GET",
            path: format!("/{}", product.key()),
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
        format!("{} asks {number}: {} {} with {with}", asked.who, asked.method, asked.path)
    });
    let product = Product::at(asked.path.trim_start_matches('/'));
    if let Some(payment) = &asked.payment {
        universe.oracle.presented(universe.now(), &payment.authorization);
    }
    let mut headers = Headers::default();
    headers.set("Host", "shop.example");
    if let Some(payment) = &asked.payment {
        headers.set("PAYMENT-SIGNATURE", payment.header.clone());
    }
    if let Some(pass) = &asked.pass {
        headers.set("X-PAYMENT-PASS", pass.value.clone());
    }
    let request = Request {
        client_ip: "203.0.113.178".into(),
        headers,
        method: asked.method.into(),
        querystring: String::new(),
        uri: asked.path.clone(),
    };
    let id = format!("request-{number}");
    let payment = asked.payment.as_ref().map(|payment| payment.authorization.clone());
    let visit = Visit { number, method: asked.method.into(), product, payment };
    let answer = match invoke(&universe, id.clone(), request, visit).await {
        Ended::Failed => Answer { status: 503, resend: false, pass: None },
        Ended::Answered(decision, sandbox) => match &decision.output {
            Output::Response(response) => refused(&universe, &asked, response),
            Output::Request(request) => {
                let transaction = decision.log.transaction.as_deref();
                let transaction = transaction.and_then(paywall_core::hex::decode_array);
                let transaction = transaction.or(asked.pass.as_ref().map(|p| p.transaction));
                let served = Product::at(request.uri.trim_start_matches('/'));
                granted(&universe, &asked, served, transaction);
                let response = Response {
                    status: "200".into(),
                    status_description: "OK".into(),
                    headers: Headers::default(),
                    body: None,
                };
                let (response, _) = viewer_response(sandbox.paywall(), &id, request, response);
                let pass = response.headers.first("x-payment-pass").zip(transaction);
                let pass =
                    pass.map(|(value, transaction)| Pass { value: value.to_owned(), transaction });
                Answer { status: 200, resend: false, pass }
            }
        },
    };
    universe.note(|| format!("{} is answered {number}: {}", asked.who, answer.status));
    universe.schedule.sleep(universe.hop()).await;
    answer
}

fn granted(
    universe: &Universe,
    asked: &Asked,
    served: Option<Product>,
    transaction: Option<[u8; 32]>,
) {
    let (Some(product), Some(transaction)) = (served, transaction) else {
        let how = format!("{asked:?} is served without a receipt");
        return universe.oracle.violated(universe, Promise::P1, how);
    };
    if Product::at(asked.path.trim_start_matches('/')).is_some_and(|asked| asked != product) {
        let how = format!("{product:?} is served for {}", asked.path);
        universe.oracle.violated(universe, Promise::P2, how);
    }
    let payment = asked.payment.as_ref().map(|payment| payment.authorization.clone());
    let grant = Grant { at: universe.now(), product, transaction, payment };
    universe.oracle.granted(universe, grant);
}

fn refused(universe: &Universe, asked: &Asked, response: &Response) -> Answer {
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
    let code = body["paywall"]["code"].as_str().unwrap_or_default();
    if universe.sabotage.is_some_and(|sabotage| sabotage.asks_to_pay_again(code)) {
        status = 402;
    }
    universe.note(|| format!("  refused: {status} {code}"));
    if let Some(payment) = asked.payment.as_ref().filter(|_| status == 402 && asked.method == "GET")
    {
        universe.oracle.refused(universe.now(), &payment.authorization);
    }
    let resend = body["paywall"]["resendSamePayment"].as_bool().unwrap_or_default();
    Answer { status, resend, pass: None }
}
