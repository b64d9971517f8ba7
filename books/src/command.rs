//! `paywall books`: what the chain paid, held against records and logs, for some days.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{collections::BTreeMap, collections::BTreeSet};

use next_step::Outcome;
use paywall_core::hex;
use price_table::{Redemptions, Table};
use ship::s3::{Access, Target};
use url::Url;

use crate::bookkeeping::{self, Plan, Report};
use crate::chain::{self, Watched};
use crate::day::Day;
use crate::desk::{Desk, Refunds, not_read, watched};
use crate::error::Error;
use crate::judge;
use crate::keep::Keep;
use crate::ledger::{Claim, Ledger, Posting, RestsOn, Row};
use crate::logs::Logs;
use crate::moment::moment;
use crate::nodes::{self, Nodes};
use crate::output::{self, Format};
use crate::place::{Content, Place, confirmations};
use crate::records::{Records, Unreadable};
use crate::resolution;
use crate::tokens::Tokens;
use crate::transfer::Transfer;

/// What the exit codes say.
const EXIT_CODES: &str = "\
Exit codes:
  0  the books are complete, and whatever differs is named
  1  there are no books
  2  the command line is wrong
  3  something could not be read or held against the chain, which is named";

/// Balances the books: what the chain paid to the payee is sales, what is owed, and what is not ours, to the atomic unit.
///
/// Nothing is changed anywhere, but with --resolve. Credentials come from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and
/// AWS_SESSION_TOKEN; they need s3:ListBucket and s3:GetObject, with --resolve s3:PutObject, too.
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub struct Arguments {
    #[command(flatten)]
    place: Place,
    /// The function's log, of all Regions where it ran, in any order: `-` is standard input. May be repeated. Where payments
    /// are remembered in memory only, the books are the chain against it.
    #[arg(long, value_name = "FILE")]
    log: Vec<PathBuf>,
    /// A node's JSON-RPC URL. May be repeated, for other networks.
    #[arg(long, value_name = "URL", required_unless_present = "kept")]
    rpc: Vec<Url>,
    /// How deep a block must be to be booked, itself included [default: what `[rpc]` of the content.toml
    /// says, or 900].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    confirmations: Option<u32>,
    /// Whom buyers paid before the content.toml was changed. May be repeated.
    #[arg(long, value_name = "ADDRESS")]
    payee: Vec<String>,
    /// The first day, in UTC [default: the last one's day before].
    #[arg(long, value_name = "DAY", value_parser = day)]
    from: Option<Day>,
    /// The last day, in UTC [default: today].
    #[arg(long, value_name = "DAY", value_parser = day)]
    to: Option<Day>,
    /// End payments that are open by what the chain shows, first. No facilitator is asked, and nothing is sent.
    #[arg(long)]
    resolve: bool,
    /// Go on with the ledger that is kept in the records' bucket, a Parquet file a day, and end what is open; begins it at
    /// --from if there is none. Needs s3:PutObject, too.
    #[arg(long, conflicts_with_all = ["log", "to", "format", "output", "resolve"])]
    keep: bool,
    /// Print what the scheduled function is given to do the same: it may hold the keys of nodes, in their URLs.
    #[arg(long, conflicts_with_all = ["keep", "log", "to", "format", "output", "resolve"])]
    plan: bool,
    /// Write the ledger that is kept in the bucket, without asking a node.
    #[arg(long, conflicts_with_all = ["keep", "plan", "log", "rpc", "resolve"])]
    kept: bool,
    /// How to write the ledger.
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Table)]
    format: Format,
    /// The folder that gets a Parquet file a day.
    #[arg(long, value_name = "FOLDER", required_if_eq("format", "parquet"))]
    output: Option<PathBuf>,
}

fn day(text: &str) -> Result<Day, String> {
    text.parse()
}

