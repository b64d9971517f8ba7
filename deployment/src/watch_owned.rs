//! `watch`: watches a site whose function is in its owner's code. Run before a package is deployed there, it brings it and says
//! what the code needs; run after, it judges the distribution and writes down what is to stay. Changes nothing that sells.

use std::path::PathBuf;

use next_step::Outcome;
use serde_json::Value;
use ship::artifact::Sold;
use ship::gates::{FunctionVersion, shelves};
use ship::keeper::Kept;
use ship::preflight::{self, Accepted, Previous};
use ship::s3::Access;

use crate::check::{self, Made, Owned as OfOwner, Owner};
use crate::consent::Consent;
use crate::control_plane::{Caller, ControlPlane, Stack};
use crate::end::{End, Ended, Facts};
use crate::error::while_asking;
use crate::limits::{self, region};
use crate::options::{address, pair};
use crate::owned::{self, Owned};
use crate::package::{self, Packers};
use crate::regional::{Logs, Turn};
use crate::site::{CLAIM, compile};
use crate::stacks::{self, any_name, live};
use crate::talk::{self, begin};
use crate::watch::Watch;
use crate::{Error, account, alarms, content, distribution, expect, gates, regions, version};

/// Watches a distribution whose function is in the code of Terraform or CDK: alarms, and the check every five minutes. Run it
/// with each new package, before it is deployed there and after. Changes neither the distribution nor the function.
#[derive(Debug, clap::Args)]
#[command(args_override_self = true)]
pub struct Arguments {
    /// The distribution's id, as EDFDVBD6EXAMPLE.
    #[arg(value_name = "DISTRIBUTION_ID", value_parser = distribution::id)]
    id: String,
    /// What the function is named by: the module's `name`, or CDK's stack.
    #[arg(long, value_name = "NAME", value_parser = any_name)]
    stack: String,
    /// Whose code has the function; remembered.
    #[arg(long, value_enum)]
    owner: Option<Owner>,
    /// The packaged function, as `paywall build` leaves it.
    #[arg(long, value_name = "FILE", default_value = "dist/edge-fn.zip")]
    zip: PathBuf,
    /// Where packages are kept [default: x402-artifacts-ACCOUNT-RANDOM].
    #[arg(long, value_name = "NAME")]
    artifact_bucket: Option<String>,
    /// Who is told by the alarms: an address, which must confirm once in each Region, or `none`; remembered.
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    alarm_email: Option<String>,
    /// Logs are kept and alarms on money made there, too; may be repeated, and is remembered. us-east-1 is always one.
    #[arg(long, value_name = "REGION", value_parser = region)]
    buyers_in: Vec<String>,
    /// A parameter of infra/watch.yaml; may be repeated.
    #[arg(long = "parameter", value_name = "KEY=VALUE", value_parser = pair)]
    given: Vec<(String, String)>,
    /// Take a site id that another stack holds, or give this one another.
    #[arg(long)]
    accept_new_site_id: bool,
    #[command(flatten)]
    consent: Consent,
}

impl Arguments {
    /// Whether facts are printed.
    pub fn json(&self) -> bool {
        self.consent.json()
    }
}

