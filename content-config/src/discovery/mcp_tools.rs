//! `mcp/tools`, in the shape that the buyer of AWS's sample reads. Not MCP's own protocol.
//! <https://github.com/aws-samples/sample-agentcore-cloudfront-x402-payments/blob/main/payer-agent/agent/mcp_client.py>

use price_table::challenge::SCHEME;
use serde_json::{Value, json};

use super::entry::Entry;
use crate::money::decimal;
use crate::networks;

/// The most objects that it has: it is read whole.
const MAX_TOOLS: usize = 1_000;

/// What the buyer may expect to wait, milliseconds: a settlement on a fast network.
const ESTIMATED_LATENCY: u32 = 2_000;

pub(super) fn write(entries: &[Entry<'_>]) -> Value {
    let tools: Vec<_> = entries.iter().take(MAX_TOOLS).filter_map(tool).collect();
    let network = entries.iter().find_map(|entry| entry.offers.first());
    json!({
        "version": "1.0",
        "metadata": {
            "gateway": "x402-edge-paywall",
            "protocol": "x402-v2",
            "network": network.map(|offer| networks::of(&offer.network).name),
            "total_services": tools.len(),
        },
        "tools": tools,
    })
}

fn tool(entry: &Entry<'_>) -> Option<Value> {
    // This shape has room for one offer.
    let offer = entry.offers.first()?;
    let (units, symbol) = (offer.price.amount.to_string(), offer.symbol());
    let network = networks::of(&offer.network).name;
    let display = format!("{} {symbol}", decimal(offer.price.amount, offer.decimals()));
    let later = entry
        .note
        .next
        .as_ref()
        .map_or(String::new(), |next| format!(" From {} it costs {}.", next.from, next.quote));
    Some(json!({
        "tool_name": entry.tool_name,
        "tool_description": format!(
            "{} Requires x402 payment: {units} {symbol} units ({display}) on {network}.{later}",
            sentence(entry.description())
        ),
        "operation_id": entry.tool_name,
        "endpoint_path": entry.path(),
        "mcp_metadata": {
            "category": "content",
            "tags": ["x402-payment"],
            "priority": 1,
            "requires_payment": true,
            "estimated_latency_ms": ESTIMATED_LATENCY,
        },
        "x402_metadata": {
            "price_usdc_units": units,
            "price_usdc_display": display,
            "network": offer.network.caip2,
            "network_name": network,
            "scheme": SCHEME,
            "asset_address": offer.asset(),
            "asset_name": symbol,
            "timeout_seconds": offer.max_timeout_seconds,
        },
        "input_schema": {
            "type": "object",
            "properties": {},
            "required": [],
            "description": "No parameters. Payment is by x402 headers.",
        },
    }))
}

/// Ends with a full stop.
fn sentence(text: &str) -> String {
    let text = text.trim_end();
    if text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}
