//! `cargo run --profile simulate -p simulator`: the long search.

use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use simulator::configuration::{Configuration, Promise};
use simulator::mutant::Mutant;
use simulator::search::Search;

/// Searches for histories that break a promise which the configuration claims; then for those that break
/// what it does not claim; then for each engine that is broken on purpose.
#[derive(Debug, Parser)]
struct Cli {
    /// Histories, divided among the configurations
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    histories: u64,
    /// First seed; each history has the next one
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Threads
    #[arg(long, value_name = "N", default_value_t = std::thread::available_parallelism().map_or(1, usize::from))]
    threads: usize,
    /// Only the configurations whose name has this in it, or after `=` is this
    #[arg(long, value_name = "TEXT", default_value = "")]
    only: String,
    /// Only this mutant, by its name, with its counterexample
    #[arg(long, value_name = "NAME")]
    mutant: Option<String>,
    /// Only count which promises break how often, and by which seed first
    #[arg(long)]
    survey: bool,
    /// Show what was found for what is not claimed
    #[arg(long)]
    show: bool,
}

/// Each mutant must be caught within so many histories, and each promise that is not claimed broken
/// within ten times as many.
const WITHIN: u64 = 1_000;

fn main() -> ExitCode {
    let cli = Cli::parse();
    if cli.survey {
        return survey(&cli);
    }
    let mut failed = 0;
    if cli.mutant.is_none() {
        failed += claimed(&cli);
        failed += unclaimed(&cli);
    }
    if cli.only.is_empty() {
        failed += mutants(&cli);
    }
    println!("{failed} failed");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn survey(cli: &Cli) -> ExitCode {
    let histories = cli.histories.div_ceil(configurations(cli).count() as u64);
    for configuration in configurations(cli) {
        let (seed, threads) = (cli.seed, cli.threads);
        let wanted = |_: Promise| true;
        let search = Search {
            configuration,
            mutant: None,
            seed,
            histories,
            wanted: &wanted,
            threads,
            shrinks: false,
        };
        println!("{configuration}: {histories} histories");
        for (promise, (times, first)) in search.survey() {
            let claimed = if configuration.claims(promise) { "CLAIMED" } else { "not claimed" };
            println!("  {times} times, first by seed {first}, {claimed}: {promise}");
        }
    }
    ExitCode::SUCCESS
}

fn configurations(cli: &Cli) -> impl Iterator<Item = Configuration> {
    Configuration::ALL.into_iter().filter(|one| match cli.only.strip_prefix('=') {
        Some(name) => one.to_string() == name,
        None => one.to_string().contains(&cli.only),
    })
}

fn claimed(cli: &Cli) -> u32 {
    let mut failed = 0;
    let histories = cli.histories.div_ceil(configurations(cli).count() as u64);
    println!("What is claimed");
    for configuration in configurations(cli) {
        let began = Instant::now();
        let search = Search {
            configuration,
            mutant: None,
            seed: cli.seed,
            histories,
            wanted: &|promise| configuration.claims(promise),
            threads: cli.threads,
            shrinks: true,
        };
        let found = search.run();
        let seconds = began.elapsed().as_secs_f64();
        println!(
            "  {configuration}: {} histories, {} sales, {} violations, {} refusals by note 4, \
             {seconds:.1} s",
            found.histories,
            found.sales,
            u8::from(found.counterexample.is_some()),
            found.allowed,
        );
        if let Some(counterexample) = found.counterexample {
            failed += 1;
            println!("{counterexample}");
        }
    }
    failed
}

fn unclaimed(cli: &Cli) -> u32 {
    let mut failed = 0;
    println!("What is not claimed, and breaks");
    for configuration in configurations(cli) {
        for promise in configuration.unclaimed() {
            let wanted = |broken: Promise| broken == promise;
            let search = Search {
                configuration,
                mutant: None,
                seed: cli.seed,
                histories: 10 * WITHIN,
                wanted: &wanted,
                threads: cli.threads,
                shrinks: cli.show,
            };
            let found = search.run();
            match found.counterexample {
                Some(counterexample) => {
                    println!("  {configuration}: {promise}: after {}", found.histories);
                    if cli.show {
                        println!("{counterexample}");
                    }
                }
                None => {
                    failed += 1;
                    println!("  {configuration}: {promise}: NOT FOUND in {}", found.histories);
                }
            }
        }
    }
    failed
}

fn mutants(cli: &Cli) -> u32 {
    let mut failed = 0;
    println!("Mutants");
    for mutant in Mutant::ALL {
        let name = format!("{mutant:?}");
        if cli.mutant.as_ref().is_some_and(|wanted| *wanted != name) {
            continue;
        }
        let configuration = mutant.configuration();
        let wanted = |promise: Promise| mutant.breaks().contains(&promise);
        let search = Search {
            configuration,
            mutant: Some(mutant),
            seed: cli.seed,
            histories: WITHIN,
            wanted: &wanted,
            threads: cli.threads,
            shrinks: cli.show,
        };
        let found = search.run();
        match found.counterexample {
            Some(counterexample) => {
                let after = found.histories;
                println!(
                    "  {name} ({configuration}): after {after}: {}",
                    counterexample.violation.promise
                );
                if cli.show {
                    println!("{counterexample}");
                }
            }
            None => {
                failed += 1;
                println!("  {name} ({configuration}): NOT CAUGHT in {}", found.histories);
            }
        }
    }
    failed
}
