//! `preflight`: what a deployment would sell, and whether it may.
//!
//! The compiler has refused what cannot be meant, test accounts on main networks among it. Here is what
//! depends on the deployment: whether the payees are those of the last one, which promises are weakened,
//! and whether the answers name this site.

mod promises;
pub(crate) mod record;
mod summary;

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use price_table::{Network, Offer, Purchases, Redemptions, Sale, Table};

use promises::Promise;
use record::Record;

/// Shows what a deployment would sell, and refuses what needs the seller's word.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The content.toml.
    #[arg(long, value_name = "PATH", env = "CONTENT_CONFIG", default_value = content_config::SAMPLE)]
    content_config: PathBuf,
    /// The record of the deployment that is live; without it this is the first one.
    #[arg(long, value_name = "FILE")]
    previous: Option<PathBuf>,
    /// A deployment is live, but its record is lost: every payee counts as changed.
    #[arg(long, conflicts_with = "previous")]
    previous_unknown: bool,
    /// A promise that may be weakened; may be repeated.
    #[arg(long, value_name = "PROMISE", ignore_case = true)]
    accept: Vec<Promise>,
    /// Sell with `purchases = "independent"` on a main network.
    #[arg(long)]
    accept_independent: bool,
    /// A payee that the last deployment did not pay; may be repeated.
    #[arg(long, value_name = "ADDRESS")]
    accept_payee_change: Vec<String>,
    /// A host under which the distribution answers; may be repeated.
    #[arg(long, value_name = "HOST")]
    site_host: Vec<String>,
    /// Where to write this deployment's record.
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Where to write the stack's parameters that follow from the table, as KEY=VALUE lines.
    #[arg(long, value_name = "FILE")]
    parameters: Option<PathBuf>,
}

/// Prints the summary. Fails if the deployment may not be made.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let compiled = content_config::compile(&arguments.content_config)
        .map_err(|report| anyhow::anyhow!("{report}"))?;
    let table = compiled.table();
    if !compiled.warnings().is_empty() {
        eprintln!("{}", compiled.warnings());
    }
    let everywhere = promises::weakened(table, |_| true);
    print!("{}", summary::text(&arguments.content_config, &compiled, &everywhere));

    let mut refused = Vec::new();
    for (promise, why) in &promises::weakened(table, main_network) {
        if !arguments.accept.contains(promise) {
            let name = format!("{promise:?}");
            refused.push(format!(
                "this weakens {promise} on a main network: {why}; or --accept {name}"
            ));
        }
    }
    refused.extend(independent(table).filter(|_| !arguments.accept_independent));
    refused.extend(new_payees(table, arguments)?);
    refused.extend(hosts(table, &arguments.site_host));
    if !refused.is_empty() {
        bail!("not deployed:\n  {}", refused.join("\n  "));
    }
    if let Some(path) = &arguments.record {
        Record::new(&compiled, &arguments.accept).write(path)?;
    }
    if let Some(path) = &arguments.parameters {
        fs::write(path, parameters(table))
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Every offer of a table.
fn offers(table: &Table) -> impl Iterator<Item = &Offer> {
    table.rules.iter().flat_map(|rule| match &rule.sale {
        Sale::Free => &[],
        Sale::Priced { offers, .. } => offers.as_ref(),
    })
}

fn main_network(network: &Network) -> bool {
    !content_config::is_test_network(&network.caip2)
}

/// Every payee of a table, once.
pub(crate) fn payees(table: &Table) -> Vec<&str> {
    let mut payees: Vec<_> = offers(table).map(Offer::pay_to).collect();
    payees.sort_unstable();
    payees.dedup();
    payees
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

/// Payees of main networks that the last deployment did not pay.
fn new_payees(table: &Table, arguments: &Arguments) -> anyhow::Result<Vec<String>> {
    let before = match &arguments.previous {
        Some(path) => Some(Record::read(path)?),
        None if arguments.previous_unknown => None,
        None => return Ok(Vec::new()),
    };
    let known = |payee: &str| {
        before.as_ref().is_some_and(|before| before.payees.contains(payee))
            || arguments.accept_payee_change.iter().any(|accepted| accepted == payee)
    };
    let mut new: Vec<_> = offers(table)
        .filter(|offer| main_network(&offer.network) && !known(offer.pay_to()))
        .map(Offer::pay_to)
        .collect();
    new.sort_unstable();
    new.dedup();
    let was = before.as_ref().map_or("unknown".to_owned(), |before| {
        before.payees.iter().cloned().collect::<Vec<_>>().join(", ")
    });
    let say = |payee| {
        format!(
            "{payee} would be paid, and is no payee of the live deployment ({was}): if that is meant, \
             --accept-payee-change {payee}"
        )
    };
    Ok(new.into_iter().map(say).collect())
}

/// Answers name the first URL of the site: it must lead to this distribution.
fn hosts(table: &Table, hosts: &[String]) -> Option<String> {
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

fn parameters(table: &Table) -> String {
    let mut lines = String::new();
    if let Redemptions::S3 { bucket, prefix, keep_days, region, .. } = &table.redemptions {
        // Formatting into a String cannot fail.
        let _ = writeln!(lines, "RedemptionsBucketName={bucket}");
        let _ = writeln!(lines, "RedemptionsPrefix={prefix}/");
        let _ = writeln!(lines, "RedemptionsKeepDays={keep_days}");
        if region != "us-east-1" {
            let _ = writeln!(lines, "CreateRedemptionsBucket=no");
        }
    }
    lines
}

#[cfg(test)]
mod tests;
