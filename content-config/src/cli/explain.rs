//! `explain`: why a path costs what it costs, or is not for sale.

use std::io::{self, Write};

use jiff::{SignedDuration, Timestamp};
use price_table::challenge::resource_url;
use price_table::{
    Access, Auth, BadKey, Dialect, Facilitator, Key, PassScope, Rpc, Rule, Sale, Terms,
    VerifyPolicy,
};
use serde::Serialize;

use super::columns;
use super::outcome::Outcome;
use super::words::{access, network_name, offers, purchases};
use crate::objects::folder::is_hidden;
use crate::{Compiled, RuleNote};

/// How many keys are suggested.
const NEAREST: usize = 3;

#[derive(Serialize)]
struct Explanation {
    /// The key that the path leads to; `None` if it leads to none.
    key: Option<String>,
    for_sale: bool,
    /// Why not, if it is not.
    reason: Option<String>,
    object: Option<ObjectJson>,
    rule: Option<RuleJson>,
    offers: Vec<OfferJson>,
    /// The other rules that match the key.
    others: Vec<OtherJson>,
    /// What may have been meant, if nothing is there.
    nearest: Vec<String>,
}

#[derive(Serialize)]
struct ObjectJson {
    url: String,
    size: u64,
    #[serde(rename = "type")]
    mime_type: String,
    etag: String,
}

#[derive(Serialize)]
struct RuleJson {
    pattern: String,
    line: usize,
    price: String,
    access: Option<String>,
    /// What a pass opens; timed access only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pass: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_epoch: Option<u32>,
    /// `None` if it is free.
    #[serde(skip_serializing_if = "Option::is_none")]
    purchases: Option<&'static str>,
    title: String,
    description: String,
}

#[derive(Serialize)]
struct OfferJson {
    network: String,
    caip2: String,
    v1_network: Option<String>,
    asset: String,
    asset_name: String,
    /// Atomic units, as text: JSON's numbers do not hold them all.
    amount: String,
    price: String,
    /// What it asked until now, as long as a 402 that asked it is good.
    #[serde(skip_serializing_if = "Option::is_none")]
    previous: Option<PreviousJson>,
    /// What it asks later.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<NextJson>,
    pay_to: String,
    max_timeout_seconds: u32,
    /// What the seller states for the facilitator; not on EVM networks.
    #[serde(skip_serializing_if = "Option::is_none")]
    extra: Option<serde_json::Value>,
    facilitators: Vec<FacilitatorJson>,
    /// How the chain is looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    rpc: Option<RpcJson>,
}

#[derive(Serialize)]
struct PreviousJson {
    amount: String,
    price: String,
    /// Until when a 402 that asked it is good.
    good_until: Timestamp,
}

#[derive(Serialize)]
struct NextJson {
    /// The first second that it is asked in.
    from: Timestamp,
    amount: String,
    price: String,
    /// Until when a 402 that asked the old price is good.
    old_price_until: Timestamp,
}

#[derive(Serialize)]
struct FacilitatorJson {
    url: String,
    verify_first: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth: Option<&'static str>,
    /// By which table its answers are read.
    dialect: &'static str,
    /// The codes that the seller vouches for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    refusals: Vec<String>,
}

#[derive(Serialize)]
struct RpcJson {
    /// `None` if it is in the secrets.
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    second: Option<String>,
    confirmations: u32,
}

#[derive(Serialize)]
struct OtherJson {
    pattern: String,
    line: usize,
    price: String,
    why_not: String,
}

/// Prints the explanation of a path, a URL or a key.
pub(super) fn explain(
    compiled: &Compiled,
    asked: &str,
    json: bool,
    out: &mut dyn Write,
) -> io::Result<Outcome> {
    let explanation = match key(compiled, asked) {
        Ok(key) => of_key(compiled, key),
        Err(bad) => Explanation {
            key: None,
            for_sale: false,
            reason: Some(format!("no object has this path: {bad}")),
            object: None,
            rule: None,
            offers: Vec::new(),
            others: Vec::new(),
            nearest: nearest_keys(compiled, asked),
        },
    };
    if json {
        serde_json::to_writer_pretty(&mut *out, &explanation)?;
        writeln!(out)?;
    } else {
        write(&explanation, asked, out)?;
    }
    Ok(if explanation.for_sale { Outcome::Done } else { Outcome::NotForSale })
}

/// The key that a URL, its path or a key leads to.
pub(super) fn key(compiled: &Compiled, asked: &str) -> Result<String, BadKey> {
    let path = match asked.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |slash| &rest[slash..]),
        None if asked.starts_with('/') => asked,
        None => return Ok(Key::parse(asked)?.as_str().to_owned()),
    };
    // Neither belongs to the path; CloudFront takes the query off, browsers the fragment.
    let path = path.split(['?', '#']).next().unwrap_or_default();
    match &compiled.table().site.default_root_object {
        Some(root) if path == "/" => Ok(root.to_string()),
        _ => Ok(Key::from_uri_path(path)?.as_str().to_owned()),
    }
}

