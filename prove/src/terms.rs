//! The terms of a 402, as clients of either version read them.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use edge_local::buyer::Wire;
use serde_json::Value;

use crate::answer::Answer;

/// What a 402 says: v2 in its header, v1 in its body.
#[derive(Clone, Debug, Default)]
pub(crate) struct Terms {
    /// `PAYMENT-REQUIRED`: its JSON, or what is wrong with it. `None` without the header.
    pub(crate) v2: Option<Result<Value, String>>,
    /// The body, if it is JSON of x402 v1.
    pub(crate) v1: Option<Value>,
    /// The body, if it repeats v2's JSON.
    pub(crate) v2_body: Option<Value>,
}

impl Terms {
    pub(crate) fn read(answer: &Answer) -> Terms {
        let body = serde_json::from_slice::<Value>(&answer.body).ok();
        let of = |version: u8| body.clone().filter(|body| body["x402Version"] == version);
        let header = answer.headers.get("payment-required");
        Terms {
            v2: header.map(|value| decode(value.as_bytes())),
            v1: of(1),
            v2_body: of(2).filter(|body| body["accepts"].is_array()),
        }
    }

    /// The terms in this version, if they can be read.
    pub(crate) fn json(&self, wire: Wire) -> Option<&Value> {
        match wire {
            Wire::V1 => self.v1.as_ref(),
            Wire::V2 => self.v2.as_ref()?.as_ref().ok(),
        }
    }

    /// The versions that can be read.
    pub(crate) fn wires(&self) -> Vec<Wire> {
        [Wire::V2, Wire::V1].into_iter().filter(|wire| self.json(*wire).is_some()).collect()
    }

    /// All offers, with where they stand.
    pub(crate) fn offers(&self) -> Vec<(Wire, String, &Value)> {
        let mut offers = Vec::new();
        for (wire, place) in [(Wire::V2, "header"), (Wire::V1, "body")] {
            let accepts = self.json(wire).and_then(|json| json["accepts"].as_array());
            for (at, offer) in accepts.into_iter().flatten().enumerate() {
                offers.push((wire, format!("{place}, accepts[{at}]"), offer));
            }
        }
        offers
    }
}

/// The JSON of a header: base64 with the standard alphabet and padding, as the reference clients demand.
pub(crate) fn decode(value: &[u8]) -> Result<Value, String> {
    let json =
        BASE64_STANDARD.decode(value).map_err(|why| format!("not standard base64: {why}"))?;
    serde_json::from_slice(&json).map_err(|why| format!("not JSON: {why}"))
}

/// What an offer asks for, of either version, so that two can be compared: chain, token, payee, amount.
pub(crate) fn asked(wire: Wire, offer: &Value) -> Option<[String; 4]> {
    let text = |name: &str| Some(offer[name].as_str()?.to_owned());
    let network = text("network")?;
    let network = match (wire, wire.chain_id(&network)) {
        (_, Some(id)) => format!("eip155:{id}"),
        // Solana and others: v1 names the family where v2 names the chain.
        (Wire::V1, None) => network.split('-').next().unwrap_or_default().to_owned(),
        (Wire::V2, None) => network.split(':').next().unwrap_or_default().to_owned(),
    };
    let price = if wire == Wire::V1 { "maxAmountRequired" } else { "amount" };
    let evm = network.starts_with("eip155:");
    // Addresses of EVM chains mean the same in either case.
    let place = |text: String| if evm { text.to_lowercase() } else { text };
    Some([network.clone(), place(text("asset")?), place(text("payTo")?), text(price)?])
}

/// Why a payment was not taken, wherever the answer says it.
pub(crate) fn reason(answer: &Answer) -> Option<String> {
    let said = |json: &Value, name: &str| {
        json[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let decoded = |name: &str| decode(answer.headers.get(name)?.as_bytes()).ok();
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let receipt = decoded("payment-response").or_else(|| decoded("x-payment-response"));
    receipt
        .and_then(|json| said(&json, "errorReason"))
        .or_else(|| said(&body, "error"))
        .or_else(|| said(&body, "message"))
        .or_else(|| said(&decoded("payment-required")?, "error"))
}
