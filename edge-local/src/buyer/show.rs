//! The exchange in words. Text from a seller is shown without control characters.

use std::fmt::Write as _;

use alloy_primitives::U256;
use base64::prelude::{BASE64_STANDARD, Engine};
use reqwest::header::HeaderMap;
use serde_json::Value;

use super::challenge::Offer;
use super::sign::Signed;
use crate::facilitator::eip3009::Token;
use crate::facilitator::networks::KnownToken;

/// Text from elsewhere, safe to print, in its lines.
pub(super) fn plain(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(next_step::plain).collect();
    lines.join("\n")
}

fn text(value: &Value) -> String {
    plain(value.as_str().map_or_else(|| value.to_string(), str::to_owned).as_str())
}

/// An amount in token units and dollars where the token is known, else in atomic units.
pub(super) fn price(amount: U256, token: Token) -> String {
    let Some(known) = KnownToken::find(token) else {
        return format!("{amount} atomic units of {}", token.address);
    };
    let units = decimal(amount, known.decimals.into());
    format!("{units} USDC (${units})")
}

/// `amount / 10^decimals`, exactly, with two digits at least behind the point.
fn decimal(amount: U256, decimals: usize) -> String {
    let digits = format!("{amount:0>width$}", width = decimals + 1);
    let (whole, fraction) = digits.split_at(digits.len() - decimals);
    let fraction = fraction.trim_end_matches('0');
    format!("{whole}.{fraction:0<2}")
}

/// A 402's terms.
pub(super) fn terms(offer: &Offer) -> String {
    let mut out = String::new();
    let what = if offer.resource.is_null() { &offer.json } else { &offer.resource };
    let mut line = |name: &str, value: String| {
        let _ = writeln!(out, "   {name:<12}{value}");
    };
    line("x402", format!("version {}", offer.wire.number()));
    let url = if what["url"].is_string() { &what["url"] } else { &what["resource"] };
    line("resource", text(url));
    if what["description"].as_str().is_some_and(|text| !text.is_empty()) {
        line("what", text(&what["description"]));
    }
    line("price", price(offer.amount, offer.domain.token));
    line("network", text(&offer.json["network"]));
    line("token", offer.domain.token.address.to_string());
    line("pay to", offer.pay_to.to_string());
    line("within", format!("{} s", offer.max_timeout));
    out
}

/// What a payment signs.
pub(super) fn payment(signed: &Signed) -> String {
    let Signed { domain, authorization: message, digest, .. } = signed;
    let mut out = String::new();
    let mut line = |name: &str, value: String| {
        let _ = writeln!(out, "   {name:<12}{value}");
    };
    line("payer", message.from.to_string());
    line("domain", format!("{:?} version {:?}", domain.name, domain.version));
    line("", format!("chain {}, contract {}", domain.token.chain_id, domain.token.address));
    line("message", "TransferWithAuthorization".to_owned());
    line("  from", message.from.to_string());
    line("  to", message.to.to_string());
    line("  value", format!("{} = {}", message.value, price(message.value, domain.token)));
    line("  after", format!("{} (Unix seconds)", message.validAfter));
    line("  before", format!("{} (Unix seconds)", message.validBefore));
    line("  nonce", message.nonce.to_string());
    line("digest", digest.to_string());
    line("header", format!("{}, {} bytes", signed.header_name(), signed.header_value().len()));
    out
}

/// The receipt in an answer's headers.
pub(super) fn receipt(headers: &HeaderMap) -> String {
    let header = headers.get("payment-response").or_else(|| headers.get("x-payment-response"));
    let Some(header) = header else {
        return "   no receipt: the seller sent no PAYMENT-RESPONSE header\n".to_owned();
    };
    let decoded = BASE64_STANDARD.decode(header.as_bytes()).ok();
    let json = decoded.and_then(|json| serde_json::from_slice::<Value>(&json).ok());
    let Some(Value::Object(fields)) = json else {
        return "   the PAYMENT-RESPONSE header is not base64 of a JSON object\n".to_owned();
    };
    let lines =
        fields.iter().map(|(name, value)| format!("   {:<12}{}\n", plain(name), text(value)));
    lines.collect()
}

/// Why a seller refuses, and what it says to do.
pub(super) fn refusal(body: &[u8]) -> String {
    let json: Value = serde_json::from_slice(body).unwrap_or_default();
    let paywall = &json["paywall"];
    if let Some(code) = paywall["code"].as_str() {
        let message = text(&paywall["message"]);
        return format!("{}: {message}\nnext step: {}", plain(code), text(&paywall["nextStep"]));
    }
    match json["error"].as_str() {
        Some(error) => plain(error),
        None => plain(&preview(body)),
    }
}

/// How many bytes of content a preview shows.
pub(super) const PREVIEWED: usize = 400;

/// The beginning of some content, marked as cut if there is more.
pub(super) fn preview(content: &[u8]) -> String {
    let text = String::from_utf8_lossy(&content[..content.len().min(PREVIEWED)]);
    let cut = if content.len() > PREVIEWED { " …" } else { "" };
    let binary = text.chars().filter(|c| *c == '\u{fffd}' || *c == '\0').count() > 2;
    if binary { "(not text)".to_owned() } else { format!("{}{cut}", plain(text.trim_end())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact() {
        let shown = |amount: u64| decimal(U256::from(amount), 6);
        assert_eq!(shown(10_000), "0.01");
        assert_eq!(shown(1), "0.000001");
        assert_eq!(shown(2_500_000), "2.50");
        assert_eq!(shown(0), "0.00");
        assert_eq!(shown(1_000_000_000_000), "1000000.00");
    }

    #[test]
    fn a_seller_cannot_steer_the_terminal() {
        let body = br#"{"paywall":{"code":"c\u001b[2J","message":"m","nextStep":"n"}}"#;
        assert_eq!(refusal(body), "c\u{fffd}[2J: m\nnext step: n");
        assert_eq!(refusal(b"plain words"), "plain words");
    }
}
