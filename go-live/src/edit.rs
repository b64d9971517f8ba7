//! `content.toml` as it would be, with its comments and layout.

use std::collections::BTreeMap;

use content_config::main_networks::{Main, of_token};
use content_config::{TEST_ACCOUNTS, is_solana_account};
use price_table::Auth;
use toml_edit::{Array, DocumentMut, InlineTable, Item, TableLike, Value};

use crate::error::Error;
use crate::rpc_table::{self, put, set};

/// What the seller names: nothing of it is guessed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wish {
    /// Who is paid, on EVM networks and on Solana.
    pub(crate) pay_to: Vec<String>,
    /// Who settles.
    pub(crate) facilitator: Option<(String, Auth)>,
    /// Who pays the network's fee on Solana.
    pub(crate) fee_payer: Option<String>,
    /// URLs of nodes, by the network's CAIP-2 name.
    pub(crate) nodes: BTreeMap<String, String>,
}

impl Wish {
    fn payee(&self, solana: bool) -> Option<&str> {
        let fits = |payee: &&String| is_solana_account(payee) == solana;
        self.pay_to.iter().find(fits).map(String::as_str)
    }

    /// What has to stand in the text, with the option that names it.
    fn texts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let payees = self.pay_to.iter().map(|payee| ("--pay-to", payee.as_str()));
        let facilitator = self.facilitator.iter().map(|(url, _)| ("--facilitator", url.as_str()));
        let payer = self.fee_payer.iter().map(|payer| ("--fee-payer", payer.as_str()));
        payees.chain(facilitator).chain(payer)
    }
}

/// What became of the text.
#[derive(Debug)]
pub(crate) struct Edited {
    pub(crate) text: String,
    /// Payees on EVM networks, as they are written.
    pub(crate) payees: Vec<String>,
}

/// Writes main tokens in the place of test tokens, and what the seller names in the place of what was there.
pub(crate) fn edit(text: &str, wish: &Wish) -> Result<Edited, Error> {
    let mut document: DocumentMut = text
        .parse()
        .map_err(|why: toml_edit::TomlError| Error::NotToml { why: why.to_string() })?;
    let root = document.as_table_mut();
    let inherited = root
        .get("payment")
        .and_then(Item::as_table_like)
        .is_some_and(|payment| is_paid_in_test_money(payment) == Some(true));
    let mut payees = Vec::new();
    if let Some(payment) = root.get_mut("payment").and_then(Item::as_table_like_mut) {
        accept(payment)?;
        if let Some(payee) = wish.payee(false) {
            set(payment, "pay_to", payee);
        }
        facilitators(payment, wish);
        payees.extend(text_of(payment, "pay_to"));
    }
    for rule in tables(root.get_mut("rule")) {
        let test = is_paid_in_test_money(rule).unwrap_or(inherited);
        accept(rule)?;
        // Whoever else a rule pays is the seller's choice.
        let public = text_of(rule, "pay_to").is_some_and(|it| TEST_ACCOUNTS.contains(&it.as_str()));
        if let Some(payee) = wish.payee(false).filter(|_| public) {
            set(rule, "pay_to", payee);
        }
        if test && rule.contains_key("facilitators") {
            facilitators(rule, wish);
        }
        payees.extend(text_of(rule, "pay_to"));
    }
    for token in tables(root.get_mut("token")) {
        define(token, wish)?;
    }
    if let Some(rpc) = root.get_mut("rpc").and_then(Item::as_table_like_mut) {
        rpc_table::change(rpc, &wish.nodes)?;
    }
    payees.sort_unstable();
    payees.dedup();
    let text = document.to_string();
    match wish.texts().find(|(_, named)| !text.contains(*named)) {
        Some((option, named)) => Err(Error::NotUsed { option, named: named.to_owned() }),
        None => Ok(Edited { text, payees }),
    }
}

fn text_of(table: &dyn TableLike, key: &str) -> Option<String> {
    table.get(key).and_then(Item::as_str).map(str::to_owned)
}

