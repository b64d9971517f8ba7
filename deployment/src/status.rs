//! `status`: where a deployment stands, and what to do next. Changes nothing.

mod content;
mod report;

use std::path::PathBuf;
use std::process::ExitCode;

use next_step::Outcome;
use ship::preflight::table_sha256;
use ship::reseal::Stage;
use ship::seal::fingerprint;

use crate::Error;
use crate::account;
use crate::buckets;
use crate::check::{self, Expected, Owner};
use crate::control_plane::{ControlPlane, Stack};
use crate::error::while_asking;
use crate::gates;
use crate::limits::{self, region};
use crate::owned;
use crate::package;
use crate::regions;
use crate::seal;
use crate::site::compile;
use crate::stacks::{self, any_name, live, output, parameter, tag};
use crate::switch;
use crate::version::{self, Parts};
use content::of_content;
use report::Report;

/// Says where a deployment stands, and what to do next. Changes nothing.
#[derive(Debug, clap::Args)]
#[command(args_override_self = true)]
pub struct Arguments {
    /// The stack.
    #[arg(long, value_name = "NAME", default_value = "x402-paywall", value_parser = any_name)]
    stack: String,
    /// The distribution that the function was attached to.
    #[arg(long, value_name = "ID")]
    distribution: Option<String>,
    /// Say how many sales fit in at once there; may be repeated. Without it: the Regions that were named at the deployment.
    #[arg(long, value_name = "REGION", value_parser = region)]
    buyers_in: Vec<String>,
    /// End with 1 unless all is as it should be.
    #[arg(long)]
    fail: bool,
    /// Print JSON: the facts by name, and what is next.
    #[arg(long)]
    json: bool,
}

