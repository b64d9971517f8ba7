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

mod bucket;
mod chain;
mod classify;
mod columns;
mod entry;
mod journal;
mod list;
mod read;
mod sheet;
mod summary;
mod tokens;

use std::fs::File;
use std::io::{self, BufReader, BufWriter, StdoutLock};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::SystemTime;

use clap::builder::TypedValueParser as _;
use content_config::Compiled;
use paywall_core::clock::Micros;
use price_table::{Redemptions, Sale, Table};
use url::Url;

use crate::error::Error;
use crate::s3::{Access, Target};
use bucket::Records;
use chain::Nodes;
use classify::Patience;
use journal::Journal;
use list::List;
use sheet::{Format, Sheet};
use summary::Summary;
use tokens::Tokens;

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
    /// The content.toml that is deployed: where the records are, and what the tokens are called; without it
    /// the nearest one from this folder upwards, unless --bucket names another shop's records.
    #[arg(long, value_name = "PATH", value_parser = clap::builder::OsStringValueParser::new().map(PathBuf::from), env = "CONTENT_CONFIG")]
    config: Option<PathBuf>,
    /// The bucket with the records, if it is not the one that `[redemptions]` names.
    #[arg(long, value_name = "NAME", conflicts_with = "log")]
    bucket: Option<String>,
    /// Where in the bucket they are [default: `prefix` of `[redemptions]`].
    #[arg(long, value_name = "PATH", conflicts_with = "log")]
    prefix: Option<String>,
    /// The bucket's AWS Region [default: `region` of `[redemptions]`, or AWS_REGION, or us-east-1].
    #[arg(long, value_name = "REGION", conflicts_with = "log")]
    region: Option<String>,
    /// An S3 API that is not Amazon's.
    #[arg(long, value_name = "URL", env = "AWS_ENDPOINT_URL_S3")]
    endpoint_url: Option<Url>,
    /// The function's log, in the order of time, where payments are remembered in memory only: `-` is
    /// standard input.
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    /// A node's JSON-RPC URL: payments on its network that are unresolved are looked up there. May be
    /// repeated, for other networks.
    #[arg(long, value_name = "URL", conflicts_with = "log")]
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
pub fn run<E: From<Error>>(
    arguments: &Arguments,
    access: impl FnOnce() -> Result<Access, E>,
) -> Result<ExitCode, E> {
    let content = arguments.content()?;
    let table = content.as_ref().map(|(_, compiled)| compiled.table());
    if let Some(log) = &arguments.log {
        return Ok(from_log(log, arguments.sheet(table)?)?);
    }
    let target = arguments.target(content.as_ref())?;
    let Access { credentials, owner } = access()?;
    let records = Records::open(Target { owner, ..target }, &credentials)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(Error::not_started)?;
    Ok(runtime.block_on(list(arguments, table, &records))?)
}

async fn list(
    arguments: &Arguments,
    table: Option<&Table>,
    records: &Records,
) -> Result<ExitCode, Error> {
    let nodes = Nodes::open(&arguments.rpc, table.is_some_and(alone), |network| {
        let stated = table.and_then(|table| confirmations(table, network));
        arguments.confirmations.or(stated).unwrap_or(chain::CONFIRMATIONS)
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

fn from_log(log: &Path, mut sheet: Sheet<BufWriter<StdoutLock<'_>>>) -> Result<ExitCode, Error> {
    let name = log.display().to_string();
    let read = match log.to_str() {
        Some("-") => Journal::read(io::stdin().lock()),
        _ => match File::open(log) {
            Ok(file) => Journal::read(BufReader::new(file)),
            Err(why) => return Err(Error::LogNotOpened { log: name, why: why.to_string() }),
        },
    };
    let journal =
        read.map_err(|why| Error::LogNotRead { log: name.clone(), why: why.to_string() })?;
    if journal.lines == 0 && journal.unreadable.is_empty() {
        return Err(Error::OtherLog { log: name });
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
        self.endpoint_url.is_some()
    }

    fn sheet(&self, table: Option<&Table>) -> Result<Sheet<BufWriter<StdoutLock<'static>>>, Error> {
        let tokens = table.map(Tokens::of).unwrap_or_default();
        Sheet::new(self.format, tokens, BufWriter::new(io::stdout().lock()))
    }

    /// The content.toml, and what it sells. One that nobody named must not stand in the way of what was named.
    fn content(&self) -> Result<Option<(PathBuf, Compiled)>, Error> {
        let named = self.config.as_ref().is_some_and(|config| !config.as_os_str().is_empty());
        if !named && self.bucket.is_some() {
            return Ok(None);
        }
        let Ok(config) = content_config::find(self.config.clone()) else { return Ok(None) };
        match compile(&config) {
            Ok(compiled) => Ok(Some((config, compiled))),
            Err(_) if !named && self.log.is_some() => {
                eprintln!(
                    "warning: {} has errors, so tokens go by their addresses",
                    config.display()
                );
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Where the records are; whose the bucket is, it does not know.
    fn target(&self, content: Option<&(PathBuf, Compiled)>) -> Result<Target, Error> {
        let stated = match content.map(|(_, compiled)| &compiled.table().redemptions) {
            Some(Redemptions::S3 { bucket, region, prefix, .. }) => {
                Some((bucket.to_string(), region.to_string(), prefix.to_string()))
            }
            Some(Redemptions::Memory) | None => None,
        };
        let Some(bucket) = self.bucket.clone().or(stated.as_ref().map(|stated| stated.0.clone()))
        else {
            return Err(match content {
                Some((config, _)) => Error::Remembered { config: config.display().to_string() },
                None => Error::NoRecords {},
            });
        };
        let region = self.region.clone().or(stated.as_ref().map(|stated| stated.1.clone()));
        let region =
            region.or_else(|| std::env::var("AWS_REGION").ok().filter(|it| !it.is_empty()));
        let Some(prefix) = self.prefix.clone().or(stated.map(|stated| stated.2)) else {
            return Err(Error::NoPrefix { bucket });
        };
        Ok(Target {
            bucket,
            region: region.unwrap_or_else(|| "us-east-1".to_owned()),
            prefix,
            seal: None,
            endpoint: self.endpoint_url.clone(),
            owner: None,
        })
    }
}

fn compile(config: &Path) -> Result<Compiled, Error> {
    content_config::compile(config).map_err(|report| Error::ContentOfSales {
        config: config.display().to_string(),
        report: report.to_string(),
    })
}

/// What the table's `[rpc]` says of a network.
fn confirmations(table: &Table, network: &str) -> Option<u32> {
    let offers = table.rules.iter().flat_map(|rule| match &rule.sale {
        Sale::Free => &[],
        Sale::Priced { offers, .. } => offers.as_ref(),
    });
    let mut networks = offers.map(|offer| &offer.network).filter(|it| it.caip2 == network);
    networks.find_map(|network| Some(network.rpc.as_ref()?.confirmations))
}

/// Whether nobody else sells for this payee.
fn alone(table: &Table) -> bool {
    matches!(table.redemptions, Redemptions::S3 { shared_pay_to: false, .. })
}
