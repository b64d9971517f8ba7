//! From a record to the payments that it is about.

use edge_fn::clock::Micros;
use edge_fn::store::{Account, Bill, Mark, Pending, Sale, Ticket};

use super::columns::moment;
use super::entry::{Entry, State};

/// How long past its end a payment's window is taken for over, in seconds: the clock of a block may
/// be behind ours. The function counts with the same:
/// [`edge_fn::chain::TOLERANCE_SECONDS`].
const TOLERANCE: u64 = edge_fn::chain::TOLERANCE_SECONDS;

/// When a payment is left to itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    pub(crate) now: Micros,
    /// Seconds in which a facilitator or a buyer may still come back.
    pub(crate) idle: u64,
    /// Seconds after which a payment whose window is still open counts as unresolved, too.
    pub(crate) older_than: u64,
}

/// Reads a record. `key` is its name under the prefix, as `accounts/0x…/0x….json`.
///
/// # Errors
///
/// Why it is no record, without a word of what stands in it: there may be signatures.
pub(crate) fn read(key: &str, json: &[u8]) -> Result<Account, String> {
    let account: Account = serde_json::from_slice(json).map_err(|error| {
        format!("it is not a record (line {}, column {})", error.line(), error.column())
    })?;
    let sales = account.sales.iter().map(|sale| (&sale.mark, &sale.bill));
    let pending = account.pending.iter().map(|pending| (&pending.mark, &pending.bill));
    // A copy under another name would be listed, and refunded, twice.
    match sales.chain(pending).all(|(mark, bill)| belongs(key, mark, bill, &account.object)) {
        true => Ok(account),
        false => Err("it is about another payer or object than its name says".to_owned()),
    }
}

fn belongs(key: &str, mark: &Mark, bill: &Bill, object: &str) -> bool {
    [true, false].into_iter().any(|own_key| {
        let (mark, object, valid_before) = (mark.clone(), object.to_owned(), bill.valid_before);
        Ticket { mark, object, own_key, valid_before }.account_key().as_str() == key
    })
}

/// The payments of an account, oldest first.
pub(crate) fn entries(account: Account, patience: Patience) -> impl Iterator<Item = Entry> {
    let Account { object, pending, sales, .. } = account;
    let settled = sales.into_iter().map({
        let object = object.clone();
        move |sale| settled(sale, object.clone(), patience)
    });
    settled.chain(pending.map(|pending| under_way(pending, object, patience)))
}

fn under_way(pending: Pending, object: String, patience: Patience) -> Entry {
    let Patience { now, idle, older_than } = patience;
    let quiet = now.secs() >= pending.lease.secs().saturating_add(idle);
    let valid_before = pending.bill.valid_before;
    let over = valid_before.is_some_and(|end| now.secs() >= end.saturating_add(TOLERANCE));
    let old = now.secs() >= pending.bound_at.secs().saturating_add(older_than);
    let state = match quiet && (over || old) {
        true => State::Unresolved,
        false => State::InProgress,
    };
    let why = match (state, over, valid_before) {
        (State::Unresolved, true, _) => {
            "whether it settled was never learnt; it can settle no more".to_owned()
        }
        (State::Unresolved, false, Some(end)) => {
            let end = moment(end);
            format!("whether it settled was never learnt; it can still settle until {end}")
        }
        (State::Unresolved, false, None) => {
            "whether it settled was never learnt; only its facilitator knows".to_owned()
        }
        _ => "it is being settled, or may be asked for again".to_owned(),
    };
    let (bound_at, facilitator) = (Some(pending.bound_at), Some(pending.facilitator));
    let entry = entry(state, pending.mark, pending.bill, object, why);
    Entry { bound_at, facilitator, ..entry }
}

fn settled(sale: Sale, object: String, patience: Patience) -> Entry {
    let (now, settled) = (patience.now.secs(), sale.settled.secs());
    let over = sale.seconds.is_some_and(|access| now >= settled.saturating_add(access.into()));
    let (state, why) = match &sale.granted {
        Some(mark) if *mark == sale.mark => (State::Settled, "granted to this payment"),
        Some(_) => (State::Settled, "granted to a later payment of its payer, not submitted"),
        None if now < settled.saturating_add(patience.idle) => {
            (State::InProgress, "settled a moment ago, and not granted yet")
        }
        None if over => {
            (State::ChargedNotGranted, "nobody got the object; the access that it bought is over")
        }
        None => (
            State::ChargedNotGranted,
            "nobody got the object; until its record is deleted, its payer's next payment opens it and is not submitted",
        ),
    };
    let receipt = sale.receipt;
    let entry = entry(state, sale.mark, sale.bill, object, why.to_owned());
    let payer = if entry.payer.is_empty() { receipt.payer().to_owned() } else { entry.payer };
    let transaction = Some(receipt.transaction().to_owned());
    Entry { payer, transaction, settled_at: Some(sale.settled), ..entry }
}

fn entry(state: State, mark: Mark, bill: Bill, object: String, why: String) -> Entry {
    Entry {
        state,
        payer: bill.payer.into(),
        amount: bill.amount,
        asset: bill.asset,
        network: bill.network,
        payee: Some(bill.pay_to),
        transaction: None,
        on_chain: None,
        object,
        bound_at: None,
        settled_at: None,
        valid_before: bill.valid_before,
        facilitator: None,
        payment: Some(mark.payment),
        why,
    }
}

#[cfg(test)]
#[path = "classify_tests.rs"]
mod tests;
