//! What a deployment would sell, for people.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use content_config::Compiled;
use price_table::{Redemptions, Table};

use super::offers::{main_network, offers};
use super::promises::Promise;
use super::record::table_sha256;

pub(super) fn text(path: &Path, compiled: &Compiled, weak: &[(Promise, String)]) -> String {
    let table = compiled.table();
    let mut lines = vec![
        (
            "table",
            format!(
                "{}, {} objects, {}",
                path.display(),
                table.objects.len(),
                &table_sha256(compiled)[..16]
            ),
        ),
        ("sold at", table.site.urls.join(", ")),
    ];
    lines.extend(prices(compiled).into_iter().map(|line| ("price", line)));
    let networks: BTreeSet<_> = offers(table)
        .map(|offer| {
            let money = if main_network(&offer.network) { "main network" } else { "test money" };
            format!("{} ({money})", offer.network.caip2)
        })
        .collect();
    lines.push(("networks", join(networks)));
    lines.push(("paid to", join(offers(table).map(|offer| offer.pay_to().to_owned()).collect())));
    let facilitators = offers(table).flat_map(|offer| offer.facilitators.iter());
    lines.push(("settled by", join(facilitators.map(|f| f.url.to_string()).collect())));
    lines.push(("sales kept", sales_kept(table)));
    lines.push(("promises", promises(weak)));

    let mut out = String::new();
    for (name, value) in lines.iter().filter(|(_, value)| !value.is_empty()) {
        // Formatting into a String cannot fail.
        let _ = writeln!(out, "  {name:<10}  {value}");
    }
    out
}

fn join(texts: BTreeSet<String>) -> String {
    texts.into_iter().collect::<Vec<_>>().join(", ")
}

/// One line a price: how many objects cost it.
fn prices(compiled: &Compiled) -> Vec<String> {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for listing in compiled.listings() {
        *counts.entry(usize::from(listing.object.rule)).or_default() += 1;
    }
    let notes = compiled.notes();
    let line = |(rule, count): (usize, usize)| {
        format!(
            "{} for {} ({count} objects)",
            notes[rule].price_now(),
            notes[rule].pattern.as_str()
        )
    };
    counts.into_iter().map(line).collect()
}

fn sales_kept(table: &Table) -> String {
    match &table.redemptions {
        Redemptions::Memory => "in the memory of each sandbox".to_owned(),
        Redemptions::S3 { bucket, prefix, keep_days, .. } => {
            format!("in s3://{bucket}/{prefix}/ for {keep_days} days")
        }
    }
}

fn promises(weak: &[(Promise, String)]) -> String {
    let mut weakened: Vec<_> = weak.iter().map(|(promise, _)| promise).collect();
    weakened.dedup();
    if weakened.is_empty() {
        return "all of them hold".to_owned();
    }
    let names: Vec<_> = weakened.iter().map(ToString::to_string).collect();
    format!("weakened: {}", names.join(", "))
}
