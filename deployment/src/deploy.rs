//! `deploy`: a new site: bucket, distribution, function. Run again, it changes what differs.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use next_step::Outcome;
use ship::gates::{FunctionVersion, Shelf};

use crate::bucket_name::Base;
use crate::content::{self, Content};
use crate::control_plane::{ControlPlane, REGION, Stack};
use crate::end::{End, Ended, Facts};
use crate::error::while_asking;
use crate::options::{Shared, stack_name};
use crate::package::Packers;
use crate::regional::{Logs, Turn};
use crate::site::{CLAIM, Site, compile};
use crate::stacks::{self, Changed, live, output, parameter};
use crate::talk::{self, begin};
use crate::watch::Watch;
use crate::{Error, account, alarms, buckets, expect, gates, reseal};

const TEMPLATE: &str = include_str!("../../infra/site.yaml");

/// Creates or updates a site that sells what the content.toml says, after showing it. Run again, it goes on where it
/// stopped.
#[derive(Debug, clap::Args)]
#[command(args_override_self = true)]
pub struct Arguments {
    /// The CloudFormation stack; 37 characters at most.
    #[arg(long, value_name = "NAME", default_value = "x402-paywall", value_parser = stack_name)]
    stack: String,
    /// The content bucket; made if it is not there [default: STACK-content-ACCOUNT-RANDOM].
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    bucket: Option<String>,
    /// That bucket has a policy, which stays yours: you add the statements that this prints.
    #[arg(long)]
    own_bucket_policy: bool,
    #[command(flatten)]
    shared: Shared,
}

impl Arguments {
    /// Whether facts are printed.
    pub fn json(&self) -> bool {
        self.shared.json()
    }
}