/// Balances them. `access` is asked for where a bucket is read.
///
/// # Errors
///
/// There are no books.
pub fn run(arguments: &Arguments, access: impl FnOnce() -> Outcome<Access>) -> Outcome<ExitCode> {
    let content = arguments.place.content(false)?;
    let Some(table) = content.as_ref().map(|(_, compiled)| compiled.table()) else {
        return Err(Error::NoTable {}.into());
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(ship::Error::not_started)?;
    if arguments.keep || arguments.plan {
        let target = arguments.place.target(content.as_ref())?;
        let plan = runtime.block_on(plan(arguments, table, &target))?;
        if arguments.plan {
            let text = serde_json::to_string_pretty(&plan).map_err(ship::Error::not_started)?;
            println!("{text}");
            return Ok(ExitCode::SUCCESS);
        }
        let keeping = bookkeeping::keep(&plan, access()?, target.endpoint, || true);
        return runtime.block_on(keeping).map(|report| told(&report));
    }
    let records = match store(arguments, table, &content)? {
        Some(target) => {
            let Access { credentials, owner } = access()?;
            Some(Records::open(Target { owner, ..target }, &credentials)?)
        }
        None => None,
    };
    if let (true, Some(records)) = (arguments.kept, &records) {
        let span = arguments.span(nodes::now().secs())?;
        let keep = Keep { records, site: &table.site.id };
        write(arguments, &runtime.block_on(keep.rows(span))?, span, true)?;
        return Ok(ExitCode::SUCCESS);
    }
    runtime.block_on(books(arguments, table, records.as_ref()))
}

/// What is to be kept, with the nodes that were named, each for its own network.
async fn plan(arguments: &Arguments, table: &Table, target: &Target) -> Outcome<Plan> {
    let deep = |network: &str| {
        let stated = confirmations(table, network);
        arguments.confirmations.or(stated).unwrap_or(nodes::CONFIRMATIONS)
    };
    let nodes = Nodes::open(&arguments.rpc, table.alone(), deep).await?;
    let payees = payees(&arguments.payee)?;
    let mut plan = Plan::of(table, target, &payees, |network| nodes.url(network), deep);
    plan.begins = arguments.from.map(|day| day.to_string());
    if plan.chains.iter().all(|chain| chain.rpc.is_none()) {
        let networks: Vec<_> = plan.chains.iter().map(|chain| chain.network.as_str()).collect();
        return Err(Error::NoNode { networks: networks.join(", ") }.into());
    }
    Ok(plan)
}

fn told(report: &Report) -> ExitCode {
    println!("resolved: {}; days written: {}", report.resolved, report.days.join(" "));
    for (network, second) in &report.booked {
        println!("{network} is booked up to {}", moment(*second));
    }
    for (name, rows) in &report.rows {
        println!("  {name:<24} {rows:>8}");
    }
    report.wrong.iter().for_each(|wrong| eprintln!("warning: {wrong}"));
    for network in &report.unlooked {
        eprintln!("warning: {network} is not looked at: no --rpc is a node of it");
    }
    if report.wrong.is_empty() && report.unlooked.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(3)
    }
}

/// Where the records are; `None` where payments are remembered in memory, and there are logs.
fn store(arguments: &Arguments, table: &Table, content: &Content) -> Outcome<Option<Target>> {
    match (&table.redemptions, arguments.log.is_empty()) {
        (Redemptions::Memory, false) => Ok(None),
        _ => arguments.place.target(content.as_ref()).map(Some),
    }
}