/// Prints it.
pub async fn run<C: ControlPlane>(
    plane: &C,
    arguments: &Arguments,
    config: Option<PathBuf>,
) -> Outcome<ExitCode> {
    let name = &arguments.stack;
    let mut report = Report::default();
    let caller = account::ask(plane).await?;
    report.say("account", account::sentence(&caller));
    let owned = owned::read(plane, name).await?;
    let owner = owned.as_ref().map(|owned| owned.owner);
    let stack = match &owned {
        Some(owned) => {
            let said = "its owner's code has the function";
            report.say("owner", format!("{}: {said}", owned.owner.name()));
            if let Some(next) = owned.expected.as_ref().and_then(Expected::awaits)
                && next != parameter(Some(&owned.site), "CodeSha256")
            {
                let applies = owned.owner.applies();
                report.next(format!("the package {next} is brought, and not live: name it in the code, and {applies}"));
            }
            Some(owned.site.clone())
        }
        None => {
            let stack = stacks::read(plane, name).await?;
            let status = stack.as_ref().map_or("not deployed", |stack| &stack.status);
            report.say("stack", format!("{name}: {status}"));
            stack
        }
    };
    match live(stack.as_ref()) {
        Some(stack) if owner.is_none() && stacks::is_foreign(Some(stack)) => report.next(format!(
            "stack {name} is none of this tool's. If its code has the function: `paywall watch ID --stack {name} --owner cdk`"
        )),
        None => report.next(unwatched(plane, name).await?),
        Some(stack) => {
            of_stack(plane, stack, &mut report).await;
            let own = output(Some(stack), "DistributionId");
            let distribution = arguments
                .distribution
                .clone()
                .or_else(|| Some(own.to_owned()).filter(|id| !id.is_empty()));
            of_distribution(plane, stack, owner, distribution.as_deref(), &mut report).await?;
            of_prices(plane, stack, owner, config, &mut report).await?;
            of_content(plane, stack, distribution.as_deref(), &mut report).await;
            if let Err(why) = of_seal(plane, stack, &mut report).await {
                report.say("seal", format!("not told: {why}"));
            }
            if let Some(id) = &distribution {
                if let Err(why) = of_origins(plane, stack, id, &mut report).await {
                    report.say("origins", format!("not looked at: {why}"));
                }
                let (bucket, by) = (
                    output(Some(stack), "ContentBucketName"),
                    parameter(Some(stack), "ContentPolicyBy"),
                );
                let missing = buckets::missing_statements(plane, &caller, bucket, id, by).await?;
                missing.into_iter().for_each(|statements| report.next(statements));
            }
            // Where an owner's code has them, nothing here tells.
            if owner.is_none() {
                of_secrets(plane, stack, &mut report).await?;
            }
            let regions = limits::regions(&arguments.buyers_in, Some(stack));
            let sales = limits::lines(plane, &regions).await;
            sales.into_iter().for_each(|line| report.say("sales", line));
            let mut parts = Parts::new();
            parts.add("function package", tag(Some(stack), version::OF_PACKAGE));
            if owner.is_none() {
                parts.add(format!("stack {name}"), tag(Some(stack), version::OF_TEMPLATE));
            }
            of_alarms(plane, stack, owner, &mut parts, &mut report).await?;
            let versions = parts.lines(&version::own());
            versions.into_iter().for_each(|line| report.say("version", line));
            if stack.status.ends_with("_IN_PROGRESS") {
                report.next(format!("wait until CloudFormation is done with {name}"));
            } else if stack.status.ends_with("_FAILED") {
                let says = if owner.is_some() { "watch" } else { "deploy" };
                report.next(format!("`paywall {says}` says how to go on from {}", stack.status));
            }
        }
    }
    report.print(arguments.json);
    let good = report.is_good() || !arguments.fail;
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What to do about a name of which nothing is deployed here.
async fn unwatched(plane: &impl ControlPlane, name: &str) -> Result<String, Error> {
    let left = stacks::functions_of(plane, name).await?;
    if left.contains(&stacks::of_terraform(name)) {
        return Ok(format!(
            "the function {name}-paywall is in Terraform's code: `paywall watch ID --stack {name} --owner terraform` watches it"
        ));
    }
    let left = left.join(" ");
    Ok(match left.is_empty() {
        true => "`paywall deploy` makes a new site, `paywall attach` guards one that exists (`paywall watch`: its owner's code does)"
            .to_owned(),
        false => format!(
            "a function is left ({left}): `paywall destroy --stack {name}` removes it once its replicas are gone"
        ),
    })
}

async fn of_stack(plane: &impl ControlPlane, stack: &Stack, report: &mut Report) {
    if stack.status.contains("FAILED") || stack.status.contains("ROLLBACK") {
        let failures = stacks::failures(plane, &stack.name).await;
        if !failures.is_empty() {
            report.say("failures", failures);
        }
    }
    let arn = output(Some(stack), "FunctionVersionArn");
    let short = arn.split_once(":function:").map_or(arn, |(_, short)| short);
    let seconds = parameter(Some(stack), "FunctionTimeout");
    let within = if seconds.is_empty() { String::new() } else { format!(", {seconds} s") };
    report.say("function", format!("{short}{within}"));
    // A group of the stack's own has one name in every Region; Lambda's default would have us-east-1 in it.
    // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-functions-logs.html
    let log = output(Some(stack), "FunctionLogGroupName");
    report.say(
        "log",
        format!(
            "{log} in each Region where it ran: aws logs tail {log} --since 1h --region REGION"
        ),
    );
}

async fn of_distribution(
    plane: &impl ControlPlane,
    stack: &Stack,
    owner: Option<Owner>,
    id: Option<&str>,
    report: &mut Report,
) -> Result<(), Error> {
    let Some(id) = id else {
        report
            .next("name the distribution with --distribution to see whether it runs the function");
        return Ok(());
    };
    let asked = || while_asking(format!("asking for distribution {id}"));
    let Some(found) = plane.distribution(id).await.map_err(asked())? else {
        report.say("distribution", format!("{id}: there is none"));
        report.next(match owner {
            Some(owner) => format!("distribution {id} is gone: {} makes it again", owner.applies()),
            None => {
                format!("distribution {id} is gone: `paywall deploy`, or `attach` to another one")
            }
        });
        return Ok(());
    };
    report.say("distribution", format!("{id}: {}, https://{}", found.status, found.domain));
    if found.status != "Deployed" {
        report
            .next("wait: the edge takes some minutes to have the newest configuration everywhere");
    }
    let config = plane.configuration(id).await.map_err(asked())?;
    let arn = format!("\"{}\"", output(Some(stack), "FunctionVersionArn"));
    // Of what its owner's code has, the findings say how it is mended.
    if owner.is_none()
        && !config.as_ref().is_some_and(|live| live.config.to_string().contains(&arn))
    {
        report.next(format!(
            "distribution {id} does not run this function's version: `paywall deploy` or `paywall attach` again"
        ));
    }
    let acl = config.as_ref().and_then(|live| live.config["WebACLId"].as_str());
    if let Some(on) = switch::on(plane, acl.unwrap_or_default()).await? {
        report.say("switch", on);
        report.next(format!("`paywall switch off --stack {}` turns the switch off", stack.name));
    }
    let bucket = parameter(Some(stack), "CodeBucketName");
    let findings = check::check(plane, bucket, &check::key(&stack.name), id).await;
    let checked = findings.map_err(while_asking("comparing with what was deployed"))?;
    for finding in checked.findings {
        report.say("CHANGED", format!("{}: {}", finding.code(), finding.what()));
        report.next(finding.mend(checked.owner.or(owner)));
    }
    Ok(())
}

/// What S3 would tell viewers of where a sealed site's objects lie.
async fn of_origins(
    plane: &impl ControlPlane,
    stack: &Stack,
    id: &str,
    report: &mut Report,
) -> Outcome<()> {
    let record = package::live_record(plane, stack).await?;
    if record.is_none_or(|record| record.seal.is_none()) {
        return Ok(());
    }
    let asked = || while_asking(format!("asking for distribution {id}"));
    let Some(live) = plane.configuration(id).await.map_err(asked())? else { return Ok(()) };
    let function = output(Some(stack), "FunctionVersionArn").parse()?;
    for finding in gates::told(plane, &live.config, id, &function).await? {
        report.say("NOT CLOSED", finding.what());
        report.next(finding.mend());
    }
    Ok(())
}

async fn of_prices(
    plane: &impl ControlPlane,
    stack: &Stack,
    owner: Option<Owner>,
    config: Option<PathBuf>,
    report: &mut Report,
) -> Outcome<()> {
    let Some(record) = package::live_record(plane, stack).await? else {
        report.say("prices", "unknown: the record beside the package is gone");
        return Ok(());
    };
    report.say("prices", format!("table {:.16}, {} objects", record.table_sha256, record.objects));
    if config.is_some() {
        let (config, compiled) = compile(config)?;
        let now = table_sha256(&compiled);
        if now != record.table_sha256 {
            let brings = owner.map_or_else(
                || "`paywall deploy`, or `paywall attach`, brings them there".to_owned(),
                |owner| {
                    format!(
                        "`paywall build`, then `paywall watch`, which says what {} needs",
                        owner.applies()
                    )
                },
            );
            report.next(format!(
                "the prices in {} (table {now:.16}) are not live: {brings}",
                config.display()
            ));
        }
    }
    Ok(())
}

/// The seal that packages get, how far its change is, and what the live package has.
async fn of_seal(plane: &impl ControlPlane, stack: &Stack, report: &mut Report) -> Outcome<()> {
    let name = &stack.name;
    let live = package::live_record(plane, stack).await?.and_then(|record| record.seal);
    let Some(kept) = seal::kept(plane, name).await? else {
        // Where a file of the seller's keeps it, the package tells.
        if let Some(live) = live {
            report.say("seal", live);
        }
        return Ok(());
    };
    let own = fingerprint(&kept.seal);
    let publish = format!("`paywall publish --stack {name}`");
    let Some(reseal) = seal::change(plane, name).await?.filter(|it| it.is_of(&kept.seal)) else {
        report.say("seal", own.clone());
        if live.is_some_and(|live| live != own) {
            report.next("the live function has another seal than SSM: `paywall deploy`, or `paywall attach`, brings it there");
        }
        return Ok(());
    };
    let (from, to) = (fingerprint(&reseal.from), fingerprint(&reseal.to));
    let is_new = live.as_ref() == Some(&to);
    let stage = match reseal.stage(&kept.seal) {
        Stage::Begun => {
            report.next(format!("{publish} --reseal goes on with the new seal"));
            "the new one is being filled".to_owned()
        }
        _ if !is_new => {
            report.next("`paywall deploy`, or `paywall attach`, packs the new seal");
            "the new one is filled, and not live".to_owned()
        }
        Stage::Filled => {
            report.next(format!(
                "{publish}, once the distribution is Deployed, writes down that the new seal is live"
            ));
            "the new one is deployed".to_owned()
        }
        Stage::Live(over) => {
            report.next(format!(
                "{publish} --delete, from {over} on, takes away what lies below the old seal"
            ));
            format!("the new one is live, and the function before it may be asked until {over}")
        }
    };
    report.say("seal", format!("changes from {from} to {to}: {stage}"));
    report.say("NOT CLOSED", "what lies below the old seal is as open as before");
    Ok(())
}

async fn of_secrets(
    plane: &impl ControlPlane,
    stack: &Stack,
    report: &mut Report,
) -> Result<(), Error> {
    let named = tag(Some(stack), "x402-secrets");
    let Some((name, version)) = named.rsplit_once(':').filter(|_| named.starts_with("/x402/"))
    else {
        report.say("secrets", "in the zip");
        return Ok(());
    };
    let read = || while_asking("reading when the secrets were written");
    match plane.parameter(named).await.map_err(read())? {
        None => report.next(format!(
            "the secrets {named} are gone: the function cannot start. Deploy again with new ones"
        )),
        Some(live) => {
            report.say("secrets", format!("SSM {named}, written {}", live.written));
            let newest =
                plane.parameter(name).await.map_err(read())?.map_or(0, |newest| newest.version);
            if newest.to_string() != version {
                report.next(format!(
                    "SSM {name} has a newer version, {newest}, that is not live: deploy again"
                ));
            }
        }
    }
    Ok(())
}

async fn of_alarms<C: ControlPlane>(
    plane: &C,
    stack: &Stack,
    owner: Option<Owner>,
    parts: &mut Parts,
    report: &mut Report,
) -> Result<(), Error> {
    let name = &stack.name;
    let watching = stacks::read(plane, &format!("{name}-watch")).await?;
    if let Some(watching) = &watching {
        let with = match parameter(Some(watching), "BookkeeperCodeKey") {
            "" => "",
            _ => ", with its check",
        };
        parts.add(format!("stack {name}-watch{with}"), tag(Some(watching), version::OF_TEMPLATE));
    }
    let logs = regions::find(plane, name, Some(stack)).await?;
    let is_watched = watching.is_some() || !logs.stacks.is_empty();
    report.say(
        "watching",
        watching.map_or_else(|| format!("no stack {name}-watch: no alarms"), |stack| stack.status),
    );
    ringing(plane, &format!("{name}-watch-"), report).await?;
    for (there, logs) in &logs.stacks {
        report.say("logs", format!("{}: stack {} {}", there.region(), logs.name, logs.status));
        let part = format!("stack {} in {}", logs.name, there.region());
        parts.add(part, tag(Some(logs), version::OF_TEMPLATE));
        ringing(there, &format!("{}-", logs.name), report).await?;
    }
    for line in logs.unseen {
        report.say("logs", line);
    }
    let lacks = |region: &String| !logs.stacks.iter().any(|(there, _)| there.region() == region);
    for region in limits::regions(&[], Some(stack)).into_iter().filter(lacks) {
        report.say("logs", format!("{region}: no stack {name}-logs, so no alarms on money there"));
        if is_watched {
            let again = match owner {
                Some(_) => "`paywall watch`",
                None => "`paywall deploy` or `paywall attach`",
            };
            report.next(format!("{again} again makes {name}-logs in {region}"));
        }
    }
    Ok(())
}

async fn ringing(
    plane: &impl ControlPlane,
    prefix: &str,
    report: &mut Report,
) -> Result<(), Error> {
    let region = plane.region();
    let ringing = plane.ringing(prefix).await;
    for alarm in ringing.map_err(while_asking(format!("reading alarms in {region}")))? {
        report.next(format!(
            "look at alarm {alarm} in {region}: infra/README.md says what each means"
        ));
        report.say("ALARM", alarm);
    }
    Ok(())
}
