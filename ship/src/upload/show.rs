//! The plan, for the seller's eyes.

use content_config::{Compiled, Stored};
use price_table::Seal;

use super::plan::Plan;
use crate::s3::Target;

/// Objects that are shown one by one.
const SHOWN: usize = 25;

/// The widest key that is shown whole, in characters.
const WIDEST: usize = 60;

pub(super) fn plan(compiled: &Compiled, target: &Target, plan: &Plan<'_>, delete: bool) {
    println!("{} in {}", target.name(), target.region);
    println!();
    let rows = plan.sends.iter().map(|send| {
        let price = compiled.notes()[send.content.rule].price_now();
        (send.content.key, price, bytes(send.content.size), send.why.text())
    });
    let rows: Vec<_> = rows.take(SHOWN).collect();
    let prices = rows.iter().map(|row| row.1.chars().count()).max().unwrap_or(0).max(10);
    let width = rows.iter().map(|row| row.0.chars().count().min(WIDEST)).max().unwrap_or(0).max(3);
    if !rows.is_empty() {
        println!("{:<width$}  {:>prices$}  {:>9}  WHY", "KEY", "PRICE", "SIZE");
    }
    for (key, price, size, why) in rows {
        println!("{:<width$}  {price:>prices$}  {size:>9}  {why}", shortened(key));
    }
    more(plan.sends.len());
    let (send, same) = (plan.sends.len(), plan.same.len());
    if !plan.copies.is_empty() {
        let size = plan.copies.iter().map(|copy| copy.stored.size).sum();
        println!("{} to copy from below the old seal ({})", plan.copies.len(), bytes(size));
    }
    println!("{send} to upload ({}), {same} up to date", bytes(plan.bytes()));
    let fate = match delete {
        true => "to be deleted once the new table is live",
        false => "left alone; --delete deletes",
    };
    let open = "are on sale and outside of the seal as well: not closed";
    listed(&plan.open, &format!("{open} ({fate})"));
    listed(&plan.unpriced, &format!("are not on sale ({fate})"));
}

/// Folders that look like seals, and of which nothing is known.
pub(super) fn foreign(count: usize) {
    if count > 0 {
        println!(
            "{count} more folders in the bucket look like seals, and are not this site's: not closed, if one of them was"
        );
    }
}

fn listed(objects: &[Stored], what: &str) {
    if objects.is_empty() {
        return;
    }
    println!("{} in the bucket {what}:", objects.len());
    for stored in objects.iter().take(SHOWN) {
        println!("  {}  {}", shortened(&unsealed(&stored.key)), bytes(stored.size));
    }
    more(objects.len());
}

/// The key without the seal of a site that was sealed: a function of that time may still look below it.
pub(super) fn unsealed(key: &str) -> String {
    match key.split_once('/') {
        Some((folder, rest)) if Seal::parse(folder).is_some() => format!("(seal)/{rest}"),
        _ => key.to_owned(),
    }
}

/// What S3 says, without whatever has the form of a seal: of a site that is open again it may name what was its own, which an
/// earlier function still asks below.
pub(super) fn hiding_seals(said: &str) -> String {
    let part = |c: char| c.is_ascii_alphanumeric();
    let mut shown = String::with_capacity(said.len());
    let mut rest = said;
    while !rest.is_empty() {
        let end = rest.find(|c| !part(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        shown.push_str(if Seal::parse(word).is_some() { "(seal)" } else { word });
        let next = after.find(part).unwrap_or(after.len());
        shown.push_str(&after[..next]);
        rest = &after[next..];
    }
    shown
}

fn more(count: usize) {
    if count > SHOWN {
        println!("... and {} more", count - SHOWN);
    }
}

fn shortened(key: &str) -> String {
    if key.chars().count() <= WIDEST {
        return key.to_owned();
    }
    key.chars().take(WIDEST - 3).chain("...".chars()).collect()
}

/// Powers of 1,000, as S3's bill counts.
pub(super) fn bytes(count: u64) -> String {
    indicatif::DecimalBytes(count).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_seal_is_shown_of_what_s3_says() {
        let seal = "a".repeat(Seal::LENGTH);
        let said = format!("\"{seal}/é.txt\" is not deleted: https://shop/{seal}/x, {seal}é");
        assert_eq!(
            hiding_seals(&said),
            "\"(seal)/é.txt\" is not deleted: https://shop/(seal)/x, (seal)é"
        );
        for other in ["", "é", "a", "no seal", &"a".repeat(Seal::LENGTH + 1)] {
            assert_eq!(hiding_seals(other), other);
        }
    }

    #[test]
    fn long_keys_are_cut() {
        assert_eq!(shortened("a"), "a");
        let key = "é".repeat(WIDEST + 1);
        assert_eq!(shortened(&key).chars().count(), WIDEST);
        assert!(shortened(&key).ends_with("é..."));
    }
}
