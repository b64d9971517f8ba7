//! A payment of ours on its way: by our own terms, sent until it is answered, and what came back.

use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use edge_local::buyer::{Challenge, Wire};
use next_step::Outcome;
use price_table::{Quoted, Terms};
use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::item::Item;
use crate::error::Error;
use crate::plain::plain;
use crate::receipt::{Expected, transaction};

/// How often the same payment is sent again when the seller asks for it.
const RESENDS: u32 = 3;

/// The longest wait that the seller may ask for, seconds.
const PATIENCE: u64 = 120;

/// A refusal is read up to so many bytes: over what Lambda@Edge can generate, 40 KB.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html#limits-lambda-at-edge>
const REFUSAL: usize = 1 << 18;

/// The codes of a payment that was made, or may have been, and opens nothing any more: docs/codes.md.
const SPENT: [&str; 3] = ["payment_already_used", "payment_unproven", "payment_given_up"];

/// The code of one that can never be made.
const DEAD: &str = "payment_never_settled";

/// The terms of the answer, of which those are left that are among these of ours: strangers are asked nothing else.
pub(crate) async fn ours(
    client: &Client,
    item: &Item<'_>,
    offers: &[Quoted<'_>],
) -> Outcome<Challenge> {
    let url = || item.url.clone();
    let not_reached = |why: reqwest::Error| Error::NotReached { url: url(), why: root_cause(&why) };
    let answer = client.get(&item.url).send().await.map_err(not_reached)?;
    if answer.status() != StatusCode::PAYMENT_REQUIRED {
        return Err(Error::No402 { url: url(), status: answer.status().to_string() }.into());
    }
    // Version 2 has its terms in a header.
    let mut challenge = Challenge::read(answer.headers(), &[], Some(Wire::V2))?;
    let asked = challenge.json["accepts"].to_string();
    if let Some(accepts) = challenge.json["accepts"].as_array_mut() {
        accepts.retain(|asked| offers.iter().any(|own| is_ours(asked, own)));
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
    Served(HeaderMap, Content),
    /// Not taken, and another may be signed: why.
    Refused(String),
    /// Made, or it may have been, and it opens nothing any more: why.
    Spent(String),
    /// It may be taken yet: why.
    Open(String),
}

/// What came, whose bytes are not kept.
pub(crate) struct Content {
    pub(crate) size: u64,
    /// In base64.
    sha256: String,
}

/// Sends one payment, and the same one again as long as the seller asks for it and patience lasts. An error leaves it open.
pub(crate) async fn send(
    client: &Client,
    item: &Item<'_>,
    (header, value): (&str, &str),
) -> Result<Bought, String> {
    let mut resends = 0;
    loop {
        let request = client.get(&item.url).header(header, value);
        let answer = request.send().await.map_err(|why| root_cause(&why))?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        if status.is_success() {
            return Ok(Bought::Served(headers, content(answer, item.size).await?));
        }
        let body = refusal(answer).await?;
        let paywall = serde_json::from_slice::<Value>(&body).unwrap_or_default()["paywall"].take();
        let said = ["message", "nextStep"].map(|key| paywall[key].as_str().unwrap_or_default());
        let said = plain(&format!("{status}. {}", said.join(" ")));
        let again =
            status == StatusCode::SERVICE_UNAVAILABLE && paywall["resendSamePayment"] == true;
        if !again {
            return Ok(match paywall["code"].as_str() {
                Some(code) if SPENT.contains(&code) => Bought::Spent(said),
                Some(code) if code == DEAD || is_never_sent(status) => Bought::Refused(said),
                // What fails on its way, behind the function or before it, says nothing of the payment; nor does what is
                // said of the object.
                _ => Bought::Open(said),
            });
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

/// What is never answered to a payment that may have been submitted: docs/codes.md.
fn is_never_sent(status: StatusCode) -> bool {
    matches!(status.as_u16(), 400 | 402 | 422 | 431)
}

/// What comes, up to a byte more than is due: it may be larger than the memory here, or endless.
async fn content(mut answer: Response, due: u64) -> Result<Content, String> {
    let (mut size, mut hash) = (0, Sha256::new());
    while size <= due
        && let Some(chunk) = answer.chunk().await.map_err(|why| root_cause(&why))?
    {
        size += chunk.len() as u64;
        hash.update(&chunk);
    }
    Ok(Content { size, sha256: BASE64_STANDARD.encode(hash.finalize()) })
}

/// A refusal's body; what is longer is none of ours.
async fn refusal(mut answer: Response) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    while body.len() <= REFUSAL
        && let Some(chunk) = answer.chunk().await.map_err(|why| root_cause(&why))?
    {
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The transaction of what was served, if the receipt and the content are right.
pub(crate) fn delivered(
    item: &Item<'_>,
    headers: &HeaderMap,
    content: &Content,
    expected: &Expected<'_>,
) -> Result<String, Error> {
    let header = headers.get("payment-response").map(|value| value.as_bytes());
    let transaction =
        transaction(header, expected).map_err(|why| Error::BadReceipt { why: plain(&why) })?;
    same(item, content).map_err(|why| Error::OtherContent { key: item.key.to_owned(), why })?;
    Ok(transaction)
}

fn same(item: &Item<'_>, Content { size, sha256 }: &Content) -> Result<(), String> {
    if *size > item.size {
        return Err(format!("more than {} bytes", item.size));
    }
    if *size < item.size {
        return Err(format!("{size} bytes, not {}", item.size));
    }
    match item.sha256 {
        Some(own) if own != sha256 => Err("other bytes of the same length".to_owned()),
        _ => Ok(()),
    }
}

/// What the system says, without the layers that it went through.
fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
