//! `destroy`: takes a site, or an attached function, down again. Run again, it goes on where it stopped.

use std::time::{Duration, Instant};

use next_step::Outcome;
use ship::associate;
use ship::gates::FunctionVersion;

use crate::consent::Consent;
use crate::control_plane::{BucketState, Caller, ControlPlane, Distribution, REGION};
use crate::distribution::{self, Updated};
use crate::end::{End, Ended, Facts};
use crate::error::while_asking;
use crate::stacks::{self, any_name, output, parameter};
use crate::talk::{self, begin};
use crate::{Error, account, buckets, owned, package, regions, seal, secrets, wait, watch_owned};

/// Deletes the distribution, the function, its secrets and packages. Content and records of sales stay. Ends with 3 if the
/// edge is not that far yet: the same command goes on later.
#[derive(Debug, clap::Args)]
#[command(args_override_self = true)]
pub struct Arguments {
    /// The stack.
    #[arg(long, value_name = "NAME", default_value = "x402-paywall", value_parser = any_name)]
    stack: String,
    /// Delete the content bucket too, with all that is in it; its name is the confirmation.
    #[arg(long, value_name = "BUCKET")]
    delete_content: Option<String>,
    /// The function is attached to a distribution of yours: take it off, which serves what it guards free from then on.
    #[arg(long)]
    open: bool,
    /// Where packages are kept [default: x402-artifacts-ACCOUNT-RANDOM].
    #[arg(long, value_name = "NAME")]
    artifact_bucket: Option<String>,
    /// Wait so long for the edge: minutes until a distribution has let go of the function, hours until its replicas are gone.
    #[arg(long, value_name = "MINUTES", default_value_t = 0, value_parser = clap::value_parser!(u32).range(..10_000))]
    wait: u32,
    #[command(flatten)]
    consent: Consent,
}

impl Arguments {
    /// Whether facts are printed.
    pub fn json(&self) -> bool {
        self.consent.json()
    }
}

