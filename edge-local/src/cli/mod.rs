//! The command line.

mod banner;
mod content;
mod facilitator;
mod origin;
mod serve;
mod template;

use clap::{Parser, Subcommand};

use crate::buyer::{PayArgs, SignArgs};

/// A CloudFront distribution on your laptop: sells a folder of files through the real function.
#[derive(Debug, Parser)]
#[command(name = "edge-local", version, args_conflicts_with_subcommands = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: serve::ServeArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    Pay(PayArgs),
    Sign(SignArgs),
}

impl Cli {
    /// Does what the command line says.
    ///
    /// # Errors
    ///
    /// Whatever goes wrong, with a way to mend it.
    pub async fn run(self) -> anyhow::Result<()> {
        match self.command {
            None => self.serve.run().await,
            Some(Command::Pay(pay)) => pay.run().await,
            Some(Command::Sign(sign)) => sign.run().await,
        }
    }
}
