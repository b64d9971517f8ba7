//! What `/verify` and `/settle` receive and answer, in both versions of the protocol.
//!
//! Source: [x402 specification](https://github.com/x402-foundation/x402/tree/main/specs), sections 5 and 7 of both versions.

use std::borrow::Cow;
use std::fmt;

use alloy_primitives::{B256, hex};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::eip3009::{Address, Domain, Token, TransferWithAuthorization, U256};
pub(super) use super::networks::Wire;

/// A request that is no payment at all; the answer has neither `isValid` nor `success`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Malformed {
    /// The body is not JSON.
    Json,
    /// A part of the payment is missing or of the wrong type.
    Payment(String),
    /// `paymentPayload` or `paymentRequirements` is missing.
    Parameters,
    /// A scheme or network that this facilitator does not serve.
    Unsupported { scheme: String, network: String },
    /// An `x402Version` other than 1 and 2.
    Version(Value),
}

impl Malformed {
    /// The HTTP status: as the reference facilitator, which counts what its own code throws as 500.
    pub(crate) fn status(&self) -> u16 {
        match self {
            Malformed::Json | Malformed::Parameters => 400,
            Malformed::Payment(_) | Malformed::Unsupported { .. } | Malformed::Version(_) => 500,
        }
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Malformed::Json => write!(f, "invalid_json"),
            Malformed::Parameters => write!(f, "Missing paymentPayload or paymentRequirements"),
            Malformed::Payment(what) => write!(f, "{what}"),
            Malformed::Unsupported { scheme, network } => {
                write!(f, "No facilitator registered for scheme: {scheme} and network: {network}")
            }
            Malformed::Version(version) => {
                write!(f, "No facilitator registered for x402 version: {version}")
            }
        }
    }
}

/// The seller's terms, as the request states them.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Requirements {
    pub(crate) scheme: String,
    pub(crate) network: String,
    /// v2's name of the price.
    amount: Option<String>,
    /// v1's name of the price.
    max_amount_required: Option<String>,
    pub(crate) asset: String,
    pub(crate) pay_to: String,
    #[serde(default)]
    extra: Option<Map<String, Value>>,
}

/// The payer's message: numbers as decimal text, bytes as hex with `0x`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Authorization {
    from: String,
    to: String,
    value: String,
    valid_after: String,
    valid_before: String,
    nonce: String,
}

#[derive(Deserialize)]
struct Exact {
    signature: String,
    authorization: Authorization,
}

/// One request, v1 or v2, in one shape. What the payment claims stays apart from what the seller requires.
#[derive(Debug)]
pub(crate) struct Payment {
    pub(crate) wire: Wire,
    /// Scheme and network that the payment claims.
    pub(crate) scheme: String,
    pub(crate) network: String,
    pub(crate) required: Requirements,
    /// The seller's price in atomic units, as text.
    pub(crate) price: String,
    authorization: Authorization,
    signature: String,
}

impl Payment {
    /// Reads a request's body.
    pub(crate) fn read(body: &[u8]) -> Result<Payment, Malformed> {
        let body: Value = serde_json::from_slice(body).map_err(|_| Malformed::Json)?;
        let part = |name: &str| body.get(name).filter(|part| part.is_object());
        let (Some(payload), Some(required)) = (part("paymentPayload"), part("paymentRequirements"))
        else {
            return Err(Malformed::Parameters);
        };
        // The version is the payment's: the reference takes requests without a top-level one.
        let (wire, claim) = match payload["x402Version"].as_u64() {
            Some(1) => (Wire::V1, payload),
            Some(2) => (Wire::V2, &payload["accepted"]),
            _ => return Err(Malformed::Version(payload["x402Version"].clone())),
        };
        let text = |name: &str| claim[name].as_str().unwrap_or_default().to_owned();
        let mut required: Requirements = typed("paymentRequirements", required)?;
        let Exact { signature, authorization } =
            typed("paymentPayload.payload", &payload["payload"])?;
        let (scheme, network) = (text("scheme"), text("network"));
        if required.scheme != "exact" || wire.chain_id(&required.network).is_none() {
            let Requirements { scheme, network, .. } = required;
            return Err(Malformed::Unsupported { scheme, network });
        }
        let (field, price) = match wire {
            Wire::V1 => ("maxAmountRequired", required.max_amount_required.take()),
            Wire::V2 => ("amount", required.amount.take()),
        };
        let price = price.ok_or_else(|| {
            Malformed::Payment(format!("paymentRequirements: missing field `{field}`"))
        })?;
        Ok(Payment { wire, scheme, network, required, price, authorization, signature })
    }

