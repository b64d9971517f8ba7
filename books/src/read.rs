//! Records as they are read: of this version, and under their own names.
//!
//! What is wrong with one is said without a word of what stands in it: there may be signatures.

use paywall_core::purchase::{Account, Binding, VERSION};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::classify::belongs;
use crate::refund::{Refund, Spent};

/// Reads an account. `key` is its name under the prefix.
pub fn account(key: &str, json: &[u8]) -> Result<Account, String> {
    let account: Account = parse(json)?;
    let sales = account.sales.iter().map(|sale| &sale.mark);
    let closed = account.closed.iter().map(|closed| &closed.mark);
    let mut marks = sales.chain(closed).chain(account.open.iter().map(|open| &open.mark));
    // A copy under another name would be listed, and refunded, twice.
    let own = Account::key(&account.subject, &account.payer).as_str() == key;
    match own && marks.all(|mark| belongs(mark, &account.payer)) {
        true => Ok(account),
        false => Err("it is about another payer or object than its name says".to_owned()),
    }
}

/// Reads a binding.
pub fn binding(key: &str, json: &[u8]) -> Result<Binding, String> {
    let binding: Binding = parse(json)?;
    match Binding::key(&binding.payment).as_str() == key {
        true => Ok(binding),
        false => Err("it is about another payment than its name says".to_owned()),
    }
}

/// Reads a refund.
pub fn refund(key: &str, json: &[u8]) -> Result<Refund, String> {
    let refund: Refund = parse(json)?;
    match Refund::key(&refund.payment).as_str() == key {
        true => Ok(refund),
        false => Err("it is about another payment than its name says".to_owned()),
    }
}

/// Reads which payment a transaction paid back.
pub fn spent(key: &str, json: &[u8]) -> Result<Spent, String> {
    let spent: Spent = parse(json)?;
    let network = spent.payment.chain_id().map(|id| format!("eip155:{id}")).unwrap_or_default();
    match Spent::key(&network, &spent.transaction).as_str() == key {
        true => Ok(spent),
        false => Err("it is about another transaction than its name says".to_owned()),
    }
}

fn parse<T: DeserializeOwned>(json: &[u8]) -> Result<T, String> {
    #[derive(Deserialize)]
    struct Versioned {
        v: u64,
    }
    let explain = |error: serde_json::Error| {
        format!("it is not a record (line {}, column {})", error.line(), error.column())
    };
    let Versioned { v } = serde_json::from_slice(json).map_err(explain)?;
    match v == u64::from(VERSION) {
        true => serde_json::from_slice(json).map_err(explain),
        false => Err(format!("it is of version {v}, and this program reads {VERSION}")),
    }
}
