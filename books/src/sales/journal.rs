//! The function's log, where payments were remembered in memory only: what it says of payments that
//! stayed unresolved, and of those that settled and could not be recorded.
//!
//! Lines must be in the order of their time. A line may begin with its time, and anything else, as
//! `aws logs tail` prints it. Which payment a line is about, the log says as well as it can: see
//! [`Subject`].

use std::collections::BTreeMap;
use std::io::BufRead;

use jiff::Timestamp;
use paywall_core::clock::Micros;
use paywall_core::log::{Line, Payment, Unread};

use crate::entry::{Entry, State};
use crate::lines;

/// What tells payments apart. Without a nonce, several of one payer for one object are one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Subject {
    payer: String,
    object: String,
    network: String,
    asset: String,
    amount: u128,
    nonce: Option<String>,
}

/// A payment that nothing has resolved yet.
#[derive(Debug)]
struct Open {
    /// When the first line was written.
    since: Option<Micros>,
    transaction: Option<String>,
    facilitator: Option<String>,
    /// It settled, and that could not be recorded.
    unrecorded: bool,
    /// It was paid, and nothing shows that it was for this.
    unproven: bool,
    lines: usize,
}

/// A log, read.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    open: BTreeMap<Subject, Open>,
    /// Lines of the function.
    pub(crate) lines: usize,
    /// The numbers of lines that look like the function's and cannot be read, and why.
    pub(crate) unreadable: Vec<(usize, Unread)>,
}

impl Journal {
    /// Reads a log to its end. Memory grows by what is unresolved only.
    pub(crate) fn read(log: impl BufRead) -> std::io::Result<Self> {
        let mut journal = Journal::default();
        lines::each(log, |read| match read {
            Ok((line, time)) => {
                journal.lines += 1;
                journal.take(line, time);
            }
            Err(unreadable) => journal.unreadable.push(unreadable),
        })?;
        Ok(journal)
    }

    fn take(&mut self, line: Line, time: Option<Timestamp>) {
        let (Some(payment), Some(object)) = (line.payment, line.object) else { return };
        let Payment { payer, amount, asset, network, nonce } = payment;
        let Ok(amount) = amount.parse() else { return };
        let payer = payer.unwrap_or_default();
        let subject = Subject { payer, object, network, asset, amount, nonce };
        // A request that went on has no status.
        let refused = line.status.is_some();
        match line.outcome.as_str() {
            "payment_never_settled" => drop(self.open.remove(&subject)),
            // It paid itself, or opens what an earlier payment of its payer paid.
            "resolved" | "owned" if self.open.remove(&subject).is_none() => {
                self.resolve_earlier(&subject);
            }
            "resolved" | "owned" => {}
            // They may be about another payment of the payer, which only a nonce tells.
            "settled" | "resent" if subject.nonce.is_some() => drop(self.open.remove(&subject)),
            outcome
                if refused
                    && (line.alarm || line.unrecorded.is_some() || is_unresolved(outcome)) =>
            {
                let settle = line.calls.into_iter().rfind(|call| call.endpoint == "settle");
                let since = time.and_then(|time| u64::try_from(time.as_microsecond()).ok());
                let open = self.open.entry(subject).or_insert(Open {
                    since: since.map(Micros),
                    transaction: None,
                    facilitator: None,
                    unrecorded: false,
                    unproven: false,
                    lines: 0,
                });
                open.lines += 1;
                open.unrecorded |= line.unrecorded.is_some();
                open.unproven |= outcome == "payment_unproven";
                let receipt = line.unrecorded.map(|receipt| receipt.transaction().to_owned());
                open.transaction = receipt.or(line.transaction).or(open.transaction.take());
                open.facilitator = settle.map(|call| call.to).or(open.facilitator.take());
            }
            _ => {}
        }
    }

    /// An earlier payment of the payer for the object was found to have settled, and opened it. Which
    /// one is certain only if there is one.
    fn resolve_earlier(&mut self, presented: &Subject) {
        let mut earlier = self.open.keys().filter(|open| {
            open.payer == presented.payer
                && open.object == presented.object
                && (presented.nonce.is_none() || open.nonce != presented.nonce)
        });
        if let (Some(subject), None) = (earlier.next().cloned(), earlier.next()) {
            self.open.remove(&subject);
        }
    }

    /// What stayed unresolved, sorted by payer and object.
    pub(crate) fn entries(self) -> impl Iterator<Item = Entry> {
        self.open.into_iter().map(|(subject, open)| {
            let Subject { payer, object, network, asset, amount, nonce } = subject;
            let state = match (open.unrecorded, open.unproven) {
                (true, _) => State::ChargedNotGranted,
                (false, true) => State::Unproven,
                (false, false) => State::Unresolved,
            };
            let mut why = words(&open, nonce.as_deref());
            if open.unrecorded {
                why = format!("it settled, could not be recorded, and nobody got it; {why}");
            }
            Entry {
                payer,
                amount: Some(amount),
                asset: Some(asset),
                network: Some(network),
                transaction: open.transaction,
                bound_at: open.since,
                facilitator: open.facilitator,
                ..Entry::named(state, object, why)
            }
        })
    }
}

fn words(open: &Open, nonce: Option<&str>) -> String {
    let lines = open.lines;
    match nonce {
        Some(nonce) => {
            format!("lines of the log: {lines}, none says how it ended; nonce {nonce}")
        }
        None => format!(
            "lines of the log: {lines}, none says how it ended; without nonces in it, that may be more than one payment"
        ),
    }
}

/// Whether a refusal says that its own payment may have been paid.
fn is_unresolved(outcome: &str) -> bool {
    matches!(outcome, "settlement_unknown" | "payment_unproven" | "payment_given_up")
}

#[cfg(test)]
#[path = "journal_tests.rs"]
mod tests;
