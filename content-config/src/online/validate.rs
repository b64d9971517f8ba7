//! The validator of Coinbase's Developer Platform: what its catalogue would make of a URL. It costs nothing, takes no
//! key, and asks the URL itself, without a payment. <https://docs.cdp.coinbase.com/x402/validate-endpoint>

use serde::Deserialize;
use serde_json::json;

use super::http::{Answer, Client};

/// What it says.
#[derive(Debug, Deserialize)]
pub(crate) struct Validation {
    pub(crate) valid: bool,
    pub(crate) preflight: Vec<Preflight>,
    pub(crate) simulation: Simulation,
    /// Only of what it lists.
    pub(crate) index: Option<Index>,
}

/// One of its checks: their names and number may change.
#[derive(Debug, Deserialize)]
pub(crate) struct Preflight {
    pub(crate) check: String,
    pub(crate) passed: bool,
    #[serde(default)]
    pub(crate) detail: String,
    /// `required` or `advisory`.
    #[serde(default)]
    pub(crate) severity: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Simulation {
    /// `accepted` or `rejected`.
    pub(crate) outcome: String,
    pub(crate) rejection_reason: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Index {
    #[serde(default)]
    pub(crate) active: bool,
}

/// Has a URL validated by the facilitator of this base URL, or says why that failed.
pub(crate) fn validate(client: &Client, base: &str, url: &str) -> Result<Validation, String> {
    let asked = json!({ "resource": url, "method": "GET" });
    let Answer { status, body, .. } = client.post(&format!("{base}/validate"), &asked)?;
    match status {
        200 => serde_json::from_slice(&body).map_err(|why| format!("no validation: {why}")),
        other => Err(format!("it answers {other}")),
    }
}
