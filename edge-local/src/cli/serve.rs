//! `edge-local`: serves until it is told to stop.

use std::env;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use cloudfront::limits;
use tokio::signal::unix::{SignalKind, signal};

use super::changes::Inputs;
use super::facilitator::{self, FacilitatorChoice};
use super::function::FUNCTION;
use super::origin::OriginArgs;
use super::template::TemplateArgs;
use super::web_acl::WebAclArgs;
use super::{banner, content};
use crate::error::Error;
use crate::function::Function;
use crate::{Bucket, Edge, Options, S3Url, ViewerResponseSees};

/// How to serve.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8402")]
    listen: SocketAddr,

    /// Who settles payments: `embedded` (an in-memory ledger with a funded test buyer) or the base
    /// URL of a facilitator
    #[arg(long, value_name = "embedded|URL", default_value = "embedded")]
    facilitator: FacilitatorChoice,

    /// Folder that acts as the S3 bucket [default: the one that the function sells]
    #[arg(long, value_name = "DIR")]
    content: Option<PathBuf>,

    #[command(flatten)]
    origins: OriginArgs,

    #[command(flatten)]
    template: TemplateArgs,

    /// JSON-RPC server of the chain, for all networks, for the function to look payments up
    #[arg(long, value_name = "URL")]
    rpc: Option<String>,

    /// Where the function remembers payments: `memory`, or s3+http://127.0.0.1:PORT/BUCKET[/PREFIX]
    /// with credentials from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY [default: as it is built]
    #[arg(long, value_name = "memory|URL", value_parser = store)]
    store: Option<String>,

    /// Sandboxes that may run at once
    #[arg(long, value_name = "N", default_value_t = 4)]
    sandboxes: usize,

    /// An unpacked package of the function, or an executable [default: this program itself, with the
    /// table of the content.toml]
    #[arg(long, value_name = "PATH", conflicts_with = "package")]
    function: Option<PathBuf>,

    /// File with the site's seal, for a bucket behind an S3 API whose objects lie below it [default: a new
    /// one for this run, below which a folder's files are taken to lie]
    #[arg(long, value_name = "FILE", conflicts_with_all = ["function", "package"])]
    seal: Option<PathBuf>,

    /// Deployment package of the function, started as AWS's managed Python runtime starts it
    #[arg(long, value_name = "ZIP")]
    package: Option<PathBuf>,

    /// Python that has awslambdaric, for `--package`
    #[arg(long, value_name = "PATH", default_value = "python3")]
    python: PathBuf,

    #[command(flatten)]
    web_acl: WebAclArgs,

    /// Which request the function sees in viewer-response events; AWS does not say
    #[arg(long, value_enum, value_name = "WHICH", default_value_t)]
    viewer_response_sees: ViewerResponseSees,

    /// Time limit of one invocation of the function, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = limits::TIMEOUT.as_secs(), value_parser = clap::value_parser!(u64).range(1..=30))]
    timeout: u64,
}

impl ServeArgs {
    /// Serves what the `content.toml` that is named, or found, sells.
    ///
    /// # Errors
    ///
    /// Whatever goes wrong, with a way to mend it.
    pub async fn run(self, config: Option<PathBuf>) -> Result<(), Error> {
        // Listening for the signals first means that none is missed while the function is built.
        let mut interrupt = signal(SignalKind::interrupt()).map_err(Error::not_started)?;
        let mut terminate = signal(SignalKind::terminate()).map_err(Error::not_started)?;
        let signalled = async {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        };
        tokio::pin!(signalled);

        let (edge, _facilitator, inputs) = tokio::select! {
            started = self.start(config) => started?,
            () = &mut signalled => return Ok(()),
        };
        tokio::select! {
            () = inputs.tell_changes() => {}
            () = signalled => {}
        }
        anstream::println!("stopping");
        edge.stop().await;
        Ok(())
    }

    /// What runs, and the files that it sells by.
    async fn start(
        self,
        config: Option<PathBuf>,
    ) -> Result<(Edge, facilitator::Running, Inputs), Error> {
        let template = self.template.read()?;
        let is_given = self.function.is_some() || self.package.is_some();
        let content = content::find(config, self.content, self.origins.main(), !is_given)?;
        let (acl, key) = self.web_acl.acl(content.table.as_deref())?;
        let function: Function = match (self.function, &self.package) {
            (Some(path), _) => path.into(),
            (None, Some(zip)) => Function::package(zip, &self.python)?,
            (None, None) => {
                let program = env::current_exe().map_err(Error::no_program)?;
                let table = content.table.as_deref().unwrap_or_default();
                let function = Function::selling(&program, table)?.with(FUNCTION);
                match &self.seal {
                    None if content.sealed && matches!(content.bucket, Bucket::S3(_)) => {
                        return Err(Error::SealNotNamed {});
                    }
                    None => function,
                    Some(file) => {
                        let document = std::fs::read_to_string(file);
                        function.with_seal(&document.map_err(|why| Error::no_seal(file, why))?)?
                    }
                }
            }
        };
        let facilitator = facilitator::start(&self.facilitator).await?;
        if !self.listen.ip().is_loopback() {
            anstream::eprintln!(
                "warning: {} can be reached from other machines, without TLS",
                self.listen
            );
        }
        let edge = Edge::start(Options {
            listen: self.listen,
            sandboxes: self.sandboxes,
            viewer_response_sees: self.viewer_response_sees,
            timeout: Duration::from_secs(self.timeout),
            facilitator_url: Some(facilitator.url()),
            rpc: self.rpc,
            credentials: self.origins.credentials(),
            other_origins: self.origins.others(),
            worst: self.origins.worst(),
            store: self.store,
            distribution: template.config,
            documents: content.documents.clone(),
            web_acl: Some(acl),
            extra_env: vec![("X402_HANDOVER_KEY".to_owned(), key)],
            print: true,
            ..Options::new(function, content.bucket.clone())
        })
        .await?;
        banner::print(&edge.url(), &content, &facilitator.url(), &template.notes)?;
        // Another function has a table of its own.
        let inputs = if is_given { Inputs::of(&[]) } else { content.inputs };
        Ok((edge, facilitator, inputs))
    }
}

/// A value of `--store`.
fn store(text: &str) -> Result<String, String> {
    match text {
        "memory" => Ok(text.to_owned()),
        url => url.parse::<S3Url>().map(|url| url.to_string()).map_err(|error| error.to_string()),
    }
}
