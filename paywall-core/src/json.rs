//! JSON as text, by one serialiser: `Value`'s own `to_string` would bring a second one into the function.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::value::RawValue;

/// The text of what cannot fail: strings, numbers and structures of them.
pub fn text(value: &impl Serialize) -> String {
    // Most are of some kilobytes: so much is not moved six times while it grows.
    let mut bytes = Vec::with_capacity(8_192);
    serde_json::to_writer(&mut bytes, value).expect("strings and numbers serialise");
    String::from_utf8(bytes).expect("JSON is UTF-8")
}

/// The same, to be written into other JSON as it is.
pub fn raw(value: &impl Serialize) -> Box<RawValue> {
    written(text(value))
}

/// Base64 as JSON: the alphabet has neither a quote nor a backslash, nor control characters.
pub(crate) fn base64(bytes: &[u8]) -> Box<RawValue> {
    let mut json = String::with_capacity(bytes.len() / 3 * 4 + 6);
    json.push('"');
    STANDARD.encode_string(bytes, &mut json);
    json.push('"');
    written(json)
}

/// What was written as JSON just now is not read to see whether it is.
#[expect(unsafe_code, reason = "to read it costs a 402 a tenth of its CPU: docs/cpu.md")]
fn written(json: String) -> Box<RawValue> {
    // SAFETY: each caller writes one JSON value, and no white space around it.
    unsafe { RawValue::from_string_unchecked(json) }
}
