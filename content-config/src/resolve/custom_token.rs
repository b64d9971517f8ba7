//! `[[token]]`: a token in full, or what is missing of a known one.

use std::ops::Range;

use super::catalogue::{DEFAULT_CURRENCY, Token, TokenTerms};
use super::token_id::TokenId;
use super::{evm_token, pass_through_token};
use crate::code::Code;
use crate::networks::{Chain, Family};
use crate::report::Problem;
use crate::schema::{At, TokenText};
use crate::tokens::{self, Kind, KnownToken};

/// Reads a definition. Where it speaks of a known token, it may leave out what is known, and must
/// not contradict it.
pub(super) fn define(
    text: &TokenText,
    id: &TokenId<'_>,
    chain: Chain,
    problems: &mut Vec<Problem>,
) -> Option<Token> {
    let before = problems.len();
    empty(text, problems);
    let (chain, terms) = match chain.family {
        Family::Evm(chain_id) => {
            let asset = evm_token::define(text, id, &chain, problems);
            (chain, asset.map(|asset| TokenTerms::Evm { chain_id, asset }))
        }
        Family::Solana | Family::Other => {
            let terms = pass_through_token::define(text, id, &chain, problems);
            let v1 = pass_through_token::v1(text, &chain, problems);
            (Chain { v1, ..chain }, terms.map(TokenTerms::PassThrough))
        }
    };
    if problems.len() > before || text.broken {
        return None;
    }
    let currency = string(&text.currency).unwrap_or_else(|| DEFAULT_CURRENCY.to_owned());
    Some(Token { id: id.canonical.clone(), chain, terms: terms?, currency })
}

pub(super) fn string(text: &Option<At<String>>) -> Option<String> {
    Some(text.as_ref()?.get_ref().clone())
}

/// What is known of the token of a definition, by its id or its address.
pub(super) fn known(
    id: &TokenId<'_>,
    chain: &Chain,
    address: Option<&str>,
) -> Option<&'static KnownToken> {
    tokens::find(&format!("{}/{}", chain.name, id.asset))
        .or_else(|| tokens::at(&chain.name, address?))
}

/// EIP-712 name and version, as far as they are known.
pub(super) fn domain(known: Option<&KnownToken>) -> (Option<&'static str>, Option<&'static str>) {
    match known.map(|known| known.kind) {
        Some(Kind::Agreed(name, version)) => (Some(name), Some(version)),
        Some(Kind::Disputed(version, _)) => (None, Some(version)),
        Some(Kind::Permit2 | Kind::PassThrough) | None => (None, None),
    }
}

pub(super) fn contradictions(
    text: &TokenText,
    known: Option<&KnownToken>,
    problems: &mut Vec<Problem>,
) {
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

/// Reports a key that has no meaning on the token's kind of network.
pub(super) fn misplaced(
    key: &str,
    span: Option<Range<usize>>,
    why: &str,
    help: &str,
    problems: &mut Vec<Problem>,
) {
    let Some(span) = span else { return };
    problems.push(
        Problem::new(Code::MisplacedKey, format!("`{key}` has no place in this `[[token]]`"))
            .at(span, why)
            .help(help),
    );
}

fn empty(text: &TokenText, problems: &mut Vec<Problem>) {
    let texts = [
        ("name", &text.name),
        ("version", &text.version),
        ("currency", &text.currency),
        ("symbol", &text.symbol),
        ("v1_name", &text.v1_name),
    ];
    for (key, stated) in texts {
        if let Some(stated) = stated.as_ref().filter(|stated| stated.get_ref().is_empty()) {
            let help = match key {
                "symbol" | "v1_name" => "write it, or leave the key out",
                _ => "write what the token's contract says",
            };
            problems.push(
                Problem::new(Code::MissingKey, format!("the token's `{key}` is empty"))
                    .at(stated.span(), "nothing in quotes")
                    .help(help),
            );
        }
    }
}
