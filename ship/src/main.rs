//! `ship`: what the scripts in `scripts/` decide with. Effects on AWS are theirs, but for content,
//! which it uploads itself.

mod artifact;
mod associate;
mod gates;
mod package;
mod preflight;
mod rollback;
mod s3;
mod sales;
mod secrets;
mod site;
mod upload;

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

fn main() -> ExitCode {
    let done = match Cli::parse().command {
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
