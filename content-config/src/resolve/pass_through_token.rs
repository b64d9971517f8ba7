//! `[[token]]` on a network that is not EVM: what the facilitator needs to settle in it.

use std::collections::BTreeMap;

use price_table::PassThrough;

use super::stated::{contradictions, known, misplaced, string};
use super::token_id::TokenId;
use crate::address::{self, BadAddress};
use crate::code::Code;
use crate::nearest::list;
use crate::networks::{self, Chain, Family, V1};
use crate::report::Problem;
use crate::schema::{At, ExtraText, TokenText};
use crate::solana;

/// The account that pays Solana's fee, the facilitator's.
/// <https://github.com/x402-foundation/x402/blob/main/specs/schemes/exact/scheme_exact_svm.md>
const FEE_PAYER: &str = "feePayer";

/// Entries of `extra` that a seller cannot state once and for all, on which networks not, why and
/// what to do. For Solana's see its specification, above.
const MISPLACED: &[(&str, Option<Family>, &str, &str)] = &[
    (
        "paymentFlow",
        None,
        "the function writes it",
        "remove it; every offer to v2 clients says `upfront`",
    ),
    (
        "memo",
        Some(Family::Solana),
        "two payments of one buyer at once would be the same transaction",
        "remove it; buyers' clients write a random one",
    ),
    (
        "recentBlockhash",
        Some(Family::Solana),
        "out of date two minutes after it was written",
        "remove it; buyers' clients ask the network",
    ),
    (
        "lastValidBlockHeight",
        Some(Family::Solana),
        "out of date two minutes after it was written",
        "remove it; buyers' clients ask the network",
    ),
];

pub(super) fn define(
    text: &TokenText,
    id: &TokenId<'_>,
    chain: &Chain,
    problems: &mut Vec<Problem>,
) -> Option<PassThrough> {
    for (key, stated) in [("name", &text.name), ("version", &text.version)] {
        let why = "EIP-712 is for EVM networks";
        misplaced(key, stated.as_ref().map(At::span), why, "remove it", problems);
    }
    let mut account = |whose, text: &Option<At<String>>| {
        text.as_ref().and_then(|text| account(whose, text, chain, problems))
    };
    let (stated, pay_to) = (account("a token", &text.address), account("the payee", &text.pay_to));
    let known = known(id, chain, stated.as_deref());
    contradictions(text, known, problems);
    let asset = known.map(|known| known.address.to_owned()).or(stated);
    let decimals = known
        .map(|known| known.decimals)
        .or_else(|| u8::try_from(*text.decimals.as_ref()?.get_ref()).ok());
    let missing: Vec<_> = [
        ("address", asset.is_none() && text.address.is_none()),
        ("decimals", decimals.is_none()),
        ("pay_to", text.pay_to.is_none()),
    ]
    .into_iter()
    .filter_map(|(key, missing)| missing.then_some(key))
    .collect();
    if !missing.is_empty() && !text.broken {
        problems.push(
            Problem::new(
                Code::MissingKey,
                format!("the token `{}` has no {}", id.canonical, list(missing)),
            )
            .at(text.span.clone(), "not all that the facilitator needs is here")
            .help(format!("add it, as it is on {}; `pay_to` is your account there", chain.caip2)),
        );
    }
    if let (Some(at), Some(payee)) = (&text.pay_to, &pay_to)
        && asset.as_ref() == Some(payee)
    {
        problems.push(
            Problem::new(Code::PayeeIsToken, "the payee is the token itself")
                .at(at.span(), "money sent here is lost")
                .help("write the address of your wallet"),
        );
    }
    let extra = extra(text, id, chain, problems);
    Some(PassThrough {
        asset: asset?.into(),
        pay_to: pay_to?.into(),
        symbol: string(&text.symbol).unwrap_or_else(|| id.asset.to_uppercase()).into(),
        decimals: decimals?,
        extra: extra.into(),
    })
}