/// Takes it down.
pub async fn run<C: ControlPlane>(plane: &C, arguments: &Arguments) -> Outcome<End> {
    let Arguments { stack: name, .. } = arguments;
    begin("look");
    let caller = account::sign_in(plane).await?;
    if let Some(owned) = owned::read(plane, name).await? {
        return watch_owned::end(plane, name, &owned, &arguments.consent).await;
    }
    let stack = stacks::read(plane, name).await?;
    stacks::check_own(stack.as_ref())?;
    let watching = stacks::read(plane, &format!("{name}-watch")).await?;
    let logs = regions::find(plane, name, stack.as_ref()).await?;
    if let Some(stack) = &stack
        && stack.status != "DELETE_IN_PROGRESS"
        && stack.status.ends_with("_IN_PROGRESS")
    {
        stacks::can_change(plane, Some(stack)).await?;
    }
    let of = stack.as_ref();
    let (content, records) = (output(of, "ContentBucketName"), output(of, "RedemptionsBucketName"));
    let own = output(of, "DistributionId");
    let functions = stacks::functions(plane, name, of).await?;
    let attached: Vec<_> = distributions(plane)
        .await?
        .into_iter()
        .filter(|one| one.id != own && runs(one, &functions))
        .collect();

    let mut delete_content = arguments.delete_content.clone();
    if let Some(named) = delete_content.clone() {
        if !content.is_empty() && content != named {
            return Err(Error::OtherContent {
                named,
                stack: name.clone(),
                content: content.to_owned(),
            }
            .into());
        }
        match buckets::state(plane, &named).await? {
            BucketState::Taken => return Err(Error::NotThisAccounts { bucket: named }.into()),
            BucketState::Free => {
                println!("(there is no bucket {named} any more)");
                delete_content = None;
            }
            BucketState::Ours | BucketState::Elsewhere => {}
        }
    }
    let parameter_name = secrets::parameter_name(name);
    let asked = plane.parameter(&parameter_name).await;
    let has_secrets = asked.map_err(while_asking("looking for the secrets"))?.is_some();
    let seal_name = seal::parameter_name(name);
    let asked = plane.parameter(&seal_name).await;
    let has_seal = asked.map_err(while_asking("looking for the seal"))?.is_some();
    let reseal_name = seal::reseal_name(name);
    let asked = plane.parameter(&reseal_name).await;
    let has_reseal = asked.map_err(while_asking("looking for a change of the seal"))?.is_some();
    let artifacts =
        package::find_bucket(plane, &caller, arguments.artifact_bucket.as_deref(), of).await?;
    let artifacts = match artifacts {
        Some(bucket) if has_packages(plane, &bucket, name).await? => Some(bucket),
        _ => None,
    };

    println!("\ntake down stack {name} in account {}:", caller.account);
    for line in &logs.unseen {
        println!("  ?       {line}: stacks there are not found");
    }
    if delete_content.is_none() && !content.is_empty() {
        println!("  keep    content in s3://{content} (--delete-content {content} deletes it)");
    }
    if parameter(of, "ContentPolicyBy") == "owner" {
        println!(
            "  keep    the policy of s3://{content}, which is yours; what it says of distribution {own} has no use any more"
        );
    }
    if !records.is_empty() {
        println!("  keep    records of sales in s3://{records}");
    }
    let mut steps = Vec::new();
    if let Some(watching) = &watching {
        steps.push(format!("delete stack {name}-watch ({}): alarms, dashboard", watching.status));
    }
    for one in &attached {
        steps.push(format!("change distribution {}: without the function", one.id));
    }
    if let Some(stack) = of {
        let with = if own.is_empty() {
            String::new()
        } else {
            format!(": distribution {own} and what belongs to it")
        };
        steps.push(format!("delete stack {name} ({}){with}", stack.status));
    }
    for (there, logs) in &logs.stacks {
        let with = match parameter(Some(logs), "CreateLogGroup") {
            "yes" => format!(", log group {}", parameter(Some(logs), "FunctionLogGroupName")),
            _ => String::new(),
        };
        steps.push(format!(
            "delete stack {} in {} ({}): money alarms{with}",
            logs.name,
            there.region(),
            logs.status
        ));
    }
    if let Some(bucket) = &delete_content {
        steps.push(format!("DELETE bucket {bucket} WITH ALL CONTENT"));
    }
    for function in &functions {
        steps.push(format!("delete function {function}, once its replicas are gone"));
    }
    if has_secrets {
        steps.push(format!("delete secrets in SSM {parameter_name}: passes that were sold end"));
    }
    if has_seal {
        steps.push(format!(
            "delete the seal in SSM {seal_name}: the bucket's one folder of that shape tells it"
        ));
    }
    if has_reseal {
        steps.push(format!(
            "delete the change of the seal in SSM {reseal_name}, which is not ended: the bucket has two such folders, and which \
             is the site's nobody will know. `paywall publish --delete` ends it"
        ));
    }
    if let Some(bucket) = &artifacts {
        steps.push(format!("delete packages in s3://{bucket}/{name}/"));
    }
    let facts = Facts::of(name, of).doing(&steps);
    if steps.is_empty() {
        println!("  nothing: it is gone");
        return Ok(End::new(Ended::Unchanged, &facts));
    }
    talk::show(&steps);
    if !attached.is_empty() && !arguments.open {
        let ids: Vec<_> = attached.iter().map(|one| one.id.as_str()).collect();
        return Err(Error::Guards { ids: ids.join(", ") }.into());
    }
    if let Some(ended) = arguments.consent.ask()? {
        return Ok(End::new(ended, &facts));
    }

    // Before what it watches: its check would ring.
    if watching.is_some() {
        stacks::take_down(plane, &format!("{name}-watch")).await?;
    }
    for one in &attached {
        begin(&format!("take the function off distribution {}", one.id));
        take_off(plane, &caller, &one.id, &functions, output(of, "WebAclArn")).await?;
    }
    let until = Instant::now() + Duration::from_secs(60 * u64::from(arguments.wait));
    if of.is_some() {
        begin("wait until the edge has let go of the function");
        // Edge locations run the function, with its role and web ACL, until its distribution is Deployed without it. Which
        // one it was, nothing says any more if an earlier run took it off: so each that is under way is waited for.
        // https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_Distribution.html
        loop {
            let going = distributions(plane)
                .await?
                .into_iter()
                .filter(|one| one.status == "InProgress" && one.id != own);
            let ids: Vec<_> = going.map(|one| one.id).collect();
            if ids.is_empty() {
                break;
            }
            if !waited(until).await {
                println!(
                    "distribution {} is under way to the edge, which may run the function still: stack {name} has its role and web ACL, and stays",
                    ids.join(" ")
                );
                println!(
                    "run `paywall destroy --stack {name}` again in some minutes, or with --wait 30"
                );
                return Ok(End::new(Ended::Later, &facts));
            }
        }
    }
    if of.is_some() {
        stacks::take_down(plane, name).await?;
    }
    // After the function: it would make the groups again.
    for (there, logs) in &logs.stacks {
        stacks::take_down(there, &logs.name).await?;
    }
    if let Some(bucket) = &delete_content {
        begin(&format!("delete bucket {bucket}"));
        empty(plane, bucket, "").await?;
        plane.delete_bucket(bucket).await.map_err(|failure| match failure.code.as_str() {
            "BucketNotEmpty" => Error::OldVersions { bucket: bucket.clone() },
            _ => while_asking(format!("deleting bucket {bucket}"))(failure),
        })?;
    }
    begin("delete the function");
    while !delete_functions(plane, &functions).await? {
        if !waited(until).await {
            println!(
                "the function has replicas at the edge still, which AWS removes some hours after the last distribution let go of it"
            );
            println!(
                "all else is deleted but secrets and packages; run `paywall destroy --stack {name}` again in some hours"
            );
            return Ok(End::new(Ended::Later, &facts));
        }
    }
    begin("delete secrets and packages");
    for (name, _) in
        [(&parameter_name, has_secrets), (&reseal_name, has_reseal), (&seal_name, has_seal)]
            .iter()
            .filter(|it| it.1)
    {
        plane.delete_parameter(name).await.map_err(while_asking(format!("deleting {name}")))?;
    }
    if let Some(bucket) = &artifacts {
        empty(plane, bucket, &format!("{name}/")).await?;
    }
    let stays = if content.is_empty() || delete_content.is_some() {
        String::new()
    } else {
        format!("; content stays in s3://{content}")
    };
    println!("gone: stack {name}{stays}");
    Ok(End::new(Ended::Done, &facts))
}

