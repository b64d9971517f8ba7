//! A payment of ours on its way: by our own terms, sent until it is answered, and what came back.

use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use edge_local::buyer::{Challenge, Wire};
use next_step::Outcome;
use price_table::{Quoted, Terms};
use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Client, StatusCode};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::item::Item;
use crate::error::Error;
use crate::receipt::{Expected, transaction};

/// How often the same payment is sent again when the seller asks for it.
const RESENDS: u32 = 3;

/// The longest wait that the seller may ask for, seconds.
const PATIENCE: u64 = 120;

/// The terms of the answer, of which those are left that are ours: strangers are asked nothing else.
pub(crate) async fn ours(client: &Client, item: &Item<'_>) -> Outcome<Challenge> {
    let url = || item.url.clone();
    let not_reached = |why: reqwest::Error| Error::NotReached { url: url(), why: root_cause(&why) };
    let answer = client.get(&item.url).send().await.map_err(not_reached)?;
    if answer.status() != StatusCode::PAYMENT_REQUIRED {
        return Err(Error::No402 { url: url(), status: answer.status().to_string() }.into());
    }
    let headers = answer.headers().clone();
    let body = answer.bytes().await.map_err(not_reached)?;
    let mut challenge = Challenge::read(&headers, &body, Some(Wire::V2))?;
    let asked = challenge.json["accepts"].to_string();
    if let Some(accepts) = challenge.json["accepts"].as_array_mut() {
        accepts.retain(|asked| item.offers.iter().any(|own| is_ours(asked, own)));
    }
    match challenge.json["accepts"].as_array().is_some_and(|left| !left.is_empty()) {
        true => Ok(challenge),
        false => Err(Error::OtherTerms { url: url(), asked: plain(&asked) }.into()),
    }
}

fn is_ours(asked: &Value, Quoted { offer, amount }: &Quoted<'_>) -> bool {
    let Terms::Evm(evm) = &offer.terms else { return false };
    let same = |key: &str, own: &str| {
        asked[key].as_str().is_some_and(|text| text.eq_ignore_ascii_case(own))
    };
    same("network", &offer.network.caip2)
        && same("asset", &evm.asset.address.eip55)
        && same("payTo", &evm.pay_to.eip55)
        && same("amount", &amount.to_string())
}

/// What became of a payment.
pub(crate) enum Bought {
    Served(HeaderMap, Vec<u8>),
    /// Not taken: why.
    Refused(String),
    /// It may be taken yet: why.
    Open(String),
}

/// Sends one payment, and the same one again as long as the seller asks for it and patience lasts. An error leaves it open.
pub(crate) async fn send(
    client: &Client,
    url: &str,
    (header, value): (&str, &str),
) -> Result<Bought, String> {
    let mut resends = 0;
    loop {
        let request = client.get(url).header(header, value);
        let answer = request.send().await.map_err(|why| root_cause(&why))?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = answer.bytes().await.map_err(|why| root_cause(&why))?.to_vec();
        if status.is_success() {
            return Ok(Bought::Served(headers, body));
        }
        let paywall = serde_json::from_slice::<Value>(&body).unwrap_or_default()["paywall"].take();
        let said = ["message", "nextStep"].map(|key| paywall[key].as_str().unwrap_or_default());
        let said = plain(&format!("{status}. {}", said.join(" ")));
        let again =
            status == StatusCode::SERVICE_UNAVAILABLE && paywall["resendSamePayment"] == true;
        if !again {
            // What fails on its way, behind the function or before it, says nothing of the payment.
            let open = status.is_server_error() || paywall.is_null();
            return Ok(if open { Bought::Open(said) } else { Bought::Refused(said) });
        }
        let wait = headers.get(RETRY_AFTER).and_then(|wait| wait.to_str().ok()?.parse().ok());
        let wait = wait.unwrap_or(1);
        if resends == RESENDS || wait > PATIENCE {
            return Ok(Bought::Open(said));
        }
        resends += 1;
        eprintln!("  {said}\n  the same payment again in {wait} s ({resends} of {RESENDS})");
        tokio::time::sleep(Duration::from_secs(wait)).await;
    }
}

/// The transaction of what was served, if the receipt and the content are right.
pub(crate) fn delivered(
    item: &Item<'_>,
    headers: &HeaderMap,
    body: &[u8],
    expected: &Expected<'_>,
) -> Result<String, Error> {
    let header = headers.get("payment-response").map(|value| value.as_bytes());
    let transaction = transaction(header, expected).map_err(|why| Error::BadReceipt { why })?;
    same(item, body).map_err(|why| Error::OtherContent { key: item.key.to_owned(), why })?;
    Ok(transaction)
}

fn same(item: &Item<'_>, body: &[u8]) -> Result<(), String> {
    if body.len() as u64 != item.size {
        return Err(format!("{} bytes, not {}", body.len(), item.size));
    }
    let digest = BASE64_STANDARD.encode(Sha256::digest(body));
    match item.sha256 {
        Some(own) if own != digest => Err("other bytes of the same length".to_owned()),
        _ => Ok(()),
    }
}

/// Text from elsewhere, safe to print.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).take(2_000).collect()
}

/// What the system says, without the layers that it went through.
fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
