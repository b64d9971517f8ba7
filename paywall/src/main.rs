//! `paywall`: the seller's one tool. See `paywall --help`.

#[cfg(feature = "aws")]
mod aws;
mod build;
#[cfg(feature = "aws")]
mod check;
mod cli;
mod error;
#[cfg(all(test, feature = "aws"))]
mod errors_page;
mod facts;
mod function;
mod init;

use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::run(std::env::args_os().collect()) {
        Ok(code) => code,
        Err(told) => {
            anstream::eprintln!("error: {told}");
            ExitCode::FAILURE
        }
    }
}
