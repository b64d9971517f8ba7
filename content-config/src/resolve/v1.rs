//! Who of the old clients cannot pay.

use price_table::{Rule, Sale};

use super::ResolvedRule;
use crate::code::Code;
use crate::networks::{self, V1};
use crate::report::Problem;

/// What x402 v1 clients cannot pay, although the 402's body is theirs.
pub(crate) fn warnings(rules: &[ResolvedRule], problems: &mut Vec<Problem>) {
    for resolved in rules {
        let Some(Rule { sale: Sale::Priced { offers, .. }, .. }) = &resolved.rule else { continue };
        let chains: Vec<_> =
            offers.iter().map(|offer| networks::by_id(offer.network.chain_id)).collect();
        if chains.iter().all(|chain| chain.v1 == V1::Nobody) {
            problems.push(
                Problem::new(Code::V1CannotPay, "clients of x402 v1 cannot pay for this rule")
                    .at(resolved.span.clone(), "they know none of its networks")
                    .help("accept a token on `base` as well, or let it be: v2 clients can pay"),
            );
        } else if let Some(chain) = chains.iter().find(|chain| chain.v1 == V1::TypeScript) {
            problems.push(
                Problem::new(
                    Code::PythonV1CannotPay,
                    "Python clients of x402 v1 cannot pay for this rule",
                )
                .at(
                    resolved.span.clone(),
                    format!("they refuse a body that names `{}`", chain.name),
                )
                .help("they know base, base-sepolia, avalanche and avalanche-fuji only"),
            );
        }
    }
}