async fn books(
    arguments: &Arguments,
    table: &Table,
    records: Option<&Records>,
) -> Outcome<ExitCode> {
    let tokens = Tokens::of(table);
    let deep = |network: &str| {
        let stated = confirmations(table, network);
        arguments.confirmations.or(stated).unwrap_or(nodes::CONFIRMATIONS)
    };
    let nodes = Nodes::open(&arguments.rpc, table.alone(), deep).await?;
    let watched = watched(table, &payees(&arguments.payee)?, deep);
    let looked: BTreeMap<_, _> =
        watched.iter().filter(|(network, _)| nodes.confirmations(network).is_some()).collect();
    if looked.is_empty() {
        let networks: Vec<_> = watched.keys().map(String::as_str).collect();
        return Err(Error::NoNode { networks: networks.join(", ") }.into());
    }
    let looks = watched.keys().filter(|network| confirmations(table, network).is_some());
    let looks: BTreeSet<String> = looks.cloned().collect();
    let mut notes = Notes::default();
    if let (true, Some(records)) = (arguments.resolve, records) {
        let resolved =
            resolution::all(records, &nodes, table.alone(), |_| true, |it| notes.unread(it))
                .await?;
        eprintln!("resolved: {resolved}");
    }
    let logs = logs(&arguments.log, &mut notes)?;
    let refunds = match records {
        Some(records) => Refunds::read(records, |it| notes.unread(it)).await?,
        None => Refunds::default(),
    };
    let now = nodes::now();
    let desk = Desk {
        tokens: &tokens,
        nodes: &nodes,
        records,
        logs: &logs,
        refunds: &refunds,
        now,
        looks,
    };
    let span = arguments.span(now.secs())?;
    let mut transfers = vec![];
    // Until when what happened must be on each chain.
    let mut booked = BTreeMap::<String, u64>::new();
    for (network, watched) in looked {
        let reading = read(&nodes, network, watched, span).await?;
        booked.insert(network.clone(), reading.stand.time);
        if !reading.proven {
            notes.warn(format!(
                "{network}: the node does not know the payee's balance of {}, so that it left no log out is not proven",
                span.0
            ));
        }
        transfers.extend(
            reading.transfers.into_iter().filter(|transfer| {
                transfer.time >= span.0.begins() && transfer.time < span.1.ends()
            }),
        );
    }
    let mut ledger = Ledger::of(desk.transfers(&transfers).await?);
    ledger.hold_against(&transfers).map_err(|why| Error::NotBooked { why })?;
    let paid: BTreeSet<String> =
        transfers.iter().filter_map(Transfer::payment).map(|it| it.to_string()).collect();
    let due = |network: &str, second: u64| {
        let in_time = second >= span.0.begins() && second < span.1.ends();
        in_time && booked.get(network).is_none_or(|booked| judge::is_due(second, *booked))
    };
    if let Some(records) = records {
        let claims = claims(&desk, records, &watched, &paid, due, &mut notes).await?;
        claims.into_iter().for_each(|row| ledger.book(row));
    }
    for (payment, logged) in logs.payments() {
        // The record's claim is the stronger one.
        let known = paid.contains(&payment.to_string())
            || ledger.rows().iter().any(|row| row.payment == Some(payment.to_string()));
        let at = logged.at.unwrap_or(span.1.begins());
        if known || !due(&logged.network, at) {
            continue;
        }
        let on = watched.get(&logged.network).filter(|_| booked.contains_key(&logged.network));
        let token = tokens.named(&logged.network, &logged.asset);
        let row = judge::claim_of_line(payment, logged, on.is_some(), token, at);
        desk.claim(on, payment, row).await?.into_iter().for_each(|row| ledger.book(row));
    }
    for refund in
        refunds.all().filter(|it| Day::of(it.time) >= span.0 && Day::of(it.time) <= span.1)
    {
        ledger.book(judge::refund(refund, tokens.named(&refund.network, &refund.asset)));
    }
    notes.unreadable.iter().for_each(|it| ledger.book(unreadable(it, span.1)));
    for network in watched.keys().filter(|network| !booked.contains_key(*network)) {
        notes.warn(format!("{network} is not looked at: no --rpc is a node of it"));
    }
    write(arguments, &ledger, span, records.is_some())?;
    Ok(notes.code())
}

/// What the records claim and the transfers do not show.
async fn claims(
    desk: &Desk<'_>,
    records: &Records,
    watched: &BTreeMap<String, Watched>,
    paid: &BTreeSet<String>,
    due: impl Fn(&str, u64) -> bool,
    notes: &mut Notes,
) -> Outcome<Vec<Row>> {
    let mut rows = vec![];
    let each = async |read| {
        let account = match read {
            Ok(account) => account,
            Err(unreadable) => {
                notes.unread(&unreadable);
                return Ok(());
            }
        };
        for entry in desk.entries(account) {
            let (Some(mark), Some(network)) = (&entry.mark, &entry.network) else { continue };
            if paid.contains(&mark.payment.to_string()) {
                continue;
            }
            let on = watched.get(network).filter(|_| desk.nodes.confirmations(network).is_some());
            let on = on.filter(|_| mark.payment.chain_id().is_some());
            let token = desk.tokens.named(network, entry.asset.as_deref().unwrap_or_default());
            let row = judge::claim(&entry, on.is_some(), token);
            if row.as_ref().is_some_and(|row| due(network, row.at)) {
                rows.extend(desk.claim(on, &mark.payment, row).await?);
            }
        }
        Ok(())
    };
    records.accounts(each).await?;
    Ok(rows)
}

async fn read(
    nodes: &Nodes,
    network: &str,
    watched: &Watched,
    (from, to): (Day, Day),
) -> Outcome<chain::Reading> {
    let watched = watched.clone();
    let reading = nodes.with(network, move |line| {
        let since = chain::begin(line, &watched, from.begins())?;
        let end = chain::end(line, &watched, to.ends())?;
        chain::read(line, &watched, &since, end)
    });
    match reading.await? {
        Some(Ok(reading)) => Ok(reading),
        Some(Err(why)) => Err(not_read(network, why).into()),
        None => Err(not_read(network, "there is no node of it".to_owned()).into()),
    }
}

/// What was not read, and what else there is to say.
#[derive(Default)]
struct Notes {
    unreadable: Vec<(String, String)>,
    incomplete: bool,
}

