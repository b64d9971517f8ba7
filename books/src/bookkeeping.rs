//! Keeping the ledger: by hand, `paywall books --keep`, or by the scheduled function, which is given a [`Plan`].

use std::collections::{BTreeMap, BTreeSet};

use next_step::Outcome;
use paywall_core::hex;
use price_table::{Sale, Table};
use serde::{Deserialize, Serialize};
use ship::s3::{Access, Target};
use url::Url;

use crate::chain::Watched;
use crate::day::Day;
use crate::desk::{Desk, Refunds};
use crate::error::Error;
use crate::keep::Keep;
use crate::logs::Logs;
use crate::nodes::{self, Nodes};
use crate::place::confirmations;
use crate::records::{Records, Unreadable};
use crate::resolution;
use crate::tokens::Tokens;

/// What the books are kept of: all that a content.toml tells of it. It may hold the keys of nodes, in their URLs.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The site's id.
    pub site: String,
    /// The bucket with the records.
    pub bucket: String,
    /// Its AWS Region.
    pub region: String,
    /// Where in the bucket they are.
    pub prefix: String,
    /// Whether nobody else sells for the payees.
    pub alone: bool,
    /// The first day, if there are no books yet: as `2026-11-28`. Else the day before the first run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begins: Option<String>,
    /// The chains.
    pub chains: Vec<ChainPlan>,
}

/// What the books are kept of, on one chain.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ChainPlan {
    /// The CAIP-2 name.
    pub network: String,
    /// A node's JSON-RPC URL; without one, what records claim is booked as not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rpc: Option<String>,
    /// How deep a block must be to be booked, itself included.
    pub confirmations: u32,
    /// Whether the function has a node of it, too.
    pub looks: bool,
    /// Whom buyers pay, or paid.
    pub payees: Vec<String>,
    /// What they pay with.
    pub tokens: Vec<TokenPlan>,
}

/// A token.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TokenPlan {
    /// Its address.
    pub asset: String,
    /// What people call it.
    pub symbol: String,
    /// How many decimal places it has.
    pub decimals: u8,
}

/// What a run did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// How many open payments were ended.
    pub resolved: usize,
    /// The days that were written.
    pub days: Vec<String>,
    /// Up to which second each network is booked.
    pub booked: BTreeMap<String, u64>,
    /// Of the days that were written: how many rows of each kind there are.
    pub rows: BTreeMap<String, u64>,
    /// Networks that are sold for, and of which there is no node.
    pub unlooked: Vec<String>,
    /// What could not be read or proven.
    pub wrong: Vec<String>,
}

impl Plan {
    /// Of a table. `rpc` is the URL of a network's node, and `deep` how deep its blocks must be.
    pub(crate) fn of(
        table: &Table,
        target: &Target,
        payees: &[[u8; 20]],
        rpc: impl Fn(&str) -> Option<Url>,
        deep: impl Fn(&str) -> u32,
    ) -> Self {
        let mut chains = BTreeMap::<String, ChainPlan>::new();
        let offers = table.rules.iter().flat_map(|rule| match &rule.sale {
            Sale::Free => &[],
            Sale::Priced { offers, .. } => offers.as_ref(),
        });
        for offer in offers.filter(|offer| offer.network.caip2.starts_with("eip155:")) {
            let network = offer.network.caip2.to_string();
            let chain = chains.entry(network.clone()).or_insert_with(|| ChainPlan {
                rpc: rpc(&network).map(|url| url.to_string()),
                confirmations: deep(&network),
                looks: confirmations(table, &network).is_some(),
                payees: payees.iter().map(|payee| hex::encode(payee)).collect(),
                tokens: vec![],
                network,
            });
            let (payee, asset) = (offer.pay_to().to_lowercase(), offer.asset().to_lowercase());
            if !chain.payees.contains(&payee) {
                chain.payees.push(payee);
            }
            if chain.tokens.iter().all(|token| token.asset != asset) {
                let (symbol, decimals) = (offer.symbol().to_owned(), offer.decimals());
                chain.tokens.push(TokenPlan { asset, symbol, decimals });
            }
        }
        Plan {
            site: table.site.id.to_string(),
            bucket: target.bucket.clone(),
            region: target.region.clone(),
            prefix: target.prefix.clone(),
            alone: table.alone(),
            begins: None,
            chains: chains.into_values().collect(),
        }
    }

    /// Reads what [`serde_json`] wrote of one.
    ///
    /// # Errors
    ///
    /// It is none.
    pub fn read(json: &[u8]) -> Outcome<Self> {
        let plan = serde_json::from_slice(json);
        Ok(plan.map_err(|why| Error::NoPlan { why: why.to_string() })?)
    }

