//! The `bazaar` extension of x402 v2: how the object is asked for.
//! <https://github.com/x402-foundation/x402/blob/main/specs/extensions/bazaar.md>

use serde_json::{Value, json};

use super::entry::Entry;

/// `info`, and the JSON Schema that it must match.
pub(super) fn extension(entry: &Entry<'_>) -> Value {
    let kind = if entry.listing.mime_type.contains("json") { "json" } else { "text" };
    json!({
        "info": {
            "input": { "type": "http", "method": "GET" },
            "output": { "type": kind, "format": entry.listing.mime_type },
        },
        "schema": {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": {
                "input": {
                    "type": "object",
                    "properties": {
                        "type": { "type": "string", "const": "http" },
                        "method": { "type": "string", "enum": ["GET"] },
                    },
                    "required": ["type", "method"],
                    "additionalProperties": false,
                },
                "output": {
                    "type": "object",
                    "properties": { "type": { "type": "string" }, "format": { "type": "string" } },
                    "required": ["type"],
                },
            },
            "required": ["input"],
        },
    })
}
