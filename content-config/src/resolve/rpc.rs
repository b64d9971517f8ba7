//! `[rpc]`: where each chain can be looked at.

use std::collections::HashSet;

use price_table::{Network, Offer, Rpc, Sale};

use super::resolved_rule::ResolvedRule;
use super::values::{bad_url, duplicates};
use crate::code::Code;
use crate::nearest::suggest;
use crate::networks::{self, Chain};
use crate::report::Problem;
use crate::schema::{At, RpcText};
use crate::web_url;

/// All endpoints.
pub(crate) struct Endpoints(Vec<Endpoint>);

/// An endpoint, after its network's key and CAIP-2 name; `None` if it is wrong, which is reported.
type Endpoint = (At<String>, String, Option<Rpc>);

pub(crate) fn endpoints(texts: &[RpcText], problems: &mut Vec<Problem>) -> Endpoints {
    let mut read = Vec::new();
    for text in texts {
        if let Some(chain) = chain(&text.network, problems) {
            let rpc = endpoint(text, &chain, problems);
            read.push((text.network.clone(), chain.caip2, rpc));
        }
    }
    let names: Vec<_> = read.iter().map(|(key, caip2, _)| (key.clone(), caip2.clone())).collect();
    duplicates("the network", &names, problems);
    Endpoints(read)
}

impl Endpoints {
    /// Gives each offer its network's endpoint.
    pub(crate) fn attach(&self, rules: &mut [ResolvedRule], problems: &mut Vec<Problem>) {
        let mut used = HashSet::new();
        for rule in rules.iter_mut().filter_map(|rule| rule.rule.as_mut()) {
            let Sale::Priced { offers, .. } = &mut rule.sale else { continue };
            for Offer { network, .. } in offers.to_mut() {
                network.rpc = self.get(network).and_then(|(_, _, rpc)| rpc.clone());
                used.insert(network.caip2.clone());
            }
        }
        // A rule that could not be read may be the one that needs it.
        if rules.iter().any(|rule| rule.rule.is_none()) {
            return;
        }
        for (key, ..) in self.0.iter().filter(|(_, caip2, _)| !used.contains(caip2.as_str())) {
            let message = format!("no rule accepts a token on `{}`", key.get_ref());
            problems.push(
                Problem::new(Code::UnusedRpc, message)
                    .at(key.span(), "an RPC endpoint that nobody asks")
                    .help("remove it, or accept a token of this network"),
            );
        }
    }

    /// Whether there is an entry for a network, right or wrong.
    pub(crate) fn has(&self, network: &Network) -> bool {
        self.get(network).is_some()
    }

    fn get(&self, network: &Network) -> Option<&Endpoint> {
        self.0.iter().find(|(_, caip2, _)| *caip2 == network.caip2)
    }
}

fn chain(name: &At<String>, problems: &mut Vec<Problem>) -> Option<Chain> {
    let text = name.get_ref();
    let problem = match networks::find(text) {
        Some(chain) if chain.evm_id().is_some() => return Some(chain),
        Some(_) => Problem::new(Code::MisplacedKey, format!("`{text}` is not an EVM network"))
            .at(name.span(), "the function does not look at this chain")
            .help("remove it; payments on this network are the facilitator's word alone"),
        None => Problem::new(Code::UnknownNetwork, format!("the network `{text}` is not known"))
            .at(name.span(), "unknown network")
            .help(match networks::alias(text) {
                Some(known) => format!("did you mean `{known}`?"),
                None => suggest(text, networks::names()),
            }),
    };
    problems.push(problem);
    None
}

fn endpoint(text: &RpcText, chain: &Chain, problems: &mut Vec<Problem>) -> Option<Rpc> {
    let before = problems.len();
    let name = text.network.get_ref();
    let secret = text.secret.as_ref().is_some_and(|secret| *secret.get_ref());
    let url = match (&text.url, secret) {
        (Some(url), false) => {
            web_url::base(url.get_ref()).map_err(|bad| problems.push(rpc_url(url, bad))).ok()
        }
        (Some(url), true) => {
            problems.push(
                Problem::new(Code::Duplicate, format!("the RPC of `{name}` has two URLs"))
                    .at(url.span(), "this one, for all to read")
                    .at(text.network.span(), "and one in the secrets")
                    .help("keep `url` or `secret = true`, not both"),
            );
            None
        }
        (None, true) => None,
        (None, false) if text.broken => None,
        (None, false) => {
            problems.push(
                Problem::new(Code::MissingKey, format!("the RPC of `{name}` has no `url`"))
                    .at(text.network.span(), "asked where?")
                    .help("add `url = \"https://...\"`, or `secret = true` and the URL to the secrets"),
            );
            None
        }
    };
    let second = text.second.as_ref().and_then(|second| {
        let read = web_url::base(second.get_ref());
        let read = read.map_err(|bad| problems.push(rpc_url(second, bad))).ok()?;
        if let Some(first) = text.url.as_ref().filter(|_| url.as_deref() == Some(read.as_str())) {
            problems.push(
                Problem::new(Code::Duplicate, format!("the RPC of `{name}` has one node twice"))
                    .at(second.span(), "again here")
                    .at(first.span(), "first here")
                    .help("name a node of somebody else's, or remove `second`"),
            );
        }
        Some(read)
    });
    let stated = text.confirmations.as_ref().map(|count| *count.get_ref());
    let confirmations = stated.or_else(|| networks::confirmations(chain));
    if confirmations.is_none() && !text.broken {
        let message = format!("the RPC of `{name}` has no `confirmations`");
        problems.push(
            Problem::new(Code::MissingKey, message)
                .at(text.network.span(), "how deep is a block of this network final?")
                .help(format!(
                    "add it: `\"{name}\" = {{ url = \"https://...\", confirmations = 12 }}`; the \
                     network's makers say how many"
                )),
        );
    }
    if problems.len() > before || text.broken {
        return None;
    }
    let (url, second) = (url.map(Into::into), second.map(Into::into));
    Some(Rpc { url, second, confirmations: confirmations? })
}

fn rpc_url(url: &At<String>, bad: web_url::BadUrl) -> Problem {
    let problem = bad_url("an RPC endpoint", url, bad);
    // Keys of RPC services often stand in the query.
    if url.get_ref().contains('?') {
        return problem.help("write `secret = true` and put the URL with its key into the secrets");
    }
    problem
}
