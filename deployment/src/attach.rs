//! `attach`: puts the paywall in front of a distribution that exists. Run again, it changes what differs.

use std::path::{Path, PathBuf};

use content_config::Compiled;
use next_step::Outcome;
use serde_json::Value;
use ship::artifact::Sold;
use ship::associate;
use ship::gates::{FunctionVersion, shelves};

use crate::control_plane::{Caller, ControlPlane, Failure, REGION, Stack};
use crate::deploy::{not_claimed, say_older_quota};
use crate::distribution::{self, Updated};
use crate::end::{End, Ended, Facts};
use crate::error::while_asking;
use crate::options::{Shared, stack_name};
use crate::package::Packers;
use crate::regional::{Logs, Turn};
use crate::site::{CLAIM, Plan, Site, compile};
use crate::stacks::{self, Changed, live, output};
use crate::talk::{self, begin};
use crate::watch::Watch;
use crate::{
    Error, account, alarms, content, expect, gates, owned, owner, package, reseal, switch,
};

const TEMPLATE: &str = include_str!("../../infra/attach.yaml");

/// Deploys the function and puts it on behaviours of a distribution that exists, after showing it. Refuses a distribution
/// in which anything but the function leads to priced objects, and says what must change; and to sell what is not published.
#[derive(Debug, clap::Args)]
#[command(args_override_self = true)]
pub struct Arguments {
    /// The distribution's id, as EDFDVBD6EXAMPLE.
    #[arg(value_name = "DISTRIBUTION_ID", value_parser = distribution::id)]
    id: String,
    /// The CloudFormation stack, 37 characters at most [default: x402-paywall- and the distribution's id].
    #[arg(long, value_name = "NAME", value_parser = stack_name)]
    stack: Option<String>,
    /// The behaviour with this path pattern, or `default`; may be repeated. Without it: the behaviours that have the
    /// function already, or else the default one.
    #[arg(long = "path", value_name = "PATTERN")]
    paths: Vec<String>,
    /// The distribution is deployed by this stack or tool, too, and its code has the function: as the refusal names it.
    #[arg(long, value_name = "NAME")]
    accept_owner: Option<String>,
    /// Sell what cannot be seen: a bucket cannot be listed, or an origin does not say which one it is. What is seen not to be there
    /// is never sold.
    #[arg(long)]
    accept_unseen: bool,
    /// Put the distribution back as FILE in dist/rollback has it.
    #[arg(long, value_name = "FILE")]
    rollback: Option<PathBuf>,
    #[command(flatten)]
    shared: Shared,
}

impl Arguments {
    /// Whether facts are printed.
    pub fn json(&self) -> bool {
        self.shared.json()
    }
}

struct Attach<'a, C> {
    plane: &'a C,
    caller: &'a Caller,
    arguments: &'a Arguments,
    name: &'a str,
    compiled: &'a Compiled,
    site: Site<'a, C>,
    /// There is a stack already, which has the seal.
    is_live: bool,
}

