//! `cargo run --profile simulate -p exhaustive`: every interleaving of the small worlds.

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use clap::Parser;
use exhaustive::mutant::Mutant;
use exhaustive::search::{self, Until};
use exhaustive::{telling, worlds};

/// Searches every interleaving of small worlds for one that breaks a promise.
#[derive(Debug, Parser)]
struct Cli {
    /// One fault more in each history
    #[arg(long)]
    long: bool,
    /// Faults more in each history than the usual
    #[arg(long, value_name = "N", default_value_t = 0)]
    faults: u8,
    /// Leave out the eight worlds that take longest
    #[arg(long)]
    short: bool,
    /// Only worlds whose names contain this
    #[arg(long, value_name = "TEXT", default_value = "")]
    world: String,
    /// Break each rule on purpose, and show that it is found
    #[arg(long)]
    mutants: bool,
    /// Threads, each with a world of its own
    #[arg(long, value_name = "N", default_value_t = std::thread::available_parallelism().map_or(1, usize::from))]
    threads: usize,
}

/// More than half of the time.
const LONGEST: [&str; 8] = [
    "cancelled",
    "cancelled-and-taken",
    "payers",
    "independent",
    "payments",
    "poor-and-behind",
    "skew-payments",
    "skew-twice",
];

fn main() -> ExitCode {
    let cli = Cli::parse();
    if cli.mutants {
        return mutants();
    }
    let more = cli.faults + u8::from(cli.long);
    let mut scenarios = worlds::all(more);
    scenarios.retain(|s| s.name.contains(&cli.world) && !(cli.short && LONGEST.contains(&s.name)));
    let (next, began) = (AtomicUsize::new(0), Instant::now());
    let sums = Mutex::new((0, 0, 0, 0));
    std::thread::scope(|scope| {
        for _ in 0..cli.threads {
            scope.spawn(|| {
                while let Some(scenario) = scenarios.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = search::search(scenario, Until::End);
                    let mut sums = sums.lock().expect("no thread panics");
                    sums.0 += found.states;
                    sums.1 += found.steps;
                    sums.2 += found.ends;
                    sums.3 += usize::from(found.broken.is_some());
                    println!("{}", telling::report(scenario, &found));
                }
            });
        }
    });
    let (states, steps, ends, broken) = sums.into_inner().expect("no thread panics");
    println!(
        "{} worlds: {states} states, {steps} steps, {ends} ends, {:.1} s; {broken} broken",
        scenarios.len(),
        began.elapsed().as_secs_f64()
    );
    if broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn mutants() -> ExitCode {
    let mut missed = 0;
    for mutant in Mutant::ALL {
        let Some(scenario) = worlds::broken_by(mutant) else { continue };
        let found = search::search(&scenario, Until::Find);
        match &found.broken {
            Some((steps, broken)) => println!(
                "{mutant:?}: found after {} states, in {} steps: {broken}",
                found.states,
                steps.len()
            ),
            None => {
                missed += 1;
                println!("{mutant:?}: MISSED in {} states of {}", found.states, scenario.name);
            }
        }
    }
    if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
