//! Buyers' keys, and the payments that they sign.
//!
//! Signing is the slowest part of a history, and histories all begin at the same time, so every
//! thread keeps what it signed.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use k256::ecdsa::{Signature, SigningKey};
use k256::elliptic_curve::ops::Reduce;
use k256::elliptic_curve::point::AffineCoordinates;
use k256::{AffinePoint, FieldBytes, Scalar};
use paywall_core::hex;
use paywall_core::scheme::{eip712, eip3009};
use price_table::{Address, Asset, Evm};
use serde_json::json;
use sha3::{Digest as _, Keccak256};

use crate::shop::Product;

/// A chain with USDC. <https://developers.circle.com/stablecoins/usdc-contract-addresses>
#[derive(Clone, Copy, Debug)]
pub struct ChainInfo {
    /// Its EIP-155 id.
    pub id: u64,
    /// The token.
    pub token: [u8; 20],
}

/// Base Sepolia and Polygon Amoy.
pub const CHAINS: [ChainInfo; 2] = [
    ChainInfo { id: 84_532, token: address("036CbD53842c5426634e7929541eC2318f3dCF7e") },
    ChainInfo { id: 80_002, token: address("41E94Eb019C0762f9Bfcf9Fb1E58725BfB0e7582") },
];

/// Anvil's public account 1.
pub const PAYEE: [u8; 20] = address("70997970C51812dc3A010C7d01b50e0d17dc79C8");

/// The keys of the buyers: made up, and public.
const KEYS: [[u8; 32]; 3] = [[0x11; 32], [0x22; 32], [0x33; 32]];
/// This buyer's account has code (EIP-7702): it also signs in a way that only the chain can check.
pub const WRAPS: usize = 2;
/// This buyer is a contract wallet: it accepts what this project cannot check.
pub const CONTRACT: usize = 3;
/// How many buyers there are.
pub const BUYERS: usize = 4;

/// What is signed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Authorization {
    /// On which chain, of [`CHAINS`].
    pub chain: usize,
    /// The payer.
    pub from: [u8; 20],
    /// The payee.
    pub to: [u8; 20],
    /// Atomic units.
    pub value: u128,
    /// Seconds.
    pub valid_after: u64,
    /// Seconds.
    pub valid_before: u64,
    /// Unique per payer.
    pub nonce: [u8; 32],
}

/// A payment's name on its chain.
pub type Id = ([u8; 20], [u8; 32]);

impl Authorization {
    /// Payer and nonce. No two chains see the same nonce here.
    pub fn id(&self) -> Id {
        (self.from, self.nonce)
    }
}

/// A signed payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// What is signed.
    pub authorization: Authorization,
    /// By whom, or by a forger.
    pub signature: Vec<u8>,
    /// The header's value.
    pub header: String,
}

/// What a buyer means to sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Draft {
    /// Who.
    pub buyer: usize,
    /// For what.
    pub product: Product,
    /// At which price.
    pub price: u128,
    /// The how manyth of its kind in this history.
    pub count: usize,
    /// On which chain.
    pub chain: usize,
    /// In the second way, if the account has one.
    pub wrapped: bool,
    /// From after this second.
    pub valid_after: u64,
    /// Until this second.
    pub valid_before: u64,
}

/// All payments that were signed on this thread.
#[derive(Default)]
pub struct Drawer(RefCell<HashMap<Draft, Rc<Payment>>>);

/// So many are kept.
const KEPT: usize = 60_000;

impl Drawer {
    /// Signs, or finds what was signed.
    pub fn payment(&self, draft: Draft) -> Rc<Payment> {
        if let Some(payment) = self.0.borrow().get(&draft) {
            return payment.clone();
        }
        let Draft { buyer, product, count, .. } = draft;
        let authorization = Authorization {
            chain: draft.chain,
            from: account(buyer),
            to: PAYEE,
            value: draft.price,
            valid_after: draft.valid_after,
            valid_before: draft.valid_before,
            nonce: Keccak256::digest(format!("{buyer} {product:?} {count}")).into(),
        };
        let payment = Rc::new(match draft.wrapped && buyer == WRAPS {
            true => {
                let signature = contract_signature(&authorization.nonce);
                Payment::new(authorization, signature)
            }
            false => sign(buyer, authorization),
        });
        let mut kept = self.0.borrow_mut();
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(draft, payment.clone());
        payment
    }
}

/// Signs as a buyer, whatever the authorization says.
pub fn sign(buyer: usize, authorization: Authorization) -> Payment {
    let signature = match KEYS.get(buyer) {
        Some(key) => {
            let message = eip3009::Authorization {
                from: authorization.from,
                to: authorization.to,
                value: authorization.value.into(),
                valid_after: u128::from(authorization.valid_after).into(),
                valid_before: u128::from(authorization.valid_before).into(),
                nonce: authorization.nonce,
            };
            ecdsa(key, &eip712::digest(&token(&CHAINS[authorization.chain]), &message))
        }
        None => contract_signature(&authorization.nonce),
    };
    Payment::new(authorization, signature)
}

