//! `.well-known/x402`. The protocol has no document of this name; `version` and `resources` are what
//! crawlers read, and `items` are as a facilitator's `/discovery/resources` lists them.
//!
//! * <https://github.com/Merit-Systems/x402scan/blob/main/docs/DISCOVERY.md>
//! * <https://github.com/x402-foundation/x402/blob/main/specs/x402-specification-v2.md>

use price_table::challenge::requirements_v2;
use serde_json::{Value, json};

use super::entry::Entry;
use super::{MAX_DESCRIBED, bazaar};

pub(super) fn write(entries: &[Entry<'_>]) -> Value {
    let items: Vec<_> = entries.iter().take(MAX_DESCRIBED).map(item).collect();
    json!({
        "version": 1,
        "x402Version": 2,
        "resources": entries.iter().map(|entry| &entry.url).collect::<Vec<_>>(),
        "items": items,
        "instructions": "GET a resource; pay one of the offers in the PAYMENT-REQUIRED header of its \
            402, and GET it again with the payment. Terms in the 402 come before those given here.",
    })
}

fn item(entry: &Entry<'_>) -> Value {
    // Of a price that changes, the one that it has first: a document has no clock.
    let quoted = entry.offers.iter().map(|offer| offer.quoted(0));
    let accepts: Vec<_> = quoted.map(requirements_v2).collect();
    json!({
        "resource": entry.url,
        "type": "http",
        "x402Version": 2,
        "description": entry.description(),
        "mimeType": entry.listing.mime_type,
        "accepts": accepts,
        "extensions": { "bazaar": bazaar::extension(entry) },
    })
}
