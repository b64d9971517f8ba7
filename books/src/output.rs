//! The books as they are written: balances and differences for people, rows for spreadsheets and programs.

use std::io::{self, Write};

use next_step::plain;
use serde::Serializer as _;

use crate::columns::COLUMNS;
use crate::ledger::{Balance, Credit, Ledger, Posting, RestsOn, Row, Sum, decimal};
use crate::moment::moment;
use crate::text::inert;

/// What the books are written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// Balances and differences, for people.
    Table,
    /// Every row, for spreadsheets.
    Csv,
    /// Every row, for programs: an array of objects.
    Json,
    /// A file a day, for databases.
    Parquet,
}

/// Writes them. `stored` is whether there were records, not logs alone.
pub(crate) fn write(
    out: &mut impl Write,
    format: Format,
    ledger: &Ledger,
    days: &str,
    stored: bool,
) -> io::Result<()> {
    match format {
        Format::Csv => csv(out, ledger),
        Format::Json => json(out, ledger),
        Format::Table | Format::Parquet => table(out, ledger, days, stored),
    }
}

fn csv(out: &mut impl Write, ledger: &Ledger) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(COLUMNS.map(|(name, _)| name))?;
    for row in ledger.rows() {
        let cells = COLUMNS.map(|(_, value)| inert(value(row).unwrap_or_default()).into_owned());
        csv.write_record(cells)?;
    }
    csv.flush()
}

fn json(out: &mut impl Write, ledger: &Ledger) -> io::Result<()> {
    let rows = ledger.rows();
    out.write_all(b"[")?;
    for (at, row) in rows.into_iter().enumerate() {
        out.write_all(if at == 0 { b"\n" } else { b",\n" })?;
        let cells = COLUMNS.map(|(name, value)| (name, value(row)));
        serde_json::Serializer::new(&mut *out).collect_map(cells)?;
    }
    out.write_all(b"\n]\n")
}

fn table(out: &mut impl Write, ledger: &Ledger, days: &str, stored: bool) -> io::Result<()> {
    writeln!(out, "books of {days} (UTC)")?;
    let balances = ledger.balances().map_err(io::Error::other)?;
    if balances.keys().all(|(network, _)| network.is_empty()) {
        writeln!(out, "\nnothing came, and nothing is claimed")?;
    }
    for ((network, asset), balance) in balances.iter().filter(|((it, _), _)| !it.is_empty()) {
        purse(out, network, asset, balance)?;
    }
    let differing = |row: &&Row| row.posting != Posting::Received(Credit::Sale);
    let rows: Vec<_> = ledger.rows().into_iter().filter(differing).collect();
    if !rows.is_empty() {
        writeln!(out, "\ndifferences: {}", rows.len())?;
    }
    rows.into_iter().try_for_each(|row| difference(out, row))?;
    let rests = ledger.rows().iter().filter(|row| row.rests_on == RestsOn::Log).count();
    match (stored, rests) {
        (true, 0) => Ok(()),
        (true, rests) => writeln!(out, "\n{rests} rows rest on a line of the log alone"),
        (false, rests) => writeln!(
            out,
            "\npayments are remembered in memory: {rests} rows rest on a line of the log alone, and what no line tells is \
             not ours by this list"
        ),
    }
}

fn purse(out: &mut impl Write, network: &str, asset: &str, balance: &Balance) -> io::Result<()> {
    let whole = |amount: u128| match &balance.token {
        Some((symbol, decimals)) => format!("{} {symbol}", decimal(amount, *decimals)),
        None => format!("{amount} atomic units"),
    };
    let mut line = |name: &str, Sum { rows, amount }: Sum| {
        writeln!(out, "  {name:<24} {:>32}  {rows:>8}", plain(&whole(amount)))
    };
    line(&format!("{network}, received"), balance.received)?;
    for account in ["sales", "owed", "open", "unclear", "not-ours"] {
        let sum = balance.credits.get(account).copied().unwrap_or_default();
        // Accounts that should be empty are shown where they are not.
        if sum.rows > 0 || matches!(account, "sales" | "owed" | "not-ours") {
            line(&format!("  {account}"), sum)?;
        }
    }
    if balance.paid_back.rows > 0 {
        line("paid back", balance.paid_back)?;
    }
    let credited = balance.credits.values().map(|sum| sum.amount).sum::<u128>();
    let verdict = if credited == balance.received.amount { "balanced" } else { "NOT BALANCED" };
    writeln!(out, "  {verdict}, token {}", plain(asset))
}

fn difference(out: &mut impl Write, row: &Row) -> io::Result<()> {
    let amount = match (row.whole(), &row.token) {
        (Some(amount), Some((symbol, _))) => format!("{amount} {symbol}"),
        _ => format!("{} atomic units", row.amount),
    };
    writeln!(
        out,
        "\n{}  {}  {}  {}",
        row.posting.name(),
        moment(row.at),
        plain(&amount),
        plain(row.name.as_deref().unwrap_or_default())
    )?;
    writeln!(out, "    {}", row.posting.about())?;
    if !row.why.is_empty() {
        writeln!(out, "    {}", plain(&row.why))?;
    }
    for name in ["payer", "payee", "transaction", "network", "payment"] {
        let column = COLUMNS.iter().find(|(column, _)| *column == name);
        if let Some(value) = column.and_then(|(_, value)| value(row)).filter(|it| !it.is_empty()) {
            writeln!(out, "    {name} {}", plain(&value))?;
        }
    }
    Ok(())
}
