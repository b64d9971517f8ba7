//! `[[token]]` on an EVM network: an EIP-3009 token.

use std::ops::Range;

use price_table::Asset;

use super::stated::{contradictions, domain, known, misplaced, string};
use super::token::permit2;
use super::token_id::TokenId;
use super::values::read_address;
use crate::address;
use crate::code::Code;
use crate::nearest::list;
use crate::networks::Chain;
use crate::report::Problem;
use crate::schema::{At, TokenText};
use crate::tokens::{Kind, KnownToken};

pub(super) fn define(
    text: &TokenText,
    id: &TokenId<'_>,
    chain: &Chain,
    problems: &mut Vec<Problem>,
) -> Option<Asset> {
    for (key, span, help) in foreign(text) {
        misplaced(key, span, "not for a token on an EVM network", help, problems);
    }
    let stated = text.address.as_ref().and_then(|text| read_address("a token", text, problems));
    let known = known(id, chain, stated.as_ref().map(|address| address.eip55.as_ref()));
    if let Some(KnownToken { kind: Kind::Permit2, .. }) = known {
        problems.push(permit2(id));
        return None;
    }
    contradictions(text, known, problems);

    let address = match known {
        Some(known) => Some(address::parse(known.address).expect("a test reads them all")),
        None => stated,
    };
    let decimals = known
        .map(|known| known.decimals)
        .or_else(|| u8::try_from(*text.decimals.as_ref()?.get_ref()).ok());
    let (known_name, known_version) = domain(known);
    let name = known_name.map(str::to_owned).or_else(|| string(&text.name));
    let version = known_version.map(str::to_owned).or_else(|| string(&text.version));
    let missing: Vec<_> = [
        ("address", address.is_none() && text.address.is_none()),
        ("decimals", decimals.is_none()),
        ("name", name.is_none()),
        ("version", version.is_none()),
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
            .at(text.span.clone(), "not all that a buyer must sign is here")
            .help("add it; the token's contract says it in `decimals()`, `name()` and `version()`"),
        );
    }
    Some(Asset {
        address: address?,
        name: name?.into(),
        version: version?.into(),
        decimals: decimals?,
    })
}

/// The keys for tokens of other networks, and what to do here.
fn foreign(text: &TokenText) -> [(&'static str, Option<Range<usize>>, &'static str); 5] {
    let span = |text: &Option<At<String>>| text.as_ref().map(At::span);
    [
        ("pay_to", span(&text.pay_to), "write it in `[payment]` or in a rule"),
        ("extra", text.extra.as_ref().map(At::span), "remove it; `name` and `version` go there"),
        ("symbol", span(&text.symbol), "remove it; people see the token's `name`"),
        ("network", span(&text.network), "remove it; the id names it, as in `eip155:8453/usdc`"),
        ("v1_name", span(&text.v1_name), "remove it; v1 names of EVM networks are known"),
    ]
}
