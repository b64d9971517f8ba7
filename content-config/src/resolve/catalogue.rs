//! The tokens that rules can name: the known ones and the seller's own.

use price_table::Asset;

use super::custom_token::define;
use super::token::{DEFAULT_CURRENCY, Token, TokenTerms, permit2};
use super::token_id::TokenId;
use super::values::duplicates;
use crate::address;
use crate::code::Code;
use crate::nearest::{list, nearest};
use crate::networks::Chain;
use crate::report::Problem;
use crate::schema::{At, TokenText};
use crate::tokens::{self, Kind};

/// The seller's tokens; `None` for those whose definition is wrong, which is reported once there.
pub(crate) struct Catalogue {
    custom: Vec<(String, Option<Token>)>,
}

impl Catalogue {
    pub(crate) fn new(texts: &[TokenText], problems: &mut Vec<Problem>) -> Self {
        let mut custom: Vec<(String, Option<Token>)> = Vec::new();
        let mut seen: Vec<(At<String>, String)> = Vec::new();
        for text in texts {
            let Some(id) = text.id.as_ref().and_then(|id| TokenId::parse(id, problems)) else {
                continue;
            };
            seen.push((id.text.clone(), id.canonical.clone()));
            if custom.iter().all(|(known, _)| *known != id.canonical) {
                let chain = id.defined_chain(text, problems);
                let token = chain.and_then(|chain| define(text, &id, chain, problems));
                custom.push((id.canonical, token));
            }
        }
        duplicates("the token", &seen, problems);
        Catalogue { custom }
    }

    /// The token that a rule names; reports why there is none.
    pub(crate) fn get(&self, id: &At<String>, problems: &mut Vec<Problem>) -> Option<Token> {
        let id = TokenId::parse(id, problems)?;
        if let Some((_, token)) = self.custom.iter().find(|(known, _)| *known == id.canonical) {
            return token.clone();
        }
        let chain = id.chain(self.custom.iter().map(|(id, _)| id.as_str()), problems)?;
        let Some(known) = tokens::find(&id.canonical) else {
            problems.push(self.unknown(&id, &chain));
            return None;
        };
        let problem = match known.kind {
            Kind::Agreed(name, version) => {
                let address = address::parse(known.address).expect("a test reads them all");
                let asset = Asset {
                    address,
                    name: name.into(),
                    version: version.into(),
                    decimals: known.decimals,
                };
                let terms = TokenTerms::Evm { chain_id: chain.evm_id()?, asset };
                let currency = DEFAULT_CURRENCY.to_owned();
                return Some(Token { id: id.canonical, chain, terms, currency });
            }
            Kind::Disputed(_, why) => Problem::new(
                Code::DisputedToken,
                format!("the EIP-712 name of `{}` must be stated", id.canonical),
            )
            .at(id.text.span(), why)
            .help(format!(
                "call `name()` of {} on {} and add what it says:\n\
                 [[token]]\nid = \"{}\"\nname = \"...\"",
                known.address, chain.name, id.canonical
            )),
            Kind::Permit2 => permit2(&id),
            Kind::PassThrough => Problem::new(
                Code::MissingKey,
                format!("the payee of `{}` must be stated", id.canonical),
            )
            .at(id.text.span(), "the `pay_to` of rules is for EVM networks")
            .help(format!(
                "add, with your account and the facilitator's `feePayer` as `FACILITATOR/supported` \
                 shows it:\n[[token]]\nid = \"{}\"\npay_to = \"...\"\n\
                 extra = {{ feePayer = \"...\" }}",
                id.canonical
            )),
        };
        problems.push(problem);
        None
    }

    fn unknown(&self, id: &TokenId<'_>, chain: &Chain) -> Problem {
        let canonical = &id.canonical;
        let custom = self.custom.iter().map(|(known, _)| known.as_str());
        let known: Vec<_> = tokens::KNOWN.iter().map(|token| token.id).chain(custom).collect();
        let prefix = format!("{}/", chain.name);
        let here: Vec<_> = known.iter().copied().filter(|id| id.starts_with(&prefix)).collect();
        let help = match nearest(id.asset, here.iter().map(|id| &id[prefix.len()..])) {
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
            .at(id.text.span(), "unknown token")
            .help(help)
    }
}
