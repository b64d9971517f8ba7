//! JSON as text, by one serialiser: `Value`'s own `to_string` would bring a second one into the function.

use serde::Serialize;

/// The text of what cannot fail: strings, numbers and structures of them.
pub fn text(value: &impl Serialize) -> String {
    // Most are of some kilobytes: so much is not moved five times while it grows.
    let mut bytes = Vec::with_capacity(4_096);
    serde_json::to_writer(&mut bytes, value).expect("strings and numbers serialise");
    String::from_utf8(bytes).expect("JSON is UTF-8")
}
