//! The commands that ask AWS.

use std::path::PathBuf;
use std::process::ExitCode;

use aws_control_plane::Aws;
use clap::Subcommand;
use deployment::package::Packers;
use deployment::{
    account, attach, deploy, destroy, publish, rollback, status, switch, watch_owned,
};
use next_step::Outcome;
use serde_json::Value;
use ship::s3::Access;

use crate::{build, check, facts};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Deploy(deploy::Arguments),
    Attach(attach::Arguments),
    Watch(watch_owned::Arguments),
    Publish(publish::Arguments),
    Status(status::Arguments),
    Switch(switch::Arguments),
    Rollback(rollback::Arguments),
    Destroy(destroy::Arguments),
}

fn runtime() -> Outcome<tokio::runtime::Runtime> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    Ok(runtime.map_err(ship::Error::not_started)?)
}

impl Command {
    /// `status` prints its own.
    fn json(&self) -> bool {
        match self {
            Command::Deploy(arguments) => arguments.json(),
            Command::Attach(arguments) => arguments.json(),
            Command::Watch(arguments) => arguments.json(),
            Command::Publish(arguments) => arguments.json(),
            Command::Rollback(arguments) => arguments.json(),
            Command::Destroy(arguments) => arguments.json(),
            Command::Status(_) | Command::Switch(_) => false,
        }
    }
}

pub(crate) fn run(command: &Command, config: Option<PathBuf>) -> Outcome<ExitCode> {
    facts::tell(command.json(), || runtime()?.block_on(perform(command, config)))
}

/// How it ends, and what there is to know then.
async fn perform(command: &Command, config: Option<PathBuf>) -> Outcome<(ExitCode, Value)> {
    let aws = Aws::from_environment().await;
    let packers = Packers { function: &build::pack, check: &check::pack };
    let end = match command {
        Command::Deploy(arguments) => deploy::run(&aws, arguments, config, &packers).await?,
        Command::Attach(arguments) => attach::run(&aws, arguments, config, &packers).await?,
        Command::Watch(arguments) => watch_owned::run(&aws, arguments, config, &packers).await?,
        Command::Rollback(arguments) => rollback::run(&aws, arguments).await?,
        Command::Destroy(arguments) => destroy::run(&aws, arguments).await?,
        Command::Publish(arguments) => {
            let published = publish::run(&aws, arguments).await?;
            return Ok((published.code(), published.facts()));
        }
        Command::Status(arguments) => {
            return Ok((status::run(&aws, arguments, config).await?, Value::Null));
        }
        Command::Switch(arguments) => {
            return Ok((switch::run(&aws, arguments).await?, Value::Null));
        }
    };
    Ok((end.code(), end.json()))
}

/// Who asks S3, and, at Amazon, whose its buckets must be.
pub(crate) fn access(elsewhere: bool) -> Outcome<Access> {
    runtime()?
        .block_on(async { Ok(account::access(&Aws::from_environment().await, elsewhere).await?) })
}
