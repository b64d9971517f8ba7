//! Whether what came back says that it was paid.
//! <https://github.com/x402-foundation/x402/blob/main/specs/transports-v2/http.md>

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::Value;

/// What a receipt must be about.
pub(crate) struct Expected<'e> {
    /// The network's CAIP-2 name.
    pub(crate) network: &'e str,
    pub(crate) payer: &'e str,
}

/// The transaction of a receipt, the value of `PAYMENT-RESPONSE`; or what is wrong with it.
pub(crate) fn transaction(
    header: Option<&[u8]>,
    expected: &Expected<'_>,
) -> Result<String, String> {
    let header = header.ok_or("there is no PAYMENT-RESPONSE header")?;
    let json = BASE64_STANDARD.decode(header).map_err(|why| format!("it is no base64: {why}"))?;
    let json: Value =
        serde_json::from_slice(&json).map_err(|why| format!("it is no JSON: {why}"))?;
    if json["success"] != true {
        return Err(format!("it says success: {}", json["success"]));
    }
    if json["network"] != expected.network {
        return Err(format!("it is of {}, not of {}", json["network"], expected.network));
    }
    let payer = json["payer"].as_str().unwrap_or_default();
    if !payer.eq_ignore_ascii_case(expected.payer) {
        return Err(format!("it names {} as the payer, not {}", json["payer"], expected.payer));
    }
    let transaction = json["transaction"].as_str().unwrap_or_default();
    let digits = transaction.strip_prefix("0x").unwrap_or_default();
    if digits.len() != 64 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(format!("its transaction is none: {}", json["transaction"]));
    }
    Ok(transaction.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_part_counts() {
        let expected = Expected { network: "eip155:8453", payer: "0xAb" };
        let hash = format!("0x{}", "1".repeat(64));
        let good = json!({"success": true, "network": "eip155:8453", "payer": "0xab", "transaction": hash});
        let of = |json: &Value| {
            let header = BASE64_STANDARD.encode(json.to_string());
            transaction(Some(header.as_bytes()), &expected)
        };
        assert_eq!(of(&good), Ok(hash));
        for (key, value, why) in [
            ("success", json!("true"), "success"),
            ("network", json!("eip155:1"), "not of eip155:8453"),
            ("payer", json!("0xcd"), "payer"),
            ("transaction", json!(""), "transaction"),
            ("transaction", json!(null), "transaction"),
        ] {
            let mut bad = good.clone();
            bad[key] = value;
            let told = of(&bad).unwrap_err();
            assert!(told.contains(why), "{told}");
        }
        assert!(transaction(None, &expected).is_err());
        assert!(transaction(Some(b"%"), &expected).unwrap_err().contains("base64"));
        assert!(transaction(Some(b"AAAA"), &expected).unwrap_err().contains("JSON"));
    }
}
