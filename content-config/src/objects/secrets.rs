//! Whether a file in the content folder holds secrets of a site: there it would be sold.

use price_table::Seal;
use serde_json::Value;

/// The largest file that is looked at, bytes: four times what an SSM parameter of the standard tier holds.
/// <https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html>
pub(super) const LARGEST: u64 = 4 * 4096;

/// Whether bytes are the function's document of secrets, one with what facilitators want to see, or a seal's.
pub(super) fn are_in(bytes: &[u8]) -> bool {
    let Ok(json) = serde_json::from_slice::<Value>(bytes) else { return false };
    let keys = ["handover", "pass"].iter().all(|name| json[name].is_array());
    let proofs = json["facilitators"].as_object().is_some_and(|all| {
        all.values().any(|proof| ["bearer", "cdp"].iter().any(|kind| proof.get(kind).is_some()))
    });
    let seal = json["site"].is_string() && json["seal"].as_str().and_then(Seal::parse).is_some();
    keys || proofs || seal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_secrets() {
        for (text, are) in [
            (r#"{"site": "a", "handover": ["1"], "pass": ["2"]}"#, true),
            (r#"{"facilitators": {"https://f.example": {"bearer": "t"}}}"#, true),
            (r#"{"facilitators": {"https://f.example": {"cdp": {}}}}"#, true),
            (r#"{"facilitators": {"https://f.example": {"name": "F"}}}"#, false),
            (r#"{"pass": ["north"], "summit": ["south"]}"#, false),
            (r#"{"site": "a", "seal": "aaaaaaaaaaaaaaaaaaaaaaaaaa"}"#, true),
            (r#"{"site": "a", "seal": "grey"}"#, false),
            (r#"["handover", "pass"]"#, false),
            ("handover, pass", false),
            ("", false),
        ] {
            assert_eq!(are_in(text.as_bytes()), are, "{text}");
        }
    }
}
