//! `cargo run --profile simulate -p simulator`: the long search.

use std::process::ExitCode;

use clap::Parser;
use simulator::configuration::Configuration;
use simulator::search::Search;

/// Searches for histories that break a promise which the configuration claims.
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
}

fn main() -> ExitCode {
    let Cli { histories, seed, threads } = Cli::parse();
    let mut failed = 0;
    let histories = histories.div_ceil(Configuration::ALL.len() as u64);
    for configuration in Configuration::ALL {
        let search = Search {
            configuration,
            sabotage: None,
            seed,
            histories,
            wanted: Search::claimed,
            threads,
        };
        let found = search.run();
        match found.counterexample {
            None => println!("{configuration}: {} histories, no promise broken", found.histories),
            Some(counterexample) => {
                failed += 1;
                println!("{configuration}: after {} histories\n{counterexample}", found.histories);
            }
        }
    }
    println!("{} passed, {failed} failed", Configuration::ALL.len() - failed);
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
