//! What there is to say of a list as a whole.

use std::process::ExitCode;

use crate::entry::{Entry, OnChain, State};
use crate::records::Unreadable;

/// The list is written, but for records that could not be read.
const INCOMPLETE: u8 = 3;

/// Counts.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    listed: [usize; State::ALL.len()],
    left_out: [usize; State::ALL.len()],
    charged: usize,
    not_charged: usize,
    /// Accounts that were read.
    pub(crate) accounts: usize,
    /// What could not be read.
    pub(crate) unreadable: usize,
}

impl Summary {
    /// Of a list from which so much is left out because it cannot be read.
    pub(crate) fn without(unreadable: usize) -> Self {
        Summary { unreadable, ..Summary::default() }
    }

    /// Says what is left out, and counts it.
    pub(crate) fn leave_out(&mut self, record: &Unreadable) {
        eprintln!("warning: {} is left out: {}", record.place, record.why);
        self.unreadable += 1;
    }

    pub(crate) fn count(&mut self, entry: &Entry, listed: bool) {
        let counts = if listed { &mut self.listed } else { &mut self.left_out };
        for (count, _) in counts.iter_mut().zip(State::ALL).filter(|(_, s)| *s == entry.state) {
            *count += 1;
        }
        match entry.on_chain {
            Some(OnChain::Settled) => self.charged += 1,
            Some(OnChain::NotSettled) => self.not_charged += 1,
            Some(OnChain::Spent | OnChain::Unknown) | None => {}
        }
    }

    /// How it ends, once the list is written.
    pub(crate) fn code(&self, what: &str) -> ExitCode {
        match self.unreadable {
            0 => ExitCode::SUCCESS,
            count => {
                eprintln!(
                    "error: the list is not complete: {what}: {count}; look at them, each is named above"
                );
                ExitCode::from(INCOMPLETE)
            }
        }
    }

    /// In words, about a source.
    pub(crate) fn words(&self, source: &str) -> String {
        let mut words = match self.listed.iter().sum::<usize>() {
            0 => "no payment is unresolved, and none was charged without a grant".to_owned(),
            listed => format!("{listed} listed: {}", named(&self.listed)),
        };
        if self.charged + self.not_charged > 0 {
            let (charged, not) = (self.charged, self.not_charged);
            words += &format!("; looked up on chain: {charged} settled, {not} not settled");
        }
        words += &format!("; {source}");
        if self.left_out.iter().any(|count| *count > 0) {
            words += &format!("; left out: {} (--all lists them)", named(&self.left_out));
        }
        words
    }
}

fn named(counts: &[usize]) -> String {
    let counts = counts.iter().zip(State::ALL).filter(|(count, _)| **count > 0);
    let counts: Vec<_> = counts.map(|(count, state)| format!("{count} {}", state.name())).collect();
    counts.join(", ")
}
