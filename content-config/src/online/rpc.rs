//! JSON-RPC in batches, as the function asks: <https://www.jsonrpc.org/specification#batch>

use serde::Deserialize;
use serde_json::{Value, json};

use super::http::Client;

/// What a node said to one call: its result, or its own words of why there is none.
pub type Reply = Result<Value, String>;

#[derive(Deserialize)]
struct Response {
    id: usize,
    #[serde(default)]
    result: Option<Value>,
    #[serde(default)]
    error: Option<Failure>,
}

#[derive(Deserialize)]
struct Failure {
    message: String,
}

/// Sends the calls, each a method with its parameters, and gives their replies in the same order.
///
/// # Errors
///
/// Why there are none: a sentence.
pub fn batch(client: &Client, url: &str, calls: &[(&str, Value)]) -> Result<Vec<Reply>, String> {
    let requests: Vec<_> = calls
        .iter()
        .enumerate()
        .map(|(id, (method, params))| {
            json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})
        })
        .collect();
    let answer = client.post(url, &Value::from(requests))?;
    if answer.status != 200 {
        return Err(match answer.location {
            Some(location) => format!("it answers {} and points to {location}", answer.status),
            None => format!("it answers {}", answer.status),
        });
    }
    let mut responses: Vec<Response> = serde_json::from_slice(&answer.body).map_err(|error| {
        format!("its answer to a batch of calls is no list of replies: {error}")
    })?;
    // In any order.
    let replies = (0..calls.len()).map(|id| {
        let at = responses.iter().position(|response| response.id == id);
        let response = at.map(|at| responses.swap_remove(at)).ok_or("a reply is missing")?;
        Ok(match response {
            Response { error: Some(Failure { message }), .. } => Err(message),
            Response { result, .. } => Ok(result.unwrap_or_default()),
        })
    });
    replies.collect()
}

/// A quantity: `0x` and digits.
pub fn quantity(value: &Value) -> Option<u64> {
    u64::from_str_radix(value.as_str()?.strip_prefix("0x")?, 16).ok()
}
