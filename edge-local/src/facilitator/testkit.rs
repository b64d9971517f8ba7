//! What this folder's tests share.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use alloy_primitives::address;
use serde_json::{Value, json};

use super::eip3009::{Address, Token, U256};
use super::{Facilitator, Options, Wire};
use crate::buyer::{ANVIL_KEY, Challenge, Draft, Key, Offer, Signed};

pub(crate) const USDC: Token =
    Token { chain_id: 84532, address: address!("036CbD53842c5426634e7929541eC2318f3dCF7e") };

/// Anvil's fifth account, which paid for the recordings.
pub(crate) const PAYER: Address = address!("15d34AAf54267DB7D7c367839AAf71A00a2C6A65");

pub(crate) async fn at(now: u64) -> (Facilitator, Arc<AtomicU64>) {
    let clock = Arc::new(AtomicU64::new(now));
    let read = clock.clone();
    let options = Options { clock: Arc::new(move || read.load(Ordering::SeqCst)) };
    let facilitator = Facilitator::start(options).await.expect("a loopback port");
    facilitator.ledger().fund(USDC, PAYER, U256::from(1_000_000_000));
    (facilitator, clock)
}

pub(crate) async fn ask(
    url: &str,
    operation: &str,
    body: String,
) -> Result<(u16, String), reqwest::Error> {
    let client = crate::buyer::client().expect("a client");
    let request = client.post(format!("{url}/{operation}")).timeout(Duration::from_secs(20));
    let response = request.body(body).send().await?;
    Ok((response.status().as_u16(), response.text().await?))
}

pub(crate) async fn ask_json(url: &str, operation: &str, request: &Value) -> (u16, Value) {
    // The recordings hold what was not JSON as a string.
    let body = request.as_str().map_or_else(|| request.to_string(), str::to_owned);
    let (status, text) = ask(url, operation, body).await.expect("an answer");
    (status, serde_json::from_str(&text).expect("JSON"))
}

/// The buyer whom every ledger funds.
pub(crate) fn buyer() -> Key {
    ANVIL_KEY.parse().expect("Anvil's key")
}

/// One cent in Base Sepolia's USDC, payable to Anvil's second account within a minute.
pub(crate) fn offer(wire: Wire) -> Offer {
    let extra = json!({"name": "USDC", "version": "2"});
    let (price, network) = match wire {
        Wire::V1 => ("maxAmountRequired", "base-sepolia"),
        Wire::V2 => ("amount", "eip155:84532"),
    };
    let accepted = json!({
        "scheme": "exact", "network": network, price: "10000", "asset": USDC.address.to_string(),
        "payTo": "0x70997970C51812dc3A010C7d01b50e0d17dc79C8", "maxTimeoutSeconds": 60, "extra": extra,
    });
    let json = json!({"x402Version": wire.number(), "accepts": [accepted]});
    Challenge { wire, json }.first_payable().expect("an offer")
}

/// An honest payment of `offer` by the funded buyer, before it is signed.
pub(crate) fn draft(offer: &Offer) -> Draft {
    Draft::new(offer, &buyer()).expect("a draft")
}

/// What a seller asks a facilitator about a payment for its offer.
pub(crate) fn request(offer: &Offer, signed: &Signed) -> Value {
    json!({
        "x402Version": offer.wire.number(),
        "paymentPayload": signed.json, "paymentRequirements": offer.json,
    })
}
