//! `claim-site`: one id, one stack; one payee, one store.
//!
//! What a payment is for is remembered by one store for all that is sold to its payee, and accounts are
//! kept under the site's id. So a deployment writes down which stack holds an id, once, and looks for
//! other stacks of this project that pay the same payee and remember it elsewhere.

mod stacks;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, anyhow, bail};
use paywall_core::purchase::{SiteHolder, VERSION};
use price_table::{Redemptions, Table};
use url::Url;

use crate::preflight::payees;
use crate::s3::{Bucket, S3Error, Target};
use stacks::{Stack, Tags};

/// Refuses an id that another stack holds, and a payee that another store remembers; with --write, says
/// in the store that this stack holds the id.
///
/// Credentials come from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN; they need
/// s3:GetObject, s3:PutObject and s3:ListBucket.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The content.toml.
    #[arg(long, value_name = "PATH", env = "CONTENT_CONFIG", default_value = content_config::SAMPLE)]
    content_config: PathBuf,
    /// The stack that is deployed.
    #[arg(long, value_name = "NAME")]
    stack: String,
    /// What `aws cloudformation describe-stacks` says of all stacks.
    #[arg(long, value_name = "FILE")]
    stacks: PathBuf,
    /// Take an id that another stack holds, or give this stack another one.
    #[arg(long)]
    accept_new_site_id: bool,
    /// An S3 API that is not Amazon's.
    #[arg(long, value_name = "URL")]
    endpoint_url: Option<Url>,
    /// Where to write the stack's tags, as KEY=VALUE lines: by them other deployments find it.
    #[arg(long, value_name = "FILE")]
    tags: Option<PathBuf>,
    /// Say in the store that this stack holds the id.
    #[arg(long)]
    write: bool,
}

/// Fails if the id or the payee is another stack's.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let compiled =
        content_config::compile(&arguments.content_config).map_err(|report| anyhow!("{report}"))?;
    let table = compiled.table();
    let text = fs::read(&arguments.stacks)
        .with_context(|| format!("cannot read {}", arguments.stacks.display()))?;
    let stacks = stacks::read(&text)
        .with_context(|| format!("{}: not a list of stacks", arguments.stacks.display()))?;
    let tags = Tags::of(table);
    if !arguments.accept_new_site_id
        && let Some(live) = stacks.iter().find(|stack| stack.name == arguments.stack)
        && let Some(old) = live.site.as_deref().filter(|old| *old != tags.site)
    {
        bail!(
            "[site] id = {:?}, and stack {} is live as {old:?}: under a new id the function forgets who \
             bought what and which payments are open; write id = {old:?} back, or \
             --accept-new-site-id",
            tags.site,
            live.name
        );
    }
    if let Some(refused) = shared(table, &arguments.stack, &stacks) {
        bail!("{refused}");
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(claim(arguments, table))?;
    if let Some(path) = &arguments.tags {
        fs::write(path, tags.lines())
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Why another stack of the account keeps a payee from being this store's alone.
fn shared(table: &Table, own: &str, stacks: &[Stack]) -> Option<String> {
    // In memory each sandbox remembers apart: there it is accepted by name that promises are weaker.
    let Redemptions::S3 { shared_pay_to: false, .. } = table.redemptions else { return None };
    let store = stacks::store(table);
    for payee in payees(table) {
        let hash = stacks::hash(payee);
        let other = stacks
            .iter()
            .find(|stack| stack.of != own && stack.store != store && stack.payees.contains(&hash));
        if let Some(Stack { name, store: elsewhere, .. }) = other {
            return Some(format!(
                "stack {name} sells for {payee}, too, and remembers it in {elsewhere}, not in {store}: \
                 a payment names its payee and no shop, so one payment could open something in each. \
                 Give each store a `pay_to` of its own, or name one store in both, or write \
                 shared_pay_to = true into [redemptions], which weakens P5"
            ));
        }
    }
    None
}

async fn claim(arguments: &Arguments, table: &Table) -> anyhow::Result<()> {
    let Redemptions::S3 { bucket, region, prefix, .. } = &table.redemptions else { return Ok(()) };
    let target = Target {
        bucket: bucket.to_string(),
        region: region.to_string(),
        prefix: format!("{prefix}/"),
        endpoint: arguments.endpoint_url.clone(),
    };
    let bucket = Bucket::open(target)?;
    let explain = |error: S3Error| {
        let advice = error.advice(bucket.target());
        anyhow!(error).context(advice)
    };
    let id = &*table.site.id;
    let (key, own) = (SiteHolder::key(id), SiteHolder::new(id, &arguments.stack));
    let json = serde_json::to_string(&own)?;
    let place = format!("{}{key}", bucket.target().name());
    let mut holder = match bucket.get(key.as_str()).await {
        Ok(found) => found.map(|json| read(&json, &place)).transpose()?,
        // It is made with the stack.
        Err(S3Error::Refused { code, .. }) if code == "NoSuchBucket" && !arguments.write => None,
        Err(error) => return Err(explain(error)),
    };
    if arguments.write && holder.is_none() {
        if bucket.create(key.as_str(), &json).await.map_err(explain)? {
            return Ok(());
        }
        // Somebody was first: this very request, it may be, whose first answer was lost.
        let found = bucket.get(key.as_str()).await.map_err(explain)?;
        holder = found.map(|json| read(&json, &place)).transpose()?;
    }
    match holder {
        Some(holder) if holder.stack != arguments.stack && !arguments.accept_new_site_id => bail!(
            "[site] id = {id:?} is held by stack {} ({place}): under one id two sites would open what the \
             other one sold; write another id, or, if that stack is gone and this one takes its place, \
             --accept-new-site-id",
            holder.stack
        ),
        Some(holder) if holder.stack != arguments.stack && arguments.write => {
            bucket.replace(key.as_str(), &json).await.map_err(explain)
        }
        None if arguments.write => bail!("{place} was written and is gone: run it again"),
        Some(_) | None => Ok(()),
    }
}

fn read(json: &[u8], place: &str) -> anyhow::Result<SiteHolder> {
    let holder: SiteHolder = serde_json::from_slice(json).map_err(|error| {
        anyhow!(
            "{place} does not say which stack holds the id ({error}): look at it, and delete it"
        )
    })?;
    match holder.v == VERSION {
        true => Ok(holder),
        false => bail!("{place} is of version {}, and this program reads {VERSION}", holder.v),
    }
}

#[cfg(test)]
mod tests;
