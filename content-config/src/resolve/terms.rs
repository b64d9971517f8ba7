//! Terms of payment: the tokens, the payee, the facilitators, the window.

use price_table::{Address, Facilitator, Purchases};

use super::catalogue::Catalogue;
use super::facilitators::{facilitators, is_for_tests};
use super::token::Token;
use super::values::{duplicates, empty, read_address};
use crate::address;
use crate::code::Code;
use crate::report::Problem;
use crate::schema::{self, At};

/// How long a buyer's authorization should stay valid, seconds, if nothing is said: what the
/// reference server's v2 says.
/// <https://github.com/x402-foundation/x402/tree/main/typescript/packages/core/src/server>
pub(crate) const DEFAULT_TIMEOUT_SECONDS: u32 = 300;

/// Terms, each with its place; a part that is not there may still come from `[payment]`.
#[derive(Clone, Default)]
pub(crate) struct Terms {
    pub(crate) accept: Part<Vec<At<Token>>>,
    pub(crate) pay_to: Part<At<Address>>,
    pub(crate) facilitators: Part<At<Vec<Facilitator>>>,
    pub(crate) max_timeout_seconds: Part<u32>,
    pub(crate) purchases: Part<At<Purchases>>,
}

/// A part of the terms.
#[derive(Clone, Default)]
pub(crate) enum Part<T> {
    #[default]
    Absent,
    /// There, but wrong, which is reported.
    Wrong,
    Good(T),
}

impl<T: Clone> Part<T> {
    fn new(there: bool, value: Option<T>) -> Self {
        match value {
            Some(value) => Part::Good(value),
            None if there => Part::Wrong,
            None => Part::Absent,
        }
    }

    /// This part, or else the default's.
    pub(crate) fn or(&self, default: &Self) -> Self {
        match self {
            Part::Absent => default.clone(),
            own => own.clone(),
        }
    }
}

impl Terms {
    pub(crate) fn resolve(
        text: &schema::Terms,
        catalogue: &Catalogue,
        problems: &mut Vec<Problem>,
    ) -> Self {
        let there = |key| text.keys.contains(&key);
        let accept = text.accept.as_ref().and_then(|list| accept(list, catalogue, problems));
        let pay_to = text.pay_to.as_ref().and_then(|text| {
            Some(At::new(text.span(), read_address("the payee", text, problems)?))
        });
        let facilitators = text.facilitators.as_ref().and_then(|list| facilitators(list, problems));
        let timeout = text.max_timeout_seconds.as_ref().map(|seconds| *seconds.get_ref());
        Terms {
            accept: Part::new(there("accept"), accept),
            pay_to: Part::new(there("pay_to"), pay_to),
            facilitators: Part::new(there("facilitators"), facilitators),
            max_timeout_seconds: Part::new(there("max_timeout_seconds"), timeout),
            purchases: Part::new(there("purchases"), text.purchases.clone()),
        }
    }

    /// These terms, with a rule's own in their place where it has some.
    pub(crate) fn overridden_by(&self, own: &Terms) -> Terms {
        Terms {
            accept: own.accept.or(&self.accept),
            pay_to: own.pay_to.or(&self.pay_to),
            facilitators: own.facilitators.or(&self.facilitators),
            max_timeout_seconds: own.max_timeout_seconds.or(&self.max_timeout_seconds),
            purchases: own.purchases.or(&self.purchases),
        }
    }

    /// What is wrong between the parts, each of them good. Called once for every place in the
    /// file that can be at fault.
    pub(crate) fn check(&self, problems: &mut Vec<Problem>) {
        let Part::Good(tokens) = &self.accept else { return };
        if let Part::Good(pay_to) = &self.pay_to {
            check_payee(tokens, pay_to, problems);
        }
        let main = tokens.iter().find(|token| !token.get_ref().chain.testnet);
        if let (Part::Good(list), Some(token)) = (&self.facilitators, main)
            && list.get_ref().iter().all(is_for_tests)
        {
            problems.push(
                Problem::new(Code::TestFacilitator, "x402.org settles on test networks only")
                    .at(list.span(), "no other facilitator is named")
                    .at(token.span(), "and this is a main network")
                    .help("name a facilitator that settles on this network"),
            );
        }
    }
}

fn check_payee(tokens: &[At<Token>], pay_to: &At<Address>, problems: &mut Vec<Problem>) {
    let payee = pay_to.get_ref();
    let evm = |token: &&At<Token>| token.get_ref().is_evm();
    if let Some(token) = tokens.iter().filter(evm).find(|t| t.get_ref().address() == payee.eip55) {
        problems.push(
            Problem::new(Code::PayeeIsToken, "the payee is the token's own contract")
                .at(pay_to.span(), "money sent here is lost")
                .at(token.span(), "the token")
                .help("write the address of your wallet"),
        );
    }
    let main = tokens.iter().filter(evm).find(|token| !token.get_ref().chain.testnet);
    if let Some(token) = main
        && address::TEST_ACCOUNTS.contains(&payee.eip55.as_ref())
    {
        problems.push(
            Problem::new(Code::TestPayee, "a test account would be paid real money")
                .at(pay_to.span(), "everybody has the key of this account")
                .at(token.span(), "and this is a main network")
                .help("write the address of your own wallet"),
        );
    }
}

fn accept(
    list: &At<Vec<At<String>>>,
    catalogue: &Catalogue,
    problems: &mut Vec<Problem>,
) -> Option<Vec<At<Token>>> {
    if list.get_ref().is_empty() {
        problems.push(empty("accept", list.span(), "\"base/usdc\""));
        return None;
    }
    let mut read: Vec<(At<String>, Token)> = Vec::new();
    for id in list.get_ref() {
        if let Some(token) = catalogue.get(id, problems) {
            read.push((id.clone(), token));
        }
    }
    let contracts: Vec<_> = read
        .iter()
        .map(|(id, token)| (id.clone(), (token.chain.caip2.clone(), token.address().to_owned())))
        .collect();
    duplicates("the token", &contracts, problems);
    let all = read.len() == list.get_ref().len();
    all.then(|| read.into_iter().map(|(id, token)| At::new(id.span(), token)).collect())
}
