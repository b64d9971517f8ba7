//! Stage 5: the payment header, decoded. Nothing in it is trusted yet.
//!
//! Three header names are in use: `PAYMENT-SIGNATURE` (x402 v2), `X-PAYMENT-SIGNATURE` (its alias
//! in AWS's samples) and `X-PAYMENT` (v1). Which version a payment speaks is said by its own
//! `x402Version`, whatever the header is called, and it is answered in that version.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value;

use super::Wire;
use crate::event::Headers;
use crate::hex;
use crate::limits;
use crate::refusal::Refusal;

/// The header names that may bear a payment, most telling first.
pub const PAYMENT_HEADERS: [&str; 3] = ["payment-signature", "x-payment-signature", "x-payment"];

/// U+FEFF in UTF-8. JSON may not begin with it, and readers may skip it:
/// <https://www.rfc-editor.org/rfc/rfc8259#section-8.1>.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// A decoded payment header.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// The version it speaks.
    pub wire: Wire,
    /// The scheme that it says it is for.
    pub scheme: String,
    /// The network that it says it is for, spelled as `wire` spells it.
    pub network: String,
    /// v2 only: the offer that it says it accepts.
    pub accepted: Option<Accepted>,
    /// The scheme's own part.
    pub payload: Value,
}

/// The rest of v2's `accepted`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Atomic units, decimal.
    pub amount: String,
    /// The token's address.
    pub asset: String,
    /// The payee's address.
    pub pay_to: String,
}

/// Reads the payment of a request, if it bears one. A buyer may send it under several names, in the
/// words of several versions; the first name counts that has something under it.
pub fn read(headers: &Headers) -> Result<Option<Claim>, Refusal> {
    for name in PAYMENT_HEADERS {
        // Some clients send a header that they have nothing for: that is no payment, and must not
        // hide one.
        let mut values = headers.all(name).map(str::trim).filter(|value| !value.is_empty());
        let Some(value) = values.next() else { continue };
        if values.any(|other| other != value) {
            return Err(Refusal::AmbiguousPayment);
        }
        return decode(value).map(Some);
    }
    Ok(None)
}

/// Whether a text is `0x` and 32 bytes: a hash of a transaction that the buyer sent on their own.
pub fn transaction_hash(text: &str) -> bool {
    hex::decode_array::<32>(text).is_some()
}

fn decode(value: &str) -> Result<Claim, Refusal> {
    if value.len() > limits::PAYMENT_HEADER_BYTES {
        return Err(Refusal::HeaderTooLarge);
    }
    if transaction_hash(value) {
        return Err(Refusal::UnsupportedProof("a transaction hash"));
    }
    let bytes = base64(value).ok_or(Refusal::Unreadable("the header is not base64"))?;
    // .NET's encoders, among others, begin UTF-8 with it. It says nothing.
    let json = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&bytes);
    let json: Value = serde_json::from_slice(json)
        .map_err(|_| Refusal::Unreadable("the header's base64 does not decode to JSON"))?;
    envelope(json)
}

fn envelope(mut json: Value) -> Result<Claim, Refusal> {
    if !json.is_object() {
        return Err(Refusal::Malformed("the payment is not a JSON object"));
    }
    let wire = match json.get("x402Version").and_then(Value::as_u64) {
        Some(1) => Wire::V1,
        Some(2) => Wire::V2,
        _ => return Err(Refusal::InvalidVersion),
    };
    let payload = json["payload"].take();
    if !payload.is_object() {
        return Err(
            match ["transaction", "txHash", "transactionHash"]
                .iter()
                .any(|name| json[name].as_str().is_some_and(transaction_hash))
            {
                true => Refusal::UnsupportedProof("a transaction hash"),
                false => Refusal::Malformed("`payload` is missing or not an object"),
            },
        );
    }
    let terms = match wire {
        Wire::V1 => &json,
        Wire::V2 => &json["accepted"],
    };
    let text = |name: &'static str, missing: &'static str| {
        terms[name].as_str().map(str::to_owned).ok_or(Refusal::Malformed(missing))
    };
    let accepted = match wire {
        Wire::V1 => None,
        Wire::V2 => Some(Accepted {
            amount: text("amount", "`accepted.amount` is missing or not a string")?,
            asset: text("asset", "`accepted.asset` is missing or not a string")?,
            pay_to: text("payTo", "`accepted.payTo` is missing or not a string")?,
        }),
    };
    Ok(Claim {
        wire,
        scheme: text("scheme", "`scheme` is missing or not a string")?,
        network: text("network", "`network` is missing or not a string")?,
        accepted,
        payload,
    })
}

