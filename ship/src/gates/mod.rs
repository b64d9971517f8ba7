//! `gates`: whether anything but the function leads to priced objects.
//!
//! The paywall holds only if every way to the bucket leads past the function. This reads a
//! distribution's configuration as it will be, with what else AWS says, and the price table, and names
//! every way round, and everything about the gated behaviours that would harm a sale.

mod distribution;
mod facts;
mod finding;
mod forwarding;
pub(crate) mod function;
mod gate;
mod place;
mod route;
mod ways_in;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use price_table::Sale;
use serde::Deserialize;

use distribution::{Behaviour, Distribution};
use facts::Facts;
use finding::{Finding, Severity};
use function::FunctionVersion;
use place::Place;

/// Refuses a distribution in which something but the function leads to priced objects.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// What `aws cloudfront get-distribution-config` printed, or its `DistributionConfig` alone.
    config: PathBuf,
    /// The content.toml.
    #[arg(long, value_name = "PATH", env = "CONTENT_CONFIG", default_value = content_config::SAMPLE)]
    content_config: PathBuf,
    /// The ARN of the function's version that the behaviours name.
    #[arg(long, value_name = "ARN", required_unless_present = "list_facts")]
    function: Option<FunctionVersion>,
    /// The distribution's id, to tell it from the account's others.
    #[arg(long, value_name = "ID", default_value = "")]
    id: String,
    /// A folder with what else AWS says, one answer a file.
    #[arg(long, value_name = "FOLDER", required_unless_present = "list_facts")]
    facts: Option<PathBuf>,
    /// Print which answers that folder must hold, one a line, and stop.
    #[arg(long)]
    list_facts: bool,
}

/// What is judged.
struct Subject<'a> {
    id: &'a str,
    distribution: &'a Distribution,
    function: &'a FunctionVersion,
    facts: &'a Facts,
    /// The keys of the priced objects.
    keys: &'a [&'a str],
    /// Where the gated behaviours fetch them.
    goods: Vec<Place>,
}

impl Subject<'_> {
    fn gated(&self) -> impl Iterator<Item = &Behaviour> {
        self.distribution.behaviours().filter(|behaviour| self.function.gates(behaviour))
    }
}

/// Prints the findings. Fails if one of them stands in the way.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let distribution = read(&arguments.config)?;
    let (Some(function), Some(facts), false) =
        (&arguments.function, &arguments.facts, arguments.list_facts)
    else {
        for fact in facts::needed(&distribution) {
            println!("{fact}");
        }
        return Ok(ExitCode::SUCCESS);
    };
    let compiled = content_config::compile(&arguments.content_config)
        .map_err(|report| anyhow::anyhow!("{report}"))?;
    let listings = compiled.listings();
    let priced = listings.iter().filter(|listing| matches!(listing.rule.sale, Sale::Priced { .. }));
    let mut keys: Vec<&str> = priced.map(|listing| &*listing.object.key).collect();
    keys.sort_unstable();

    let facts = Facts(facts.clone());
    let findings = judge(&arguments.id, &distribution, function, &facts, &keys)?;
    for finding in &findings {
        println!("{finding}");
    }
    let is_refusal = |finding: &&Finding| finding.kind.severity() == Severity::Refused;
    let refused = findings.iter().filter(is_refusal).count();
    if refused > 0 {
        bail!("{refused} of these must change before the function can guard this distribution");
    }
    let gated = distribution.behaviours().filter(|behaviour| function.gates(behaviour)).count();
    println!(
        "every way to {} priced objects leads past the function, which {gated} behaviour{} name{}",
        keys.len(),
        if gated == 1 { "" } else { "s" },
        if gated == 1 { "s" } else { "" },
    );
    Ok(ExitCode::SUCCESS)
}

fn judge(
    id: &str,
    distribution: &Distribution,
    function: &FunctionVersion,
    facts: &Facts,
    keys: &[&str],
) -> anyhow::Result<Vec<Finding>> {
    let mut subject = Subject { id, distribution, function, facts, keys, goods: Vec::new() };
    let gated = subject.gated().flat_map(|behaviour| distribution.origins_of(behaviour));
    let goods = gated.map(Place::of).collect::<Vec<_>>();
    if goods.is_empty() {
        bail!("no behaviour has the function {}", function.arn());
    }
    subject.goods = goods;
    let mut findings = ways_in::findings(&subject)?;
    findings.extend(gate::findings(&subject)?);
    findings.sort_by_key(|finding| finding.kind.severity());
    findings.dedup();
    Ok(findings)
}

/// The answer holds the ETag too; a plan made of it does not.
#[derive(Deserialize)]
#[serde(untagged)]
enum Input {
    #[serde(rename_all = "PascalCase")]
    Answer {
        distribution_config: Distribution,
    },
    Config(Distribution),
}

fn read(path: &Path) -> anyhow::Result<Distribution> {
    let text = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    // Untagged reading loses the reason: whichever shape it is, say why it does not fit.
    match serde_json::from_slice(&text) {
        Ok(Input::Answer { distribution_config: config } | Input::Config(config)) => Ok(config),
        Err(error) => Err(serde_json::from_slice::<Distribution>(&text).err().unwrap_or(error))
            .with_context(|| format!("{}: not a distribution's configuration", path.display())),
    }
}

#[cfg(test)]
mod tests;
