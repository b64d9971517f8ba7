//! `edge-local`, the command: see [`edge_local::cli`].

use std::process::ExitCode;

use clap::Parser as _;
use edge_local::cli::Cli;
use next_step::Told;

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            anstream::eprintln!("error: {}", Told::from(error));
            ExitCode::FAILURE
        }
    }
}
