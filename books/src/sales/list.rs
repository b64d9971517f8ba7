//! The list of a bucket: its accounts first, then what only bindings tell.

use std::io::{BufWriter, StdoutLock};
use std::process::ExitCode;

use next_step::Outcome;
use paywall_core::clock::Micros;
use paywall_core::purchase::{Account, Binding};

use super::sheet::Sheet;
use super::summary::Summary;
use crate::classify::{self, Patience};
use crate::entry::{Entry, State};
use crate::nodes::Nodes;
use crate::records::{Read, Records};

/// A list that is being made.
pub(crate) struct List<'a> {
    pub(crate) records: &'a Records,
    pub(crate) nodes: &'a Nodes,
    /// Whether every payment is listed.
    pub(crate) all: bool,
    pub(crate) sheet: Sheet<BufWriter<StdoutLock<'static>>>,
    pub(crate) summary: Summary,
}

impl List<'_> {
    /// Reads the records, and writes what is listed of them.
    pub(crate) async fn fill<F: Fn(&str) -> bool>(
        &mut self,
        patience: &Patience<F>,
    ) -> Outcome<()> {
        let records = self.records;
        let count = records.accounts(async |read| self.account(read, patience).await).await?;
        self.summary.accounts = count;
        if self.all || !self.nodes.is_empty() {
            records.bindings(async |read| self.binding(read, patience.now).await).await?;
        }
        Ok(())
    }

    /// Ends it.
    pub(crate) fn end(self) -> Outcome<ExitCode> {
        let (place, count) = (self.records.place(), self.summary.accounts);
        self.sheet.end(&self.summary.words(&format!("records in {place}: {count}")))?;
        Ok(self.summary.code("records could not be read"))
    }

    async fn account<F: Fn(&str) -> bool>(
        &mut self,
        read: Read<Account>,
        patience: &Patience<F>,
    ) -> Outcome<()> {
        let account = match read {
            Ok(account) => account,
            Err(unreadable) => {
                self.summary.leave_out(&unreadable);
                return Ok(());
            }
        };
        for mut entry in classify::entries(account, patience) {
            // What was refused may have been paid all the same.
            let doubted = |state| match state {
                State::Unresolved | State::GivenUp => true,
                State::Refused => !self.nodes.is_empty(),
                _ => false,
            };
            if let (true, Some(mark)) = (doubted(entry.state), &entry.mark) {
                match self.records.binding(&mark.payment).await? {
                    Ok(binding) => classify::bind(&mut entry, binding.as_ref()),
                    Err(unreadable) => self.summary.leave_out(&unreadable),
                }
            }
            if doubted(entry.state) {
                self.nodes.look(&mut entry).await?;
            }
            self.write(&entry)?;
        }
        Ok(())
    }

    async fn binding(
        &mut self,
        read: Read<(Binding, Option<Account>)>,
        now: Micros,
    ) -> Outcome<()> {
        let (binding, account) = match read {
            Ok(read) => read,
            Err(unreadable) => {
                self.summary.leave_out(&unreadable);
                return Ok(());
            }
        };
        if let Some(mut entry) = classify::bound(&binding, account.as_ref(), now) {
            if entry.state == State::NotKnown {
                self.nodes.look(&mut entry).await?;
            }
            self.write(&entry)?;
        }
        Ok(())
    }

    fn write(&mut self, entry: &Entry) -> Outcome<()> {
        let listed = entry.is_owed() || self.all;
        self.summary.count(entry, listed);
        match listed {
            true => Ok(self.sheet.write(entry)?),
            false => Ok(()),
        }
    }
}