/// Attaches, or puts back.
pub async fn run(
    plane: &impl ControlPlane,
    arguments: &Arguments,
    config: Option<PathBuf>,
    packers: &Packers<'_>,
) -> Outcome<End> {
    let Arguments { id, shared, rollback, .. } = arguments;
    let name = arguments
        .stack
        .clone()
        .unwrap_or_else(|| format!("x402-paywall-{}", id.to_ascii_lowercase()));
    if let Some(file) = rollback {
        return put_back(plane, arguments, &name, file).await;
    }
    shared.check()?;
    let (config, compiled) = compile(config)?;
    begin(&format!("look: account, distribution {id}, price table"));
    let caller = account::sign_in(plane).await?;
    let now = distribution::read(plane, &caller, id).await?;
    let stack = stacks::read(plane, &name).await?;
    stacks::check_own(stack.as_ref())?;
    stacks::can_change(plane, stack.as_ref()).await?;
    stacks::check_length(&name, live(stack.as_ref()))?;
    let before = live(stack.as_ref());
    if !output(before, "ContentBucketName").is_empty() {
        return Err(Error::SiteOfItsOwn { stack: name }.into());
    }
    let email = alarms::told(plane, &name, shared.watching()).await?;
    let site = Site::new(plane, &caller, shared, &name, stack.as_ref(), (&config, &compiled));
    let attach = Attach {
        plane,
        caller: &caller,
        arguments,
        name: &name,
        compiled: &compiled,
        site,
        is_live: before.is_some(),
    };

    // Before the function is there, the plan is judged with a name in its place.
    let arn = match output(before, "FunctionVersionArn") {
        "" => format!("arn:aws:lambda:{REGION}:{}:function:{name}:1", caller.account),
        arn => arn.to_owned(),
    };
    let function: FunctionVersion = arn.parse()?;
    let mut next = now.config.clone();
    let changes = attach.associate(&mut next, &function, before)?;
    if !gates::hold(plane, &next, id, &function, &compiled, None).await? {
        return Err(Error::Untouched { id: id.clone() }.into());
    }
    let found = plane
        .distribution(id)
        .await
        .map_err(while_asking(format!("asking for distribution {id}")))?;
    if let Some(found) = &found
        && let Some(owner) = owner::find(plane, found).await?
    {
        if arguments.accept_owner.as_ref() != Some(&owner) {
            return Err(Error::Owned { id: id.clone(), owner, lines: owner::lines(&arn) }.into());
        }
        println!("{owner} deploys distribution {id}, too: its code must have the function");
    }
    let domain = found.as_ref().map(|found| found.domain.clone());
    let hosts = found.map_or_else(Vec::new, |found| [found.aliases, vec![found.domain]].concat());
    let status = stack.as_ref().map_or("new", |stack| &stack.status);
    println!("\nput the function of stack {name} ({status}) on distribution {id}");
    show(&changes);
    let mut plan = attach.site.plan(&hosts, &shelves(&next, &function)?, packers.function).await?;
    let sold = Sold::of(&compiled, plan.seal.seal().map(|sealed| &sealed.seal));
    attach.demand(&next, &function, &sold).await?;
    let watch = Watch::plan(
        &name,
        email.clone(),
        &mut plan.parameters,
        &plan.package.bucket,
        packers,
        None,
    )?;
    let days = shared.wanted(before, "LogRetentionDays");
    let logs = Logs::plan(plane, &name, &plan.regions, email.as_deref(), &days).await?;
    attach.site.describe(&plan).await;
    println!(
        "  stack       {} s for the function; infra/attach.yaml",
        plan.parameters["FunctionTimeout"]
    );
    let is_watched = watch.is_current(plane, before, id, &plan.tags).await?;
    if attach.site.is_current(&plan, TEMPLATE)
        && changes.is_empty()
        && is_watched
        && logs.is_current()
        && expect::is_settled(plane, &plan.package.bucket, before, id).await?
    {
        // An earlier run may have ended before it.
        attach.site.claim(!shared.consent.is_dry()).await?;
        println!("nothing to do: this very function is attached");
        return Ok(End::new(
            Ended::Unchanged,
            &Facts::of(&name, before).on(id, domain).checked(plane).await?,
        ));
    }
    let web_acl = plan.parameters.get("WebAcl").map(String::as_str);
    switch::stays(plane, before, &compiled.table().site.id, web_acl).await?;
    let packages = &plan.package.bucket;
    let mut steps = attach.site.steps(&plan);
    steps.extend(logs.steps(Turn::BeforeTheSite));
    steps.extend(before.map(|_| expect::begins(packages, &name)));
    let verb = if before.is_some() { "update" } else { "create" };
    steps.push(format!("{verb} stack {name} in {REGION}: function, web ACL"));
    steps.extend((!attach.site.claims_early(&plan)).then(|| CLAIM.to_owned()));
    steps.extend(changes.iter().map(|change| format!("change distribution {id}: {change}")));
    steps.push(expect::ends(packages, &name));
    steps.extend(logs.steps(Turn::AfterTheSite));
    steps.extend(watch.step(is_watched));
    talk::show(&steps);
    if let Some(ended) = shared.consent.ask()? {
        return Ok(End::new(ended, &Facts::of(&name, before).on(id, domain).doing(&steps)));
    }

    stacks::plan_attempt(before, TEMPLATE, &mut plan.parameters);
    let early = attach.site.claims_early(&plan);
    if early {
        begin("claim the site's id");
        attach.site.claim(true).await.map_err(not_claimed)?;
    }
    attach.site.bring(&plan).await?;
    logs.deploy(Turn::BeforeTheSite).await?;
    if before.is_some() {
        expect::change(plane, &plan.package.bucket, &name, id).await?;
    }
    let explain = |failure: Failure| {
        while_asking(format!("putting the function on distribution {id}"))(failure)
    };
    let (kept, config) = match attach.deploy_and_associate(&plan, &sold, early).await? {
        Ok(done) => done,
        Err(failure) if stacks::timeout_refused(&failure.message) => {
            say_older_quota();
            plan.parameters.insert("FunctionTimeout".to_owned(), "5".to_owned());
            attach.deploy_and_associate(&plan, &sold, early).await?.map_err(explain)?
        }
        Err(failure) => return Err(explain(failure).into()),
    };
    let stack = stacks::read(plane, &name).await?;
    if let Some(stack) = &stack {
        let guarded = expect::guarded(&config, output(Some(stack), "FunctionVersionArn"));
        expect::stay(plane, &plan.package.bucket, stack, id, &guarded, &config).await?;
    }
    logs.deploy(Turn::AfterTheSite).await?;
    watch.deploy(plane, stack.as_ref(), id, &plan.tags).await?;
    println!(
        "\nattached; the edge follows in minutes: `paywall status --stack {name} --distribution {id}`"
    );
    if arguments.accept_owner.is_some() {
        println!(
            "what its owner's code must have:\n{}",
            owner::lines(output(stack.as_ref(), "FunctionVersionArn"))
        );
    }
    if let Some(kept) = kept {
        let file = kept.display();
        println!(
            "to put the distribution back: paywall attach {id} --stack {name} --rollback {file}"
        );
    }
    let function: FunctionVersion = output(stack.as_ref(), "FunctionVersionArn").parse()?;
    let accept = arguments.accept_unseen;
    if let Some(missing) = content::demand(plane, &config, &function, &sold, accept).await? {
        let publish = attach.publish(&sold, &missing.bucket);
        return Err(missing.lost(publish).into());
    }
    let facts = Facts::of(&name, stack.as_ref()).on(id, domain).doing(&steps);
    Ok(End::new(Ended::Done, &facts.checked(plane).await?))
}