/// Watches, or says what the owner's code needs first.
pub async fn run(
    plane: &impl ControlPlane,
    arguments: &Arguments,
    config: Option<PathBuf>,
    packers: &Packers<'_>,
) -> Outcome<End> {
    let Arguments { id, stack: name, .. } = arguments;
    let (path, compiled) = compile(config)?;
    begin(&format!("look: account, distribution {id}, price table"));
    let caller = account::sign_in(plane).await?;
    let now = distribution::read(plane, &caller, id).await?.config;
    let own = stacks::read(plane, name).await?;
    if live(own.as_ref()).is_some() && !stacks::is_foreign(own.as_ref()) {
        return Err(Error::OwnStack { stack: name.clone(), id: id.clone() }.into());
    }
    let before = owned::read(plane, name).await?;
    let owner = arguments.owner.or(before.as_ref().map(|owned| owned.owner));
    let owner = owner.ok_or_else(|| Error::NoOwner { stack: name.clone() })?;

    let kept = before.as_ref().map(|owned| owned.site.parameters["CodeBucketName"].clone());
    let bucket = arguments.artifact_bucket.clone().or(kept);
    let named = (Some(arguments.zip.as_path()), bucket.as_deref());
    let nobody = |_: &_, _: &[u8], _: Option<&_>| Ok(arguments.zip.clone());
    let own = (&*path, &compiled);
    let package =
        package::plan(plane, &caller, (name, None), own, (&[], None), named, &nobody).await?;
    let hash = &package.artifact.code_sha256;
    let seal = ship::artifact::seal(&arguments.zip)?;

    let functions = stacks::functions_of(plane, name).await?;
    let versions = owned::versions(&now, &functions);
    if versions.len() > 1 {
        let versions = versions.into_iter().collect::<Vec<_>>().join(", ");
        return Err(Error::ManyVersions { id: id.clone(), versions }.into());
    }
    let running = owned::running(plane, name, &now, versions.first()).await?;
    let is_live = running.code_sha256 == *hash;
    let function: Option<FunctionVersion> = versions.first().map(|arn| arn.parse()).transpose()?;

    let found = plane.distribution(id).await;
    let found = found.map_err(while_asking(format!("asking for distribution {id}")))?;
    let domain = found.as_ref().map(|found| found.domain.clone());
    let hosts = found.map_or_else(Vec::new, |found| [found.aliases, vec![found.domain]].concat());
    // Who deploys has said yes to what it sells.
    let looked = preflight::look(&path, &compiled, &Previous::None, &Accepted::default(), &hosts);
    eprint!("{}", looked.warnings);
    print!("{}", looked.summary);
    for note in &looked.refused {
        println!("  note        {note}");
    }
    let record = looked.record.sealed(seal.as_ref().map(|sealed| &sealed.seal));
    check_site(plane, &compiled, arguments).await?;

    let regions = limits::regions(&arguments.buyers_in, before.as_ref().map(|owned| &owned.site));
    let mut tags = ship::site::tags(compiled.table());
    tags.insert("x402-stack".to_owned(), name.clone());
    tags.extend(limits::tag_of(&regions));
    tags.extend(package.artifact.version.clone().map(|it| (version::OF_PACKAGE.to_owned(), it)));

    if let Some(function) = &function {
        let sold = Sold::of(&compiled, seal.as_ref().map(|sealed| &sealed.seal));
        // Nothing is sold by this; whoever applies the package is told before.
        match content::missing(plane, &now, function, &sold).await {
            Ok(None) => {}
            Ok(Some(missing)) => println!(
                "  note        `paywall publish` before the package is deployed: {}, and who buys one of them pays for nothing",
                missing.said()
            ),
            Err(why) => println!("  note        {why}"),
        }
    }
    println!("\nthe function of {name} is in its owner's code ({})", owner.name());
    package.describe();
    let name_of = versions.first().and_then(|arn| arn.split(':').nth(6)).unwrap_or_default();
    let mut site = owned::site(name, id, name_of, &package.bucket, &running);
    site.tags.clone_from(&tags);
    let facts = Facts::of(name, Some(&site)).on(id, domain);
    let Some(function) = function.filter(|_| is_live) else {
        let mut steps = package.steps();
        steps.push(format!(
            "write to s3://{}/{} that this package is to come",
            package.bucket,
            check::key(name)
        ));
        talk::show(&steps);
        let facts = facts.doing(&steps);
        if let Some(ended) = arguments.consent.ask()? {
            return Ok(End::new(ended, &facts));
        }
        begin("upload the package");
        package.upload(plane, &record, &tags).await?;
        let told = check::expect_package(plane, &package.bucket, name, id, hash).await;
        told.map_err(while_asking("writing that a package is to come"))?;
        println!("\nin the code, then {}:", owner.applies());
        println!("{}", owner.package(&package.bucket, &package.key, hash));
        println!(
            "and in each behaviour that sells {}\nthen: paywall watch {id} --stack {name} --owner {}",
            owner.association(),
            owner.name()
        );
        return Ok(End::new(Ended::Later, &facts));
    };

    if !gates::hold(plane, &now, id, &function, &compiled, None).await? {
        return Err(Error::RoundOwned { applies: owner.applies().to_owned() }.into());
    }
    if let Some(seal) = seal {
        check_seal(plane, &caller, &now, &function, &compiled, &seal).await?;
    }
    let watching = (false, arguments.alarm_email.as_deref());
    let email = alarms::told(plane, name, watching).await?;
    let mut given = arguments.given.iter().cloned().collect();
    let watch =
        Watch::plan(name, email.clone(), &mut given, &package.bucket, packers, Some(owner))?;
    if let Some(key) = given.keys().next() {
        return Err(Error::OtherParameter { key: key.clone() }.into());
    }
    let logs = Logs::plan(plane, name, &regions, email.as_deref(), "").await?;
    let is_watched = watch.is_current(plane, Some(&site), id, &tags).await?;
    let guarded = expect::guarded(&now, &running.version);
    let of_owner = OfOwner { by: owner, code_sha256: vec![hash.clone()] };
    let made = Made {
        stack: name,
        distribution: id,
        version: &running.version,
        guarded: &guarded,
        web_acl: Some(running.web_acl.as_str()).filter(|arn| !arn.is_empty()),
        config: Some(&now),
        owned: Some(&of_owner),
        closed: false,
    };
    let asked = check::is_recorded(plane, &package.bucket, &made).await;
    let is_settled = asked.map_err(while_asking("reading what is to stay"))?;
    let mut steps = package.steps();
    steps.push(CLAIM.to_owned());
    steps.extend((!is_settled).then(|| expect::ends(&package.bucket, name)));
    steps.extend(logs.steps(Turn::BeforeTheSite));
    steps.extend(logs.steps(Turn::AfterTheSite));
    steps.extend(watch.step(is_watched));
    if is_settled && is_watched && logs.is_current() {
        println!("nothing to do: distribution {id} is watched, and runs this very package");
        return Ok(End::new(Ended::Unchanged, &facts.checked(plane).await?));
    }
    talk::show(&steps);
    let facts = facts.doing(&steps);
    if let Some(ended) = arguments.consent.ask()? {
        return Ok(End::new(ended, &facts));
    }
    begin("claim the site's id");
    claim(plane, &compiled, arguments, true).await?;
    begin("upload the package");
    package.upload(plane, &record, &tags).await?;
    begin("write down what is to stay");
    let written = check::record(plane, &package.bucket, &made).await;
    let written =
        written.map_err(while_asking(format!("writing what is to stay of distribution {id}")))?;
    written.map_err(|why| Error::Changed { id: id.clone(), why: why.to_string() })?;
    logs.deploy(Turn::BeforeTheSite).await?;
    logs.deploy(Turn::AfterTheSite).await?;
    watch.deploy(plane, Some(&site), id, &tags).await?;
    println!("\nwatched: `paywall status --stack {name}`");
    Ok(End::new(Ended::Done, &facts.checked(plane).await?))
}

