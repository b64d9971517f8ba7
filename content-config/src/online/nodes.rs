//! Nodes: whether each one is of its chain, looks back far enough, and knows the tokens as they are
//! configured.

use price_table::{Evm, Rpc, Sale, Table, Terms};
use serde_json::{Value, json};

use super::finding::Finding;
use super::http::Client;
use super::rpc::{Reply, batch, quantity};
use super::tokens::{ask_domain, ask_state, domain_separator, word};

/// How many calls about a token are in a batch.
const PER_TOKEN: usize = 2;

/// A network with the tokens that are sold for on it.
struct Chain<'t> {
    caip2: &'t str,
    rpc: &'t Rpc,
    tokens: Vec<&'t Evm>,
}

/// Asks each node of each network.
pub fn check(table: &Table, client: &Client) -> Vec<Finding> {
    let mut findings = Vec::new();
    for Chain { caip2, rpc, tokens } in chains(table) {
        if rpc.url.is_none() {
            findings.push(Finding::warning(
                format!("the node of {caip2} is not checked: its URL is in the secrets"),
                "put its URL under `url` in a copy of this file, and check that",
            ));
        }
        for url in [&rpc.url, &rpc.second].into_iter().flatten() {
            findings.extend(node(client, url, caip2, rpc.confirmations, &tokens));
        }
    }
    findings
}

fn chains(table: &Table) -> Vec<Chain<'_>> {
    let mut chains: Vec<Chain<'_>> = Vec::new();
    for rule in table.rules.iter() {
        let Sale::Priced { offers, .. } = &rule.sale else { continue };
        for offer in offers.iter() {
            let (Some(rpc), Terms::Evm(evm)) = (&offer.network.rpc, &offer.terms) else { continue };
            let caip2: &str = &offer.network.caip2;
            let at = chains.iter().position(|known| known.caip2 == caip2).unwrap_or_else(|| {
                chains.push(Chain { caip2, rpc, tokens: Vec::new() });
                chains.len() - 1
            });
            let tokens = &mut chains[at].tokens;
            if tokens.iter().all(|known| known.asset != evm.asset) {
                tokens.push(evm);
            }
        }
    }
    chains
}

fn node(
    client: &Client,
    url: &str,
    caip2: &str,
    confirmations: u32,
    tokens: &[&Evm],
) -> Vec<Finding> {
    let mut calls = vec![("eth_chainId", json!([])), ("eth_blockNumber", json!([]))];
    for token in tokens {
        calls.push(("eth_call", ask_domain(token)));
        calls.push(("eth_call", ask_state(token, "latest")));
    }
    let replies = match batch(client, url, &calls) {
        Ok(replies) => replies,
        Err(why) => {
            return vec![Finding::error(
                format!("the node {url} of {caip2} does not answer: {why}"),
                "check the URL; a node must take several calls in one request",
            )];
        }
    };
    let (heads, of_tokens) = replies.split_at(2);
    let number = |reply: &Reply| reply.as_ref().ok().and_then(quantity);
    let stated = caip2.strip_prefix("eip155:").and_then(|id| id.parse::<u64>().ok());
    match number(&heads[0]) {
        Some(id) if Some(id) == stated => {}
        Some(id) => {
            return vec![Finding::error(
                format!("the node {url} is of eip155:{id}, not of {caip2}"),
                "write the URL of a node of this network",
            )];
        }
        None => return vec![unusable(url, caip2, "eth_chainId", &heads[0])],
    }
    let Some(head) = number(&heads[1]) else {
        return vec![unusable(url, caip2, "eth_blockNumber", &heads[1])];
    };
    let mut findings: Vec<Finding> = tokens
        .iter()
        .zip(of_tokens.chunks(PER_TOKEN))
        .flat_map(|(token, replies)| {
            [domain(url, token, &replies[0]), state(url, token, &replies[1])]
        })
        .flatten()
        .collect();
    findings.extend(looks_back(client, url, head, confirmations, tokens));
    if findings.is_empty() {
        let depth = format!("knows its tokens, now and {confirmations} blocks back");
        findings.push(Finding::ok(format!("the node {url} is of {caip2}, and {depth}")));
    }
    findings
}

fn unusable(url: &str, caip2: &str, method: &str, reply: &Reply) -> Finding {
    let said = match reply {
        Ok(value) => value.to_string(),
        Err(message) => message.clone(),
    };
    Finding::error(
        format!("the node {url} of {caip2} answers {method} with {said}"),
        "write the URL of another node",
    )
}

/// What buyers sign must be what the token checks.
fn domain(url: &str, token: &Evm, reply: &Reply) -> Option<Finding> {
    let asset = &token.asset;
    let (name, version, address) = (&asset.name, &asset.version, &asset.address.eip55);
    match reply.as_ref().ok().and_then(word) {
        None => Some(Finding::warning(
            format!("the token {address} has no DOMAIN_SEPARATOR() that the node {url} shows"),
            format!("compare its name {name:?} and version {version:?} with its source yourself"),
        )),
        Some(found) if found == domain_separator(token) => None,
        Some(_) => Some(Finding::error(
            format!(
                "the EIP-712 domain of the token {address} is not that of {name:?}, {version:?}"
            ),
            "state `name` and `version` in a `[[token]]` as its `eip712Domain()` has them: no \
             payment would be valid",
        )),
    }
}

fn state(url: &str, token: &Evm, reply: &Reply) -> Option<Finding> {
    let address = &token.asset.address.eip55;
    let said = match reply {
        Ok(value) if word(value).is_some() => return None,
        Ok(value) => value.to_string(),
        Err(message) => message.clone(),
    };
    Some(Finding::error(
        format!("the node {url} answers authorizationState of the token {address} with {said}"),
        "sell for a token with EIP-3009, or name another node",
    ))
}

/// The function asks for the state at a block that is settled.
fn looks_back(
    client: &Client,
    url: &str,
    head: u64,
    confirmations: u32,
    tokens: &[&Evm],
) -> Option<Finding> {
    let block = format!("0x{:x}", head.saturating_sub(u64::from(confirmations)));
    let calls: Vec<(&str, Value)> =
        tokens.iter().map(|token| ("eth_call", ask_state(token, &block))).collect();
    let bad = match batch(client, url, &calls) {
        Ok(replies) => replies.into_iter().find_map(|reply| match reply {
            Ok(value) if word(&value).is_some() => None,
            Ok(value) => Some(value.to_string()),
            Err(message) => Some(message),
        }),
        Err(why) => Some(why),
    };
    bad.map(|said| {
        Finding::error(
            format!("the node {url} does not know the state {confirmations} blocks back: {said}"),
            "name a node that keeps the state for so long, or lower `confirmations`",
        )
    })
}
