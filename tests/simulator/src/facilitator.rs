//! Facilitators: they check a payment, send its transaction and wait for the block. They are honest,
//! as far as they can be: what they say before they send anything is true.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use paywall_core::clock::Micros;
use paywall_core::hex;
use serde_json::{Value, json};

use crate::chain::{Action, Nonce};
use crate::universe::Universe;
use crate::wallet::{Authorization, Payment};

/// What one remembers.
#[derive(Debug, Default)]
pub struct Facilitator {
    /// Whether it knows again what it settled, as CDP's does, or says that the nonce is used.
    pub remembers: bool,
    /// By signature.
    settled: RefCell<BTreeMap<Vec<u8>, [u8; 32]>>,
}

/// An answer: status and body.
pub type Answer = (u16, Vec<u8>);

impl Facilitator {
    /// One of either kind.
    pub fn new(remembers: bool) -> Self {
        Facilitator { remembers, ..Facilitator::default() }
    }

    /// `POST /verify`.
    pub fn verify(&self, universe: &Universe, body: &[u8]) -> Answer {
        let payment = payment(body);
        let json = match refusal(universe, &payment) {
            None => {
                json!({ "isValid": true, "payer": hex::encode(&payment.authorization.from) })
            }
            Some(reason) => json!({ "isValid": false, "invalidReason": reason }),
        };
        (200, json.to_string().into_bytes())
    }

    /// `POST /settle`, to its end.
    pub async fn settle(
        self: Rc<Self>,
        universe: Universe,
        body: Vec<u8>,
        departed: Micros,
    ) -> Answer {
        let payment = payment(&body);
        let a = payment.authorization.clone();
        let known = self.settled.borrow().get(&payment.signature).copied();
        if let Some(hash) = known.filter(|_| self.remembers) {
            return self.conclude(&universe, &a, hash).await;
        }
        if let Some(reason) = refusal(&universe, &payment) {
            return failed(reason, "");
        }
        let weather = universe.weather();
        let delay = match universe.choices.chance(weather.slow_block) {
            true => 4_000_000 + 1_000 * u64::from(universe.choices.below(16_000)),
            false => 0,
        };
        universe.schedule.sleep(1_000 * u64::from(universe.choices.below(300))).await;
        let now = universe.schedule.now();
        if universe.choices.chance(weather.dropped) {
            universe
                .note(|| format!("  facilitator: {} is sent and never mined", universe.name(&a)));
            universe.schedule.sleep(3_000_000).await;
            return failed("settlement_pending", &hex::encode(&[0xdd; 32]));
        }
        let hash = universe.chain.send(
            Action::Transfer(a.clone()),
            payment.signature.clone(),
            Some(departed),
            Micros(now.0 + delay),
        );
        universe.note(|| format!("  facilitator: sends the transaction of {}", universe.name(&a)));
        self.settled.borrow_mut().insert(payment.signature, hash);
        if universe.choices.chance(weather.pending) {
            return failed("settlement_pending", &hex::encode(&hash));
        }
        self.conclude(&universe, &a, hash).await
    }

    /// Waits for the block.
    async fn conclude(&self, universe: &Universe, a: &Authorization, hash: [u8; 32]) -> Answer {
        for _ in 0..40 {
            universe.chain.advance(universe.schedule.now());
            if let Some(mined) = universe.chain.mined(&hash) {
                return match mined.success {
                    true => (200, receipt(a, &hash).to_string().into_bytes()),
                    false => failed("invalid_transaction_state", &hex::encode(&hash)),
                };
            }
            universe.schedule.sleep(500_000).await;
        }
        failed("settlement_pending", &hex::encode(&hash))
    }
}

/// `SettlementResponse`.
pub fn receipt(a: &Authorization, hash: &[u8; 32]) -> Value {
    json!({
        "success": true,
        "transaction": hex::encode(hash),
        "network": format!("eip155:{}", crate::wallet::CHAIN_ID),
        "payer": hex::encode(&a.from),
    })
}

fn failed(reason: &str, transaction: &str) -> Answer {
    let json = json!({ "success": false, "errorReason": reason, "transaction": transaction,
        "network": format!("eip155:{}", crate::wallet::CHAIN_ID) });
    (200, json.to_string().into_bytes())
}

/// What it finds wrong with a payment before it sends anything, in the reference's words and order.
fn refusal(universe: &Universe, payment: &Payment) -> Option<&'static str> {
    let a = &payment.authorization;
    universe.chain.advance(universe.schedule.now());
    let now = universe.schedule.now().secs();
    if !payment.is_genuine() {
        Some("invalid_exact_evm_signature")
    } else if now + 6 > a.valid_before {
        Some("invalid_exact_evm_payload_authorization_valid_before")
    } else {
        match universe.chain.nonce(&a.from, &a.nonce) {
            Some(Nonce::Transfer(_) | Nonce::Cancelled) => {
                Some("invalid_exact_evm_nonce_already_used")
            }
            None if universe.chain.balance(&a.from) < a.value => {
                Some("invalid_exact_evm_insufficient_balance")
            }
            None => None,
        }
    }
}

/// The payment in a request's body.
pub fn payment(body: &[u8]) -> Payment {
    let json: Value = serde_json::from_slice(body).expect("the function sends JSON");
    let payload = &json["paymentPayload"]["payload"];
    let text = |name: &str| payload["authorization"][name].as_str().expect("a field").to_owned();
    let number = |name: &str| text(name).parse::<u128>().expect("a number");
    let authorization = Authorization {
        from: hex::decode_array(&text("from")).expect("an address"),
        to: hex::decode_array(&text("to")).expect("an address"),
        value: number("value"),
        valid_after: number("validAfter") as u64,
        valid_before: number("validBefore") as u64,
        nonce: hex::decode_array(&text("nonce")).expect("32 bytes"),
    };
    let signature = payload["signature"].as_str().and_then(hex::decode).expect("hexadecimal");
    Payment { authorization, signature, header: String::new() }
}
