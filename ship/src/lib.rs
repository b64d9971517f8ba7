//! What deploying and publishing decide with. Effects on AWS are the scripts', but for content, which is
//! uploaded from here.
//!
//! `ship`, the program, is what `scripts/` ask; [`publish`](upload), [`sales`], [`secrets`] and [`package`] are also
//! commands of `paywall`.

mod artifact;
mod associate;
mod gates;
pub mod package;
mod preflight;
mod rollback;
mod s3;
pub mod sales;
pub mod secrets;
mod site;
pub mod upload;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Publishes content and checks deployments.
#[derive(Debug, Parser)]
#[command(name = "ship", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Artifact(artifact::Arguments),
    Associate(associate::Arguments),
    ClaimSite(site::Arguments),
    Gates(gates::Arguments),
    Package(package::Arguments),
    Preflight(preflight::Arguments),
    Rollback(rollback::Arguments),
    Sales(sales::Arguments),
    Secrets(secrets::Arguments),
    TableHash(preflight::record::HashArguments),
    Upload(upload::Arguments),
}

/// Runs the program on a command line.
pub fn run(words: impl IntoIterator<Item = OsString>) -> ExitCode {
    let done = match Cli::parse_from(words).command {
        Command::Artifact(arguments) => artifact::run(&arguments),
        Command::Associate(arguments) => associate::run(&arguments),
        Command::ClaimSite(arguments) => site::run(&arguments),
        Command::Gates(arguments) => gates::run(&arguments),
        Command::Package(arguments) => package::run(&arguments),
        Command::Preflight(arguments) => preflight::run(&arguments),
        Command::Rollback(arguments) => rollback::run(&arguments),
        Command::Sales(arguments) => sales::run(&arguments),
        Command::Secrets(arguments) => secrets::run(&arguments),
        Command::TableHash(arguments) => preflight::record::print_hash(&arguments),
        Command::Upload(arguments) => upload::run(&arguments),
    };
    done.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}
