//! From an offer and a key to the header that pays.

use std::fmt;

use alloy_primitives::{Address, B256, U256, hex};
use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::{Value, json};

use super::challenge::{Challenge, Offer};
use super::key::Key;
use crate::error::Error;
use crate::facilitator::eip3009::{Domain, TransferWithAuthorization};
use crate::facilitator::{Wire, unix_now};

/// How long before now an authorization begins, in seconds, so that a chain whose clock is behind takes it.
/// Source: the reference's [Python client](https://github.com/x402-foundation/x402/tree/main/python/legacy), `now - 60`.
const BACKDATED: u64 = 60;

/// Signs the first offer that can be paid, honestly. `valid_for` is in seconds, by default what the offer allows.
pub fn sign_offer(
    challenge: &Challenge,
    key: &Key,
    valid_for: Option<u64>,
) -> Result<Signed, Error> {
    let offer = challenge.first_payable()?;
    let valid_for = valid_for.unwrap_or(offer.max_timeout);
    Draft::new(&offer, key)?.valid_before(unix_now().saturating_add(valid_for)).sign()
}

/// A payment before it is signed. Honest as it is made; each method makes it say something else.
pub struct Draft {
    offer: Offer,
    key: Key,
    domain: Domain,
    authorization: TransferWithAuthorization,
    reshape: Box<dyn FnOnce(Vec<u8>) -> Vec<u8> + Send>,
    tamper: Box<dyn FnOnce(&mut Value) + Send>,
}

impl Draft {
    /// What `offer` asks of `key`'s owner: valid from a minute ago for as long as the offer allows, with a random nonce.
    pub fn new(offer: &Offer, key: &Key) -> Result<Draft, Error> {
        let mut nonce = B256::ZERO;
        getrandom::fill(nonce.as_mut_slice())
            .map_err(|why| Error::NoNonce { why: why.to_string() })?;
        let now = unix_now();
        Ok(Draft {
            offer: offer.clone(),
            key: key.clone(),
            domain: offer.domain.clone(),
            authorization: TransferWithAuthorization {
                from: key.address(),
                to: offer.pay_to,
                value: offer.amount,
                validAfter: U256::from(now.saturating_sub(BACKDATED)),
                validBefore: U256::from(now.saturating_add(offer.max_timeout)),
                nonce,
            },
            reshape: Box::new(|signature| signature),
            tamper: Box::new(|_| {}),
        })
    }

    /// Pays in someone else's name: a contract wallet's, if the key is its owner's.
    pub fn from(mut self, from: Address) -> Draft {
        self.authorization.from = from;
        self
    }

    /// Pays someone else.
    pub fn to(mut self, to: Address) -> Draft {
        self.authorization.to = to;
        self
    }

    /// Pays another amount, in atomic units.
    pub fn value(mut self, value: U256) -> Draft {
        self.authorization.value = value;
        self
    }

    /// Valid after this moment, Unix seconds.
    pub fn valid_after(mut self, time: u64) -> Draft {
        self.authorization.validAfter = U256::from(time);
        self
    }

    /// Valid before this moment, Unix seconds.
    pub fn valid_before(mut self, time: u64) -> Draft {
        self.authorization.validBefore = U256::from(time);
        self
    }

    /// Uses this nonce.
    pub fn nonce(mut self, nonce: B256) -> Draft {
        self.authorization.nonce = nonce;
        self
    }

    /// Signs under another token name.
    pub fn domain_name(mut self, name: &str) -> Draft {
        self.domain.name = name.to_owned();
        self
    }

    /// Signs under another token version.
    pub fn domain_version(mut self, version: &str) -> Draft {
        self.domain.version = version.to_owned();
        self
    }

    /// Signs for another chain.
    pub fn chain_id(mut self, chain_id: u64) -> Draft {
        self.domain.token.chain_id = chain_id;
        self
    }

    /// Signs for another token.
    pub fn token(mut self, address: Address) -> Draft {
        self.domain.token.address = address;
        self
    }

    /// Changes the signature's bytes after signing.
    pub fn reshape(mut self, change: impl FnOnce(Vec<u8>) -> Vec<u8> + Send + 'static) -> Draft {
        self.reshape = Box::new(change);
        self
    }

    /// Changes the payment's JSON after signing.
    pub fn tamper(mut self, change: impl FnOnce(&mut Value) + Send + 'static) -> Draft {
        self.tamper = Box::new(change);
        self
    }

    /// Signs it.
    pub fn sign(self) -> Result<Signed, Error> {
        let Draft { offer, key, domain, authorization, reshape, tamper } = self;
        let digest = domain.digest(&authorization);
        let signature = reshape(key.sign(digest)?.to_vec());
        let payload = json!({
            "signature": hex::encode_prefixed(&signature),
            "authorization": {
                "from": authorization.from.to_string(),
                "to": authorization.to.to_string(),
                "value": authorization.value.to_string(),
                "validAfter": authorization.validAfter.to_string(),
                "validBefore": authorization.validBefore.to_string(),
                "nonce": authorization.nonce.to_string(),
            },
        });
        let mut json = match offer.wire {
            Wire::V1 => json!({
                "x402Version": 1, "scheme": offer.json["scheme"],
                "network": offer.json["network"], "payload": payload,
            }),
            Wire::V2 if offer.resource.is_null() => {
                json!({"x402Version": 2, "accepted": offer.json, "payload": payload})
            }
            Wire::V2 => json!({
                "x402Version": 2, "resource": offer.resource,
                "accepted": offer.json, "payload": payload,
            }),
        };
        tamper(&mut json);
        Ok(Signed { wire: offer.wire, json, domain, authorization, digest, signature })
    }
}

impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Draft");
        debug.field("authorization", &self.authorization).field("domain", &self.domain);
        debug.finish_non_exhaustive()
    }
}

/// A payment that is ready to send.
#[derive(Clone, Debug)]
pub struct Signed {
    /// The version that it is written in.
    pub wire: Wire,
    /// The payment as JSON.
    pub json: Value,
    /// What it was signed under.
    pub domain: Domain,
    /// What was signed.
    pub authorization: TransferWithAuthorization,
    /// The 32 bytes that were signed.
    pub digest: B256,
    /// `r`, `s` and `v`, unless reshaped.
    pub signature: Vec<u8>,
}

impl Signed {
    /// The header that carries it.
    pub fn header_name(&self) -> &'static str {
        match self.wire {
            Wire::V1 => "X-PAYMENT",
            Wire::V2 => "PAYMENT-SIGNATURE",
        }
    }

    /// The header's value: standard base64, padded.
    pub fn header_value(&self) -> String {
        BASE64_STANDARD.encode(self.json.to_string())
    }
}