fn show(changes: &[String]) {
    for change in changes {
        println!("  {change}");
    }
}

impl<C: ControlPlane> Attach<'_, C> {
    /// Fails if priced objects are not where this configuration has them fetched.
    async fn demand(&self, config: &Value, function: &FunctionVersion, sold: &Sold) -> Outcome<()> {
        let accept = self.arguments.accept_unseen;
        match content::demand(self.plane, config, function, sold, accept).await? {
            Some(missing) => {
                let publish = self.publish(sold, &missing.bucket);
                Err(missing.refused(publish).into())
            }
            None => Ok(()),
        }
    }

    /// What brings them into a bucket.
    fn publish(&self, sold: &Sold, bucket: &str) -> String {
        let Attach { name, arguments: Arguments { id, .. }, is_live, .. } = self;
        let to = format!("`paywall publish --bucket {bucket}");
        let more = "--prefix as well, if the origin has a path";
        match (is_live, sold.prefix.is_empty()) {
            (true, _) => format!("{to} --stack {name} --distribution {id}` ({more})"),
            (false, true) => format!("{to}` ({more})"),
            (false, false) => format!("{to} --seal FILE` ({more}; and --seal FILE here)"),
        }
    }

    fn associate(
        &self,
        config: &mut Value,
        function: &FunctionVersion,
        stack: Option<&Stack>,
    ) -> Outcome<Vec<String>> {
        associate::put_on(config, function, &self.arguments.paths, output(stack, "WebAclArn"))
            .map_err(|why| {
                Error::NotAssociated {
                    id: self.arguments.id.clone(),
                    why: next_step::Told::from(why).to_string(),
                }
                .into()
            })
    }

    /// Where the configuration from before is kept, if it was changed, and the one that was judged; or why CloudFront
    /// refuses the function.
    async fn deploy_and_associate(
        &self,
        plan: &Plan,
        sold: &Sold,
        early: bool,
    ) -> Outcome<Result<(Option<PathBuf>, Value), Failure>> {
        let Attach { plane, caller, name, compiled, .. } = *self;
        let id = &self.arguments.id;
        begin(&format!("deploy the function (stack {name})"));
        let site_id = &compiled.table().site.id;
        let before = stacks::read(plane, name).await?;
        let tags = plan.tags_with(TEMPLATE);
        let work =
            async { Ok(stacks::deploy(plane, name, TEMPLATE, &plan.parameters, tags).await?) };
        if let Changed::Failed(why) =
            switch::under(plane, live(before.as_ref()), site_id, work).await?
        {
            return Err(stacks::explain(plane, name, why).await.into());
        }
        let stack = stacks::read(plane, name).await?;
        if !early {
            begin("claim the site's id");
            self.site.claim(true).await.map_err(not_claimed)?;
        }
        begin(&format!("put it on distribution {id}"));
        let function: FunctionVersion = output(stack.as_ref(), "FunctionVersionArn").parse()?;
        let now = distribution::read(plane, caller, id).await?;
        let mut next = now.config.clone();
        let changes = self.associate(&mut next, &function, stack.as_ref())?;
        if changes.is_empty() {
            return Ok(Ok((None, next)));
        }
        show(&changes);
        // What was judged may have changed since.
        if !gates::hold(plane, &next, id, &function, compiled, None).await? {
            return Err(Error::Untouched { id: id.clone() }.into());
        }
        self.demand(&next, &function, sold).await?;
        Ok(match distribution::update(plane, id, &now, &next).await? {
            Updated::Done(kept) => Ok((Some(kept), next)),
            Updated::Refused(failure) => Err(failure),
        })
    }
}