    pub(crate) fn watched(&self) -> Outcome<BTreeMap<String, Watched>> {
        let watch = |chain: &ChainPlan| {
            let no = |text: &str| Error::NoPlan { why: format!("{text:?} is no address") };
            let address = |text: &String| hex::decode_array(text).ok_or_else(|| no(text));
            let id = chain.network.strip_prefix("eip155:").and_then(|id| id.parse().ok());
            let watched = Watched {
                chain_id: id.ok_or_else(|| no(&chain.network))?,
                tokens: chain
                    .tokens
                    .iter()
                    .map(|it| address(&it.asset))
                    .collect::<Result<_, _>>()?,
                payees: chain.payees.iter().map(address).collect::<Result<_, _>>()?,
                confirmations: chain.confirmations.into(),
            };
            Ok((chain.network.clone(), watched))
        };
        self.chains.iter().map(watch).collect()
    }

    pub(crate) fn tokens(&self) -> Tokens {
        Tokens::named_so(self.chains.iter().flat_map(|chain| {
            chain.tokens.iter().map(|token| {
                let TokenPlan { asset, symbol, decimals } = token.clone();
                (chain.network.clone(), asset, symbol, decimals)
            })
        }))
    }

    pub(crate) fn looks(&self) -> BTreeSet<String> {
        let looks = self.chains.iter().filter(|chain| chain.looks);
        looks.map(|chain| chain.network.clone()).collect()
    }

    pub(crate) async fn nodes(&self) -> Outcome<Nodes> {
        let url =
            |chain: &ChainPlan| {
                let url = chain.rpc.as_deref()?.parse::<Url>();
                // It may hold a key, so it is not told.
                Some(url.map_err(|why| Error::NoPlan {
                    why: format!("`rpc` of {}: {why}", chain.network),
                }))
            };
        let urls: Vec<Url> = self.chains.iter().filter_map(url).collect::<Result<_, _>>()?;
        let deep = |network: &str| {
            let chain = self.chains.iter().find(|chain| chain.network == network);
            chain.map_or(nodes::CONFIRMATIONS, |chain| chain.confirmations)
        };
        Nodes::open(&urls, self.alone, deep).await
    }
}

/// Resolves what is open, and goes on with the ledger as long as there is time. `endpoint` is an S3 API that is not
/// Amazon's.
///
/// # Errors
///
/// Nothing is booked past what was booked before.
pub async fn keep(
    plan: &Plan,
    access: Access,
    endpoint: Option<Url>,
    in_time: impl Fn() -> bool,
) -> Outcome<Report> {
    let Access { credentials, owner } = access;
    let (bucket, region, prefix) = (plan.bucket.clone(), plan.region.clone(), plan.prefix.clone());
    let target = Target { bucket, region, prefix, seal: None, endpoint, owner };
    let records = Records::open(target, &credentials)?;
    let (tokens, watched, nodes) = (plan.tokens(), plan.watched()?, plan.nodes().await?);
    let mut report = Report::default();
    let mut wrong = BTreeSet::new();
    let mut unreadable = |it: &Unreadable| {
        wrong.insert(format!("{}: {}", it.place, it.why));
    };
    let keep = Keep { records: &records, site: &plan.site };
    // What is open is never at rest.
    let seen = keep.seen().await?;
    let open = |stored: &content_config::Stored| !seen(stored);
    report.resolved = resolution::all(&records, &nodes, plan.alone, open, &mut unreadable).await?;
    let refunds = Refunds::read(&records, &mut unreadable).await?;
    let (logs, now) = (Logs::default(), nodes::now());
    let desk = Desk {
        tokens: &tokens,
        nodes: &nodes,
        records: Some(&records),
        logs: &logs,
        refunds: &refunds,
        now,
        looks: plan.looks(),
    };
    let begins = match &plan.begins {
        Some(day) => day.parse().map_err(|why| Error::NoPlan { why })?,
        None => Day::of(now.secs()).before(),
    };
    let kept = keep.go_on(&desk, &watched, begins, in_time, &mut unreadable).await?;
    for network in &kept.unproven {
        wrong.insert(format!("{network}: that the node left no log out is not proven"));
    }
    for network in watched.keys().filter(|network| !kept.booked.contains_key(*network)) {
        report.unlooked.push(network.clone());
    }
    for day in &kept.days {
        for row in keep.rows((*day, *day)).await?.rows() {
            *report.rows.entry(row.posting.name().to_owned()).or_default() += 1;
        }
    }
    report.days = kept.days.iter().map(ToString::to_string).collect();
    report.booked = kept.booked;
    report.wrong = wrong.into_iter().collect();
    Ok(report)
}
