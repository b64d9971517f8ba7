//! What a deployment would sell, and whether it may.
//!
//! The compiler has refused what cannot be meant, test accounts on main networks among it. Here is what
//! depends on the deployment: whether the payees are those of the last one, which promises are weakened,
//! and whether the answers name this site.

mod offers;
mod promises;
mod record;
mod summary;

use std::path::Path;

use content_config::Compiled;
use price_table::{Offer, Purchases, Redemptions, Sale, Table};

use crate::error::Error;
pub(crate) use offers::payees;
use offers::{main_network, offers};
pub use promises::Promise;
pub use record::{Record, table_sha256};

/// The deployment that is live.
#[derive(Clone, Debug)]
pub enum Previous {
    /// This is the first one.
    None,
    /// There is one, but its record is lost: every payee counts as changed.
    Unknown,
    /// Its record.
    Known(Record),
}

/// What the seller accepts by name.
#[derive(Clone, Debug, Default)]
pub struct Accepted {
    /// Promises that may be weakened: `--accept`.
    pub promises: Vec<Promise>,
    /// Selling with `purchases = "independent"` on a main network: `--accept-independent`.
    pub independent: bool,
    /// Charging nothing for a while on a main network: `--accept-dry-run`.
    pub dry_run: bool,
    /// Payees that the last deployment did not pay: `--accept-payee-change`.
    pub payees: Vec<String>,
}

/// What a deployment would sell.
#[derive(Clone, Debug)]
pub struct Preflight {
    /// For people, some lines.
    pub summary: String,
    /// What the compiler warns of; empty if nothing.
    pub warnings: String,
    /// Why it may not be made: what needs the seller's word.
    pub refused: Vec<String>,
    /// This deployment's record.
    pub record: Record,
    /// The stack's parameters that follow from the table.
    pub parameters: Vec<(String, String)>,
}

impl Preflight {
    /// Whether the deployment may be made.
    ///
    /// # Errors
    ///
    /// It may not.
    pub fn check(&self) -> Result<(), Error> {
        match self.refused.is_empty() {
            true => Ok(()),
            false => Err(Error::NotDeployed { why: self.refused.join("\n  ") }),
        }
    }
}

/// Looks at what a deployment of `compiled`, which `config` sells, would sell. `hosts` are those under which the
/// distribution answers, as far as they are known.
pub fn look(
    config: &Path,
    compiled: &Compiled,
    previous: &Previous,
    accepted: &Accepted,
    hosts: &[String],
) -> Preflight {
    let table = compiled.table();
    let everywhere = promises::weakened(table, |_| true);
    let mut refused = Vec::new();
    for (promise, why) in &promises::weakened(table, main_network) {
        if !accepted.promises.contains(promise) {
            refused.push(format!(
                "this weakens {promise} on a main network: {why}; or --accept {promise:?}"
            ));
        }
    }
    refused.extend(independent(table).filter(|_| !accepted.independent));
    refused.extend(dry_run(compiled).filter(|_| !accepted.dry_run));
    refused.extend(new_payees(table, previous, &accepted.payees));
    refused.extend(elsewhere(table, hosts));
    Preflight {
        summary: summary::text(config, compiled, &everywhere),
        warnings: compiled.warnings().to_string(),
        refused,
        record: Record::new(compiled, &accepted.promises),
        parameters: parameters(table),
    }
}

/// What a rule that sells independently does not promise.
fn independent(table: &Table) -> Option<String> {
    let rule = table.rules.iter().find(|rule| match &rule.sale {
        Sale::Priced { offers, purchases: Purchases::Independent, .. } => {
            offers.iter().any(|offer| main_network(&offer.network))
        }
        Sale::Priced { .. } | Sale::Free => false,
    })?;
    Some(format!(
        "the rule {} sells with purchases = \"independent\" on a main network: who signs anew after a 503 may \
         be charged twice, and what a payment paid for opens by that payment alone; leave it out, or \
         --accept-independent",
        rule.pattern
    ))
}

/// What is given away for now that real money is asked for.
fn dry_run(compiled: &Compiled) -> Option<String> {
    let rules = compiled.table().rules.iter().zip(compiled.notes());
    let (rule, until) = rules.into_iter().find_map(|(rule, note)| match &rule.sale {
        Sale::Priced { offers, .. } if offers.iter().any(|it| main_network(&it.network)) => {
            Some((rule, note.dry_run?))
        }
        Sale::Priced { .. } | Sale::Free => None,
    })?;
    Some(format!(
        "the rule {} sells on a main network and charges nothing until {until}: remove mode = \"dry-run\", or \
         --accept-dry-run",
        rule.pattern
    ))
}

/// Payees of main networks that the last deployment did not pay.
fn new_payees(table: &Table, previous: &Previous, accepted: &[String]) -> Vec<String> {
    let before = match previous {
        Previous::None => return Vec::new(),
        Previous::Unknown => None,
        Previous::Known(record) => Some(record),
    };
    let known = |payee: &str| {
        before.is_some_and(|before| before.payees.contains(payee))
            || accepted.iter().any(|accepted| accepted == payee)
    };
    let mut new: Vec<_> = offers(table)
        .filter(|offer| main_network(&offer.network) && !known(offer.pay_to()))
        .map(Offer::pay_to)
        .collect();
    new.sort_unstable();
    new.dedup();
    let was = before.map_or("unknown".to_owned(), |before| {
        before.payees.iter().cloned().collect::<Vec<_>>().join(", ")
    });
    let say = |payee| {
        format!(
            "{payee} would be paid, and is no payee of the live deployment ({was}): if that is meant, \
             --accept-payee-change {payee}"
        )
    };
    new.into_iter().map(say).collect()
}

/// Answers name the first URL of the site: it must lead to this distribution.
fn elsewhere(table: &Table, hosts: &[String]) -> Option<String> {
    let site = table.site.urls.first()?;
    let host = site.strip_prefix("https://").unwrap_or(site);
    let answers = |known: &String| match known.strip_prefix("*.") {
        Some(parent) => host.split_once('.').is_some_and(|(_, rest)| rest == parent),
        None => known == host,
    };
    if hosts.is_empty() || hosts.iter().any(answers) {
        return None;
    }
    let first = &hosts[0];
    Some(format!(
        "[site] urls begins with {site}, where this distribution does not answer: write \
         \"https://{first}\" there (it answers as {})",
        hosts.join(", ")
    ))
}

fn parameters(table: &Table) -> Vec<(String, String)> {
    let Redemptions::S3 { bucket, prefix, keep_days, region, .. } = &table.redemptions else {
        return Vec::new();
    };
    let mut parameters = vec![
        ("RedemptionsBucketName", bucket.to_string()),
        ("RedemptionsPrefix", format!("{prefix}/")),
        ("RedemptionsKeepDays", keep_days.to_string()),
    ];
    if &**region != "us-east-1" {
        parameters.push(("CreateRedemptionsBucket", "no".to_owned()));
    }
    parameters.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests;
