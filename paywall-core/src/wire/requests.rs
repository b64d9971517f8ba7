//! What a facilitator is asked: the body of `/verify` and `/settle`.

use price_table::{Listing, Quoted, bazaar, challenge};
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::Wire;
use crate::json::text;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a, P, R> {
    #[serde(rename = "x402Version")]
    version: u8,
    payment_payload: P,
    payment_requirements: &'a R,
}

#[derive(Serialize)]
struct PaymentV1<'a> {
    #[serde(rename = "x402Version")]
    version: u8,
    scheme: &'static str,
    network: Option<&'a str>,
    payload: &'a Value,
}

#[derive(Serialize)]
struct PaymentV2<'a, S, R> {
    #[serde(rename = "x402Version")]
    version: u8,
    resource: S,
    accepted: &'a R,
    payload: &'a Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    extensions: Option<Box<RawValue>>,
}

/// The body, with the scheme's part of the payment. The same payment for the same URL always gives the
/// same bytes.
pub fn body(
    wire: Wire,
    quoted: Quoted<'_>,
    payload: &Value,
    listing: &Listing<'_>,
    url: &str,
) -> String {
    match wire {
        Wire::V1 => {
            let (scheme, network) = (challenge::SCHEME, quoted.offer.network.v1.as_deref());
            text(&Body {
                version: 1,
                payment_payload: PaymentV1 { version: 1, scheme, network, payload },
                payment_requirements: &challenge::requirements_v1(quoted, listing, url),
            })
        }
        Wire::V2 => {
            let requirements = challenge::requirements_v2(quoted);
            let resource = challenge::resource(listing, url);
            text(&Body {
                version: 2,
                payment_payload: PaymentV2 {
                    version: 2,
                    resource,
                    accepted: &requirements,
                    payload,
                    // Whatever the buyer echoed: a catalogue lists what the seller says.
                    extensions: bazaar::extensions(listing),
                },
                payment_requirements: &requirements,
            })
        }
    }
}
