//! The list as it is written, line by line: nothing is held back.

use std::fmt::Display;
use std::io::{self, Write};

use next_step::plain;
use serde::Serializer as _;

use super::columns::COLUMNS;
use crate::entry::Entry;
use crate::error::Error;
use crate::moment::moment;
use crate::text::inert;
use crate::tokens::Tokens;

/// What the list is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Table,
    /// For spreadsheets.
    Csv,
    /// For programs: an array of objects.
    Json,
}

/// A list that is being written.
pub(crate) struct Sheet<W: Write> {
    tokens: Tokens,
    lines: usize,
    out: Out<W>,
}

enum Out<W: Write> {
    Table(W),
    Csv(Box<csv::Writer<W>>),
    Json(W),
}

impl<W: Write> Sheet<W> {
    pub(crate) fn new(format: Format, tokens: Tokens, out: W) -> Result<Self, Error> {
        let out = match format {
            Format::Table => Out::Table(out),
            Format::Json => Out::Json(out),
            Format::Csv => {
                let mut csv = csv::Writer::from_writer(out);
                let names = COLUMNS.map(|(name, _)| name);
                csv.write_record(names).map_err(not_written)?;
                Out::Csv(Box::new(csv))
            }
        };
        Ok(Sheet { tokens, lines: 0, out })
    }

    pub(crate) fn write(&mut self, entry: &Entry) -> Result<(), Error> {
        self.line(entry).map_err(not_written)?;
        self.lines += 1;
        Ok(())
    }

    fn line(&mut self, entry: &Entry) -> io::Result<()> {
        let cells = COLUMNS.map(|(name, value)| (name, value(entry, &self.tokens)));
        match &mut self.out {
            Out::Table(out) => row(out, entry, &self.tokens, self.lines == 0),
            Out::Csv(csv) => {
                let cells = cells.map(|(_, value)| inert(value.unwrap_or_default()).into_owned());
                Ok(csv.write_record(cells)?)
            }
            Out::Json(out) => {
                out.write_all(if self.lines == 0 { b"[\n" } else { b",\n" })?;
                Ok(serde_json::Serializer::new(out).collect_map(cells)?)
            }
        }
    }

    /// Ends the list with what there is to say of it: below a table, else beside it.
    pub(crate) fn end(self, summary: &str) -> Result<(), Error> {
        let beside = !matches!(self.out, Out::Table(_));
        self.last(summary).map_err(not_written)?;
        if beside {
            eprintln!("{summary}");
        }
        Ok(())
    }

    fn last(self, summary: &str) -> io::Result<()> {
        match self.out {
            Out::Table(mut out) => {
                let apart = if self.lines == 0 { "" } else { "\n" };
                writeln!(out, "{apart}{summary}")?;
                out.flush()
            }
            Out::Csv(mut csv) => csv.flush(),
            Out::Json(mut out) => {
                out.write_all(if self.lines == 0 { b"[]\n" } else { b"\n]\n" })?;
                out.flush()
            }
        }
    }
}

fn not_written(why: impl Display) -> Error {
    Error::ListNotWritten { why: why.to_string() }
}

/// A line for the eye, and what is needed to act on it below.
fn row(out: &mut impl Write, entry: &Entry, tokens: &Tokens, first: bool) -> io::Result<()> {
    if first {
        writeln!(out, "{:<19}  {:<20}  {:>17}  {:<42}  NAME", "STATE", "SINCE", "AMOUNT", "PAYER")?;
    }
    let since = entry.bound_at.or(entry.settled_at);
    let since = since.map_or_else(|| "unknown".to_owned(), |since| moment(since.secs()));
    let cell = |wanted: &str| {
        let column = COLUMNS.iter().find(|(name, _)| *name == wanted);
        column.and_then(|(_, value)| value(entry, tokens))
    };
    let paid = match (cell("amount"), cell("token"), entry.amount) {
        (Some(amount), Some(symbol), _) => format!("{amount} {symbol}"),
        (_, _, Some(atomic)) => format!("{atomic} atomic"),
        (_, _, None) => "unknown".to_owned(),
    };
    let payer = if entry.payer.is_empty() { "unknown" } else { &entry.payer };
    writeln!(
        out,
        "{:<19}  {since:<20}  {:>17}  {:<42}  {}",
        entry.state.name(),
        plain(&paid),
        plain(payer),
        plain(&entry.name)
    )?;
    writeln!(out, "    {}", plain(&entry.why))?;
    for (name, value) in COLUMNS.map(|(name, value)| (name, value(entry, tokens))) {
        let shown = [
            "asset",
            "network",
            "payee",
            "transaction",
            "site",
            "kind",
            "validBefore",
            "facilitator",
            "nonce",
        ];
        if let Some(value) = value.filter(|_| shown.contains(&name)) {
            writeln!(out, "    {name} {}", plain(&value))?;
        }
    }
    Ok(())
}
