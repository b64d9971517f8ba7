//! The commands that ask AWS.

use std::path::PathBuf;
use std::process::ExitCode;

use aws_control_plane::Aws;
use clap::Subcommand;
use deployment::package::Packers;
use deployment::{account, attach, deploy, destroy, publish, rollback, status};
use next_step::Outcome;
use ship::s3::Access;

use crate::build;
use crate::check;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Deploy(deploy::Arguments),
    Attach(attach::Arguments),
    Publish(publish::Arguments),
    Status(status::Arguments),
    Rollback(rollback::Arguments),
    Destroy(destroy::Arguments),
}

fn runtime() -> Outcome<tokio::runtime::Runtime> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    Ok(runtime.map_err(ship::Error::not_started)?)
}

pub(crate) fn run(command: &Command, config: Option<PathBuf>) -> Outcome<ExitCode> {
    runtime()?.block_on(async {
        let aws = Aws::from_environment().await;
        let packers = Packers { function: &build::pack, check: &check::pack };
        match command {
            Command::Deploy(arguments) => deploy::run(&aws, arguments, config, &packers).await,
            Command::Attach(arguments) => attach::run(&aws, arguments, config, &packers).await,
            Command::Publish(arguments) => publish::run(&aws, arguments).await,
            Command::Status(arguments) => status::run(&aws, arguments, config).await,
            Command::Rollback(arguments) => rollback::run(&aws, arguments).await,
            Command::Destroy(arguments) => destroy::run(&aws, arguments).await,
        }
    })
}

/// Who asks S3, and, at Amazon, whose its buckets must be.
pub(crate) fn access(elsewhere: bool) -> Outcome<Access> {
    runtime()?
        .block_on(async { Ok(account::access(&Aws::from_environment().await, elsewhere).await?) })
}
