//! A buyer with Anvil's public account 0.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use k256::ecdsa::SigningKey;
use paywall_core::hex;
use paywall_core::scheme::eip712;
use paywall_core::scheme::eip3009::Authorization;
use price_table::Evm;
use serde_json::{Value, json};

use crate::offers::{NOW, offer, usdc};

pub const ANVIL_0: &str = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
const ANVIL_0_KEY: &str = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

/// Another buyer: Anvil's account 2.
pub const ANVIL_2: &str = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC";
const ANVIL_2_KEY: &str = "0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a";

/// A payment header in the making: change a field, and sign or do not.
#[derive(Clone, Debug)]
pub struct Payment {
    pub json: Value,
    /// The token that it is signed for.
    pub evm: Evm,
}

impl Payment {
    /// A good v2 payment for the offer of the scenarios.
    pub fn v2(nonce: u8) -> Self {
        Payment::of([nonce; 32])
    }

    /// Its JSON, to be changed without signing it anew.
    #[allow(dead_code)]
    pub fn v2_unsigned() -> Value {
        static ONCE: LazyLock<Value> = LazyLock::new(|| Payment::v2(1).json);
        ONCE.clone()
    }

    /// The same, of any nonce.
    pub fn of(nonce: [u8; 32]) -> Self {
        let offer = offer();
        let mut payment = Payment {
            evm: usdc(),
            json: json!({
                "x402Version": 2,
                "accepted": {
                    "scheme": "exact",
                    "network": "eip155:84532",
                    "amount": "10000",
                    "asset": offer.asset(),
                    "payTo": offer.pay_to(),
                    "maxTimeoutSeconds": 60,
                    "extra": { "name": "USDC", "version": "2" },
                },
                "payload": {
                    "authorization": {
                        "from": ANVIL_0,
                        "to": offer.pay_to(),
                        "value": "10000",
                        "validAfter": (NOW - 60).to_string(),
                        "validBefore": (NOW + 60).to_string(),
                        "nonce": hex::encode(&nonce),
                    },
                },
            }),
        };
        payment.sign();
        payment
    }

    /// The same payment as v1 speaks it.
    pub fn v1(nonce: u8) -> Self {
        let v2 = Payment::v2(nonce);
        Payment {
            evm: usdc(),
            json: json!({
                "x402Version": 1,
                "scheme": "exact",
                "network": "base-sepolia",
                "payload": v2.json["payload"],
            }),
        }
    }

    /// The same payment on another chain.
    pub fn on(mut self, evm: Evm) -> Self {
        let caip2 = format!("eip155:{}", evm.chain_id);
        self.evm = evm;
        self.with("/accepted/network", caip2)
    }

    /// The same, valid for so many seconds from now on.
    pub fn valid_for(self, seconds: u64) -> Self {
        self.valid_until(NOW + seconds)
    }

    /// The same, valid until a second.
    pub fn valid_until(self, second: u64) -> Self {
        self.with("/payload/authorization/validBefore", second.to_string())
    }

    /// The same of another buyer.
    pub fn by_another(self) -> Self {
        self.with("/payload/authorization/from", ANVIL_2)
    }

    /// The same, signed as a smart wallet would: by bytes that only a facilitator can judge.
    #[allow(dead_code)]
    pub fn wrapped(self) -> Self {
        let bytes = [self.signature(), [0x64, 0x92].repeat(16)].concat();
        self.signed(hex::encode(&bytes))
    }

    /// Changes a field and signs again.
    pub fn with(mut self, pointer: &str, value: impl Into<Value>) -> Self {
        *self.json.pointer_mut(pointer).expect(pointer) = value.into();
        self.sign();
        self
    }

    /// The same, with a member that nobody signs.
    pub fn echoing(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.json[member] = value.into();
        self
    }

    /// Puts another signature.
    pub fn signed(mut self, signature: impl Into<Value>) -> Self {
        self.json["payload"]["signature"] = signature.into();
        self
    }

    pub fn signature(&self) -> Vec<u8> {
        hex::decode(self.json["payload"]["signature"].as_str().unwrap()).unwrap()
    }

    pub fn header(&self) -> String {
        STANDARD.encode(self.json.to_string())
    }

    fn sign(&mut self) {
        let authorization = &self.json["payload"]["authorization"];
        let text = |name: &str| authorization[name].as_str().unwrap_or_default().to_owned();
        let number = |name: &str| text(name).parse::<u128>().unwrap_or_default().into();
        let message = Authorization {
            from: hex::decode_array(&text("from")).unwrap_or_default(),
            to: hex::decode_array(&text("to")).unwrap_or_default(),
            value: number("value"),
            valid_after: number("validAfter"),
            valid_before: number("validBefore"),
            nonce: hex::decode_array(&text("nonce")).unwrap_or_default(),
        };
        let key = if text("from") == ANVIL_2 { ANVIL_2_KEY } else { ANVIL_0_KEY };
        let key = SigningKey::from_slice(&hex::decode(key).unwrap()).unwrap();
        let digest = eip712::digest(&self.evm, &message);
        let (signature, recovery) = key.sign_prehash_recoverable(&digest);
        let mut bytes = signature.to_bytes().to_vec();
        bytes.push(27 + recovery.to_byte());
        self.json["payload"]["signature"] = hex::encode(&bytes).into();
    }
}