/// The protocol says the standard alphabet with padding; some buyers leave the padding out or use
/// the URL-safe alphabet, and nothing is gained by refusing them.
fn base64(value: &str) -> Option<Vec<u8>> {
    const LENIENT: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
    const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);
    let engine = if value.contains(['-', '_']) { URL_SAFE } else { STANDARD };
    engine.decode(value).ok()
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose;

    use super::*;

    fn headers(fields: &[(&str, &str)]) -> Headers {
        let mut headers = Headers::default();
        for (name, value) in fields {
            headers.set(name, *value);
        }
        headers
    }

    fn encode(json: &str) -> String {
        general_purpose::STANDARD.encode(json)
    }

    const V1: &str =
        r#"{"x402Version":1,"scheme":"exact","network":"base-sepolia","payload":{"a":"?>"}}"#;

    #[test]
    fn any_of_the_headers_in_any_base64() {
        let padded = encode(V1);
        let bare = padded.trim_end_matches('=').to_owned();
        let url_safe = general_purpose::URL_SAFE.encode(V1);
        for value in [padded, bare, url_safe] {
            for name in ["PAYMENT-SIGNATURE", "X-PAYMENT-SIGNATURE", "X-PAYMENT"] {
                let claim = read(&headers(&[(name, &value)])).unwrap().unwrap();
                assert_eq!(claim.wire, Wire::V1);
                assert_eq!(claim.network, "base-sepolia");
            }
        }
        assert_eq!(read(&headers(&[("accept", "*/*")])), Ok(None));
    }

    #[test]
    fn the_first_name_counts_and_two_payments_under_it_are_none() {
        let (one, other) = (encode(V1), encode(&V1.replace("?>", "")));
        let names = headers(&[("x-payment", &other), ("payment-signature", &one)]);
        assert_eq!(read(&names).unwrap().unwrap().payload["a"], "?>");
        let two: Headers = serde_json::from_value(serde_json::json!({
            "x-payment": [{ "key": "X-PAYMENT", "value": one }, { "value": other }],
        }))
        .unwrap();
        assert_eq!(read(&two), Err(Refusal::AmbiguousPayment));
    }

    #[test]
    fn an_empty_header_is_no_payment_and_hides_none() {
        let good = encode(V1);
        for empty in ["", " ", " \t "] {
            for name in PAYMENT_HEADERS {
                assert_eq!(read(&headers(&[(name, empty)])), Ok(None), "{name}: {empty:?}");
            }
            let beside = headers(&[("payment-signature", empty), ("x-payment", &good)]);
            assert_eq!(read(&beside).unwrap().unwrap().wire, Wire::V1);
            let twice: Headers = serde_json::from_value(serde_json::json!({
                "x-payment": [{ "value": empty }, { "value": format!("{good} ") }, { "value": good }],
            }))
            .unwrap();
            assert_eq!(read(&twice).unwrap().unwrap().wire, Wire::V1);
        }
    }

    #[test]
    fn a_byte_order_mark_is_skipped_once() {
        let marked = encode(&format!("\u{feff}{V1}"));
        assert_eq!(read(&headers(&[("x-payment", &marked)])).unwrap().unwrap().wire, Wire::V1);
        let twice = encode(&format!("\u{feff}\u{feff}{V1}"));
        let refusal = read(&headers(&[("x-payment", &twice)])).unwrap_err();
        assert_eq!(refusal.words().status, 400);
    }

    #[test]
    fn refusals() {
        let hash = format!("0x{}", "ab".repeat(32));
        let large = "A".repeat(limits::PAYMENT_HEADER_BYTES + 1);
        let with_hash = encode(&format!(r#"{{"x402Version":2,"txHash":"{hash}"}}"#));
        for (value, status, code) in [
            (large.as_str(), 431, "payment_header_too_large"),
            ("%%%", 400, "invalid_payload"),
            (&encode("{nope"), 400, "invalid_payload"),
            (&encode(" "), 400, "invalid_payload"),
            (&encode("[]"), 402, "invalid_payload"),
            (&encode("null"), 402, "invalid_payload"),
            (&encode("{}"), 402, "invalid_x402_version"),
            (&encode(r#"{"x402Version":3,"payload":{}}"#), 402, "invalid_x402_version"),
            (&encode(r#"{"x402Version":"2","payload":{}}"#), 402, "invalid_x402_version"),
            (&encode(r#"{"x402Version":2}"#), 402, "invalid_payload"),
            (&encode(r#"{"x402Version":2,"payload":{}}"#), 402, "invalid_payload"),
            (
                &encode(r#"{"x402Version":2,"payload":{},"accepted":{"amount":1}}"#),
                402,
                "invalid_payload",
            ),
            (&hash, 422, "unsupported_proof"),
            (&with_hash, 422, "unsupported_proof"),
        ] {
            let words = read(&headers(&[("payment-signature", value)])).unwrap_err().words();
            assert_eq!((words.status, &*words.code), (status, code), "{value:.60}");
        }
    }
}
