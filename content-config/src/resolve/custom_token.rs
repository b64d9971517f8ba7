//! `[[token]]`: a token in full, or what is missing of a known one.

use super::stated::string;
use super::token::{DEFAULT_CURRENCY, Token, TokenTerms};
use super::token_id::TokenId;
use super::{evm_token, pass_through_token};
use crate::code::Code;
use crate::networks::{Chain, Family};
use crate::report::Problem;
use crate::schema::TokenText;

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
