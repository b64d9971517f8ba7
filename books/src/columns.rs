//! The columns of a ledger, in every format.

use paywall_core::subject::Kind;

use crate::ledger::Row;
use crate::moment::moment;

/// A column: its name, and its value where it is known. Texts, since readers of JSON and spreadsheets round big numbers.
type Column = (&'static str, fn(&Row) -> Option<String>);

/// All of them. `docs/books.md` says what each is.
pub const COLUMNS: [Column; 24] = [
    ("day", |row| Some(row.day().to_string())),
    ("moment", |row| Some(moment(row.at))),
    ("debit", |row| Some(row.posting.entry()?.0.to_owned())),
    ("credit", |row| Some(row.posting.entry()?.1.to_owned())),
    ("posting", |row| Some(row.posting.name().to_owned())),
    ("restsOn", |row| Some(row.rests_on.name().to_owned())),
    ("network", |row| Some(row.network.clone())),
    ("asset", |row| Some(row.asset.clone())),
    ("token", |row| Some(row.token.as_ref()?.0.clone())),
    ("decimals", |row| Some(row.token.as_ref()?.1.to_string())),
    ("amount", Row::whole),
    ("atomicAmount", |row| Some(row.amount.to_string())),
    ("payer", |row| Some(row.payer.clone()).filter(|payer| !payer.is_empty())),
    ("payee", |row| row.payee.clone()),
    ("transaction", |row| row.transaction.clone()),
    ("block", |row| Some(row.block?.to_string())),
    ("logIndex", |row| Some(row.index?.to_string())),
    ("payment", |row| row.payment.clone()),
    ("site", |row| row.site.clone()),
    ("kind", |row| Some(kind(row.kind?).to_owned())),
    ("name", |row| row.name.clone()),
    ("facilitator", |row| row.facilitator.clone()),
    ("why", |row| Some(row.why.clone()).filter(|why| !why.is_empty())),
    ("means", |row| Some(row.posting.about().to_owned())),
];

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Object => "object",
        Kind::Rule => "rule",
    }
}
