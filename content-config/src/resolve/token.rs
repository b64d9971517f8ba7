//! A token that can be sold for.

use price_table::{Asset, PassThrough};

use super::token_id::TokenId;
use crate::code::Code;
use crate::networks::Chain;
use crate::report::Problem;

/// The currency of every known token, and of those that do not state theirs.
pub(super) const DEFAULT_CURRENCY: &str = "USD";

/// A token that can be sold for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    /// How `content.toml` calls it.
    pub(crate) id: String,
    pub(crate) chain: Chain,
    pub(crate) terms: TokenTerms,
    /// What one token is worth one of; prices count in it.
    pub(crate) currency: String,
}

/// What a token gives to the terms of an offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TokenTerms {
    /// All but the payee, who is the rule's.
    Evm { chain_id: u64, asset: Asset },
    /// All of them.
    PassThrough(PassThrough),
}

impl Token {
    pub(crate) fn is_evm(&self) -> bool {
        matches!(self.terms, TokenTerms::Evm { .. })
    }

    pub(crate) fn address(&self) -> &str {
        match &self.terms {
            TokenTerms::Evm { asset, .. } => &asset.address.eip55,
            TokenTerms::PassThrough(terms) => &terms.asset,
        }
    }

    pub(crate) fn decimals(&self) -> u8 {
        match &self.terms {
            TokenTerms::Evm { asset, .. } => asset.decimals,
            TokenTerms::PassThrough(terms) => terms.decimals,
        }
    }
}

/// Why a token of Permit2 is none.
pub(super) fn permit2(id: &TokenId<'_>) -> Problem {
    Problem::new(Code::Permit2Token, format!("`{}` cannot be paid by EIP-3009", id.canonical))
        .at(id.text.span(), "this token has no `transferWithAuthorization`")
        .help("take another token: this seller does not speak Permit2, which is all that it has")
}
