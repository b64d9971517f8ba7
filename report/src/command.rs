//! `paywall report`.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use books::{Day, Ledger};
use next_step::Outcome;

use crate::{Error, Money, Report, Traffic, page, write};

/// Shows what was sold, by day, object and payer, what is owed, and what came of requests.
///
/// Money comes from the ledger, which `paywall books` and the bookkeeper write; requests and times from the function's log.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A Parquet file of the ledger, or a folder of them. May be repeated.
    #[arg(long, value_name = "PATH", required = true)]
    ledger: Vec<PathBuf>,
    /// The function's log, of all Regions where it ran, in any order: `-` is standard input. May be repeated.
    #[arg(long, value_name = "FILE")]
    log: Vec<PathBuf>,
    /// The first day, in UTC [default: the ledger's first].
    #[arg(long, value_name = "DAY", value_parser = day)]
    from: Option<Day>,
    /// The last day, in UTC [default: the ledger's last].
    #[arg(long, value_name = "DAY", value_parser = day)]
    to: Option<Day>,
    /// Write one page with pictures to this file, instead.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

fn day(text: &str) -> Result<Day, String> {
    text.parse()
}

/// Shows it.
///
/// # Errors
///
/// There is no report.
pub fn run(arguments: &Arguments) -> Outcome<()> {
    let ledger = ledger(&arguments.ledger)?;
    let days: Vec<_> = ledger.rows().iter().map(|row| row.day()).collect();
    // A ledger of days on which nothing happened has none.
    let today = Day::of(u64::try_from(jiff::Timestamp::now().as_second()).unwrap_or_default());
    let to = arguments.to.or(days.last().copied()).unwrap_or(today);
    let from = arguments.from.or(days.first().copied()).unwrap_or(to);
    if from > to {
        return Err(Error::Backwards { from: from.to_string(), to: to.to_string() }.into());
    }
    let report = Report {
        days: format!("{from} to {to}"),
        money: Money::of(&ledger, from, to),
        traffic: traffic(&arguments.log)?,
    };
    let failed = |place: &str, why: String| Error::NotWritten { place: place.to_owned(), why };
    match &arguments.html {
        Some(file) => {
            let place = file.display().to_string();
            let page = page(&report).map_err(|why| failed(&place, why))?;
            fs::write(file, page).map_err(|why| failed(&place, why.to_string()))?;
            println!("{place}");
        }
        None => {
            let mut out = BufWriter::new(io::stdout().lock());
            let done = write(&report, &mut out).and_then(|()| out.flush());
            done.map_err(|why| failed("standard output", why.to_string()))?;
        }
    }
    Ok(())
}

fn ledger(places: &[PathBuf]) -> Result<Ledger, Error> {
    let mut ledger = Ledger::default();
    for place in places {
        let files = files(place);
        if files.is_empty() {
            return Err(Error::NoLedger { place: place.display().to_string() });
        }
        for file in files {
            let not_read =
                |why: String| Error::LedgerNotRead { file: file.display().to_string(), why };
            let bytes = fs::read(&file).map_err(|why| not_read(why.to_string()))?;
            let read = books::parquet::read(bytes).map_err(not_read)?;
            read.rows().into_iter().for_each(|row| ledger.book(row.clone()));
        }
    }
    Ok(ledger)
}

/// The files of a folder, in order; or the file itself.
fn files(place: &Path) -> Vec<PathBuf> {
    let Ok(folder) = fs::read_dir(place) else {
        return Vec::from_iter(place.is_file().then(|| place.to_owned()));
    };
    let paths = folder.filter_map(|entry| Some(entry.ok()?.path()));
    let mut files: Vec<_> =
        paths.filter(|path| path.extension().is_some_and(|it| it == "parquet")).collect();
    files.sort();
    files
}

fn traffic(logs: &[PathBuf]) -> Result<Option<Traffic>, Error> {
    let mut traffic = Traffic::default();
    for log in logs {
        let (name, before) = (log.display().to_string(), traffic.lines + traffic.unreadable);
        let read = match log.to_str() {
            Some("-") => traffic.read(io::stdin().lock()),
            _ => File::open(log).and_then(|file| traffic.read(BufReader::new(file))),
        };
        read.map_err(|why| Error::LogNotRead { log: name.clone(), why: why.to_string() })?;
        if traffic.lines + traffic.unreadable == before {
            return Err(Error::OtherLog { log: name });
        }
    }
    Ok((!logs.is_empty()).then_some(traffic))
}
