//! `deploy`: a new site: bucket, distribution, function. Run again, it changes what differs.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use next_step::Outcome;
use ship::artifact::Sold;
use ship::gates::{FunctionVersion, Shelf};

use crate::bucket_name::Base;
use crate::content::{self, Lacks};
use crate::control_plane::{ControlPlane, REGION};
use crate::end::{End, Ended, Facts};
use crate::error::while_asking;
use crate::open::{self, OPEN};
use crate::options::{Shared, stack_name};
use crate::package::Packers;
use crate::regional::{Logs, Turn};
use crate::site::{CLAIM, Site, compile};
use crate::stacks::{self, Changed, live, output, parameter};
use crate::talk::{self, begin};
use crate::watch::Watch;
use crate::{Error, account, alarms, buckets, expect, gates, reseal, switch};

const TEMPLATE: &str = include_str!("../../infra/site.yaml");

/// Creates or updates a site that sells what the content.toml says, after showing it. Run again, it goes on where it
/// stopped. A new site is closed until all that it sells is published: publish, and run it again. One that sells already is
/// not changed before.
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
    let sold = Sold::of(&compiled, plan.seal.seal().map(|sealed| &sealed.seal));
    // Of a site that goes over to another bucket, `publish` knows the one that it has.
    let publish = match kept.is_none_or(|kept| kept == bucket) {
        true => format!("`paywall publish --stack {name}`"),
        false => format!("`paywall publish --stack {name} --bucket {bucket}`"),
    };
    let lacks = content::lacks(plane, &bucket, &sold).await?;
    let given = plan.parameters.get(OPEN).map(String::as_str);
    let distribution = output(before, "DistributionId").to_owned();
    // Whose policy the bucket's owner keeps can be read once it names the distribution, which must be there before.
    let unread =
        buckets::missing_statements(plane, &caller, &bucket, &distribution, &by).await?.is_some();
    let unread = unread && !open::sells(before);
    let opens = match (open::plan(before, given, unread || lacks.priced.is_some()), &lacks.priced) {
        (None, Some(missing)) => return Err(missing.clone().refused(publish).into()),
        (opens, _) => opens.unwrap_or("no"),
    };
    // The new bucket's policy names the distribution, and so comes after it.
    if let Some(from) = kept.filter(|kept| *kept != bucket && open::sells(before) && opens == "yes")
    {
        let (stack, from, to) = (name.clone(), from.to_owned(), bucket);
        return Err(Error::BucketChanges { stack, from, to }.into());
    }
    let shut = Shut { lacks, unread, is_closed: opens == "no", by_name: given == Some("no") };
    plan.parameters.insert(OPEN.to_owned(), opens.to_owned());
    site.describe(&plan).await;
    println!("  content     s3://{bucket}");
    println!("  site        {}", shut.said());
    println!(
        "  stack       {} s for the function; infra/site.yaml",
        plan.parameters["FunctionTimeout"]
    );

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
        match shut.is_closed {
            true => {
                println!("no change: this very function is deployed, and the site stays closed")
            }
            false => println!("nothing to do: this very function is deployed"),
        }
        tell(buckets::missing_statements(plane, &caller, &bucket, &distribution, &by).await?);
        shut.tell(name, &bucket);
        return Ok(End::new(Ended::Unchanged, &Facts::of(name, before).checked(plane).await?));
    }
    let site_id = &compiled.table().site.id;
    let web_acl = plan.parameters.get("WebAcl").map(String::as_str);
    switch::stays(plane, before, site_id, web_acl).await?;
    let packages = &plan.package.bucket;
    let mut steps = site.steps(&plan);
    steps.extend(logs.steps(Turn::BeforeTheSite));
    steps.extend(before.map(|_| expect::begins(packages, name)));
    let verb = if before.is_some() { "update" } else { "create" };
    let state = match (open::is_closed(before), shut.is_closed) {
        (_, true) => ", which is disabled",
        (true, false) => ", which is enabled",
        (false, false) => "",
    };
    steps.push(format!(
        "{verb} stack {name} in {REGION}: bucket, distribution{state}, function, web ACL"
    ));
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
    if !shut.is_closed
        && let Some(missing) = content::lacks(plane, &bucket, &sold).await?.priced
    {
        // Much may have happened since it was planned. From now on `publish` deletes nothing.
        return Err(missing.refused(publish).into());
    }
    begin(&format!("deploy stack {name} (a new distribution takes some minutes)"));
    let tags = plan.tags_with(TEMPLATE);
    let work = async {
        let mut changed =
            stacks::deploy(plane, name, TEMPLATE, &plan.parameters, tags.clone()).await?;
        if matches!(&changed, Changed::Failed(why) if stacks::timeout_refused(why)) {
            say_older_quota();
            plan.parameters.insert("FunctionTimeout".to_owned(), "5".to_owned());
            changed = stacks::deploy(plane, name, TEMPLATE, &plan.parameters, tags).await?;
        }
        Ok(changed)
    };
    if let Changed::Failed(why) = switch::under(plane, before, site_id, work).await? {
        return Err(stacks::explain(plane, name, why).await.into());
    }
    let stack = stacks::read(plane, name).await?;
    if !early {
        begin("claim the site's id");
        site.claim(true).await.map_err(not_claimed)?;
    }
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
    match shut.is_closed {
        true => println!("\ndeployed, and closed: {url} answers nobody, and nothing is sold"),
        false => println!("\ndeployed: {url}"),
    }
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
    shut.tell(name, &bucket);
    println!(
        "next: `paywall status --stack {name}`, until the distribution is Deployed everywhere (minutes)"
    );
    if !shut.is_closed
        && let Some(missing) = content::lacks(plane, &bucket, &sold).await?.priced
    {
        return Err(missing.lost(publish).into());
    }
    let facts = Facts::of(name, stack.as_ref()).doing(&steps).checked(plane).await?;
    Ok(End::new(Ended::Done, &facts))
}

/// Whether the site is closed, and why.
struct Shut {
    lacks: Lacks,
    /// The distribution may not read the bucket yet.
    unread: bool,
    is_closed: bool,
    /// By `--parameter`.
    by_name: bool,
}

impl Shut {
    /// As the plan has it.
    fn said(&self) -> String {
        match (&self.lacks.priced, self.is_closed) {
            (_, true) if self.by_name => format!("closed, as --parameter {OPEN}=no says"),
            (Some(missing), _) => format!("closed until they are published: {}", missing.said()),
            (None, _) if self.unread => {
                "closed until the distribution may read the bucket".to_owned()
            }
            (None, _) => "open: all that is priced is there".to_owned(),
        }
    }

    /// What is next: before it opens, or for those who ask for what is free.
    fn tell(&self, name: &str, bucket: &str) {
        let publish = format!("`paywall publish --stack {name}`");
        let opens = match self.by_name {
            true => format!("`paywall deploy` without --parameter {OPEN}=no opens the site"),
            false => "`paywall deploy` again, this very command, opens the site".to_owned(),
        };
        if let Some(missing) = &self.lacks.priced {
            println!("next: {publish} ({}); then {opens}", missing.said());
        } else if self.is_closed {
            println!("next: {opens}");
        } else if let Some(first) = self.lacks.free.first() {
            println!(
                "next: {publish}: {} free objects are not in s3://{bucket}, {first:?} for one",
                self.lacks.free.len()
            );
        }
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