fn of_key(compiled: &Compiled, key: String) -> Explanation {
    let table = compiled.table();
    let matching = compiled.notes().iter().filter(|note| note.pattern.matches(&key));
    let Some(listing) = compiled.listing(&key) else {
        let other = |note: &crate::RuleNote| OtherJson {
            pattern: note.pattern.as_str().to_owned(),
            line: note.line,
            price: note.price_now(),
            why_not: "there is no such object".to_owned(),
        };
        let reason = if is_hidden(&key) {
            "files whose names begin with a dot are left out, except `.well-known`"
        } else {
            "there is no such object, and what does not exist is not for sale"
        };
        return Explanation {
            for_sale: false,
            reason: Some(reason.to_owned()),
            object: None,
            rule: None,
            offers: Vec::new(),
            others: matching.map(other).collect(),
            nearest: nearest_keys(compiled, &key),
            key: Some(key),
        };
    };
    let winner = usize::from(listing.object.rule);
    let note = &compiled.notes()[winner];
    let others = matching.filter(|other| *other != note).map(|other| OtherJson {
        pattern: other.pattern.as_str().to_owned(),
        line: other.line,
        price: other.price_now(),
        why_not: other.pattern.why_less_specific(&note.pattern).unwrap_or_default(),
    });
    let (pass, access_epoch) = timed(listing.rule).unzip();
    Explanation {
        for_sale: true,
        reason: None,
        object: Some(ObjectJson {
            url: resource_url(&table.site.urls[0], &listing),
            size: listing.object.size,
            mime_type: listing.mime_type.to_owned(),
            etag: listing.object.etag.to_string(),
        }),
        rule: Some(RuleJson {
            pattern: note.pattern.as_str().to_owned(),
            line: note.line,
            price: note.price_now(),
            access: access(listing.rule),
            pass,
            access_epoch,
            purchases: purchases(listing.rule),
            title: listing.rule.title.to_string(),
            description: listing.rule.description.to_string(),
        }),
        offers: offers(listing.rule).iter().map(|offer| self::offer(offer, note)).collect(),
        others: others.collect(),
        nearest: Vec::new(),
        key: Some(key),
    }
}

/// What a pass opens, and the epoch that it must be of; `None` unless access is timed.
fn timed(rule: &Rule) -> Option<(&'static str, u32)> {
    match &rule.sale {
        Sale::Priced { access: Access::Seconds(_), pass, access_epoch, .. } => {
            let opens = match pass {
                PassScope::Object => "object",
                PassScope::Rule => "rule",
            };
            Some((opens, *access_epoch))
        }
        Sale::Free | Sale::Priced { access: Access::Request, .. } => None,
    }
}

fn offer(offer: &price_table::Offer, note: &RuleNote) -> OfferJson {
    let first = note.quote.as_ref().map_or_else(String::new, ToString::to_string);
    let first = (first, offer.price.amount.to_string());
    let next = offer.price.next.as_ref().zip(note.next.as_ref()).map(|(next, quoted)| NextJson {
        from: quoted.from,
        amount: next.amount.to_string(),
        price: quoted.quote.to_string(),
        old_price_until: quoted.from + SignedDuration::from_secs(offer.max_timeout_seconds.into()),
    });
    let now = Timestamp::now();
    let ((price, amount), previous, next) = match next {
        Some(next) if next.from <= now => {
            let previous =
                PreviousJson { amount: first.1, price: first.0, good_until: next.old_price_until };
            ((next.price, next.amount), Some(previous), None)
        }
        next => (first, None, next),
    };
    OfferJson {
        price,
        previous: previous.filter(|previous| previous.good_until > now),
        next,
        network: network_name(offer),
        caip2: offer.network.caip2.to_string(),
        v1_network: offer.network.v1.as_deref().map(str::to_owned),
        asset: offer.asset().to_owned(),
        asset_name: offer.symbol().to_owned(),
        amount,
        pay_to: offer.pay_to().to_owned(),
        max_timeout_seconds: offer.max_timeout_seconds,
        extra: match &offer.terms {
            Terms::Evm(_) => None,
            Terms::PassThrough(terms) => serde_json::from_str(&terms.extra).ok(),
        },
        facilitators: offer.facilitators.iter().map(facilitator).collect(),
        rpc: offer.network.rpc.as_ref().map(|Rpc { url, second, confirmations }| RpcJson {
            url: url.as_deref().map(str::to_owned),
            second: second.as_deref().map(str::to_owned),
            confirmations: *confirmations,
        }),
    }
}