/// Whether one of its tokens is a test token; `None` if it names none.
fn is_paid_in_test_money(table: &dyn TableLike) -> Option<bool> {
    let list = table.get("accept")?.as_array()?;
    Some(list.iter().filter_map(Value::as_str).any(|id| of_token(id) != Main::Itself))
}

/// Each of the tables, `[[key]]` or in one line.
fn tables(item: Option<&mut Item>) -> Vec<&mut dyn TableLike> {
    match item {
        Some(Item::ArrayOfTables(tables)) => {
            tables.iter_mut().map(|table| table as &mut dyn TableLike).collect()
        }
        Some(Item::Value(Value::Array(list))) => list
            .iter_mut()
            .filter_map(Value::as_inline_table_mut)
            .map(|table| table as &mut dyn TableLike)
            .collect(),
        _ => Vec::new(),
    }
}

fn accept(table: &mut dyn TableLike) -> Result<(), Error> {
    let Some(list) = table.get_mut("accept").and_then(Item::as_array_mut) else { return Ok(()) };
    let mut at = 0;
    while let Some(id) = list.get(at).and_then(|value| value.as_str().map(str::to_owned)) {
        match of_token(&id) {
            Main::Itself => at += 1,
            Main::Unknown => return Err(Error::NoMainToken { id }),
            Main::Named(main) if list.iter().any(|other| other.as_str() == Some(&main)) => {
                list.remove(at);
            }
            Main::Named(main) => {
                if let Some(value) = list.get_mut(at) {
                    put(value, &main);
                }
                at += 1;
            }
        }
    }
    Ok(())
}

fn facilitators(table: &mut dyn TableLike, wish: &Wish) {
    let Some((url, auth)) = &wish.facilitator else { return };
    let word = match auth {
        Auth::None => None,
        Auth::Bearer => Some("bearer"),
        Auth::Cdp => Some("cdp"),
    };
    let old = table.get("facilitators").and_then(Item::as_array);
    if old.is_some_and(|list| list.len() == 1 && names(&list.iter().collect::<Vec<_>>(), url, word))
    {
        return;
    }
    let mut list = Array::new();
    list.push(match word {
        None => Value::from(url),
        Some(word) => {
            let mut entry = InlineTable::new();
            entry.insert("url", url.into());
            entry.insert("auth", word.into());
            Value::InlineTable(entry)
        }
    });
    let mut list = Value::Array(list);
    match table.get_mut("facilitators").and_then(Item::as_value_mut) {
        Some(value) => {
            *list.decor_mut() = value.decor().clone();
            *value = list;
        }
        None => {
            table.insert("facilitators", Item::Value(list));
        }
    }
}

/// Whether a list names this facilitator, whatever else it says of it.
fn names(list: &[&Value], url: &str, auth: Option<&str>) -> bool {
    list.iter().any(|value| match value {
        Value::InlineTable(entry) => {
            let of = |key: &str| entry.get(key).and_then(Value::as_str);
            of("url") == Some(url) && of("auth").filter(|word| *word != "none") == auth
        }
        other => other.as_str() == Some(url) && auth.is_none(),
    })
}

/// A `[[token]]` of a test network.
fn define(token: &mut dyn TableLike, wish: &Wish) -> Result<(), Error> {
    let Some(id) = text_of(token, "id") else { return Ok(()) };
    let main = match of_token(&id) {
        Main::Itself => id,
        Main::Unknown => return Err(Error::NoMainToken { id }),
        Main::Named(main) => {
            // What the main network's contract says may differ, and is known.
            for key in ["address", "decimals", "name", "version", "network"] {
                token.remove(key);
            }
            let payer = token.get("extra").and_then(Item::as_table_like);
            if payer.is_some_and(|extra| extra.contains_key("feePayer")) && wish.fee_payer.is_none()
            {
                return Err(Error::NoFeePayer { id: main });
            }
            set(token, "id", &main);
            main
        }
    };
    if !main.starts_with("solana") {
        return Ok(());
    }
    if let Some(payee) = wish.payee(true) {
        set(token, "pay_to", payee);
    }
    let extra = token.get_mut("extra").and_then(Item::as_table_like_mut);
    if let (Some(extra), Some(payer)) = (extra, &wish.fee_payer) {
        set(extra, "feePayer", payer);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
