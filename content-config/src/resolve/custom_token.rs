//! `[[token]]`: a token in full, or what is missing of a known one.

use std::ops::Range;

use price_table::Asset;

use super::catalogue::{DEFAULT_CURRENCY, Token, permit2};
use super::read_address;
use crate::address;
use crate::code::Code;
use crate::nearest::list;
use crate::networks::Chain;
use crate::report::Problem;
use crate::schema::{At, TokenText};
use crate::tokens::{self, Kind, KnownToken};

/// Reads a definition. Where it speaks of a known token, it may leave out what is known, and must
/// not contradict it.
pub(super) fn define(
    text: &TokenText,
    id: &At<String>,
    chain: Chain,
    symbol: String,
    problems: &mut Vec<Problem>,
) -> Option<Token> {
    let canonical = format!("{}/{symbol}", chain.name);
    let before = problems.len();
    let stated = text.address.as_ref().and_then(|text| read_address("a token", text, problems));
    let known =
        tokens::find(&canonical).or_else(|| tokens::at(&chain.name, &stated.as_ref()?.eip55));
    if let Some(KnownToken { kind: Kind::Permit2, .. }) = known {
        problems.push(permit2(id, &canonical));
        return None;
    }
    contradictions(text, known, problems);
    empty(text, problems);

    let address = match known {
        Some(known) => Some(address::parse(known.address).expect("a test reads them all")),
        None => stated,
    };
    let decimals = known
        .map(|known| known.decimals)
        .or_else(|| u8::try_from(*text.decimals.as_ref()?.get_ref()).ok());
    let string = |text: &Option<At<String>>| Some(text.as_ref()?.get_ref().clone());
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
                format!("the token `{canonical}` has no {}", list(missing.iter().copied())),
            )
            .at(text.span.clone(), "not all that a buyer must sign is here")
            .help("add it; the token's contract says it in `decimals()`, `name()` and `version()`"),
        );
    }
    if problems.len() > before || text.broken {
        return None;
    }
    let currency = string(&text.currency).unwrap_or_else(|| DEFAULT_CURRENCY.to_owned());
    let asset = Asset {
        address: address?,
        name: name?.into(),
        version: version?.into(),
        decimals: decimals?,
    };
    Some(Token { chain, symbol, asset, currency })
}

/// EIP-712 name and version, as far as they are known.
fn domain(known: Option<&KnownToken>) -> (Option<&'static str>, Option<&'static str>) {
    match known.map(|known| known.kind) {
        Some(Kind::Agreed(name, version)) => (Some(name), Some(version)),
        Some(Kind::Disputed(version, _)) => (None, Some(version)),
        Some(Kind::Permit2) | None => (None, None),
    }
}

fn contradictions(text: &TokenText, known: Option<&KnownToken>, problems: &mut Vec<Problem>) {
    let Some(token) = known else { return };
    let mut compare = |key: &str, stated: Option<(Range<usize>, String)>, right: Option<String>| {
        let (Some((span, stated)), Some(right)) = (stated, right) else { return };
        if stated != right {
            problems.push(
                Problem::new(
                    Code::TokenContradiction,
                    format!("`{key}` is not what is known of `{}`", token.id),
                )
                .at(span, format!("public sources say {right}"))
                .help(format!("write `{key} = {right}`, or leave it out")),
            );
        }
    };
    let quoted = |text: &Option<At<String>>| {
        text.as_ref().map(|text| (text.span(), format!("{:?}", text.get_ref())))
    };
    let decimals = text.decimals.as_ref().map(|n| (n.span(), n.get_ref().to_string()));
    let (name, version) = domain(known);
    compare("address", quoted(&text.address), Some(format!("{:?}", token.address)));
    compare("decimals", decimals, Some(token.decimals.to_string()));
    compare("name", quoted(&text.name), name.map(|name| format!("{name:?}")));
    compare("version", quoted(&text.version), version.map(|version| format!("{version:?}")));
    compare("currency", quoted(&text.currency), Some(format!("{DEFAULT_CURRENCY:?}")));
}

fn empty(text: &TokenText, problems: &mut Vec<Problem>) {
    let texts = [("name", &text.name), ("version", &text.version), ("currency", &text.currency)];
    for (key, stated) in texts {
        if let Some(stated) = stated.as_ref().filter(|stated| stated.get_ref().is_empty()) {
            problems.push(
                Problem::new(Code::MissingKey, format!("the token's `{key}` is empty"))
                    .at(stated.span(), "nothing in quotes")
                    .help("write what the token's contract says"),
            );
        }
    }
}
