//! What a facilitator is asked: the body of `/verify` and `/settle`.

use price_table::{Listing, Offer, challenge};
use serde_json::{Value, json};

use super::Wire;

/// The body, with the scheme's part of the payment. The same payment for the same URL always gives the
/// same bytes.
pub fn body(wire: Wire, offer: &Offer, payload: Value, listing: &Listing<'_>, url: &str) -> String {
    let (version, payment, requirements) = match wire {
        Wire::V1 => {
            let requirements = challenge::requirements_v1(offer, listing, url);
            let payment = json!({
                "x402Version": 1,
                "scheme": challenge::SCHEME,
                "network": offer.network.v1,
                "payload": payload,
            });
            (1, payment, json!(requirements))
        }
        Wire::V2 => {
            let requirements = challenge::requirements_v2(offer);
            let payment = json!({
                "x402Version": 2,
                "resource": challenge::resource(listing, url),
                "accepted": requirements,
                "payload": payload,
            });
            (2, payment, json!(requirements))
        }
    };
    json!({
        "x402Version": version,
        "paymentPayload": payment,
        "paymentRequirements": requirements,
    })
    .to_string()
}