    /// The payer as the payment writes it.
    pub(crate) fn payer(&self) -> &str {
        &self.authorization.from
    }

    /// The domain that the seller's `extra` states; `None` without a name and version.
    pub(crate) fn domain(&self) -> Option<Domain> {
        let extra = self.required.extra.as_ref()?;
        let text = |name: &str| extra.get(name)?.as_str().filter(|text| !text.is_empty());
        Some(Domain {
            name: text("name")?.to_owned(),
            version: text("version")?.to_owned(),
            token: Token {
                chain_id: self.wire.chain_id(&self.required.network)?,
                address: self.required.asset.parse().ok()?,
            },
        })
    }

    /// The message in the types of EIP-712; `None` if a field does not fit its type.
    pub(crate) fn authorization(&self) -> Option<TransferWithAuthorization> {
        let number = |text: &str| U256::from_str_radix(text, 10).ok();
        Some(TransferWithAuthorization {
            from: self.authorization.from.parse().ok()?,
            to: self.authorization.to.parse().ok()?,
            value: number(&self.authorization.value)?,
            validAfter: number(&self.authorization.valid_after)?,
            validBefore: number(&self.authorization.valid_before)?,
            nonce: self.authorization.nonce.parse().ok()?,
        })
    }

    /// The signature's bytes; `None` if they are not hex.
    pub(crate) fn signature(&self) -> Option<Vec<u8>> {
        hex::decode(&self.signature).ok()
    }

    /// The seller's payee, if it is an address.
    pub(crate) fn pay_to(&self) -> Option<Address> {
        self.required.pay_to.parse().ok()
    }
}

fn typed<'a, T: Deserialize<'a>>(name: &str, value: &'a Value) -> Result<T, Malformed> {
    T::deserialize(value).map_err(|error| Malformed::Payment(format!("{name}: {error}")))
}

/// Why a payment was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// `invalidReason` or `errorReason`.
    pub(crate) code: Cow<'static, str>,
    /// `invalidMessage` or `errorMessage`.
    pub(crate) message: Option<String>,
}

impl From<&'static str> for Refusal {
    fn from(code: &'static str) -> Self {
        Refusal { code: code.into(), message: None }
    }
}

/// The body of `/verify`'s answer.
pub(crate) fn verified(payment: &Payment, outcome: Result<(), Refusal>) -> Value {
    match outcome {
        Ok(()) => json!({"isValid": true, "payer": payment.payer()}),
        Err(Refusal { code, message }) => {
            let mut body =
                json!({"isValid": false, "invalidReason": code, "payer": payment.payer()});
            if let Some(message) = message {
                body["invalidMessage"] = message.into();
            }
            body
        }
    }
}

/// The body of `/settle`'s answer.
pub(crate) fn settled(payment: &Payment, outcome: Result<B256, Refusal>) -> Value {
    let payer = payment.payer();
    match outcome {
        Ok(tx) => json!({
            "success": true, "transaction": tx.to_string(), "network": payment.required.network, "payer": payer,
        }),
        Err(Refusal { code, message }) => {
            let mut body = json!({
                "success": false, "errorReason": code, "transaction": "",
                "network": payment.network, "payer": payer,
            });
            if let Some(message) = message {
                body["errorMessage"] = message.into();
            }
            body
        }
    }
}

/// The body of `/supported`: every network that has a name in v1. Other EVM chains are served too.
pub(crate) fn supported(signer: Address) -> Value {
    let kind = |version: u8, network: String| json!({"x402Version": version, "scheme": "exact", "network": network});
    let names = super::networks::V1_NAMES.iter();
    let kinds: Vec<Value> = names
        .flat_map(|(name, chain)| [kind(2, format!("eip155:{chain}")), kind(1, (*name).to_owned())])
        .collect();
    json!({"kinds": kinds, "extensions": [], "signers": {"eip155:*": [signer.to_string()]}})
}