/// How x402 v1 calls the network.
pub(super) fn v1(text: &TokenText, chain: &Chain, problems: &mut Vec<Problem>) -> V1 {
    let Some(stated) = &text.v1_name else { return chain.v1.clone() };
    let name = stated.get_ref();
    if chain.v1 != V1::Nobody && *name == chain.name {
        return chain.v1.clone();
    }
    let (label, help) = match (&chain.v1, networks::names().find(|known| known == name)) {
        (V1::Nobody, None) => return V1::Stated(name.clone()),
        (V1::Nobody, Some(known)) => (
            format!("`{known}` is another network"),
            "write what buyers' v1 clients call this one, or leave it out".to_owned(),
        ),
        _ => (
            format!("x402 v1 calls it `{}`", chain.name),
            format!("write `v1_name = {:?}`, or leave it out", chain.name),
        ),
    };
    problems.push(
        Problem::new(
            Code::TokenContradiction,
            format!("`v1_name` of {} cannot be {name:?}", chain.caip2),
        )
        .at(stated.span(), label)
        .help(help),
    );
    V1::Nobody
}

/// `extra` as compact JSON with sorted keys.
fn extra(text: &TokenText, id: &TokenId<'_>, chain: &Chain, problems: &mut Vec<Problem>) -> String {
    let entries = text.extra.as_ref().map_or(&[][..], |extra| extra.get_ref());
    for ExtraText { key, .. } in entries {
        let listed = MISPLACED.iter().find(|(name, family, ..)| {
            name == key.get_ref() && family.is_none_or(|family| family == chain.family)
        });
        if let Some((name, _, why, help)) = listed {
            misplaced(&format!("extra.{name}"), Some(key.span()), why, help, problems);
        }
    }
    if chain.family == Family::Solana && !text.broken {
        fee_payer(text, id, chain, entries, problems);
    }
    let sorted: BTreeMap<_, _> =
        entries.iter().map(|entry| (entry.key.get_ref(), entry.value.get_ref())).collect();
    serde_json::to_string(&sorted).expect("texts serialise")
}

fn fee_payer(
    text: &TokenText,
    id: &TokenId<'_>,
    chain: &Chain,
    extra: &[ExtraText],
    problems: &mut Vec<Problem>,
) {
    if let Some(ExtraText { value, .. }) = extra.iter().find(|e| e.key.get_ref() == FEE_PAYER) {
        let payer = value.get_ref().as_str().unwrap_or_default().to_owned();
        account("`feePayer`", &At::new(value.span(), payer), chain, problems);
        return;
    }
    let span = text.extra.as_ref().map_or(text.span.clone(), At::span);
    problems.push(
        Problem::new(
            Code::MissingKey,
            format!("the token `{}` has no `extra.feePayer`", id.canonical),
        )
        .at(span, "who pays the network's fee?")
        .help(format!(
            "add `extra = {{ feePayer = \"...\" }}`: the facilitator's account, which \
             `curl FACILITATOR/supported` shows in the entry of {}",
            chain.caip2
        )),
    );
}

/// An account or a token on a network, or what is wrong with it.
fn account(
    whose: &str,
    text: &At<String>,
    chain: &Chain,
    problems: &mut Vec<Problem>,
) -> Option<String> {
    let stated = text.get_ref();
    let graphic = !stated.is_empty() && stated.bytes().all(|byte| byte.is_ascii_graphic());
    let copy = "copy the whole address from the wallet, the explorer or `FACILITATOR/supported`";
    let (label, help) = if !matches!(address::parse(stated), Err(BadAddress::Shape)) {
        ("this is an address of an EVM network", format!("write the account on {}", chain.caip2))
    } else if chain.family == Family::Solana && !solana::is_account(stated) {
        ("not 32 bytes in base58", copy.to_owned())
    } else if chain.family == Family::Solana && stated == solana::SYSTEM_PROGRAM {
        ("this is the System Program", "nobody has its key; write another".to_owned())
    } else if !graphic {
        ("not letters, digits and signs without a space", copy.to_owned())
    } else {
        return Some(stated.clone());
    };
    problems.push(
        Problem::new(Code::BadAddress, format!("the address of {whose} is not right"))
            .at(text.span(), label)
            .help(help),
    );
    None
}
