//! Buyers' keys, and payments signed in advance.
//!
//! Signing is the slowest part of a history, and histories all begin at the same time, so every
//! thread signs a drawer of payments once and takes from it.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use k256::ecdsa::SigningKey;
use paywall_core::{claim, eip712, hex};
use price_table::{Address, Asset, Evm};
use serde_json::json;
use sha3::{Digest as _, Keccak256};

use crate::shop::Product;

/// USDC on Base Sepolia. <https://developers.circle.com/stablecoins/usdc-contract-addresses>
pub const TOKEN: [u8; 20] = address("036CbD53842c5426634e7929541eC2318f3dCF7e");
/// Anvil's public account 1.
pub const PAYEE: [u8; 20] = address("70997970C51812dc3A010C7d01b50e0d17dc79C8");
/// The chain's EIP-155 id.
pub const CHAIN_ID: u64 = 84_532;

/// How many payments each buyer can sign for each product in one history.
pub const PAYMENTS: usize = 8;

/// The keys of the buyers: made up, and public.
const KEYS: [[u8; 32]; 3] = [[0x11; 32], [0x22; 32], [0x33; 32]];
/// Of these buyers, the last is a contract wallet: it accepts what this project cannot check.
pub const CONTRACT: usize = 3;
/// How many buyers there are.
pub const BUYERS: usize = 4;

/// What is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorization {
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

/// All payments that buyers may sign.
pub struct Drawer {
    payments: BTreeMap<(usize, Product, usize), Payment>,
    evm: Evm,
}

impl Default for Drawer {
    fn default() -> Self {
        let mut drawer = Drawer { payments: BTreeMap::new(), evm: token() };
        for buyer in 0..BUYERS {
            for product in Product::ALL {
                for count in 0..PAYMENTS {
                    let payment = drawer.make(buyer, product, count);
                    drawer.payments.insert((buyer, product, count), payment);
                }
            }
        }
        drawer
    }
}

impl Drawer {
    /// The `count`th payment of a buyer for a product.
    pub fn payment(&self, buyer: usize, product: Product, count: usize) -> Payment {
        self.payments[&(buyer, product, count)].clone()
    }

    fn make(&self, buyer: usize, product: Product, count: usize) -> Payment {
        let label = format!("{buyer} {product:?} {count}");
        // Later payments are signed later, and clients differ in how long they let one live.
        let life = match count {
            // As long as sellers take one: `limits::WINDOW_MOST_SECONDS`.
            last if last + 1 == PAYMENTS => 89_000,
            count if count % 3 == 2 => 600 * (count as u64 + 1),
            count => 60 * (count as u64 + 1),
        };
        let authorization = Authorization {
            from: account(buyer),
            to: PAYEE,
            value: product.price(),
            valid_after: 0,
            valid_before: crate::EPOCH.secs() + life,
            nonce: Keccak256::digest(label).into(),
        };
        self.sign(buyer, authorization)
    }

    /// Signs as a buyer, whatever the authorization says.
    pub fn sign(&self, buyer: usize, authorization: Authorization) -> Payment {
        let signature = match KEYS.get(buyer) {
            Some(key) => {
                let message = claim::Authorization {
                    from: authorization.from,
                    to: authorization.to,
                    value: authorization.value.into(),
                    valid_after: u128::from(authorization.valid_after).into(),
                    valid_before: u128::from(authorization.valid_before).into(),
                    nonce: authorization.nonce,
                };
                let key = SigningKey::from_slice(key).expect("a scalar");
                let (signature, recovery) =
                    key.sign_prehash_recoverable(&eip712::digest(&self.evm, &message));
                [&signature.to_bytes()[..], &[27 + recovery.to_byte()]].concat()
            }
            None => contract_signature(&authorization.nonce),
        };
        Payment::new(authorization, signature)
    }
}

impl Payment {
    /// Puts a header together.
    pub fn new(authorization: Authorization, signature: Vec<u8>) -> Self {
        let a = &authorization;
        let header = json!({
            "x402Version": 2,
            "accepted": {
                "scheme": "exact", "network": format!("eip155:{CHAIN_ID}"), "amount": a.value.to_string(),
                "asset": hex::encode(&TOKEN), "payTo": hex::encode(&PAYEE), "maxTimeoutSeconds": 60,
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
        let owner = (0..BUYERS).find(|buyer| account(*buyer) == self.authorization.from);
        match owner {
            Some(CONTRACT) => self.signature == contract_signature(&self.authorization.nonce),
            // Only signers sign; a forger's bytes are no ECDSA signature at all.
            Some(_) => self.signature.len() == 65 && self.signature[64] >= 27,
            None => false,
        }
    }
}

/// What the contract wallet accepts for a nonce.
fn contract_signature(nonce: &[u8; 32]) -> Vec<u8> {
    let mut bytes = [&nonce[..], nonce, nonce].concat();
    bytes.push(0x1c);
    bytes
}

/// A buyer's account.
pub fn account(buyer: usize) -> [u8; 20] {
    match KEYS.get(buyer) {
        Some(key) => {
            let key = SigningKey::from_slice(key).expect("a scalar");
            let point = key.verifying_key().to_sec1_point(false);
            Keccak256::digest(&point.as_bytes()[1..])[12..].try_into().expect("20 of 32 bytes")
        }
        None => [0xcc; 20],
    }
}

/// The token and the payee, as the table has them.
pub fn token() -> Evm {
    let address = |bytes: [u8; 20]| Address { bytes, eip55: hex::encode(&bytes).into() };
    Evm {
        chain_id: CHAIN_ID,
        asset: Asset {
            address: address(TOKEN),
            name: "USDC".into(),
            version: "2".into(),
            decimals: 6,
        },
        pay_to: address(PAYEE),
    }
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
