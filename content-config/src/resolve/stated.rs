//! What a `[[token]]` states, beside what is known of the token.

use std::ops::Range;

use super::token::DEFAULT_CURRENCY;
use super::token_id::TokenId;
use crate::code::Code;
use crate::networks::Chain;
use crate::report::Problem;
use crate::schema::{At, TokenText};
use crate::tokens::{self, Kind, KnownToken};

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
