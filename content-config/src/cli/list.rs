//! `list`: every object with its price.

use std::io::{self, Write};

use price_table::Listing;
use serde::Serialize;

use super::columns::{self, Align};
use super::outcome::Outcome;
use super::words::{access, access_column, purchases};
use crate::Compiled;

#[derive(Serialize)]
struct Entry<'a> {
    key: &'a str,
    price: String,
    access: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    purchases: Option<&'static str>,
    rule: &'a str,
    line: usize,
    size: u64,
    #[serde(rename = "type")]
    mime_type: &'a str,
    etag: &'a str,
}

/// Prints the objects, sorted by key; not the page's files, which nobody asks about.
pub(super) fn list(compiled: &Compiled, json: bool, out: &mut dyn Write) -> io::Result<Outcome> {
    let table = compiled.table();
    let mut listings = compiled.listings();
    listings.retain(|listing| !payment_page::is_file(&listing.object.key));
    listings.sort_unstable_by(|a, b| a.object.key.cmp(&b.object.key));
    let entries = listings.iter().map(|Listing { object, mime_type, .. }| {
        let rule = usize::from(object.rule);
        let note = &compiled.notes()[rule];
        Entry {
            key: &object.key,
            price: note.price_now(),
            access: access(&table.rules[rule]),
            purchases: purchases(&table.rules[rule]),
            rule: note.pattern.as_str(),
            line: note.line,
            size: object.size,
            mime_type,
            etag: &object.etag,
        }
    });
    if json {
        serde_json::to_writer_pretty(&mut *out, &entries.collect::<Vec<_>>())?;
        writeln!(out)?;
        return Ok(Outcome::Done);
    }
    let rows: Vec<_> = entries
        .map(|entry| {
            [
                entry.key.to_owned(),
                entry.price,
                access_column(entry.access, entry.purchases),
                entry.line.to_string(),
                columns::bytes(entry.size),
                entry.mime_type.to_owned(),
            ]
        })
        .collect();
    let heading = [
        ("KEY", Align::Left),
        ("PRICE", Align::Right),
        ("ACCESS", Align::Left),
        ("RULE AT LINE", Align::Right),
        ("SIZE", Align::Right),
        ("TYPE", Align::Left),
    ];
    columns::write(heading, &rows, out)?;
    Ok(Outcome::Done)
}
