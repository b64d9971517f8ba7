//! Whether anything but the function leads to priced objects.
//!
//! The paywall holds only if every way to the bucket leads past the function. This reads a
//! distribution's configuration as it will be, with what else AWS says, and the price table, and names
//! every way round, and everything about the gated behaviours that would harm a sale.

mod distribution;
mod facts;
mod finding;
mod forwarding;
mod function;
mod gate;
mod place;
mod policy;
mod sealed;
mod subject;
mod ways_in;

use std::collections::{BTreeMap, BTreeSet};

use content_config::Compiled;
use price_table::{Key, Sale};
use serde::Deserialize as _;
use serde_json::Value;

use crate::error::Error;
use distribution::Distribution;
pub use facts::{Fact, Facts, region_of};
pub use finding::Finding;
use finding::Severity;
pub use function::FunctionVersion;
use place::Place;
pub use place::{Folder, Shelf};
use subject::Subject;

/// What was found of a distribution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What was found, as it is printed: what is refused comes first.
    pub findings: Vec<String>,
    /// How many of them stand in the way.
    pub refused: usize,
    /// What it comes to, in a sentence.
    pub summary: String,
}

/// The facts that judging a distribution's configuration needs. What CloudFront answers, with the ETag, does as well as
/// its `DistributionConfig` alone.
///
/// # Errors
///
/// It is not a distribution's configuration.
pub fn needed(config: &Value, sealed: bool) -> Result<BTreeSet<Fact>, Error> {
    Ok(facts::needed(&read(config)?, sealed))
}

/// Where the behaviours that have the function fetch their objects.
///
/// # Errors
///
/// It is not a distribution's configuration.
pub fn shelves(config: &Value, function: &FunctionVersion) -> Result<BTreeSet<Shelf>, Error> {
    let distribution = read(config)?;
    let gated = distribution.behaviours().filter(|behaviour| function.gates(behaviour));
    let origins = gated.flat_map(|behaviour| distribution.origins_of(behaviour));
    Ok(origins.filter_map(Shelf::of).collect())
}

/// Objects that are fetched from one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched<'k> {
    /// Where they must be; or the domain name of an origin that does not say so.
    pub from: Result<Folder, String>,
    pub keys: Vec<&'k str>,
}

/// Where each of these keys is fetched from, if a viewer asks for it and the function is asked first.
///
/// # Errors
///
/// It is not a distribution's configuration.
pub fn fetched<'k>(
    config: &Value,
    function: &FunctionVersion,
    keys: impl Iterator<Item = &'k str>,
) -> Result<Vec<Fetched<'k>>, Error> {
    let distribution = read(config)?;
    let mut all: BTreeMap<Result<Folder, String>, Vec<&str>> = BTreeMap::new();
    for key in keys {
        // Keys that are no canonical ones are not sold.
        let Ok(path) = Key::parse(key).map(|key| key.to_uri_path()) else { continue };
        let behaviour = distribution.behaviour_of(&path);
        if !function.gates(behaviour) {
            continue;
        }
        let origin = distribution.first_origin_of(behaviour);
        let name = origin.map_or(&behaviour.target_origin_id, |origin| &origin.domain_name);
        let folder = origin.and_then(Folder::of).ok_or_else(|| name.clone());
        all.entry(folder).or_default().push(key);
    }
    Ok(all.into_iter().map(|(from, keys)| Fetched { from, keys }).collect())
}

/// What S3 would tell the viewers of a sealed site of its objects' place, by the origins of the behaviours that have
/// the function.
///
/// # Errors
///
/// It is not a distribution's configuration.
pub fn tellers(
    config: &Value,
    id: &str,
    function: &FunctionVersion,
    facts: &Facts,
) -> Result<Vec<Finding>, Error> {
    let distribution = &read(config)?;
    let subject = Subject { id, distribution, function, facts, keys: &[], goods: Vec::new() };
    Ok(sealed::findings(&subject))
}

/// Judges a distribution's configuration, whose behaviours name `function`. Its `id` tells it from the account's others.
///
/// # Errors
///
/// It cannot be judged: no behaviour has the function, or AWS's answers are not its.
pub fn judge(
    config: &Value,
    id: &str,
    function: &FunctionVersion,
    facts: &Facts,
    compiled: &Compiled,
) -> Result<Verdict, Error> {
    let distribution = read(config)?;
    let listings = compiled.listings();
    let priced = listings.iter().filter(|listing| matches!(listing.rule.sale, Sale::Priced { .. }));
    let mut keys: Vec<&str> = priced.map(|listing| &*listing.object.key).collect();
    keys.sort_unstable();

    let sealed = compiled.table().site.sealed;
    let findings = find(id, &distribution, function, facts, &keys, sealed)?;
    let is_refusal = |finding: &&Finding| finding.kind.severity() == Severity::Refused;
    let refused = findings.iter().filter(is_refusal).count();
    let gated = distribution.behaviours().filter(|behaviour| function.gates(behaviour)).count();
    let summary = match refused {
        0 => format!(
            "every way to {} priced objects leads past the function, which {gated} behaviour{} name{}",
            keys.len(),
            if gated == 1 { "" } else { "s" },
            if gated == 1 { "s" } else { "" },
        ),
        _ => format!(
            "{refused} of these must change before the function can guard this distribution"
        ),
    };
    let findings = findings.iter().map(ToString::to_string).collect();
    Ok(Verdict { findings, refused, summary })
}

fn find(
    id: &str,
    distribution: &Distribution,
    function: &FunctionVersion,
    facts: &Facts,
    keys: &[&str],
    sealed: bool,
) -> Result<Vec<Finding>, Error> {
    let mut subject = Subject { id, distribution, function, facts, keys, goods: Vec::new() };
    let gated = subject.gated().flat_map(|behaviour| distribution.origins_of(behaviour));
    let goods = gated.map(Place::of).collect::<Vec<_>>();
    if goods.is_empty() {
        return Err(Error::NothingGated { function: function.arn() });
    }
    subject.goods = goods;
    let mut findings = ways_in::findings(&subject)?;
    findings.extend(gate::findings(&subject)?);
    if sealed {
        findings.extend(sealed::findings(&subject));
    }
    findings.sort_by_key(|finding| finding.kind.severity());
    findings.dedup();
    Ok(findings)
}

/// The answer holds the ETag too; a plan made of it does not.
fn read(config: &Value) -> Result<Distribution, Error> {
    let config = config.get("DistributionConfig").unwrap_or(config);
    Distribution::deserialize(config)
        .map_err(|why| Error::NotADistribution { why: why.to_string() })
}

#[cfg(test)]
mod tests;
