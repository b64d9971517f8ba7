//! `diff`: the table against what a bucket has, both ways.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;

use super::columns::{self, Align};
use super::outcome::Outcome;
use super::words::objects_per_rule;
use crate::{Compiled, Difference, Stored};

#[derive(Serialize)]
struct Answer<'a> {
    complete: bool,
    same: usize,
    missing: Vec<&'a str>,
    changed: Vec<&'a str>,
    unpriced: Vec<&'a str>,
}

/// Compares with the listing in a file; `-` is standard input.
pub(super) fn diff(
    compiled: &Compiled,
    listing: &Path,
    prefix: &str,
    json: bool,
    out: &mut dyn Write,
) -> io::Result<Outcome> {
    let text = match listing.to_str() {
        Some("-") => io::read_to_string(io::stdin()),
        _ => fs::read_to_string(listing),
    };
    let named = |why: &dyn std::fmt::Display| format!("{}: {why}", listing.display());
    let text = text.map_err(|error| io::Error::new(error.kind(), named(&error)))?;
    // As CloudFront has it, with a slash in front, or as S3 lists it, with one behind.
    let prefix = match prefix.trim_matches('/') {
        "" => String::new(),
        path => format!("{path}/"),
    };
    let read = if compiled.table().site.sealed { Stored::read_sealed } else { Stored::read };
    let stored = read(&text, &prefix)
        .map_err(|bad| io::Error::new(io::ErrorKind::InvalidData, named(&bad)))?;
    let difference = compiled.diff(stored);
    if json {
        as_json(&difference, out)?
    } else {
        as_text(compiled, &difference, out)?
    }
    Ok(if difference.is_complete() { Outcome::Done } else { Outcome::Differs })
}

fn as_json(difference: &Difference<'_>, out: &mut dyn Write) -> io::Result<()> {
    let answer = Answer {
        complete: difference.is_complete(),
        same: difference.same,
        missing: difference.missing.iter().map(|content| content.key).collect(),
        changed: difference.changed.iter().map(|(content, _)| content.key).collect(),
        unpriced: difference.unpriced.iter().map(|stored| stored.key.as_str()).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &answer)?;
    writeln!(out)
}

fn as_text(
    compiled: &Compiled,
    difference: &Difference<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let price = |rule: usize| compiled.notes()[rule].price();
    let missing = difference.missing.iter().map(|content| {
        let size = columns::bytes(content.size);
        [content.key.to_owned(), price(content.rule), "missing in the bucket".to_owned(), size]
    });
    let changed = difference.changed.iter().map(|(content, stored)| {
        let sizes = format!("{} there", columns::bytes(stored.size));
        [content.key.to_owned(), price(content.rule), "other bytes in the bucket".to_owned(), sizes]
    });
    let unpriced = difference.unpriced.iter().map(|stored| {
        let size = columns::bytes(stored.size);
        [stored.key.clone(), "-".to_owned(), "not on sale, cannot be reached".to_owned(), size]
    });
    let rows: Vec<_> = missing.chain(changed).chain(unpriced).collect();
    if !rows.is_empty() {
        let heading = [
            ("KEY", Align::Left),
            ("PRICE", Align::Right),
            ("DIFFERENCE", Align::Left),
            ("SIZE", Align::Right),
        ];
        columns::write(heading, &rows, out)?;
        writeln!(out)?;
    }
    let all: usize = objects_per_rule(compiled).iter().sum();
    writeln!(
        out,
        "{} of {all} objects are in the bucket as the table has them; {} missing, {} changed, {} not on sale",
        difference.same,
        difference.missing.len(),
        difference.changed.len(),
        difference.unpriced.len()
    )
}
