//! From a record to the payments that it is about.

use paywall_core::clock::Micros;
use paywall_core::store::{Account, Bill, Binding, Mark, Pending, Sale, Spent, Ticket};

use serde::de::DeserializeOwned;

use super::columns::moment;
use super::entry::{Entry, State};

/// How long past its end a payment's window is taken for over, in seconds: the clock of a block may
/// be behind ours. The function counts with the same:
/// [`paywall_core::chain::TOLERANCE_SECONDS`].
const TOLERANCE: u64 = paywall_core::chain::TOLERANCE_SECONDS;

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
    let account: Account = parse(json)?;
    let sales = account.sales.iter().map(|sale| (&sale.mark, &sale.bill));
    let pending = account.pending.iter().map(|pending| (&pending.mark, &pending.bill));
    // A copy under another name would be listed, and refunded, twice.
    match sales.chain(pending).all(|(mark, bill)| belongs(key, mark, bill, &account.object)) {
        true => Ok(account),
        false => Err("it is about another payer or object than its name says".to_owned()),
    }
}

/// Reads what binds a payment to its object; fails as [`read`] does.
pub(crate) fn read_binding(json: &[u8]) -> Result<Binding, String> {
    parse(json)
}

fn parse<T: DeserializeOwned>(json: &[u8]) -> Result<T, String> {
    serde_json::from_slice(json).map_err(|error| {
        format!("it is not a record (line {}, column {})", error.line(), error.column())
    })
}

/// What the binding of an unresolved payment says of it. Who begins a payment submits it only once
/// it is bound to this object; one that is bound to another was not submitted for this one, and what
/// the chain shows of it is the other's sale.
pub(crate) fn bind(entry: &mut Entry, binding: Option<&Binding>) {
    let Some(mark) = &entry.mark else { return };
    let why = match binding.map(|binding| (binding, binding.admits(mark, &entry.object))) {
        None => {
            entry.why += "; nothing binds it to the object, so it may never have been submitted";
            return;
        }
        Some((_, Ok(()))) => return,
        Some((binding, Err(Spent::OtherObject))) => {
            format!("this payment is bound to {}", binding.object)
        }
        Some((_, Err(_))) => "another signature is bound under its nonce".to_owned(),
    };
    entry.state = State::NeverSubmitted;
    entry.why = format!("never submitted: {why}");
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
        mark: Some(mark),
        why,
    }
}

#[cfg(test)]
#[path = "classify_tests.rs"]
mod tests;