/// Signs with the same `k` each time, for which everything slow is known beforehand: `R` = `k`×`G`. It
/// gives the key away, which is public anyway.
fn ecdsa(key: &[u8; 32], digest: &[u8; 32]) -> Vec<u8> {
    let scalar = |bytes: &[u8; 32]| <Scalar as Reduce<FieldBytes>>::reduce(&(*bytes).into());
    let (d, z) = (scalar(key), scalar(digest));
    // For `k` = 1 it is the generator.
    let generator = AffinePoint::GENERATOR;
    let r = <Scalar as Reduce<FieldBytes>>::reduce(&generator.x());
    let signature = Signature::from_scalars(r, z + r * d).expect("neither is 0");
    let low = signature.normalize_s();
    let odd = bool::from(generator.y_is_odd()) != (low != signature);
    [&low.to_bytes()[..], &[27 + u8::from(odd)]].concat()
}

impl Payment {
    /// Puts a header together.
    pub fn new(authorization: Authorization, signature: Vec<u8>) -> Self {
        let a = &authorization;
        let chain = &CHAINS[a.chain];
        let header = json!({
            "x402Version": 2,
            "accepted": {
                "scheme": "exact", "network": format!("eip155:{}", chain.id),
                "amount": a.value.to_string(), "asset": hex::encode(&chain.token),
                "payTo": hex::encode(&PAYEE), "maxTimeoutSeconds": 60,
                "extra": { "name": "USDC", "version": "2" },
            },
            "payload": { "signature": hex::encode(&signature), "authorization": {
                "from": hex::encode(&a.from), "to": hex::encode(&a.to), "value": a.value.to_string(),
                "validAfter": a.valid_after.to_string(), "validBefore": a.valid_before.to_string(),
                "nonce": hex::encode(&a.nonce),
            } },
        });
        Payment { header: STANDARD.encode(header.to_string()), authorization, signature }
    }

    /// Whether the token would accept the signature.
    pub fn is_genuine(&self) -> bool {
        let a = &self.authorization;
        let wrapped = self.signature == contract_signature(&a.nonce);
        // Only signers sign; a forger's bytes are no ECDSA signature at all.
        let raw = self.signature.len() == 65 && self.signature[64] >= 27;
        match buyer_of(&a.from) {
            Some(CONTRACT) => wrapped,
            Some(WRAPS) => raw || wrapped,
            Some(_) => raw,
            None => false,
        }
    }
}

/// What a wallet with code accepts for a nonce.
fn contract_signature(nonce: &[u8; 32]) -> Vec<u8> {
    let mut bytes = [&nonce[..], nonce, nonce].concat();
    bytes.push(0x1c);
    bytes
}

/// A buyer's account.
pub fn account(buyer: usize) -> [u8; 20] {
    thread_local! {
        static ACCOUNTS: [[u8; 20]; BUYERS] = std::array::from_fn(|buyer| match KEYS.get(buyer) {
            Some(key) => {
                let key = SigningKey::from_slice(key).expect("a scalar");
                let point = key.verifying_key().to_sec1_point(false);
                Keccak256::digest(&point.as_bytes()[1..])[12..].try_into().expect("20 of 32 bytes")
            }
            None => [0xcc; 20],
        });
    }
    ACCOUNTS.with(|accounts| accounts[buyer])
}

/// Whose account it is.
pub fn buyer_of(from: &[u8; 20]) -> Option<usize> {
    (0..BUYERS).find(|buyer| account(*buyer) == *from)
}

fn token(chain: &ChainInfo) -> Evm {
    Evm {
        chain_id: chain.id,
        asset: Asset {
            address: address_of(chain.token),
            name: "USDC".into(),
            version: "2".into(),
            decimals: 6,
        },
        pay_to: address_of(PAYEE),
    }
}

/// An address as the table has it.
pub fn address_of(bytes: [u8; 20]) -> Address {
    Address { bytes, eip55: hex::encode(&bytes).into() }
}

const fn address(digits: &str) -> [u8; 20] {
    const fn digit(byte: u8) -> u8 {
        match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            _ => byte - b'A' + 10,
        }
    }
    let digits = digits.as_bytes();
    let mut bytes = [0; 20];
    let mut n = 0;
    while n < 20 {
        bytes[n] = digit(digits[2 * n]) << 4 | digit(digits[2 * n + 1]);
        n += 1;
    }
    bytes
}
