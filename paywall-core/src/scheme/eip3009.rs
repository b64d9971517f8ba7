//! An EIP-3009 authorization, as `exact` payments carry it: read, and told again.

use serde_json::{Value, json};

use crate::hex;
use crate::refusal::Refusal;
use crate::u256::U256;
use crate::wire::claim::transaction_hash;

/// An EIP-3009 authorization with its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Eip3009 {
    /// What is signed.
    pub authorization: Authorization,
    /// The signature's bytes, of any length.
    pub signature: Vec<u8>,
}

/// The message of `TransferWithAuthorization`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorization {
    /// The payer.
    pub from: [u8; 20],
    /// The payee.
    pub to: [u8; 20],
    /// Atomic units.
    pub value: U256,
    /// Not valid until after this second.
    pub valid_after: U256,
    /// Not valid from this second on.
    pub valid_before: U256,
    /// Unique per payer and token.
    pub nonce: [u8; 32],
}

/// Reads an `exact` EVM payload as an EIP-3009 authorization.
/// <https://github.com/x402-foundation/x402/blob/main/specs/schemes/exact/scheme_exact_evm.md>
pub fn read(payload: &Value) -> Result<Eip3009, Refusal> {
    let authorization = &payload["authorization"];
    if !authorization.is_object() {
        return Err(other_proof(payload));
    }
    let text = |value: &Value, missing| {
        value.as_str().map(str::to_owned).ok_or(Refusal::Malformed(missing))
    };
    let address = |name: &str, wrong| {
        let text = authorization[name].as_str().ok_or(Refusal::Malformed(wrong))?;
        hex::decode_array(text).ok_or(Refusal::Malformed(wrong))
    };
    // Numbers are strings by the protocol; small ones as JSON numbers are read as well.
    let number = |name: &str, wrong| {
        match &authorization[name] {
            Value::String(digits) => U256::from_decimal(digits),
            Value::Number(number) => number.as_u64().map(|number| u128::from(number).into()),
            _ => None,
        }
        .ok_or(Refusal::Malformed(wrong))
    };
    let nonce = text(&authorization["nonce"], "`authorization.nonce` is missing or not a string")?;
    let signature = text(&payload["signature"], "`payload.signature` is missing or not a string")?;
    Ok(Eip3009 {
        authorization: Authorization {
            from: address("from", "`authorization.from` is not an address")?,
            to: address("to", "`authorization.to` is not an address")?,
            value: number("value", "`authorization.value` is not a uint256")?,
            valid_after: number("validAfter", "`authorization.validAfter` is not a uint256")?,
            valid_before: number("validBefore", "`authorization.validBefore` is not a uint256")?,
            nonce: hex::decode_array(&nonce).ok_or(Refusal::NonceFormat)?,
        },
        signature: hex::decode(&signature).ok_or(Refusal::SignatureFormat)?,
    })
}

impl Eip3009 {
    /// The `payload` that facilitators are sent: rebuilt from what was read, so that they never see a
    /// field that was not.
    pub fn payload(&self) -> Value {
        let Eip3009 { authorization, signature } = self;
        json!({
            "signature": hex::encode(signature),
            "authorization": {
                "from": hex::encode(&authorization.from),
                "to": hex::encode(&authorization.to),
                "value": authorization.value.to_string(),
                "validAfter": authorization.valid_after.to_string(),
                "validBefore": authorization.valid_before.to_string(),
                "nonce": hex::encode(&authorization.nonce),
            },
        })
    }
}

fn other_proof(payload: &Value) -> Refusal {
    let hash = ["transaction", "transactionHash", "transaction_hash", "txHash", "tx_hash", "hash"];
    if hash.iter().any(|name| payload[name].as_str().is_some_and(transaction_hash)) {
        Refusal::UnsupportedProof("a transaction hash")
    } else if payload["permit2Authorization"].is_object() {
        Refusal::UnsupportedProof("a Permit2 authorization")
    } else if payload["permissionContext"].is_string() {
        Refusal::UnsupportedProof("an ERC-7710 delegation")
    } else if payload["transaction"].is_string() {
        Refusal::UnsupportedProof("a signed transaction")
    } else {
        Refusal::Malformed("`payload.authorization` is missing or not an object")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payload() -> Value {
        json!({
            "signature": format!("0x{}", "11".repeat(65)),
            "authorization": {
                "from": "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
                "to": "0x209693Bc6afc0C5328bA36FaF03C514EF312287C",
                "value": "10000",
                "validAfter": "0",
                "validBefore": "1740672154",
                "nonce": format!("0x{}", "22".repeat(32)),
            },
        })
    }

    #[test]
    fn a_payload_by_the_protocol() {
        let proof = read(&payload()).unwrap();
        assert_eq!(proof.authorization.value, 10_000_u128.into());
        assert_eq!(proof.authorization.nonce, [0x22; 32]);
        assert_eq!(proof.signature, [0x11; 65]);
        let mut numbers = payload();
        numbers["authorization"]["value"] = json!(10_000);
        assert_eq!(read(&numbers), Ok(proof));
    }

    #[test]
    fn refusals() {
        for (name, value, code) in [
            ("from", json!("0xf39F"), "invalid_payload"),
            ("to", json!(null), "invalid_payload"),
            ("value", json!("0x10"), "invalid_payload"),
            ("value", json!(-1), "invalid_payload"),
            ("value", json!(1.5), "invalid_payload"),
            ("validAfter", json!(""), "invalid_payload"),
            ("validBefore", json!([]), "invalid_payload"),
            ("nonce", json!("0x1234"), "invalid_nonce_format"),
            ("nonce", json!(7), "invalid_payload"),
        ] {
            let mut bad = payload();
            bad["authorization"][name] = value.clone();
            let words = read(&bad).unwrap_err().words();
            assert_eq!((words.status, &*words.code), (402, code), "{name} = {value}");
        }
        let mut bad = payload();
        bad["signature"] = json!("0xabc");
        assert_eq!(read(&bad), Err(Refusal::SignatureFormat));
    }

    #[test]
    fn proofs_of_other_kinds_are_named() {
        let hash = format!("0x{}", "ab".repeat(32));
        for (payload, detected) in [
            (json!({ "txHash": hash }), "a transaction hash"),
            (json!({ "transaction": hash }), "a transaction hash"),
            (json!({ "transaction": "AQAB" }), "a signed transaction"),
            (json!({ "permit2Authorization": {} }), "a Permit2 authorization"),
            (json!({ "permissionContext": "0x" }), "an ERC-7710 delegation"),
        ] {
            assert_eq!(read(&payload), Err(Refusal::UnsupportedProof(detected)));
        }
        assert_eq!(read(&json!({})).unwrap_err().code(), "invalid_payload");
    }
}