async fn put_back(
    plane: &impl ControlPlane,
    arguments: &Arguments,
    name: &str,
    file: &Path,
) -> Outcome<End> {
    let id = &arguments.id;
    let then = distribution::kept(file)?;
    begin("look");
    let caller = account::sign_in(plane).await?;
    let now = distribution::read(plane, &caller, id).await?;
    let changes = ship::rollback::differences(&now.config, &then)?;
    if changes.is_empty() {
        println!("nothing to do: distribution {id} is as {} has it", file.display());
        return Ok(End::new(Ended::Unchanged, &Facts::of(name, None).on(id, None)));
    }
    println!(
        "put distribution {id} back as {} has it; every change since is undone:",
        file.display()
    );
    show(&changes);
    println!("behaviours that lose the function serve their content free from then on");
    let stack = stacks::read(plane, name).await?;
    let named = arguments.shared.artifact_bucket.as_deref();
    let packages = package::find_bucket(plane, &caller, named, stack.as_ref()).await?;
    let mut steps: Vec<_> =
        packages.iter().map(|packages| expect::begins(packages, name)).collect();
    steps.extend(changes.iter().map(|change| format!("change distribution {id}: {change}")));
    let facts = Facts::of(name, None).on(id, None).doing(&steps);
    can_go_back(plane, packages.as_deref(), arguments, name, &then).await?;
    talk::show(&steps);
    if let Some(ended) = arguments.shared.consent.ask()? {
        return Ok(End::new(ended, &facts));
    }
    begin(&format!("put distribution {id} back"));
    reseal::goes_back(plane, name).await?;
    if let Some(packages) = &packages {
        expect::change(plane, packages, name, id).await?;
    }
    // From now on `publish` deletes nothing.
    can_go_back(plane, packages.as_deref(), arguments, name, &then).await?;
    let updated = distribution::update(plane, id, &now, &then).await?;
    if let Some(packages) = &packages {
        expect::over(plane, packages, name, id).await?;
    }
    match updated {
        Updated::Refused(failure) => {
            Err(while_asking(format!("updating distribution {id}"))(failure).into())
        }
        Updated::Done(kept) => {
            println!(
                "put back; the edge follows in minutes. The function stays: `paywall destroy --stack {name}` removes it"
            );
            println!("how it was before this: {}", kept.display());
            can_go_back(plane, packages.as_deref(), arguments, name, &then).await?;
            Ok(End::new(Ended::Done, &facts))
        }
    }
}

/// Fails if an earlier version of the function would sell what is not there any more.
async fn can_go_back(
    plane: &impl ControlPlane,
    packages: Option<&str>,
    arguments: &Arguments,
    name: &str,
    then: &Value,
) -> Outcome<()> {
    let stack = stacks::read(plane, name).await?;
    let functions = stacks::functions(plane, name, stack.as_ref()).await?;
    let all = owned::associated(then);
    if let (Some(version), true) = (all.first(), functions.is_empty() && !arguments.accept_unseen) {
        let (stack, version) = (name.to_owned(), version.clone());
        return Err(Error::NotTheirs { stack, version }.into());
    }
    for version in owned::versions(then, &functions) {
        let unseen = |why: &str| Error::Unseen { what: version.clone(), why: why.to_owned() };
        let asked = || while_asking(format!("asking for the package of {version}"));
        let hash = plane.code_sha256(&version).await.map_err(asked())?;
        let key = hash.and_then(|hash| owned::hex(&hash)).map(|hash| format!("{name}/{hash}.zip"));
        let looked = match (packages, &key) {
            (Some(bucket), Some(key)) if plane.has_object(bucket, key).await.map_err(asked())? => {
                let sold = content::sold(plane, bucket, key).await?;
                let Some(sold) = sold else { continue };
                if !arguments.shared.accept_dry_run {
                    content::charges(sold.dry_run, key)?;
                }
                let function = version.parse()?;
                content::missing(plane, then, &function, &sold).await
            }
            _ => Err(unseen("its package is gone, which says what it sells").into()),
        };
        match looked {
            Ok(None) => {}
            Ok(Some(missing)) => {
                let publish = "`paywall publish` them again as that version has them".to_owned();
                return Err(missing.refused(publish).into());
            }
            Err(why) if arguments.accept_unseen => {
                println!("put back unseen, as it is accepted: {why}");
            }
            Err(why) => return Err(why),
        }
    }
    Ok(())
}