/// Deploys.
pub async fn run(
    plane: &impl ControlPlane,
    arguments: &Arguments,
    config: Option<PathBuf>,
    packers: &Packers<'_>,
) -> Outcome<End> {
    let Arguments { stack: name, shared, .. } = arguments;
    shared.check()?;
    let (config, compiled) = compile(config)?;
    begin("look: account, stack, price table, buckets");
    let caller = account::sign_in(plane).await?;
    let stack = stacks::read(plane, name).await?;
    stacks::check_own(stack.as_ref())?;
    stacks::can_change(plane, stack.as_ref()).await?;
    stacks::check_length(name, live(stack.as_ref()))?;
    let before = live(stack.as_ref());
    let email = alarms::told(plane, name, shared.watching()).await?;
    let kept = Some(parameter(before, "ContentBucketName")).filter(|kept| !kept.is_empty());
    let bucket = match arguments.bucket.clone().or(kept.map(str::to_owned)) {
        Some(bucket) => bucket,
        None => Base::content(name, &caller).find_or_draw(plane).await?,
    };
    let there =
        buckets::usable(plane, &bucket, "--bucket", "name another one with --bucket").await?;
    let mut hosts = Vec::new();
    if before.is_some() {
        let names = shared.wanted(before, "DomainNames");
        hosts.extend(names.split(',').filter(|name| !name.is_empty()).map(str::to_owned));
        hosts.push(output(before, "DistributionDomainName").to_owned());
    }
    let status = stack.as_ref().map_or(String::new(), |stack| format!(" ({})", stack.status));
    println!(
        "\n{} the site of stack {name} in {REGION}{status}",
        if stack.is_none() { "create" } else { "update" }
    );

    let site = Site::new(plane, &caller, shared, name, stack.as_ref(), (&config, &compiled));
    let shelf = Shelf { bucket: bucket.clone(), region: REGION.to_owned(), prefix: String::new() };
    let shelves = BTreeSet::from_iter(there.then_some(shelf));
    let mut plan = site.plan(&hosts, &shelves, packers.function).await?;
    let creates = buckets::creates(stack.as_ref(), "CreateContentBucket", there);
    let by = shared.wanted(before, "ContentPolicyBy");
    let by = buckets::plan_policy(
        plane,
        &caller,
        before,
        &bucket,
        creates == "yes",
        &by,
        arguments.own_bucket_policy,
    )
    .await?;
    for (key, value) in [
        ("ContentBucketName", &bucket),
        ("CreateContentBucket", &creates),
        ("ContentPolicyBy", &by),
    ] {
        // What is given by name stands.
        plan.parameters.entry(key.to_owned()).or_insert_with(|| value.clone());
    }
    let watch = Watch::plan(
        name,
        email.clone(),
        &mut plan.parameters,
        &plan.package.bucket,
        packers,
        None,
    )?;
    let days = shared.wanted(before, "LogRetentionDays");
    let logs = Logs::plan(plane, name, &plan.regions, email.as_deref(), &days).await?;
    site.describe(&plan).await;
    println!("  content     s3://{bucket}");
    println!(
        "  stack       {} s for the function; infra/site.yaml",
        plan.parameters["FunctionTimeout"]
    );

    let distribution = output(before, "DistributionId").to_owned();
    let is_watched = watch.is_current(plane, before, &distribution, &plan.tags).await?;
    if site.is_current(&plan, TEMPLATE)
        && is_watched
        && logs.is_current()
        && expect::is_settled(plane, &plan.package.bucket, before, &distribution).await?
    {
        // An earlier run may have ended before it.
        site.claim(!shared.consent.is_dry()).await?;
        if let (Some(stack), false) = (before, shared.consent.is_dry()) {
            reseal::note(plane, stack, &distribution).await?;
        }
        println!("nothing to do: this very function is deployed");
        tell(buckets::missing_statements(plane, &caller, &bucket, &distribution, &by).await?);
        return Ok(End::new(Ended::Unchanged, &Facts::of(name, before).checked(plane).await?));
    }
    let packages = &plan.package.bucket;
    let mut steps = site.steps(&plan);
    steps.extend(logs.steps(Turn::BeforeTheSite));
    steps.extend(before.map(|_| expect::begins(packages, name)));
    let verb = if before.is_some() { "update" } else { "create" };
    steps.push(format!("{verb} stack {name} in {REGION}: bucket, distribution, function, web ACL"));
    steps.extend((!site.claims_early(&plan)).then(|| CLAIM.to_owned()));
    steps.push(expect::ends(packages, name));
    steps.extend(logs.steps(Turn::AfterTheSite));
    steps.extend(watch.step(is_watched));
    talk::show(&steps);
    if let Some(ended) = shared.consent.ask()? {
        return Ok(End::new(ended, &Facts::of(name, before).doing(&steps)));
    }

    stacks::plan_attempt(before, TEMPLATE, &mut plan.parameters);
    let early = site.claims_early(&plan);
    if early {
        begin("claim the site's id");
        site.claim(true).await.map_err(not_claimed)?;
    }
    site.bring(&plan).await?;
    logs.deploy(Turn::BeforeTheSite).await?;
    if before.is_some() {
        expect::change(plane, &plan.package.bucket, name, &distribution).await?;
    }
    begin(&format!("deploy stack {name} (a new distribution takes some minutes)"));
    let tags = plan.tags_with(TEMPLATE);
    let mut changed = stacks::deploy(plane, name, TEMPLATE, &plan.parameters, tags.clone()).await?;
    if matches!(&changed, Changed::Failed(why) if stacks::timeout_refused(why)) {
        say_older_quota();
        plan.parameters.insert("FunctionTimeout".to_owned(), "5".to_owned());
        changed = stacks::deploy(plane, name, TEMPLATE, &plan.parameters, tags).await?;
    }
    if let Changed::Failed(why) = changed {
        return Err(stacks::explain(plane, name, why).await.into());
    }
    if !early {
        begin("claim the site's id");
        site.claim(true).await.map_err(not_claimed)?;
    }
    let stack = stacks::read(plane, name).await?;
    let distribution = output(stack.as_ref(), "DistributionId").to_owned();

    let asked = plane.configuration(&distribution).await;
    let live = asked.map_err(while_asking(format!("reading distribution {distribution}")))?;
    let live = live.ok_or_else(|| Error::NoDistribution {
        account: caller.account.clone(),
        id: distribution.clone(),
    })?;
    let function: FunctionVersion = output(stack.as_ref(), "FunctionVersionArn").parse()?;
    begin("check every way to the content");
    let promised = (by == "owner").then(|| buckets::promised(&caller, &bucket, &distribution));
    if !gates::hold(plane, &live.config, &distribution, &function, &compiled, promised).await? {
        return Err(Error::LeadsRound { stack: name.clone() }.into());
    }
    if let Some(stack) = &stack {
        let guarded = expect::guarded(&live.config, &function.arn());
        expect::stay(plane, &plan.package.bucket, stack, &distribution, &guarded, &live.config)
            .await?;
    }
    logs.deploy(Turn::AfterTheSite).await?;
    watch.deploy(plane, stack.as_ref(), &distribution, &plan.tags).await?;

    let url = output(stack.as_ref(), "SiteUrl");
    println!("\ndeployed: {url}");
    tell(buckets::missing_statements(plane, &caller, &bucket, &distribution, &by).await?);
    if hosts.is_empty() && !compiled.table().site.urls.iter().any(|named| **named == *url) {
        println!(
            "next: write urls = [\"{url}\"] into [site] of {} and run `paywall deploy` again: answers name that URL",
            config.display()
        );
    }
    if let Some(stack) = &stack {
        reseal::note(plane, stack, &distribution).await?;
    }
    println!("next: {}", to_publish(plane, stack.as_ref(), &bucket, name).await);
    println!(
        "next: `paywall status --stack {name}`, until the distribution is Deployed everywhere (minutes)"
    );
    let facts = Facts::of(name, stack.as_ref()).doing(&steps).checked(plane).await?;
    Ok(End::new(Ended::Done, &facts))
}

/// The next step; and what it is too late for, since the function sells it already.
async fn to_publish(
    plane: &impl ControlPlane,
    stack: Option<&Stack>,
    bucket: &str,
    name: &str,
) -> String {
    let puts = format!("`paywall publish --stack {name}` puts the content into s3://{bucket}");
    let Some(stack) = stack else { return puts };
    let [packages, key] = ["CodeBucketName", "CodeObjectKey"].map(|of| parameter(Some(stack), of));
    match content::look(plane, stack, packages, key).await {
        Ok(Some(Content { sold, gone, .. })) if !gone.is_empty() => format!(
            "{puts}: {} of {sold} on sale are not there, and who buys one of them pays for nothing",
            gone.len()
        ),
        // `status` says why it is not known.
        _ => puts,
    }
}

fn tell(missing: Option<String>) {
    if let Some(missing) = missing {
        println!("next: {missing}");
    }
}

/// Accounts with the older quota have 5 s on viewer events.
pub(crate) fn say_older_quota() {
    println!("this account gives functions on viewer events 5 s, not 30: deploying with 5 s");
    println!(
        "(slow settlements will be answered 503 more often; ask AWS Support for the newer Lambda@Edge quotas)"
    );
}

pub(crate) fn not_claimed(why: next_step::Told) -> next_step::Told {
    Error::NotClaimed { why: why.to_string() }.into()
}