async fn distributions(plane: &impl ControlPlane) -> Result<Vec<Distribution>, Error> {
    plane.distributions().await.map_err(while_asking("listing distributions"))
}

/// Whether a distribution runs one of these functions, in whatever version.
fn runs(distribution: &Distribution, functions: &[String]) -> bool {
    let named =
        |arn: &String| functions.iter().any(|name| arn.contains(&format!(":function:{name}:")));
    distribution.functions.iter().any(named)
}

async fn take_off(
    plane: &impl ControlPlane,
    caller: &Caller,
    id: &str,
    functions: &[String],
    web_acl: &str,
) -> Outcome<()> {
    for name in functions {
        let now = distribution::read(plane, caller, id).await?;
        let mut next = now.config.clone();
        let function: FunctionVersion =
            format!("arn:aws:lambda:{REGION}:{}:function:{name}:1", caller.account).parse()?;
        if associate::take_off(&mut next, &function, web_acl)?.is_empty() {
            continue;
        }
        if let Updated::Refused(failure) = distribution::update(plane, id, &now, &next).await? {
            return Err(while_asking(format!("updating distribution {id}"))(failure).into());
        }
    }
    Ok(())
}

/// A moment later, `true`; `false` if it has been waited long enough.
async fn waited(until: Instant) -> bool {
    if Instant::now() >= until {
        return false;
    }
    wait::moment(Duration::from_secs(60)).await;
    true
}

/// Replicas go some hours after the last association; until then Lambda refuses.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-edge-delete-replicas.html>
async fn delete_functions(plane: &impl ControlPlane, functions: &[String]) -> Result<bool, Error> {
    let mut all = true;
    for name in functions {
        match plane.delete_function(name).await {
            Ok(()) => println!("deleted function {name}"),
            Err(failure) if failure.says("replicated function") => all = false,
            Err(failure) if failure.says("ResourceNotFound") => {}
            Err(failure) => return Err(while_asking(format!("deleting function {name}"))(failure)),
        }
    }
    Ok(all)
}

async fn has_packages(plane: &impl ControlPlane, bucket: &str, stack: &str) -> Result<bool, Error> {
    Ok(buckets::state(plane, bucket).await? == BucketState::Ours
        && !keys(plane, bucket, &format!("{stack}/")).await?.is_empty())
}

async fn keys(plane: &impl ControlPlane, bucket: &str, prefix: &str) -> Result<Vec<String>, Error> {
    let objects = plane.objects(bucket, prefix).await;
    let objects = objects.map_err(while_asking(format!("looking into s3://{bucket}/{prefix}")))?;
    Ok(objects.into_iter().map(|object| object.key).collect())
}

async fn empty(plane: &impl ControlPlane, bucket: &str, prefix: &str) -> Result<(), Error> {
    let keys = keys(plane, bucket, prefix).await?;
    if keys.is_empty() {
        return Ok(());
    }
    plane
        .delete_objects(bucket, &keys)
        .await
        .map_err(while_asking(format!("deleting what is in s3://{bucket}/{prefix}")))
}
