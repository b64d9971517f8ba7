//! What a compilation gives.

use std::borrow::Cow;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use price_table::{Listing, Table, file};

use crate::money::{NextQuote, Quote};
use crate::objects::{Found, manifest};
use crate::pattern::Pattern;
use crate::report::Report;

/// A `content.toml` without errors.
#[derive(Clone, Debug)]
pub struct Compiled {
    pub(crate) table: Table,
    pub(crate) notes: Vec<RuleNote>,
    pub(crate) challenge_bytes: Vec<usize>,
    pub(crate) inputs: Vec<PathBuf>,
    pub(crate) warnings: Report,
    /// Sorted by key.
    pub(crate) objects: Vec<Found>,
    /// The documents for agents among the objects.
    pub(crate) documents: Vec<Document>,
    /// The page's files among the objects.
    pub(crate) page: Vec<Document>,
    pub(crate) folder: Option<PathBuf>,
    pub(crate) record: Option<PathBuf>,
}

/// What people ask about a rule and the table does not say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleNote {
    /// Its pattern.
    pub pattern: Pattern,
    /// The line of its `path` in `content.toml`, from 1.
    pub line: usize,
    /// The price; `None` if it is free.
    pub quote: Option<Quote>,
    /// What it asks later, if that is known.
    pub next: Option<NextQuote>,
    /// When charging begins, if that was still to come.
    pub dry_run: Option<Timestamp>,
}

impl RuleNote {
    /// The price for people, and when it changes: `free`, `$0.01`, `0.01 EUR`,
    /// `$0.01, from 2026-12-24T00:00:00Z $0.02`, `$0.01, not charged until 2026-12-24T00:00:00Z`.
    pub fn price(&self) -> String {
        let Some(quote) = &self.quote else { return "free".to_owned() };
        let next = self.next.as_ref().map(|next| format!(", from {} {}", next.from, next.quote));
        format!("{quote}{}{}", next.unwrap_or_default(), not_charged(self.dry_run))
    }
}

/// What is said of a dry run, after a price.
pub(crate) fn not_charged(until: Option<Timestamp>) -> String {
    until.map(|until| format!(", not charged until {until}")).unwrap_or_default()
}

/// Where a file would be written: a link may lead to what is not there yet.
fn end_of_links(path: &Path) -> PathBuf {
    // As many as Linux follows: <https://man7.org/linux/man-pages/man7/path_resolution.7.html>.
    let links = std::iter::successors(Some(path.to_owned()), |path| {
        let target = path.read_link().ok()?;
        Some(path.parent().map_or(target.clone(), |folder| folder.join(target)))
    });
    links.take(41).last().unwrap_or_default()
}

/// Only a file can be damaged.
const IN_MEMORY: &str = "a table in memory is as it was built";

/// A document that is made here and published beside the objects, free for everybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Where it is published.
    pub key: Cow<'static, str>,
    /// Its `Content-Type`: some keys have no extension that would tell.
    pub mime_type: &'static str,
    /// Its `Content-Encoding`, if it has one.
    pub encoding: Option<&'static str>,
    /// How long it may be kept, if not as other objects.
    pub cache_control: Option<&'static str>,
    /// Its bytes.
    pub body: Vec<u8>,
}

impl Compiled {
    /// Whether a file may be written: none of ours lies in the content folder, where all is for sale.
    ///
    /// # Errors
    ///
    /// It would.
    pub fn keeps_apart(&self, output: &Path) -> Result<(), String> {
        let Some(Ok(folder)) = self.folder.as_ref().map(|folder| folder.canonicalize()) else {
            return Ok(());
        };
        let output = std::path::absolute(output).unwrap_or_else(|_| output.to_owned());
        let there = end_of_links(&output).ancestors().find_map(|folder| folder.canonicalize().ok());
        match there.is_some_and(|there| there.starts_with(&folder)) {
            true => Err(format!(
                "{} lies in the content folder, where everything is for sale: write it elsewhere",
                output.display()
            )),
            false => Ok(()),
        }
    }

    /// The table.
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// About each of the table's rules, in the same order.
    pub fn notes(&self) -> &[RuleNote] {
        &self.notes
    }

    /// The bytes of each rule's biggest `PAYMENT-REQUIRED` header, in the order of the rules; 0
    /// for those that are free.
    pub fn challenge_bytes(&self) -> &[usize] {
        &self.challenge_bytes
    }

    /// What the seller should know, although it is no error.
    pub fn warnings(&self) -> &Report {
        &self.warnings
    }

    /// Files and folders that the table was made from.
    pub fn inputs(&self) -> &[PathBuf] {
        &self.inputs
    }

    /// The documents for agents that are among the objects, if `content.toml` asks for them.
    pub fn documents(&self) -> &[Document] {
        &self.documents
    }

    /// The files that the page for browsers loads, which are among the objects if there is a page.
    pub fn page_files(&self) -> &[Document] {
        &self.page
    }

    /// All objects that were made here.
    pub fn generated(&self) -> impl Iterator<Item = &Document> {
        self.documents.iter().chain(&self.page)
    }

    /// The folder with the files of the objects; `None` if they come from a manifest.
    pub fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// Where `content.toml` says that the record of what was published is, whether it is there yet
    /// or not.
    pub fn record(&self) -> Option<&Path> {
        self.record.as_deref()
    }

    /// What is sold under a key.
    pub fn listing(&self, key: &str) -> Option<Listing<'_>> {
        self.table.get(key).expect(IN_MEMORY)
    }

    /// Everything on sale, in no order that means anything.
    pub fn listings(&self) -> Vec<Listing<'_>> {
        self.table.all().expect(IN_MEMORY)
    }

    /// The table as the function reads it, [`price_table::file::NAME`].
    pub fn file(&self) -> Vec<u8> {
        file::write(&self.table).expect(IN_MEMORY)
    }

    /// Writes the manifest of the objects, without the page's files: one JSON object a line, sorted by key.
    pub fn write_manifest(&self, out: &mut dyn Write) -> io::Result<()> {
        manifest::write(self.objects.iter().filter(|it| !payment_page::is_file(&it.key)), out)
    }
}
