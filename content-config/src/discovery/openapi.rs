//! `openapi.json`: OpenAPI 3.1 with `x-payment-info`.
//!
//! * <https://spec.openapis.org/oas/v3.1.0>
//! * <https://www.npmjs.com/package/@agentcash/discovery>, `docs/SPECIFICATION.md`

use serde_json::{Map, Value, json};

use super::MAX_DESCRIBED;
use super::entry::Entry;
use crate::compiled::Compiled;

pub(super) fn write(compiled: &Compiled, entries: &[Entry<'_>]) -> Value {
    let site = &compiled.table.site.urls[0];
    let described = entries.len().min(MAX_DESCRIBED);
    let paths: Map<String, Value> = entries[..described]
        .iter()
        .map(|entry| (entry.path().to_owned(), json!({ "get": operation(entry) })))
        .collect();
    let host = site.split_once("://").map_or(site.as_ref(), |(_, host)| host);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": host,
            // Of what is described, not of a program: it has no versions.
            "version": "1.0.0",
            "description": format!(
                "{described} of {} objects sold by x402, each for a payment. {site}/.well-known/x402 lists all.",
                entries.len()
            ),
            "x-guidance": "Every operation is a plain GET without parameters. Without payment it \
                answers 402 with offers in the PAYMENT-REQUIRED header.",
        },
        "servers": [{ "url": site }],
        "paths": paths,
        "components": {
            "headers": {
                "PaymentRequired": {
                    "description": "Base64 of x402 v2's PaymentRequired: the offers.",
                    "schema": { "type": "string" },
                },
                "PaymentResponse": {
                    "description": "Base64 of x402's SettlementResponse: the receipt.",
                    "schema": { "type": "string" },
                },
            },
        },
        "x-discovery": { "llmsTxtUrl": format!("{site}/llms.txt") },
    })
}

/// Of a price that changes, both: a document has no clock.
fn price(entry: &Entry<'_>) -> Value {
    let (quote, currency) = (entry.quote, &entry.quote.currency);
    let Some(next) = &entry.note.next else {
        return json!({ "mode": "fixed", "currency": currency, "amount": quote.price.to_string() });
    };
    let mut prices = [&quote.price, &next.quote.price];
    prices.sort();
    let [min, max] = prices.map(ToString::to_string);
    json!({ "mode": "dynamic", "currency": currency, "min": min, "max": max })
}

fn operation(entry: &Entry<'_>) -> Value {
    json!({
        "operationId": entry.tool_name,
        "summary": entry.title(),
        "description": entry.description(),
        "parameters": [],
        "security": [],
        "x-payment-info": {
            "price": price(entry),
            "protocols": [{ "x402": {} }],
        },
        "responses": {
            "200": {
                "description": "The object.",
                "headers": { "PAYMENT-RESPONSE": { "$ref": "#/components/headers/PaymentResponse" } },
                "content": { entry.listing.mime_type: {} },
            },
            "402": {
                "description": "Payment required.",
                "headers": { "PAYMENT-REQUIRED": { "$ref": "#/components/headers/PaymentRequired" } },
                "content": { "application/json": {} },
            },
        },
    })
}
