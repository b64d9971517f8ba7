//! What clients of x402 v1 are offered, and who of them cannot pay.

use price_table::{Offer, Rule, Sale};

use super::resolved_rule::ResolvedRule;
use crate::code::Code;
use crate::networks::{self, V1};
use crate::report::Problem;

/// Leaves in the v1 body what every v1 client can read, if the rule has any of that.
///
/// A v1 client refuses a whole body for one network that it cannot parse, and Python's know four
/// networks. So where a rule accepts one of those, v1 is offered no other; v2 is offered all.
pub(crate) fn narrow(offers: &mut [Offer]) {
    let is_strict = |offer: &Offer| networks::of(&offer.network).v1 == V1::Strict;
    if offers.iter().any(is_strict) {
        for offer in offers.iter_mut().filter(|offer| !is_strict(offer)) {
            offer.network.v1 = None;
        }
    }
}

/// What x402 v1 clients cannot pay, although the 402's body is theirs.
pub(crate) fn warnings(rules: &[ResolvedRule], problems: &mut Vec<Problem>) {
    for resolved in rules {
        let Some(Rule { sale: Sale::Priced { offers, .. }, .. }) = &resolved.rule else { continue };
        let offered = offers.iter().filter(|offer| offer.network.v1.is_some());
        let chains: Vec<_> = offered.map(|offer| networks::of(&offer.network)).collect();
        let stated = chains.iter().find_map(|chain| match &chain.v1 {
            V1::Stated(name) => Some(name),
            V1::Strict | V1::TypeScript | V1::Nobody => None,
        });
        let all = "clients of x402 v1 cannot pay for this rule";
        let (code, message, label, help) = if chains.is_empty() {
            (
                Code::V1CannotPay,
                all,
                "they know none of its networks".to_owned(),
                "accept a token on `base` as well, or let it be: v2 clients can pay",
            )
        } else if let Some(name) = stated {
            (
                Code::V1CannotPay,
                all,
                format!("those of the x402 libraries refuse a body that names `{name}`"),
                "leave out the token's `v1_name`, unless your buyers have a client that knows it",
            )
        } else if let Some(chain) = chains.iter().find(|chain| chain.v1 == V1::TypeScript) {
            (
                Code::PythonV1CannotPay,
                "Python clients of x402 v1 cannot pay for this rule",
                format!("they refuse a body that names `{}`", chain.name),
                "they know base, base-sepolia, avalanche and avalanche-fuji only",
            )
        } else {
            continue;
        };
        problems.push(Problem::new(code, message).at(resolved.span.clone(), label).help(help));
    }
}
