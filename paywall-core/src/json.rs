//! JSON as text, by one serialiser: `Value`'s own `to_string` would bring a second one into the function.

use serde::Serialize;

/// The text of what cannot fail: strings, numbers and structures of them.
pub fn text(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("strings and numbers serialise")
}
