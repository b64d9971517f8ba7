//! What is sent of an object, as catalogues read it: the 402 as the function makes it, and what `/settle` is told.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use price_table::{BodyVersion, Listing, bazaar, challenge};
use serde_json::{Value, json};

/// An object's answers. A catalogue asks without a payment.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    /// The object's URL.
    pub(super) url: String,
    /// What `PAYMENT-REQUIRED` holds: x402 v2.
    pub(super) required: Value,
    /// The bytes of that header, once.
    pub(super) header_bytes: usize,
    /// The body, but for the `paywall` object.
    pub(super) body: Value,
    /// `paymentPayload` of `/settle`, less what the buyer signs.
    pub(super) settle: Value,
}

/// The code in the 402 of who has not paid.
const ERROR: &str = "payment_required";

impl Answer {
    /// What is sent at a time, in seconds since 1970.
    pub(super) fn new(listing: &Listing<'_>, site: &str, body: BodyVersion, time: u64) -> Self {
        let url = challenge::resource_url(site, listing);
        let v2 = challenge::v2(listing, &url, ERROR, time);
        let header = challenge::header(&v2);
        let bytes = STANDARD.decode(&header).expect("the header is base64");
        let required: Value = serde_json::from_slice(&bytes).expect("the header holds JSON");
        let body = match body {
            BodyVersion::V1 => {
                serde_json::to_value(challenge::v1(listing, &url, ERROR, time)).expect("JSON")
            }
            BodyVersion::V2 => required.clone(),
        };
        let resource = serde_json::to_value(challenge::resource(listing, &url)).expect("JSON");
        let mut settle = json!({ "x402Version": 2, "resource": resource });
        if let Some(extensions) = bazaar::extensions(listing) {
            settle["extensions"] = serde_json::to_value(extensions).expect("JSON");
        }
        Answer { header_bytes: header.len(), required, body, settle, url }
    }

    /// The first offer, by which catalogues go.
    pub(super) fn offer(&self) -> &Value {
        &self.required["accepts"][0]
    }

    /// The path of the URL.
    pub(super) fn path(&self) -> &str {
        let host = self.url.find("://").map_or(0, |at| at + "://".len());
        self.url[host..].find('/').map_or("/", |slash| &self.url[host + slash..])
    }
}

/// The text of a member; empty if there is none.
pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
