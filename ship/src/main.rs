//! `ship`: what the scripts in `scripts/` decide with. Effects on AWS are theirs, but for content,
//! which it uploads itself.

use clap::{Parser, Subcommand};

/// Publishes content and checks deployments.
#[derive(Debug, Parser)]
#[command(name = "ship", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {}

fn main() -> anyhow::Result<()> {
    match Cli::parse().command {}
}
