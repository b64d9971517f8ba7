//! What facilitators and nodes say.

use std::collections::BTreeMap;

use content_config::online::{self, Client, Finding, Weight, batch, quantity};
use price_table::{Rpc, Sale, Table, Terms};
use serde_json::{Value, json};

use crate::checks::shop::offers;
use crate::checks::{contract, fresh};
use crate::keys::{Keys, unix_now};
use crate::line::Line;

/// Asks them all, and judges what they say.
pub(crate) fn ask(
    table: &Table,
    keys: Option<&Keys>,
    nodes: &BTreeMap<String, String>,
) -> Vec<Line> {
    let client = Client::new();
    let table = with_nodes(table, keys, nodes);
    let authorize = |facilitator: &_, url: &str| keys?.authorization(facilitator, url);
    let of_facilitators = online::facilitators(&table, &client, &authorize);
    let mut lines: Vec<Line> =
        of_facilitators.into_iter().map(|finding| line("facilitator", finding)).collect();
    let of_nodes = online::nodes(&table, &client).into_iter();
    // What has no URL after all is told with the payee, whose code it would show.
    let of_nodes = of_nodes.filter(|finding| !finding.message.contains("is in the secrets"));
    lines.extend(of_nodes.map(|finding| line("node", finding)));
    lines.extend(of_chains(&table, &client));
    let hide = Hidden::of(&table, keys);
    lines.into_iter().map(|line| hide.in_line(line)).collect()
}

fn line(what: &'static str, Finding { severity, message, help }: Finding) -> Line {
    let mut mend = help.unwrap_or_default();
    if what == "facilitator" && severity == Weight::Error {
        mend += "; --facilitator URL names another one";
    }
    match severity {
        Weight::Ok => Line::right(what, message),
        Weight::Warning => Line::warning(what, message, mend),
        Weight::Error => Line::wrong(what, message, mend),
    }
}

/// The table with a node wherever one is at hand: in content.toml, in the secrets, or named.
fn with_nodes(table: &Table, keys: Option<&Keys>, nodes: &BTreeMap<String, String>) -> Table {
    let mut table = table.clone();
    for rule in table.rules.to_mut() {
        let Sale::Priced { offers, .. } = &mut rule.sale else { continue };
        for offer in offers.to_mut() {
            let caip2: &str = &offer.network.caip2;
            let secret = keys.and_then(|keys| keys.node(caip2)).map(str::to_owned);
            let named = nodes.get(caip2).cloned();
            // Where the network's makers do not say how deep a block must be, the newest one will do.
            let confirmations = content_config::confirmations(caip2).unwrap_or(1);
            match (&mut offer.network.rpc, named.or(secret)) {
                (Some(Rpc { url: url @ None, .. }), Some(found)) => *url = Some(found.into()),
                (rpc @ None, Some(found)) => {
                    *rpc = Some(Rpc { url: Some(found.into()), second: None, confirmations });
                }
                _ => {}
            }
        }
    }
    table
}

/// A network with the payees on it, and its nodes.
struct Chain<'t> {
    caip2: &'t str,
    nodes: Vec<&'t str>,
    payees: Vec<&'t str>,
}

fn of_chains(table: &Table, client: &Client) -> Vec<Line> {
    let mut chains: Vec<Chain<'_>> = Vec::new();
    for offer in offers(table).filter(|offer| matches!(offer.terms, Terms::Evm(_))) {
        let caip2: &str = &offer.network.caip2;
        let at = chains.iter().position(|chain| chain.caip2 == caip2).unwrap_or_else(|| {
            let rpc = offer.network.rpc.iter();
            let nodes = rpc.flat_map(|rpc| [&rpc.url, &rpc.second]).flatten().map(AsRef::as_ref);
            chains.push(Chain { caip2, nodes: nodes.collect(), payees: Vec::new() });
            chains.len() - 1
        });
        if !chains[at].payees.contains(&offer.pay_to()) {
            chains[at].payees.push(offer.pay_to());
        }
    }
    chains.iter().flat_map(|chain| of_chain(chain, client)).collect()
}

fn of_chain(Chain { caip2, nodes, payees }: &Chain<'_>, client: &Client) -> Vec<Line> {
    let mut lines = Vec::new();
    for (at, node) in nodes.iter().enumerate() {
        let mut calls = vec![("eth_getBlockByNumber", json!(["latest", false]))];
        // A second node repeats what the first one says of its chain; one is asked for code.
        if at == 0 {
            calls.extend(payees.iter().map(|payee| ("eth_getCode", json!([payee, "latest"]))));
        }
        let replies = match batch(client, node, &calls) {
            Ok(replies) => replies,
            Err(why) => vec![Err(why); calls.len()],
        };
        let made = replies[0].as_ref().map_err(Clone::clone).and_then(|block| {
            quantity(&block["timestamp"]).ok_or_else(|| "it has no timestamp".to_owned())
        });
        lines.push(fresh::judge(node, caip2, &made, unix_now()));
        for (payee, code) in payees.iter().zip(&replies[1..]) {
            let code = code.as_ref().map_err(Clone::clone).map(text);
            lines.push(contract::judge(payee, caip2, &code));
        }
    }
    if nodes.is_empty() {
        lines.extend(payees.iter().map(|payee| contract::no_node(payee, caip2)));
    }
    lines
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// URLs that are secrets, since keys stand in them.
struct Hidden(Vec<(String, String)>);

impl Hidden {
    fn of(table: &Table, keys: Option<&Keys>) -> Hidden {
        let urls = offers(table).filter_map(|offer| {
            let caip2: &str = &offer.network.caip2;
            let url = keys?.node(caip2)?;
            Some((url.to_owned(), format!("in the secrets, {caip2}")))
        });
        Hidden(urls.collect())
    }

    fn in_line(&self, mut line: Line) -> Line {
        for (url, shown) in &self.0 {
            let host = url.find("://").map_or(0, |at| at + 3);
            let path = url[host..].find('/').map_or("", |at| &url[host + at..]);
            for text in [Some(&mut line.why), line.mend.as_mut()].into_iter().flatten() {
                *text = text.replace(url, shown);
                if path.len() > 1 {
                    *text = text.replace(path, "/…");
                }
            }
        }
        line
    }
}
