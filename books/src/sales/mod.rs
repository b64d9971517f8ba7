//! Whom the seller may have to refund, and the books of all sales.
//!
//! ```text
//! records of the bucket ──> classify ──┐
//!                                      ├──> look up on the chain ──> write
//! the function's log ─────> journal ───┘
//! ```
//!
//! An unresolved payment is compared with its binding, too: one that was begun for a second object was
//! never submitted for it. Packed sales, and what is bound and stands nowhere in its account, are found by
//! their bindings, which are read where the list is to have them: with `--all`, and with a node, which
//! tells whether such a payment was sent.
//!
//! Records are read in the order of their names, which is by site, subject and payer, a few at a time,
//! and each payment is written before the next is read: memory does not grow with them. Nothing is
//! changed anywhere.
//!
//! One thing no record tells: what settled is granted even when that could not be recorded. Such a
//! payment is listed as unresolved, and its payer was served; the function's log has an alarm with its
//! receipt.

mod columns;
mod journal;
mod list;
mod sheet;
mod summary;

use std::fs::File;
use std::io::{self, BufReader, BufWriter, StdoutLock};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::SystemTime;

use next_step::Outcome;
use paywall_core::clock::Micros;
use price_table::Table;
use ship::s3::{Access, Target};
use url::Url;

use crate::classify::Patience;
use crate::error::Error;
use crate::nodes::{self, Nodes};
use crate::place::{Place, confirmations};
use crate::records::Records;
use crate::tokens::Tokens;
use journal::Journal;
use list::List;
use sheet::{Format, Sheet};
use summary::Summary;

/// What the exit codes say.
const EXIT_CODES: &str = "\
Exit codes:
  0  the list is complete, however long
  1  there is no list
  2  the command line is wrong
  3  there are records that cannot be read, which are named";

/// Lists the payments that stayed unresolved, are unproven or were charged without a grant, so that they
/// can be refunded.
///
/// Credentials come from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN; they need
/// s3:ListBucket and s3:GetObject.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub struct Arguments {
    #[command(flatten)]
    place: Place,
    /// The function's log, in the order of time, where payments are remembered in memory only: `-` is
    /// standard input.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["bucket", "prefix", "region", "rpc"])]
    log: Option<PathBuf>,
    /// A node's JSON-RPC URL: payments on its network that are unresolved are looked up there. May be
    /// repeated, for other networks.
    #[arg(long, value_name = "URL")]
    rpc: Vec<Url>,
    /// How deep a block must be to count, itself included [default: what `[rpc]` of the content.toml
    /// says, or 900].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    confirmations: Option<u32>,
    /// Every payment: those in progress, granted, refused and packed, too.
    #[arg(long)]
    all: bool,
    /// How to write the list.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// Writes the list. `access` is asked for where a bucket is read, and not for a log.
///
/// # Errors
///
/// There is no list.
pub fn run(arguments: &Arguments, access: impl FnOnce() -> Outcome<Access>) -> Outcome<ExitCode> {
    let content = arguments.place.content(arguments.log.is_some())?;
    let table = content.as_ref().map(|(_, compiled)| compiled.table());
    if let Some(log) = &arguments.log {
        return from_log(log, arguments.sheet(table)?);
    }
    let target = arguments.place.target(content.as_ref())?;
    let Access { credentials, owner } = access()?;
    let records = Records::open(Target { owner, ..target }, &credentials)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(ship::Error::not_started)?;
    runtime.block_on(list(arguments, table, &records))
}

async fn list(
    arguments: &Arguments,
    table: Option<&Table>,
    records: &Records,
) -> Outcome<ExitCode> {
    let nodes = Nodes::open(&arguments.rpc, table.is_some_and(Table::alone), |network| {
        let stated = table.and_then(|table| confirmations(table, network));
        arguments.confirmations.or(stated).unwrap_or(nodes::CONFIRMATIONS)
    });
    let nodes = nodes.await?;
    let has_node =
        |network: &str| table.is_some_and(|table| confirmations(table, network).is_some());
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let patience = Patience { now: Micros::from_secs(now.as_secs()), has_node };
    let sheet = arguments.sheet(table)?;
    let summary = Summary::default();
    let mut list = List { records, nodes: &nodes, all: arguments.all, sheet, summary };
    list.fill(&patience).await?;
    list.end()
}

fn from_log(log: &Path, mut sheet: Sheet<BufWriter<StdoutLock<'_>>>) -> Outcome<ExitCode> {
    let name = log.display().to_string();
    let read = match log.to_str() {
        Some("-") => Journal::read(io::stdin().lock()),
        _ => match File::open(log) {
            Ok(file) => Journal::read(BufReader::new(file)),
            Err(why) => return Err(Error::LogNotOpened { log: name, why: why.to_string() }.into()),
        },
    };
    let journal =
        read.map_err(|why| Error::LogNotRead { log: name.clone(), why: why.to_string() })?;
    if journal.lines == 0 && journal.unreadable.is_empty() {
        return Err(Error::OtherLog { log: name }.into());
    }
    let lines = journal.lines;
    let mut summary = Summary::without(journal.unreadable.len());
    for (at, why) in &journal.unreadable {
        eprintln!("warning: line {at} of {name} is left out: it is {why}");
    }
    for entry in journal.entries() {
        summary.count(&entry, true);
        sheet.write(&entry)?;
    }
    sheet.end(&summary.words(&format!("lines of the function in {name}: {lines}")))?;
    Ok(summary.code("lines could not be read"))
}

impl Arguments {
    /// Whether the records are kept elsewhere than at Amazon, where buckets have no account.
    pub fn elsewhere(&self) -> bool {
        self.place.elsewhere()
    }

    fn sheet(&self, table: Option<&Table>) -> Result<Sheet<BufWriter<StdoutLock<'static>>>, Error> {
        let tokens = table.map(Tokens::of).unwrap_or_default();
        Sheet::new(self.format, tokens, BufWriter::new(io::stdout().lock()))
    }
}
