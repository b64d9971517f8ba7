//! Pays once with `x402-reqwest` and says what came back, as JSON: `bench-buyer URL KEY`.

use std::error::Error;
use std::sync::Arc;

use alloy_signer_local::PrivateKeySigner;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use x402_chain_eip155::{V1Eip155ExactClient, V2Eip155ExactClient};
use x402_reqwest::{ReqwestWithPayments, ReqwestWithPaymentsBuild, X402Client};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, key] = arguments.as_slice() else {
        return Err("usage: bench-buyer URL KEY".into());
    };
    let signer: Arc<PrivateKeySigner> = Arc::new(key.parse()?);
    let x402 = X402Client::new()
        .register(V1Eip155ExactClient::new(signer.clone()))
        .register(V2Eip155ExactClient::new(signer));
    let client = reqwest::Client::new().with_payments(x402).build();

    let answer = client.get(url).send().await?;
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let body = answer.bytes().await?;
    let told = json!({
        "status": status,
        "sha256": format!("{:x}", Sha256::digest(&body)),
        "headers": receipts(&headers),
        "text": String::from_utf8_lossy(&body[..body.len().min(400)]),
    });
    println!("{told}");
    Ok(())
}

/// The headers that a receipt may come in.
fn receipts(headers: &HeaderMap) -> Value {
    ["payment-response", "x-payment-response"]
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), headers.get(name)?.to_str().ok()?.into())))
        .collect::<serde_json::Map<_, _>>()
        .into()
}
