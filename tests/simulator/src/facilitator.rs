//! Facilitators: they check a payment, send its transaction and wait for the block. What they answer
//! then is not always what happened: `answers.rs`.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use paywall_core::hex;
use serde::Deserialize;
use serde_json::json;

use crate::answers::{self, Answer, failed, receipt};
use crate::chain::Action;
use crate::oracle::Sender;
use crate::universe::Universe;
use crate::wallet::{Authorization, CHAINS, Payment};

/// What one remembers.
#[derive(Debug, Default)]
pub struct Facilitator {
    /// Whether it knows again what it settled, and repeats its success, or says that the nonce is used.
    pub remembers: bool,
    /// It serves this payer not at all.
    pub blocks: Cell<Option<[u8; 20]>>,
    /// By signature.
    settled: RefCell<BTreeMap<Vec<u8>, [u8; 32]>>,
}

impl Facilitator {
    /// One of either kind.
    pub fn new(remembers: bool, blocks: Option<[u8; 20]>) -> Self {
        Facilitator { remembers, blocks: Cell::new(blocks), ..Facilitator::default() }
    }

    /// `POST /verify`.
    pub fn verify(&self, universe: &Universe, body: &[u8]) -> Answer {
        let payment = payment(body);
        if self.blocks.get() == Some(payment.authorization.from) {
            return answers::blocked();
        }
        let json = match refusal(universe, &payment) {
            None => {
                json!({ "isValid": true, "payer": hex::encode(&payment.authorization.from) })
            }
            Some(reason) => json!({ "isValid": false, "invalidReason": reason }),
        };
        (200, json.to_string().into_bytes())
    }

    /// `POST /settle`, to its end.
    pub async fn settle(self: Rc<Self>, universe: Universe, body: Vec<u8>, by: Sender) -> Answer {
        self.settle_as(universe, body, by, false).await
    }

    async fn settle_as(
        self: Rc<Self>,
        universe: Universe,
        body: Vec<u8>,
        by: Sender,
        copy: bool,
    ) -> Answer {
        let payment = payment(&body);
        let a = payment.authorization.clone();
        let weather = universe.weather();
        if universe.choices.chance(weather.restart) {
            self.settled.borrow_mut().clear();
        }
        if self.blocks.get() == Some(a.from) {
            return answers::blocked();
        }
        let known = self.settled.borrow().get(&payment.signature).copied();
        if let Some(hash) = known.filter(|_| self.remembers) {
            return self.conclude(&universe, &a, hash).await;
        }
        // Nothing that would prove the contrary is said of a copy.
        if !copy && universe.choices.chance(weather.odd) {
            let (answer, sends_later) = answers::odd(&universe.choices);
            universe.note(|| format!("  facilitator: an odd answer, sends later: {sends_later}"));
            if sends_later && refusal(&universe, &payment).is_none() {
                let there = universe.clone();
                universe.schedule.spawn(async move {
                    let pause = 1_000_000 * u64::from(2 + there.choices.below(8));
                    there.schedule.sleep(pause).await;
                    if refusal(&there, &payment).is_none() {
                        self.send(&there, payment, by, 0);
                    }
                });
            }
            return answer;
        }
        if let Some(reason) = refusal(&universe, &payment) {
            return failed(reason, "");
        }
        universe.schedule.sleep(1_000 * u64::from(universe.choices.below(300))).await;
        if universe.choices.chance(weather.dropped) {
            universe
                .note(|| format!("  facilitator: {} is sent and never mined", universe.name(&a)));
            universe.schedule.sleep(3_000_000).await;
            return failed("settlement_pending", &hex::encode(&[0xdd; 32]));
        }
        let delay = match universe.choices.chance(weather.slow_block) {
            true => 4_000_000 + 1_000 * u64::from(universe.choices.below(16_000)),
            false => 0,
        };
        let hash = self.send(&universe, payment, by, delay);
        if universe.choices.chance(weather.liar) {
            let (code, answer) = answers::lie(&universe.choices);
            universe.note(|| format!("  facilitator: lies {code}"));
            universe.oracle.lied(by, a.id(), code);
            // A poor liar waits for its own block first.
            if universe.choices.chance(500) {
                universe.schedule.sleep(2_500_000).await;
            }
            return answer;
        }
        if universe.choices.chance(weather.pending) {
            return failed("settlement_pending", &hex::encode(&hash));
        }
        self.conclude(&universe, &a, hash).await
    }

