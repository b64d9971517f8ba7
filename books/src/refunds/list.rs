//! What is owed, for people and for what sends it.

use std::io::{self, Write};

use next_step::plain;

use crate::ledger::Row;
use crate::moment::moment;
use crate::text::inert;

/// For people.
pub(super) fn write(out: &mut impl Write, owed: &[Row]) -> io::Result<()> {
    for row in owed {
        let amount = match (row.whole(), &row.token) {
            (Some(amount), Some((symbol, _))) => format!("{amount} {symbol}"),
            _ => format!("{} atomic units", row.amount),
        };
        let name = row.name.as_deref().unwrap_or_default();
        writeln!(out, "{}  to {}  for {}", plain(&amount), row.payer, plain(name))?;
        writeln!(out, "    {}: {}", row.posting.name(), row.posting.about())?;
        writeln!(
            out,
            "    paid {} by {}",
            moment(row.at),
            row.transaction.as_deref().unwrap_or_default()
        )?;
        writeln!(out, "    payment {}", row.payment.as_deref().unwrap_or_default())?;
        writeln!(out, "    token {} of {}\n", row.asset, row.network)?;
    }
    match owed.len() {
        0 => writeln!(out, "nothing is owed"),
        count => writeln!(
            out,
            "owed: {count}; once one is sent, `paywall refunds paid TX --for PAYMENT` records it"
        ),
    }
}

/// What to send.
pub(super) fn csv(out: &mut impl Write, owed: &[Row]) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    let columns =
        ["network", "asset", "token", "to", "amount", "atomicAmount", "payment", "paidBy", "why"];
    csv.write_record(columns)?;
    for row in owed {
        let token = row.token.as_ref().map(|(symbol, _)| symbol.clone());
        let cells = [
            Some(row.network.clone()),
            Some(row.asset.clone()),
            token,
            Some(row.payer.clone()),
            row.whole(),
            Some(row.amount.to_string()),
            row.payment.clone(),
            row.transaction.clone(),
            Some(row.posting.name().to_owned()),
        ];
        csv.write_record(cells.map(|cell| inert(cell.unwrap_or_default()).into_owned()))?;
    }
    csv.flush()
}