fn facilitator(facilitator: &Facilitator) -> FacilitatorJson {
    FacilitatorJson {
        url: facilitator.url.to_string(),
        verify_first: facilitator.verify == VerifyPolicy::First,
        auth: match facilitator.auth {
            Auth::None => None,
            Auth::Bearer => Some("bearer"),
            Auth::Cdp => Some("cdp"),
        },
        dialect: match facilitator.dialect {
            Dialect::Reference => "reference",
            Dialect::Cdp => "cdp",
            Dialect::X402Rs => "x402-rs",
        },
        refusals: facilitator.refusals.iter().map(ToString::to_string).collect(),
    }
}

/// The keys that are spelled most alike.
pub(super) fn nearest_keys(compiled: &Compiled, asked: &str) -> Vec<String> {
    let asked = asked.trim_matches('/');
    let mut keys: Vec<_> = compiled
        .objects
        .iter()
        .map(|found| (strsim::osa_distance(asked, &found.key), found.key.clone()))
        // Further off than half its letters, a key is not a misspelling.
        .filter(|(distance, _)| *distance <= asked.chars().count() / 2)
        .collect();
    keys.sort_unstable();
    keys.into_iter().take(NEAREST).map(|(_, key)| key).collect()
}

fn write(explanation: &Explanation, asked: &str, out: &mut dyn Write) -> io::Result<()> {
    let Explanation { key, reason, object, rule, offers, others, nearest, .. } = explanation;
    match key {
        Some(key) if key != asked => writeln!(out, "{asked}: the key {key:?}")?,
        _ => writeln!(out, "{asked}")?,
    }
    if let Some(reason) = reason {
        writeln!(out, "  not for sale: {reason}")?;
    }
    if let Some(object) = object {
        let size = columns::bytes(object.size);
        writeln!(out, "  object   {size}, {}, ETag {}", object.mime_type, object.etag)?;
        writeln!(out, "  URL      {}", object.url)?;
    }
    if let Some(rule) = rule {
        writeln!(out, "  rule     {} (line {}): {}", rule.pattern, rule.line, rule.price)?;
        for text in [&rule.title, &rule.description].into_iter().filter(|text| !text.is_empty()) {
            writeln!(out, "           {text}")?;
        }
        match rule.access.as_deref() {
            Some("request") => writeln!(out, "  access   one request for each payment")?,
            Some(time) => writeln!(out, "  access   {time} from settlement for each payment")?,
            None => {}
        }
        if let (Some(opens), Some(epoch)) = (rule.pass, rule.access_epoch) {
            writeln!(out, "           its pass opens the {opens}, in access epoch {epoch}")?;
        }
        if rule.purchases == Some("independent") {
            writeln!(out, "           its payments are independent: each opens by itself alone")?;
        }
    }
    for offer in offers {
        let OfferJson { network, caip2, asset, asset_name, amount, price, next, pay_to, .. } =
            offer;
        writeln!(out, "  offer    {price} = {amount} atomic units of {asset_name:?} on {network}")?;
        if let Some(PreviousJson { price, good_until, .. }) = &offer.previous {
            writeln!(
                out,
                "             before       a 402 with {price} is good until {good_until}"
            )?;
        }
        if let Some(NextJson { from, amount, price: later, old_price_until }) = next {
            writeln!(out, "             later        {later} = {amount} from {from} on")?;
            writeln!(
                out,
                "                          a 402 with {price} is good until {old_price_until}"
            )?;
        }
        writeln!(out, "             network      {caip2}")?;
        writeln!(out, "             token        {asset}")?;
        writeln!(out, "             paid to      {pay_to}")?;
        if let Some(extra) = &offer.extra {
            writeln!(out, "             extra        {extra}")?;
        }
        for facilitator in &offer.facilitators {
            let first = if facilitator.verify_first { ", verified first" } else { "" };
            let auth = facilitator.auth.map_or(String::new(), |auth| format!(", auth {auth}"));
            let dialect = match facilitator.dialect {
                "reference" => String::new(),
                other => format!(", dialect {other}"),
            };
            writeln!(out, "             settled by   {}{first}{auth}{dialect}", facilitator.url)?;
            if !facilitator.refusals.is_empty() {
                let codes = facilitator.refusals.join(", ");
                writeln!(out, "                          whose refusals are believed: {codes}")?;
            }
        }
        if let Some(RpcJson { url, second, confirmations }) = &offer.rpc {
            let node = url.as_deref().unwrap_or("an RPC endpoint in the secrets");
            let second = second.as_ref().map_or(String::new(), |node| format!(" and {node}"));
            writeln!(out, "             looked up at {node}{second}, {confirmations} blocks deep")?;
        }
        writeln!(out, "             valid for    {} s", offer.max_timeout_seconds)?;
    }
    for other in others {
        let OtherJson { pattern, line, price, why_not } = other;
        writeln!(out, "  not      {pattern} (line {line}, {price}): {why_not}")?;
    }
    for near in nearest {
        writeln!(out, "  nearest  {near}")?;
    }
    Ok(())
}
