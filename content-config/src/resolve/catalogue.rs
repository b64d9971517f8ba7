//! The tokens that rules can name: the known ones and the seller's own.

use price_table::Asset;

use super::custom_token::define;
use crate::address;
use crate::code::Code;
use crate::nearest::{list, nearest};
use crate::networks::{self, Chain};
use crate::report::Problem;
use crate::schema::{At, TokenText};
use crate::tokens::{self, Kind};

/// The currency of every known token, and of those that do not state theirs.
pub(super) const DEFAULT_CURRENCY: &str = "USD";

/// A token that can be sold for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) chain: Chain,
    /// The part of the id after the network.
    pub(crate) symbol: String,
    pub(crate) asset: Asset,
    /// What one token is worth one of; prices count in it.
    pub(crate) currency: String,
}

/// The seller's tokens; `None` for those whose definition is wrong, which is reported once there.
pub(crate) struct Catalogue {
    custom: Vec<(String, Option<Token>)>,
}

impl Catalogue {
    pub(crate) fn new(texts: &[TokenText], problems: &mut Vec<Problem>) -> Self {
        let mut custom: Vec<(String, Option<Token>)> = Vec::new();
        let mut seen: Vec<(At<String>, String)> = Vec::new();
        for text in texts {
            let Some(id) = &text.id else { continue };
            let Some((chain, symbol)) = split(id, problems) else { continue };
            let canonical = format!("{}/{symbol}", chain.name);
            seen.push((id.clone(), canonical.clone()));
            if custom.iter().all(|(known, _)| *known != canonical) {
                custom.push((canonical, define(text, id, chain, symbol, problems)));
            }
        }
        super::duplicates("the token", &seen, problems);
        Catalogue { custom }
    }

    /// The token that a rule names; reports why there is none.
    pub(crate) fn get(&self, id: &At<String>, problems: &mut Vec<Problem>) -> Option<Token> {
        let (chain, symbol) = split(id, problems)?;
        let canonical = format!("{}/{symbol}", chain.name);
        if let Some((_, token)) = self.custom.iter().find(|(known, _)| *known == canonical) {
            return token.clone();
        }
        let Some(known) = tokens::find(&canonical) else {
            problems.push(self.unknown(id, &chain, &canonical));
            return None;
        };
        match known.kind {
            Kind::Agreed(name, version) => {
                let address = address::parse(known.address).expect("a test reads them all");
                let asset = Asset {
                    address,
                    name: name.into(),
                    version: version.into(),
                    decimals: known.decimals,
                };
                Some(Token { chain, symbol, asset, currency: DEFAULT_CURRENCY.to_owned() })
            }
            Kind::Disputed(_, why) => {
                problems.push(
                    Problem::new(
                        Code::DisputedToken,
                        format!("the EIP-712 name of `{canonical}` must be stated"),
                    )
                    .at(id.span(), why)
                    .help(format!(
                        "call `name()` of {} on {} and add what it says:\n\
                         [[token]]\nid = \"{canonical}\"\nname = \"...\"",
                        known.address, chain.name
                    )),
                );
                None
            }
            Kind::Permit2 => {
                problems.push(permit2(id, &canonical));
                None
            }
        }
    }

    fn unknown(&self, id: &At<String>, chain: &Chain, canonical: &str) -> Problem {
        let custom = self.custom.iter().map(|(known, _)| known.as_str());
        let known: Vec<_> = tokens::KNOWN.iter().map(|token| token.id).chain(custom).collect();
        let prefix = format!("{}/", chain.name);
        let here: Vec<_> = known.iter().copied().filter(|id| id.starts_with(&prefix)).collect();
        let symbols = here.iter().map(|id| &id[prefix.len()..]);
        let help = match nearest(&canonical[prefix.len()..], symbols) {
            Some(near) => format!("did you mean `{prefix}{near}`?"),
            None if here.is_empty() => {
                format!("describe the token in full in a `[[token]]` with `id = \"{canonical}\"`")
            }
            None => format!(
                "there is {}; describe another token in full in a `[[token]]` with \
                 `id = \"{canonical}\"`",
                list(here)
            ),
        };
        Problem::new(Code::UnknownToken, format!("the token `{canonical}` is not known"))
            .at(id.span(), "unknown token")
            .help(help)
    }
}

/// Network and asset of an id.
fn split(id: &At<String>, problems: &mut Vec<Problem>) -> Option<(Chain, String)> {
    let text = id.get_ref();
    let Some((network, symbol)) = text.split_once('/').filter(|(_, symbol)| {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
        !symbol.is_empty() && symbol.chars().all(fits)
    }) else {
        problems.push(
            Problem::new(Code::UnknownToken, format!("{text:?} names no token"))
                .at(id.span(), "not `network/asset`")
                .help("write `network/asset` in lower case, such as `base/usdc`"),
        );
        return None;
    };
    let chain = networks::find(network);
    if chain.is_none() {
        let help = match nearest(network, networks::names()) {
            Some(near) => format!("did you mean `{near}/{symbol}`?"),
            None => format!(
                "there is {}; any other EVM network by its chain id: `eip155:8453/{symbol}`",
                list(networks::names())
            ),
        };
        problems.push(
            Problem::new(Code::UnknownNetwork, format!("the network `{network}` is not known"))
                .at(id.span(), "unknown network")
                .help(help),
        );
    }
    Some((chain?, symbol.to_owned()))
}

pub(super) fn permit2(id: &At<String>, canonical: &str) -> Problem {
    Problem::new(Code::Permit2Token, format!("`{canonical}` cannot be paid by EIP-3009"))
        .at(id.span(), "this token has no `transferWithAuthorization`")
        .help("take another token: this seller does not speak Permit2, which is all that it has")
}
