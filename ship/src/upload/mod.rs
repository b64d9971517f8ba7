//! `upload`: publishes the content that a `content.toml` sells.
//!
//! ```text
//! compile --> survey the bucket --> plan --> show --> ask --> send --> record --> what to do next
//! ```
//!
//! Nothing is kept between runs: what is there already is found out from the bucket each time, object
//! by object, so a run that was interrupted is simply run again.

mod aftermath;
mod ask;
mod content;
mod invalidate;
mod live;
mod plan;
mod record;
mod send;
mod show;
mod survey;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, anyhow, bail};
use clap::builder::TypedValueParser as _;
use url::Url;

use crate::preflight::record::table_sha256;
use crate::s3::{Bucket, S3Error, Target};
use live::Live;

/// Publishes content: sends what is new or changed, and says what to do next.
///
/// Credentials come from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The content.toml; without it the nearest one from this folder upwards.
    #[arg(long, value_name = "PATH", value_parser = clap::builder::OsStringValueParser::new().map(PathBuf::from), env = "CONTENT_CONFIG")]
    config: Option<PathBuf>,
    /// The bucket, by its name alone.
    #[arg(long, value_name = "NAME")]
    bucket: String,
    /// Where in the bucket: the distribution's origin path, without the slash in front.
    #[arg(long, value_name = "PATH", default_value = "")]
    prefix: String,
    /// The bucket's AWS Region.
    #[arg(long, value_name = "REGION", env = "AWS_REGION", default_value = "us-east-1")]
    region: String,
    /// An S3 API that is not Amazon's.
    #[arg(long, value_name = "URL", env = "AWS_ENDPOINT_URL_S3")]
    endpoint_url: Option<Url>,
    /// Show what would be done, and stop.
    #[arg(long)]
    dry_run: bool,
    /// Do not ask.
    #[arg(long)]
    yes: bool,
    /// Delete from the bucket what is not on sale, if the function that is live does not sell it
    /// either.
    #[arg(long)]
    delete: bool,
    /// How many requests at once.
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=256))]
    parallel: u16,
    /// The record of the deployment that is live, as a deployment keeps it beside the package.
    #[arg(long, value_name = "FILE", conflicts_with = "not_deployed")]
    deployed: Option<PathBuf>,
    /// No function is live yet.
    #[arg(long)]
    not_deployed: bool,
    /// Where to write the manifest of what is published [default: `published` of the content.toml,
    /// else published.jsonl beside it].
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,
    /// Have CloudFront drop its copies of objects that changed, through the AWS CLI.
    #[arg(long, value_name = "ID")]
    distribution: Option<String>,
}

pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.context("cannot start")?.block_on(publish(arguments))
}

async fn publish(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let config = content_config::find(arguments.config.clone())?;
    let compiled = content::compile(&config)?;
    let live = Live::read(arguments.deployed.as_deref(), arguments.not_deployed)?;
    let bucket = Bucket::open(target(arguments)?)?;
    let parallel = usize::from(arguments.parallel);

    let explain = |error: S3Error| {
        let advice = error.advice(bucket.target());
        anyhow!(error).context(advice)
    };
    let survey = survey::survey(&bucket, &compiled, parallel).await.map_err(explain)?;
    let plan = plan::plan(&compiled, survey);
    show::plan(&compiled, bucket.target(), &plan, arguments.delete);
    if arguments.dry_run {
        return Ok(ExitCode::SUCCESS);
    }
    if !plan.sends.is_empty() && !arguments.yes && !ask::yes("Upload?")? {
        println!("nothing is uploaded");
        return Ok(ExitCode::FAILURE);
    }
    let etags = send::send(&bucket, &plan, parallel).await.map_err(explain)?;
    let manifest = record::path(arguments.manifest.as_deref(), &compiled, &config);
    record::write(&manifest, &compiled, &etags)?;
    aftermath::sent(&plan, &manifest);

    // Where the table takes its ETags from the manifest, it is another one now.
    let again = compiled.record().map(|_| content::compile(&config)).transpose()?;
    let table = again.as_ref().unwrap_or(&compiled);
    aftermath::check_etags(table, &etags, &manifest)?;
    invalidate::changed(&plan, arguments.distribution.as_deref()).await?;
    let state = live.state(&table_sha256(table));
    aftermath::table(&plan, state);
    if arguments.delete && !plan.unpriced.is_empty() {
        aftermath::delete(&bucket, &plan, state, arguments.yes).await.map_err(
            |error| match error.downcast::<S3Error>() {
                Ok(error) => explain(error),
                Err(other) => other,
            },
        )?;
    }
    Ok(ExitCode::SUCCESS)
}

fn target(arguments: &Arguments) -> anyhow::Result<Target> {
    let mut prefix = arguments.prefix.trim_end_matches('/').to_owned();
    if prefix.starts_with('/') {
        bail!("--prefix {prefix:?}: leave out the slash in front; keys have none");
    }
    if !prefix.is_empty() {
        prefix.push('/');
    }
    Ok(Target {
        bucket: arguments.bucket.clone(),
        region: arguments.region.clone(),
        prefix,
        endpoint: arguments.endpoint_url.clone(),
    })
}
