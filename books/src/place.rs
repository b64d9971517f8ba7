//! Where the records are, and what is sold: the options that `sales`, `books` and `refunds` have in common.

use std::path::{Path, PathBuf};

use clap::builder::TypedValueParser as _;
use content_config::Compiled;
use next_step::Outcome;
use price_table::{Redemptions, Sale, Table};
use ship::s3::Target;
use url::Url;

use crate::error::Error;

/// Where the records are.
#[derive(Debug, clap::Args)]
pub(crate) struct Place {
    /// The content.toml that is deployed: where the records are, and what the tokens are called; without it
    /// the nearest one from this folder upwards, unless --bucket names another shop's records.
    #[arg(long, value_name = "PATH", value_parser = clap::builder::OsStringValueParser::new().map(PathBuf::from), env = "CONTENT_CONFIG")]
    config: Option<PathBuf>,
    /// The bucket with the records, if it is not the one that `[redemptions]` names.
    #[arg(long, value_name = "NAME")]
    bucket: Option<String>,
    /// Where in the bucket they are [default: `prefix` of `[redemptions]`].
    #[arg(long, value_name = "PATH")]
    prefix: Option<String>,
    /// The bucket's AWS Region [default: `region` of `[redemptions]`, or AWS_REGION, or us-east-1].
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// An S3 API that is not Amazon's.
    #[arg(long, value_name = "URL", env = "AWS_ENDPOINT_URL_S3")]
    endpoint_url: Option<Url>,
}

/// A content.toml, and what it sells.
pub(crate) type Content = Option<(PathBuf, Compiled)>;

impl Place {
    /// Whether the records are kept elsewhere than at Amazon, where buckets have no account.
    pub(crate) fn elsewhere(&self) -> bool {
        self.endpoint_url.is_some()
    }

    /// The content.toml, and what it sells. One that nobody named must not stand in the way of what was named:
    /// a bucket, or (`logged`) a log.
    pub(crate) fn content(&self, logged: bool) -> Outcome<Content> {
        let named = self.config.as_ref().is_some_and(|config| !config.as_os_str().is_empty());
        if !named && self.bucket.is_some() {
            return Ok(None);
        }
        let Ok(config) = content_config::find(self.config.clone()) else { return Ok(None) };
        match compile(&config) {
            Ok(compiled) => Ok(Some((config, compiled))),
            Err(_) if !named && logged => {
                eprintln!(
                    "warning: {} has errors, so tokens go by their addresses",
                    config.display()
                );
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Where the records are; whose the bucket is, it does not know.
    pub(crate) fn target(&self, content: Option<&(PathBuf, Compiled)>) -> Outcome<Target> {
        let stated = match content.map(|(_, compiled)| &compiled.table().redemptions) {
            Some(Redemptions::S3 { bucket, region, prefix, .. }) => {
                Some((bucket.to_string(), region.to_string(), prefix.to_string()))
            }
            Some(Redemptions::Memory) | None => None,
        };
        let Some(bucket) = self.bucket.clone().or(stated.as_ref().map(|stated| stated.0.clone()))
        else {
            return Err(match content {
                Some((config, _)) => Error::Remembered { config: config.display().to_string() },
                None => Error::NoRecords {},
            }
            .into());
        };
        let region = self.region.clone().or(stated.as_ref().map(|stated| stated.1.clone()));
        let region =
            region.or_else(|| std::env::var("AWS_REGION").ok().filter(|it| !it.is_empty()));
        let Some(prefix) = self.prefix.clone().or(stated.map(|stated| stated.2)) else {
            return Err(Error::NoPrefix { bucket }.into());
        };
        Ok(Target {
            bucket,
            region: region.unwrap_or_else(|| "us-east-1".to_owned()),
            prefix,
            seal: None,
            endpoint: self.endpoint_url.clone(),
            owner: None,
        })
    }
}

fn compile(config: &Path) -> Result<Compiled, Error> {
    content_config::compile(config).map_err(|report| Error::ContentOfSales {
        config: config.display().to_string(),
        report: report.to_string(),
    })
}

/// What the table's `[rpc]` says of a network.
pub(crate) fn confirmations(table: &Table, network: &str) -> Option<u32> {
    let offers = table.rules.iter().flat_map(|rule| match &rule.sale {
        Sale::Free => &[],
        Sale::Priced { offers, .. } => offers.as_ref(),
    });
    let mut networks = offers.map(|offer| &offer.network).filter(|it| it.caip2 == network);
    networks.find_map(|network| Some(network.rpc.as_ref()?.confirmations))
}