/// Fails if a payee is another store's, or the site's id another stack's.
async fn check_site(
    plane: &impl ControlPlane,
    compiled: &content_config::Compiled,
    arguments: &Arguments,
) -> Outcome<()> {
    let all = plane.stacks().await.map_err(while_asking("listing stacks"))?;
    let all = all.into_iter().map(|Stack { name, status, tags, .. }| {
        // What is watched for the owner says whose the site is.
        let name = if name == format!("{}-watch", arguments.stack) {
            arguments.stack.clone()
        } else {
            name
        };
        ship::site::Stack { name, status, tags }
    });
    let all: Vec<_> = all.collect();
    ship::site::check(compiled.table(), &arguments.stack, &all, arguments.accept_new_site_id)?;
    claim(plane, compiled, arguments, false).await
}

async fn claim(
    plane: &impl ControlPlane,
    compiled: &content_config::Compiled,
    arguments: &Arguments,
    write: bool,
) -> Outcome<()> {
    let signer = account::credentials(plane).await?;
    let caller = account::ask(plane).await?;
    let endpoint = crate::site::endpoint();
    let claimed = ship::site::claim(
        &signer,
        Some(&caller.account),
        endpoint.as_ref(),
        compiled.table(),
        &arguments.stack,
        arguments.accept_new_site_id,
        write,
    );
    Ok(claimed.await?)
}

/// Fails if what is sold does not lie below the package's seal.
async fn check_seal(
    plane: &impl ControlPlane,
    caller: &Caller,
    config: &Value,
    function: &FunctionVersion,
    compiled: &content_config::Compiled,
    seal: &site_secrets::SiteSeal,
) -> Outcome<()> {
    let credentials = account::credentials(plane).await?;
    let access = Access { credentials, owner: Some(caller.account.clone()) };
    let endpoint = crate::site::endpoint();
    let shelves = shelves(config, function)?;
    for shelf in &shelves {
        let known = Some(Kept { seal: seal.clone(), reseal: None });
        ship::seal::look(&access, endpoint.as_ref(), shelf, compiled, known, shelves.len() == 1)
            .await?;
    }
    Ok(())
}

/// `destroy` of such a site: the watching ends, and what its owner's code has stays.
pub(crate) async fn end<C: ControlPlane>(
    plane: &C,
    name: &str,
    owned: &Owned,
    consent: &Consent,
) -> Outcome<End> {
    let Owned { owner, site, .. } = owned;
    let logs = regions::find(plane, name, Some(site)).await?;
    println!(
        "\nend the watching of {name}, whose function is in its owner's code ({}):",
        owner.name()
    );
    println!("  keep    the function, its secrets and packages, and what {} made", owner.applies());
    let mut steps: Vec<_> = logs
        .stacks
        .iter()
        .map(|(there, logs)| format!("delete stack {} in {}", logs.name, there.region()))
        .collect();
    steps.push(format!("delete stack {name}-watch: alarms, dashboard, check"));
    talk::show(&steps);
    let facts = Facts::of(name, Some(site)).doing(&steps);
    if let Some(ended) = consent.ask()? {
        return Ok(End::new(ended, &facts));
    }
    for (there, logs) in &logs.stacks {
        stacks::take_down(there, &logs.name).await?;
    }
    // Last: by it the next run knows what it is.
    stacks::take_down(plane, &format!("{name}-watch")).await?;
    println!("{name} is not watched any more");
    Ok(End::new(Ended::Done, &facts))
}
