//! The command line.

mod banner;
mod changes;
mod content;
mod facilitator;
mod function;
mod origin;
mod serve;
mod template;
mod web_acl;

use std::ffi::OsString;
use std::future::Future;
use std::path::PathBuf;

use clap::{Parser, Subcommand};

pub use crate::buyer::{PayArgs, SignArgs};
use crate::error::Error;
pub use function::{FUNCTION, function};
pub use serve::ServeArgs;

/// A CloudFront distribution on your laptop: sells a folder of files through the real function.
#[derive(Debug, Parser)]
#[command(name = "edge-local", version, args_conflicts_with_subcommands = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: ServeArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    Pay(PayArgs),
    Sign(SignArgs),
    #[command(hide = true, name = FUNCTION)]
    Function {
        word: Option<OsString>,
    },
}

impl Cli {
    /// Does what the command line says.
    ///
    /// # Errors
    ///
    /// Whatever goes wrong, with a way to mend it.
    pub fn run(self) -> Result<(), Error> {
        let config = std::env::var_os(content_config::CONFIG_VARIABLE).map(PathBuf::from);
        match self.command {
            None => wait_for(self.serve.run(config)),
            Some(Command::Pay(pay)) => wait_for(pay.run()),
            Some(Command::Sign(sign)) => wait_for(sign.run()),
            Some(Command::Function { word }) => function(word),
        }
    }
}

/// Does it, on as many threads as there are processors.
///
/// # Errors
///
/// Its own; or that the system gives no threads.
pub fn wait_for(what: impl Future<Output = Result<(), Error>>) -> Result<(), Error> {
    tokio::runtime::Runtime::new().map_err(Error::not_started)?.block_on(what)
}