    fn send(&self, universe: &Universe, payment: Payment, by: Sender, delay: u64) -> [u8; 32] {
        let Payment { authorization: a, signature, .. } = payment;
        let at = paywall_core::clock::Micros(universe.now().0 + delay);
        let hash = universe.chain.send(Action::Transfer(a.clone()), signature.clone(), true, at);
        universe.note(|| format!("  facilitator: sends the transaction of {}", universe.name(&a)));
        universe.oracle.taken_up(universe, by, a.id(), hash);
        self.settled.borrow_mut().insert(signature, hash);
        hash
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

/// What it finds wrong with a payment before it sends anything, in the reference's words and order.
fn refusal(universe: &Universe, payment: &Payment) -> Option<&'static str> {
    let a = &payment.authorization;
    let now = universe.now();
    universe.chain.advance(now);
    let seconds = now.secs();
    let view = universe.chain.view(crate::chain::height(now.0));
    if !payment.is_genuine() {
        Some("invalid_exact_evm_signature")
    } else if seconds + 6 > a.valid_before {
        Some("invalid_exact_evm_payload_authorization_valid_before")
    } else if seconds < a.valid_after {
        Some("invalid_exact_evm_payload_authorization_valid_after")
    } else if view.used(&a.id()) {
        Some("invalid_exact_evm_nonce_already_used")
    } else if view.balance(&a.from) < a.value {
        Some("invalid_exact_evm_insufficient_balance")
    } else {
        None
    }
}

/// The payment in a request's body.
pub fn payment(body: &[u8]) -> Payment {
    let sent: Sent<'_> = serde_json::from_slice(body).expect("what the function sends");
    let Sent { payment_payload: Paid { accepted, payload } } = sent;
    let (signed, number) = (payload.authorization, |text: &str| text.parse::<u128>());
    let id = accepted.network.strip_prefix("eip155:").and_then(|id| id.parse().ok());
    let chain = CHAINS.iter().position(|chain| Some(chain.id) == id);
    let authorization = Authorization {
        chain: chain.expect("one of the table's"),
        from: hex::decode_array(signed.from).expect("an address"),
        to: hex::decode_array(signed.to).expect("an address"),
        value: number(signed.value).expect("a number"),
        valid_after: number(signed.valid_after).expect("a number") as u64,
        valid_before: number(signed.valid_before).expect("a number") as u64,
        nonce: hex::decode_array(signed.nonce).expect("32 bytes"),
    };
    let signature = hex::decode(payload.signature).expect("hexadecimal");
    Payment { authorization, signature, header: String::new() }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sent<'b> {
    #[serde(borrow)]
    payment_payload: Paid<'b>,
}

#[derive(Deserialize)]
struct Paid<'b> {
    #[serde(borrow)]
    accepted: Accepted<'b>,
    #[serde(borrow)]
    payload: Payload<'b>,
}

#[derive(Deserialize)]
struct Accepted<'b> {
    network: &'b str,
}

#[derive(Deserialize)]
struct Payload<'b> {
    signature: &'b str,
    #[serde(borrow)]
    authorization: Signed<'b>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Signed<'b> {
    from: &'b str,
    to: &'b str,
    value: &'b str,
    valid_after: &'b str,
    valid_before: &'b str,
    nonce: &'b str,
}

impl Facilitator {
    /// A second copy of a request that a proxy sent twice, answered as one that was not known.
    pub async fn settle_copy(
        self: Rc<Self>,
        universe: Universe,
        body: Vec<u8>,
        by: Sender,
    ) -> Answer {
        let payment = payment(&body);
        if self.blocks.get() == Some(payment.authorization.from) {
            return answers::blocked();
        }
        if let Some(answer) = answers::copy_odd(&universe.choices) {
            return answer;
        }
        match refusal(&universe, &payment) {
            Some(reason) => {
                // True of the copy, and said of what was sent.
                universe.oracle.lied(by, payment.authorization.id(), reason);
                failed(reason, "")
            }
            None => self.settle_as(universe, body, by, true).await,
        }
    }
}
