//! Stage 10: letting CloudFront serve the object.
//!
//! A [`Grant`] can be made in two ways only: from a rule that says `free`, or from a [`Receipt`],
//! which only a facilitator's answer makes. There is no third way to content.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use price_table::{Key, Listing};

use crate::claim::PAYMENT_HEADERS;
use crate::event::Request;
use crate::facilitator::Receipt;
use crate::handover::{self, Keys};
use crate::route::Free;

/// Permission to serve one object.
#[derive(Clone, Debug)]
pub struct Grant<'a> {
    listing: Listing<'a>,
    receipt: Option<Receipt>,
}

impl<'a> Grant<'a> {
    /// For an object that its rule gives away.
    pub fn free(free: Free<'a>) -> Self {
        Grant { listing: free.listing(), receipt: None }
    }

    /// For a payment that settled.
    pub fn paid(listing: Listing<'a>, receipt: Receipt) -> Self {
        Grant { listing, receipt: Some(receipt) }
    }

    /// The request that goes on: the one spelling of the one key that was priced, no query, nothing
    /// that could turn the answer into one without content, and the receipt for viewer-response.
    pub fn apply(self, mut request: Request, request_id: &str, keys: &Keys) -> Request {
        let object = &self.listing.object;
        let key = Key::parse(object.key).expect("the compiler lists canonical keys only");
        request.uri = key.to_uri_path();
        request.querystring.clear();
        for name in PAYMENT_HEADERS {
            request.headers.remove(name);
        }
        if let Some(receipt) = &self.receipt {
            for name in ["if-match", "if-modified-since", "if-none-match", "if-unmodified-since"] {
                request.headers.remove(name);
            }
            // A validator that may not match must not turn a sale into a 416 further on.
            if request.headers.first("if-range").is_some_and(|tag| tag.trim() != object.etag) {
                request.headers.remove("if-range");
                request.headers.remove("range");
            }
            let receipt = STANDARD.encode(receipt.to_json());
            request.headers.set(handover::HEADER, keys.seal(request_id, object, &receipt));
        }
        request
    }
}
