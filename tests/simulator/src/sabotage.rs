//! Engines that are broken on purpose. The function's code is never touched: each sabotage lies to it
//! about the world, or about its answer to the buyer, in such a way that it behaves as an engine with
//! that mistake would.

use std::cell::RefCell;

use paywall_core::clock::Micros;
use paywall_core::facilitator::Outcome;
use paywall_core::hex;
use paywall_core::store::{Ask, Key, Reply, Version};
use serde_json::{Value, json};

/// A mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sabotage {
    /// Nothing is written down before a payment is submitted, or after.
    NoClaim,
    /// A payment is known by its nonce, whoever signed it.
    NonceAlone,
    /// The next facilitator is asked although the first may have submitted the payment, and when it
    /// says "nonce used", that is a refusal.
    FailOver,
    /// A payment whose outcome is not known is answered 402.
    UnknownIs402,
    /// A transfer counts that was made before the payment was first presented.
    EvidenceClaims,
    /// Timed access counts from each time that it is granted.
    LifeFromGrant,
}

impl Sabotage {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::NoClaim,
        Self::NonceAlone,
        Self::FailOver,
        Self::UnknownIs402,
        Self::EvidenceClaims,
        Self::LifeFromGrant,
    ];

    /// What the engine believes of a facilitator's answer.
    pub fn hears(self, outcome: Outcome) -> Outcome {
        match (self, outcome) {
            (Self::FailOver, Outcome::Lost(why)) => Outcome::NotSent(why),
            (Self::FailOver, Outcome::Answered { status, body, location }) => {
                let text = String::from_utf8_lossy(&body);
                let refused = "invalid_exact_evm_payload_authorization_valid_before";
                let text = text.replace("invalid_exact_evm_nonce_already_used", refused);
                Outcome::Answered { status, body: text.into_bytes(), location }
            }
            (_, outcome) => outcome,
        }
    }

    /// Whether the buyer is told to pay again.
    pub fn asks_to_pay_again(self, code: &str) -> bool {
        self == Self::UnknownIs402
            && matches!(code, "settlement_unknown" | "earlier_payment_unknown")
    }
}

/// Between the engine and its store, for one request.
#[derive(Debug, Default)]
pub struct Desk {
    /// The payment presented, as the engine marks it.
    own: RefCell<Option<Value>>,
}

impl Desk {
    /// Where a record is kept.
    pub fn place(sabotage: Option<Sabotage>, key: &Key) -> String {
        let name = key.as_str();
        match (sabotage, name.rsplit_once('/')) {
            (Some(Sabotage::NonceAlone), Some((_, last))) => last.to_owned(),
            _ => name.to_owned(),
        }
    }

    /// What the store is asked in place of `ask`, or what is answered at once.
    pub fn asks(&self, sabotage: Sabotage, ask: Ask) -> Result<Ask, Reply> {
        match (sabotage, ask) {
            (Sabotage::NoClaim, Ask::Get(_)) => Err(Reply::Missing),
            (Sabotage::NoClaim, _) => Err(Reply::Written(Version("\"0\"".into()))),
            (Sabotage::NonceAlone, Ask::Create(key, record)) => {
                let json: Value = serde_json::from_str(&record.json).expect("records are JSON");
                if key.as_str().starts_with("bindings/") {
                    self.own.replace(Some(json["mark"].clone()));
                }
                Ok(Ask::Create(key, record))
            }
            (Sabotage::EvidenceClaims, Ask::Create(key, mut record)) => {
                record.json = changed(record.json.as_bytes(), |name, value| {
                    if name == "boundAt" {
                        *value = json!(crate::EPOCH.0);
                    }
                });
                Ok(Ask::Create(key, record))
            }
            (_, ask) => Ok(ask),
        }
    }

    /// What the engine reads in place of what is there.
    pub fn reads(&self, sabotage: Sabotage, reply: Reply, now: Micros) -> Reply {
        let Reply::Found(json, version) = reply else { return reply };
        let json = match sabotage {
            Sabotage::NonceAlone => match &*self.own.borrow() {
                Some(own) => changed(&json, |name, value| {
                    if matches!(name, "mark" | "granted") && nonce(value) == nonce(own) {
                        *value = own.clone();
                    }
                })
                .into_bytes(),
                None => json,
            },
            Sabotage::LifeFromGrant => changed(&json, |name, value| {
                if name == "settled" {
                    *value = json!(now.0);
                }
            })
            .into_bytes(),
            _ => json,
        };
        Reply::Found(json, version)
    }
}

/// The nonce in a payment's mark.
fn nonce(mark: &Value) -> Option<[u8; 32]> {
    mark["payment"].as_str()?.rsplit('/').next().and_then(hex::decode_array)
}

/// JSON with members changed, at any depth.
fn changed(json: &[u8], mut change: impl FnMut(&str, &mut Value)) -> String {
    fn walk(value: &mut Value, change: &mut impl FnMut(&str, &mut Value)) {
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    change(name, member);
                    walk(member, change);
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| walk(item, change)),
            _ => {}
        }
    }
    let mut value = serde_json::from_slice(json).expect("records are JSON");
    walk(&mut value, &mut change);
    value.to_string()
}