impl Notes {
    fn unread(&mut self, record: &Unreadable) {
        let (place, why) = (record.place.clone(), record.why.clone());
        if !self.unreadable.iter().any(|(there, _)| *there == place) {
            self.warn(format!("{place} is left out: {why}"));
            self.unreadable.push((place, why));
        }
    }

    fn warn(&mut self, what: String) {
        eprintln!("warning: {what}");
        self.incomplete = true;
    }

    fn code(&self) -> ExitCode {
        match self.incomplete {
            false => ExitCode::SUCCESS,
            true => {
                eprintln!("error: the books are not complete: what is missing is named above");
                ExitCode::from(3)
            }
        }
    }
}

fn unreadable((place, why): &(String, String), last: Day) -> Row {
    Row {
        posting: Posting::Claimed(Claim::Unreadable),
        rests_on: RestsOn::Nothing,
        at: last.begins(),
        network: String::new(),
        asset: String::new(),
        token: None,
        amount: 0,
        payer: String::new(),
        payee: None,
        transaction: None,
        block: None,
        index: None,
        payment: None,
        site: None,
        kind: None,
        name: Some(place.clone()),
        facilitator: None,
        why: why.clone(),
    }
}

fn logs(files: &[PathBuf], notes: &mut Notes) -> Outcome<Logs> {
    let mut logs = Logs::default();
    for file in files {
        let (name, before) = (file.display().to_string(), logs.unreadable.len());
        let lines = logs.lines;
        let read = match file.to_str() {
            Some("-") => logs.read(io::stdin().lock()),
            _ => match File::open(file) {
                Ok(open) => logs.read(BufReader::new(open)),
                Err(why) => {
                    return Err(Error::LogNotOpened { log: name, why: why.to_string() }.into());
                }
            },
        };
        read.map_err(|why| Error::LogNotRead { log: name.clone(), why: why.to_string() })?;
        if logs.lines == lines && logs.unreadable.len() == before {
            return Err(Error::OtherLog { log: name }.into());
        }
        for (at, why) in &logs.unreadable[before..] {
            notes.warn(format!("line {at} of {name} is left out: it is {why}"));
        }
    }
    Ok(logs)
}

/// Addresses of a command line.
pub(crate) fn payees(texts: &[String]) -> Result<Vec<[u8; 20]>, Error> {
    let payee = |text: &String| {
        hex::decode_array(text).ok_or_else(|| Error::NotAPayee { text: text.clone() })
    };
    texts.iter().map(payee).collect()
}

fn write(
    arguments: &Arguments,
    ledger: &Ledger,
    (from, to): (Day, Day),
    stored: bool,
) -> Outcome<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    let folder = arguments.output.as_deref().filter(|_| arguments.format == Format::Parquet);
    let done = match (arguments.format, folder) {
        (Format::Parquet, Some(folder)) => return parquet(folder, ledger, (from, to)),
        (format, _) => output::write(&mut out, format, ledger, &format!("{from} to {to}"), stored),
    };
    let done = done.and_then(|()| out.flush());
    Ok(done.map_err(|why| Error::ListNotWritten { why: why.to_string() })?)
}

/// A file a day, empty days too: then it is seen that they were looked at.
fn parquet(folder: &Path, ledger: &Ledger, (from, to): (Day, Day)) -> Outcome<()> {
    std::fs::create_dir_all(folder).map_err(|why| ship::Error::not_written(folder, why))?;
    let mut day = from;
    while day <= to {
        let rows = ledger.rows().into_iter().filter(|row| row.day() == day).cloned();
        let bytes = crate::parquet::write(&Ledger::of(rows));
        let bytes = bytes.map_err(|why| Error::NotBooked { why })?;
        let file = folder.join(format!("{day}.parquet"));
        std::fs::write(&file, bytes).map_err(|why| ship::Error::not_written(&file, why))?;
        println!("{}", file.display());
        day = day.after();
    }
    Ok(())
}

impl Arguments {
    /// Whether the records are kept elsewhere than at Amazon, where buckets have no account.
    pub fn elsewhere(&self) -> bool {
        self.place.elsewhere()
    }

    fn span(&self, now: u64) -> Result<(Day, Day), Error> {
        let to = self.to.unwrap_or(Day::of(now));
        let from = self.from.unwrap_or(to.before());
        match from <= to {
            true => Ok((from, to)),
            false => Err(Error::Backwards { from: from.to_string(), to: to.to_string() }),
        }
    }
}
