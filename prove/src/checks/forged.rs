//! Whether headers that anybody can send open what is for sale.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::json;

use crate::answer::Ask;
use crate::check::{Answered, Check, Finding, Judge, Probe, note, right};
use crate::known::Known;
use crate::sources::{TRUSTED, V2_HTTP};
use crate::terms::Terms;

use super::unpaid;

/// Where nothing is.
const NOWHERE: &str = "x402-prove.example";

pub(super) fn probes(known: &Known) -> Vec<Probe> {
    let url = known.target.url();
    let receipt = json!({
        "success": true, "transaction": format!("0x{}", "1".repeat(64)), "network": "eip155:84532",
        "payer": format!("0x{}", "2".repeat(40)),
    });
    let receipt = BASE64_STANDARD.encode(receipt.to_string());
    let each = |pairs: &[(&'static str, &str)]| {
        let ask = |(name, value): &(&'static str, &str)| Ask::get(*name, &url).header(name, *value);
        pairs.iter().map(ask).collect::<Vec<_>>()
    };
    let proxies = each(&[
        ("X-Forwarded-For", "127.0.0.1"),
        ("X-Forwarded-Proto", "http"),
        ("Forwarded", "for=127.0.0.1;host=x402-prove.example"),
        ("X-Real-IP", "127.0.0.1"),
        ("X-Original-URL", "/x402-prove"),
        ("X-Rewrite-URL", "/x402-prove"),
        ("X-HTTP-Method-Override", "HEAD"),
        ("X-Amzn-Waf-Bot", "no"),
        ("X-Amzn-Waf-X-X402-Route-Action", "0"),
        ("X-Amz-Cf-Id", "x402-prove"),
    ]);
    let receipts = each(&[
        ("PAYMENT-RESPONSE", &receipt),
        ("X-PAYMENT-RESPONSE", &receipt),
        ("X-Payment-Pass", &receipt),
        ("X-X402-Handover", &receipt),
        ("X-X402-Pending-Settlement", &receipt),
        ("Payment-Context", &receipt),
        ("X-Payment-Verified", "true"),
        ("Sign-In-With-X", &receipt),
        ("Authorization", "Bearer x402-prove"),
        ("Cookie", "x402=paid; paid=true; session=x402-prove"),
    ]);
    let host = Ask::get("X-Forwarded-Host", &url).header("X-Forwarded-Host", NOWHERE);
    let check = |id, what, why, shows, judge| Check { id, what, why, shows, judge };
    vec![
        Probe::new(
            proxies,
            [check(
                "forged.proxy",
                "Headers of proxies and firewalls, sent by anybody, open nothing.",
                TRUSTED,
                &["content-type"],
                Judge::Each(unpaid::same, "No header of a proxy opened it."),
            )],
        ),
        Probe::new(
            receipts,
            [check(
                "forged.receipt",
                "Receipts and passes that are made up open nothing.",
                V2_HTTP,
                &["content-type"],
                Judge::Each(unpaid::same, "Nothing made up opened it."),
            )],
        ),
        Probe::new(
            vec![host],
            [
                check(
                    "forged.host",
                    "X-Forwarded-Host, sent by anybody, opens nothing.",
                    TRUSTED,
                    &["content-type"],
                    Judge::Each(unpaid::same, "X-Forwarded-Host opened nothing."),
                ),
                check(
                    "forged.resource",
                    "The terms name the seller's own URL, not one that the client says.",
                    TRUSTED,
                    &["payment-required"],
                    Judge::All(resource),
                ),
            ],
        ),
    ]
}

fn resource(_: &Known, answered: &[Answered<'_>]) -> Finding {
    let named = |terms: Terms| {
        let v2 = terms.v2.and_then(Result::ok).map(|json| json.to_string());
        let v1 = terms.v1.map(|json| json.to_string());
        [v2, v1].into_iter().flatten().any(|text| text.contains(NOWHERE))
    };
    match answered.iter().map(|(_, answer)| Terms::read(answer)).any(named) {
        true => note(
            "The terms take the resource's host from X-Forwarded-Host; whoever keeps them shows it to others.",
        ),
        false => right("The terms do not follow X-Forwarded-Host."),
    }
}
