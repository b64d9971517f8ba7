//! How a catalogue is told what is sold here: the extension `bazaar` of x402 v2, and `outputSchema` of v1.
//!
//! * <https://github.com/x402-foundation/x402/blob/main/specs/extensions/bazaar.md>
//! * v1: `x402-express` 1.2.0, whose form the reference facilitators read
//!
//! It stands in the 402, for whoever crawls, and in what the facilitator is sent, for whoever lists what is
//! sold. All of it but the answer's kind, its type and the seller's sample is the same for every object. The
//! members that no SDK asks for (`queryParams`, and `example` in the schema where there is none) are what
//! `@agentcash/discovery` and x402scan do: a plain GET without them is filed as one without a schema.

use serde_json::value::RawValue;

use crate::table::Listing;

/// The value of `extensions` in v2; `None` if the seller does not want to be listed.
pub fn extensions(listing: &Listing<'_>) -> Option<Box<RawValue>> {
    listing.shop?;
    let sample = listing.rule.sample.as_deref();
    let example = sample.map_or(String::new(), |sample| format!(r#","example":{sample}"#));
    Some(raw(format!(
        concat!(
            r#"{{"bazaar":{{"info":{{"input":{{"type":"http","method":"GET","queryParams":{{}}}},"#,
            r#""output":{{"type":"{kind}","format":{format}{example}}}}},"#,
            r#""schema":{{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","properties":{{"#,
            r#""input":{{"type":"object","properties":{{"type":{{"type":"string","const":"http"}},"#,
            r#""method":{{"type":"string","enum":["GET"]}},"queryParams":{{"type":"object","properties":{{}}}}}},"#,
            r#""required":["type","method"],"additionalProperties":false}},"#,
            r#""output":{{"type":"object","properties":{{"type":{{"type":"string"}},"format":{{"type":"string"}},"#,
            r#""example":{{"type":"{of}"}}}},"required":["type"]}}}},"required":["input"]}}}}}}"#
        ),
        kind = kind(listing.mime_type),
        format = serde_json::to_string(listing.mime_type).expect("a text serialises"),
        example = example,
        of = json_type(sample, listing.mime_type),
    )))
}

/// The value of `outputSchema` in an entry of v1; `None` if the seller does not want to be listed.
pub fn output_schema(listing: &Listing<'_>) -> Option<Box<RawValue>> {
    listing.shop?;
    let sample = listing.rule.sample.as_deref();
    let output = sample.map_or(String::new(), |sample| format!(r#","output":{sample}"#));
    Some(raw(format!(
        r#"{{"input":{{"type":"http","method":"GET","discoverable":true,"queryParams":{{}}}}{output}}}"#
    )))
}

/// To read it again would cost each 402 a tenth of its CPU: `docs/cpu.md`.
#[expect(unsafe_code, reason = "what is JSON needs not be parsed to be written")]
fn raw(json: String) -> Box<RawValue> {
    // SAFETY: JSON without white space around it: the compiler takes a sample that is, `file` opens no table with
    // another, and the rest is written here.
    unsafe { RawValue::from_string_unchecked(json) }
}

/// What an answer is, in the extension's words.
pub fn kind(mime_type: &str) -> &'static str {
    match mime_type {
        json if is_json(json) => "json",
        text if text.starts_with("text/") => "text",
        _ => "binary",
    }
}

/// Whether an answer of this type is JSON: <https://www.rfc-editor.org/rfc/rfc6839#section-3.1>.
pub fn is_json(mime_type: &str) -> bool {
    let essence = mime_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
        || essence.to_ascii_lowercase().ends_with("+json")
}

/// JSON Schema's name for what a JSON text holds; without a text, for what an answer of this type would.
pub fn json_type(sample: Option<&str>, mime_type: &str) -> &'static str {
    match sample.map(|sample| sample.as_bytes()[0]) {
        Some(b'{') => "object",
        Some(b'[') => "array",
        Some(b'"') => "string",
        Some(b't' | b'f') => "boolean",
        Some(b'n') => "null",
        Some(_) => "number",
        None if is_json(mime_type) => "object",
        None => "string",
    }
}
