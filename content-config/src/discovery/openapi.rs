//! `openapi.json`: OpenAPI 3.1 with `x-payment-info`. What `@agentcash/discovery` and x402scan know of a shop they have
//! from it: x402scan registers nothing that is not in it.
//!
//! * <https://spec.openapis.org/oas/v3.1.0>
//! * <https://www.npmjs.com/package/@agentcash/discovery>, `docs/SPECIFICATION.md`
//! * <https://github.com/Merit-Systems/x402scan/blob/main/docs/DISCOVERY.md>

use price_table::{Listing, bazaar};
use serde_json::{Map, Value, json};

use super::entry::{Entry, shop_name};
use super::{guide, surface};
use crate::compiled::Compiled;

pub(super) fn write(compiled: &Compiled, entries: &[Entry<'_>]) -> Value {
    let site = &compiled.table.site.urls[0];
    let described = surface::choose(entries);
    let paths: Map<String, Value> = described
        .iter()
        .map(|entry| (entry.path().to_owned(), json!({ "get": operation(entry) })))
        .collect();
    json!({
        "openapi": "3.1.0",
        "info": info(compiled, described.len(), entries.len()),
        "servers": [{ "url": site }],
        "paths": paths,
        "components": components(),
        "x-agentcash-guidance": { "llmsTxtUrl": format!("{site}/llms.txt") },
    })
}

fn info(compiled: &Compiled, described: usize, all: usize) -> Value {
    let site = &compiled.table.site.urls[0];
    let mut info = json!({
        "title": shop_name(compiled),
        // Of what is described, not of a program: it has no versions.
        "version": "1.0.0",
        "description": format!(
            "{described} of {all} files that are sold here one by one, paid by x402. {site}/.well-known/x402 has the URLs of all."
        ),
        "x-guidance": guide::how_to_buy(compiled),
    });
    if let Some(contact) = &compiled.table.site.contact {
        let kind = if contact.contains("://") { "url" } else { "email" };
        info["contact"] = json!({ kind: contact });
    }
    info
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
        // Without any parameter readers miss the schema of what goes in.
        "parameters": [{
            "name": "PAYMENT-SIGNATURE",
            "in": "header",
            "required": false,
            "description": "Base64 of x402's PaymentPayload. Without it the answer is 402, with the offers.",
            "schema": { "type": "string" },
        }],
        // No key or sign-in; with `x-payment-info` it says paid, without it would say free.
        "security": [],
        "x-payment-info": {
            "price": price(entry),
            "protocols": [{ "x402": {} }],
        },
        "responses": {
            "200": {
                "description": "The file.",
                "headers": { "PAYMENT-RESPONSE": { "$ref": "#/components/headers/PaymentResponse" } },
                "content": { entry.listing.mime_type: content(&entry.listing) },
            },
            "402": { "$ref": "#/components/responses/PaymentRequired" },
            "default": { "$ref": "#/components/responses/Refusal" },
        },
    })
}

/// What the file is like: of JSON and text as the seller's sample is, of anything else its type.
fn content(listing: &Listing<'_>) -> Value {
    let sample = listing.rule.sample.as_deref();
    let kind = sample.map(|sample| bazaar::json_type(Some(sample), listing.mime_type));
    let schema = match (bazaar::kind(listing.mime_type), kind) {
        ("json", None) => json!({}),
        ("json", Some(kind)) => json!({ "type": kind }),
        ("text", _) => json!({ "type": "string" }),
        // Bytes are no string in OpenAPI 3.1: https://spec.openapis.org/oas/v3.1.0#considerations-for-file-uploads
        _ => return json!({ "schema": { "contentMediaType": listing.mime_type } }),
    };
    match sample.and_then(|sample| serde_json::from_str::<Value>(sample).ok()) {
        Some(example) if schema["type"] == kind.unwrap_or_default() => {
            json!({ "schema": schema, "example": example })
        }
        _ => json!({ "schema": schema }),
    }
}

fn components() -> Value {
    let refusal =
        json!({ "application/json": { "schema": { "$ref": "#/components/schemas/Refusal" } } });
    json!({
        "headers": {
            "PaymentRequired": {
                "description": "Base64 of x402's PaymentRequired, version 2: the offers.",
                "schema": { "type": "string" },
            },
            "PaymentResponse": {
                "description": "Base64 of x402's SettlementResponse: the receipt.",
                "schema": { "type": "string" },
            },
        },
        "responses": {
            "PaymentRequired": {
                "description": "Payment required. Nothing was submitted.",
                "headers": { "PAYMENT-REQUIRED": { "$ref": "#/components/headers/PaymentRequired" } },
                "content": refusal,
            },
            "Refusal": {
                "description": "Not the file, and what to do next.",
                "content": refusal,
            },
        },
        "schemas": {
            "Refusal": {
                "type": "object",
                "properties": {
                    "paywall": {
                        "type": "object",
                        "properties": {
                            "code": { "type": "string" },
                            "message": { "type": "string" },
                            "nextStep": { "type": "string" },
                            "retryable": { "type": "boolean" },
                            "resendSamePayment": { "type": "boolean" },
                            "until": { "type": "integer" },
                            "contact": { "type": "string" },
                        },
                        "required": ["code", "message", "nextStep", "retryable", "resendSamePayment"],
                    },
                },
            },
        },
    })
}
