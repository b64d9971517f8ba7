//! One object, bought where strangers buy it, with the seller's own key.

use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use content_config::{Compiled, is_test_network};
use edge_local::buyer::{Challenge, Key, Signed, Wire, client, sign_offer};
use next_step::Outcome;
use price_table::key::Key as ObjectKey;
use price_table::{Offer, Quoted, Sale, Terms};
use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Client, StatusCode};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::confirm::confirm;
use crate::error::Error;
use crate::keys::unix_now;
use crate::receipt::{Expected, transaction};

/// How often the same payment is sent again when the seller asks for it.
const RESENDS: u32 = 3;

/// The longest wait that the seller may ask for, seconds.
const PATIENCE: u64 = 120;

/// What is bought, and how.
pub(crate) struct Purchase<'p> {
    /// A key, or the path of a URL.
    pub(crate) path: &'p str,
    /// The environment variable with the payer's key.
    pub(crate) variable: &'p str,
    /// The main network that may be paid on.
    pub(crate) main_network: Option<&'p str>,
    pub(crate) yes: bool,
}

/// Something of ours that can be paid.
struct Item<'c> {
    url: String,
    key: &'c str,
    size: u64,
    sha256: Option<&'c str>,
    price: String,
    /// Offers that may be paid, with what they ask now.
    offers: Vec<Quoted<'c>>,
}

/// Says the price, asks, pays, and checks the receipt and the content.
pub(crate) fn buy(compiled: &Compiled, purchase: &Purchase<'_>) -> Outcome<()> {
    let variable = || purchase.variable.to_owned();
    let text = std::env::var(variable()).map_err(|_| Error::NoKey { variable: variable() })?;
    let key: Key = text
        .trim()
        .parse()
        .map_err(|why| Error::BadKey { variable: variable(), why: format!("{why}") })?;
    let item = find(compiled, purchase)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(ship::Error::not_started)?.block_on(pay(&item, &key, purchase.yes))
}

fn find<'c>(compiled: &'c Compiled, purchase: &Purchase<'_>) -> Outcome<Item<'c>> {
    let path = || purchase.path.to_owned();
    let key = match purchase.path.starts_with('/') {
        true => ObjectKey::from_uri_path(purchase.path),
        false => ObjectKey::parse(purchase.path),
    };
    let key = key.map_err(|_| Error::NotForSale { path: path() })?;
    let content = compiled.contents().find(|content| content.key == key.as_str());
    let content = content.ok_or_else(|| Error::NotForSale { path: path() })?;
    let table = compiled.table();
    let Sale::Priced { offers, .. } = &table.rules[content.rule].sale else {
        return Err(Error::Free { path: path() }.into());
    };
    let evm: Vec<&Offer> =
        offers.iter().filter(|offer| matches!(offer.terms, Terms::Evm(_))).collect();
    let may_pay = |offer: &&&Offer| {
        let network: &str = &offer.network.caip2;
        is_test_network(network) || purchase.main_network == Some(network)
    };
    let now = unix_now();
    let payable: Vec<_> = evm.iter().filter(may_pay).map(|offer| offer.quoted(now)).collect();
    match (evm.first(), payable.is_empty()) {
        (None, _) => return Err(Error::NotPayable { path: path() }.into()),
        (Some(offer), true) => {
            let network = offer.network.caip2.to_string();
            return Err(Error::MainNetwork { path: path(), network }.into());
        }
        (Some(_), false) => {}
    }
    Ok(Item {
        url: format!("{}{}", table.site.urls[0], key.to_uri_path()),
        key: content.key,
        size: content.size,
        sha256: content.sha256,
        price: compiled.notes()[content.rule].price_now(),
        offers: payable,
    })
}

async fn pay(item: &Item<'_>, key: &Key, yes: bool) -> Outcome<()> {
    let client = client()?;
    let challenge = ours(&client, item).await?;
    let offer = challenge.first_payable()?;
    let network = format!("eip155:{}", offer.domain.token.chain_id);
    println!("{}", item.url);
    println!(
        "  costs        {} ({} atomic units of {})",
        item.price, offer.amount, offer.domain.token.address
    );
    println!(
        "  on           {network}{}",
        if is_test_network(&network) { ", in test money" } else { ", in real money" }
    );
    println!("  paid to      {}", offer.pay_to);
    println!("  paid by      {}", key.address());
    confirm("Buy it?", yes)?;
    let signed = sign_offer(&challenge, key, None)?;
    let unsure = |why: String| Error::Unsure {
        why,
        header: format!("{}: {}", signed.header_name(), signed.header_value()),
        url: item.url.clone(),
    };
    let bought = send(&client, &item.url, &signed).await.map_err(unsure)?;
    let (headers, body) = match bought {
        Bought::Served(headers, body) => (headers, body),
        Bought::Refused(said) => return Err(Error::NotTaken { said }.into()),
        Bought::Open(said) => return Err(unsure(said).into()),
    };
    let payer = key.address().to_string();
    let header = headers.get("payment-response").map(|value| value.as_bytes());
    let transaction = transaction(header, &Expected { network: &network, payer: &payer })
        .map_err(|why| Error::BadReceipt { why })?;
    println!("  transaction  {transaction}");
    same(item, &body).map_err(|why| Error::OtherContent { key: item.key.to_owned(), why })?;
    println!("  content      {} bytes, as they are here", body.len());
    Ok(())
}

/// The terms of the answer, of which those are left that are ours: strangers are asked nothing else.
async fn ours(client: &Client, item: &Item<'_>) -> Outcome<Challenge> {
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
enum Bought {
    Served(HeaderMap, Vec<u8>),
    /// Not taken: why.
    Refused(String),
    /// It may be taken yet: why.
    Open(String),
}

/// Sends one payment, and the same one again as long as the seller asks for it and patience lasts. An error leaves it open.
async fn send(client: &Client, url: &str, signed: &Signed) -> Result<Bought, String> {
    let mut resends = 0;
    loop {
        let request = client.get(url).header(signed.header_name(), signed.header_value());
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
        println!("  {said}\n  the same payment again in {wait} s ({resends} of {RESENDS})");
        tokio::time::sleep(Duration::from_secs(wait)).await;
    }
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
