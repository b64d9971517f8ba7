//! A 402 answer, read as the reference clients read it: v2 from its header, v1 from its body.
//!
//! Source: `specs/transports-v2/http.md` and `specs/transports-v1/http.md` of
//! [x402](https://github.com/x402-foundation/x402/tree/main/specs).

use alloy_primitives::{Address, U256};
use base64::prelude::{BASE64_STANDARD, Engine};
use reqwest::header::HeaderMap;
use serde_json::Value;

use crate::error::Error;
use crate::facilitator::Wire;
use crate::facilitator::eip3009::{Domain, Token};

/// What a 402 asks for.
#[derive(Clone, Debug)]
pub struct Challenge {
    /// The version that it was read in.
    pub wire: Wire,
    /// The whole of it.
    pub json: Value,
}

/// One entry of `accepts` that this buyer can pay: scheme `exact`, an EVM chain, an EIP-3009 token.
#[derive(Clone, Debug)]
pub struct Offer {
    /// The version that it was made in.
    pub wire: Wire,
    /// The entry, word for word.
    pub json: Value,
    /// v2's `resource`, which a payment echoes; null in v1.
    pub resource: Value,
    /// What the payment is signed under, token and chain included.
    pub domain: Domain,
    /// Payee.
    pub pay_to: Address,
    /// Price in the token's atomic units.
    pub amount: U256,
    /// How long a payment may stay valid, in seconds.
    pub max_timeout: u64,
}

impl Challenge {
    /// Reads a 402. Without `wire`, the header decides: v2 if it is there, v1 if not.
    ///
    /// # Errors
    ///
    /// What is not as x402 has it.
    pub fn read(headers: &HeaderMap, body: &[u8], wire: Option<Wire>) -> Result<Challenge, Error> {
        let header = headers.get("payment-required");
        let wire = wire.unwrap_or(if header.is_some() { Wire::V2 } else { Wire::V1 });
        let json: Value = match wire {
            Wire::V2 => {
                let header = header.ok_or(Error::NoTerms {})?;
                let json = BASE64_STANDARD.decode(header.as_bytes()).map_err(|why| {
                    bad_terms("the PAYMENT-REQUIRED header is not standard base64", &why)
                })?;
                serde_json::from_slice(&json)
                    .map_err(|why| bad_terms("the PAYMENT-REQUIRED header holds no JSON", &why))?
            }
            Wire::V1 => serde_json::from_slice(body).map_err(|why| {
                bad_terms(
                    "the answer has no PAYMENT-REQUIRED header, and its body is not JSON",
                    &why,
                )
            })?,
        };
        if json["x402Version"] != wire.number() {
            return Err(Error::OtherWire {
                said: json["x402Version"].to_string(),
                due: wire.number(),
                other: if wire == Wire::V1 { "v2" } else { "v1" },
            });
        }
        Ok(Challenge { wire, json })
    }

    /// The first offer that this buyer can pay.
    ///
    /// # Errors
    ///
    /// Why it can pay none, for each of them.
    pub fn first_payable(&self) -> Result<Offer, Error> {
        let accepts = self.json["accepts"].as_array().map(Vec::as_slice).unwrap_or_default();
        let mut reasons = Vec::new();
        for (index, json) in accepts.iter().enumerate() {
            match self.offer(json) {
                Ok(offer) => return Ok(offer),
                Err(reason) => reasons.push(format!("accepts[{index}]: {reason}")),
            }
        }
        Err(match reasons.join("\n") {
            none if none.is_empty() => Error::NoOffers {},
            reasons => Error::NothingPayable { reasons },
        })
    }

    /// An entry, or why this buyer cannot pay it.
    fn offer(&self, json: &Value) -> Result<Offer, String> {
        let wire = self.wire;
        let text = |name: &str| {
            json[name].as_str().ok_or_else(|| format!("`{name}` is missing or not text"))
        };
        let address = |name: &str| {
            text(name)?.parse::<Address>().map_err(|why| format!("`{name}` is no address: {why}"))
        };
        let extra = |name: &str| {
            let text = json["extra"][name].as_str();
            text.map(str::to_owned).ok_or_else(|| format!("`extra.{name}` is missing"))
        };
        let (scheme, network) = (text("scheme")?, text("network")?);
        if scheme != "exact" {
            return Err(format!("scheme {scheme:?} is not \"exact\""));
        }
        let chain_id = wire.chain_id(network);
        let chain_id = chain_id.ok_or_else(|| format!("{network:?} is no known EVM network"))?;
        let method = json["extra"]["assetTransferMethod"].as_str().unwrap_or("eip3009");
        if method != "eip3009" {
            return Err(format!("transfer method {method:?} is not \"eip3009\""));
        }
        // A client must not pay in a flow that it does not know.
        let flow = json["extra"]["paymentFlow"].as_str().unwrap_or("authorization");
        if !matches!(flow, "authorization" | "upfront") {
            return Err(format!("payment flow {flow:?} is unknown"));
        }
        let price = if wire == Wire::V1 { "maxAmountRequired" } else { "amount" };
        let amount = U256::from_str_radix(text(price)?, 10);
        Ok(Offer {
            wire,
            json: json.clone(),
            resource: self.json["resource"].clone(),
            domain: Domain {
                name: extra("name")?,
                version: extra("version")?,
                token: Token { chain_id, address: address("asset")? },
            },
            pay_to: address("payTo")?,
            amount: amount.map_err(|_| format!("`{price}` is no whole number"))?,
            max_timeout: json["maxTimeoutSeconds"]
                .as_u64()
                .ok_or("`maxTimeoutSeconds` is no whole number")?,
        })
    }
}

fn bad_terms(what: &'static str, why: &dyn std::error::Error) -> Error {
    Error::BadTerms { what, why: why.to_string() }
}

#[cfg(test)]
mod tests {
    use super::super::seller::terms;
    use super::*;

    #[test]
    fn the_first_payable_offer_is_taken_and_the_others_are_accounted_for() {
        for wire in [Wire::V1, Wire::V2] {
            let mut challenge = Challenge { wire, json: terms(wire) };
            let offer = challenge.first_payable().expect("an offer");
            assert_eq!(offer.json, challenge.json["accepts"][3]);
            assert_eq!((offer.amount, offer.max_timeout), (U256::from(10_000), 60));

            challenge.json["accepts"][3]["extra"]["assetTransferMethod"] = "permit2".into();
            let error = challenge.first_payable().expect_err("no offer").to_string();
            for reason in [
                "accepts[0]: \"solana:",
                "accepts[1]: payment flow \"barter\" is unknown",
                "accepts[2]: scheme \"upto\"",
                "accepts[3]: transfer method \"permit2\"",
            ] {
                assert!(error.contains(reason), "{error}");
            }
        }
    }

    #[test]
    fn a_missing_field_is_named() {
        for field in ["asset", "payTo", "maxTimeoutSeconds", "network", "amount", "extra"] {
            let mut challenge = Challenge { wire: Wire::V2, json: terms(Wire::V2) };
            let offer = challenge.json["accepts"][3].as_object_mut().expect("an offer");
            offer.remove(field);
            let error = challenge.first_payable().expect_err(field).to_string();
            assert!(error.contains(&format!("accepts[3]: `{field}")), "{error}");
        }
    }
}
