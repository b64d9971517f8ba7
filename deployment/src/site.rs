//! What deploying and attaching share: what is sold, by whom, with which secrets and package.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::path::{Path, PathBuf};

use content_config::Compiled;
use next_step::Outcome;
use paywall_core::waf;
use ship::gates::Shelf;
use ship::preflight::{self, Previous, Record};

use crate::Error;
use crate::account;
use crate::buckets;
use crate::control_plane::{Caller, ControlPlane, Stack};
use crate::error::while_asking;
use crate::limits;
use crate::options::Shared;
use crate::package::{self, Package, Packer};
use crate::seal;
use crate::secrets;
use crate::stacks::{self, live, parameter};
use crate::version;

/// A step of a plan.
pub(crate) const CLAIM: &str = "claim the site's id in the store";

/// A deployment that is being planned.
pub(crate) struct Site<'s, C> {
    plane: &'s C,
    caller: &'s Caller,
    options: &'s Shared,
    name: &'s str,
    /// As it was at the beginning.
    stack: Option<&'s Stack>,
    config: &'s Path,
    compiled: &'s Compiled,
    endpoint: Option<url::Url>,
}

/// What it will be.
pub(crate) struct Plan {
    pub(crate) parameters: BTreeMap<String, String>,
    pub(crate) secrets: secrets::Plan,
    pub(crate) seal: seal::Plan,
    pub(crate) package: Package,
    /// The package's tags: those of the stack, but for what does not come with the package.
    pub(crate) tags: BTreeMap<String, String>,
    record: Record,
    pub(crate) regions: Vec<String>,
}

/// An S3 API that is not Amazon's, where the environment names one.
pub(crate) fn endpoint() -> Option<url::Url> {
    ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"]
        .iter()
        .find_map(|name| env::var(name).ok()?.parse().ok())
}

/// The content.toml, compiled.
pub(crate) fn compile(named: Option<PathBuf>) -> Outcome<(PathBuf, Compiled)> {
    let config =
        content_config::find(named).map_err(|why| Error::NotSold { why: why.to_string() })?;
    let compiled = content_config::compile(&config)
        .map_err(|report| Error::NotSold { why: report.to_string() })?;
    Ok((config, compiled))
}

impl<'s, C: ControlPlane> Site<'s, C> {
    pub(crate) fn new(
        plane: &'s C,
        caller: &'s Caller,
        options: &'s Shared,
        name: &'s str,
        stack: Option<&'s Stack>,
        (config, compiled): (&'s Path, &'s Compiled),
    ) -> Self {
        Site { plane, caller, options, name, stack, config, compiled, endpoint: endpoint() }
    }

    /// Shows what would be sold, and plans how; changes nothing. The function's objects will be fetched from `shelves`.
    pub(crate) async fn plan(
        &self,
        hosts: &[String],
        shelves: &BTreeSet<Shelf>,
        pack: &Packer<'_>,
    ) -> Outcome<Plan> {
        let Site { plane, caller, options, name, stack, config, compiled, .. } = *self;
        let previous = match live(stack) {
            None => Previous::None,
            Some(stack) => {
                package::live_record(plane, stack).await?.map_or(Previous::Unknown, Previous::Known)
            }
        };
        let looked = preflight::look(config, compiled, &previous, &options.accepted(), hosts);
        if !looked.warnings.is_empty() {
            eprintln!("{}", looked.warnings);
        }
        print!("{}", looked.summary);
        if !looked.refused.is_empty() {
            return Err(Error::NotSold { why: looked.refused.join("\n") }.into());
        }
        let mut parameters: BTreeMap<_, _> = looked.parameters.into_iter().collect();
        let store = parameters.get("RedemptionsBucketName").cloned();
        if let Some(bucket) = store.filter(|_| {
            parameters.get("CreateRedemptionsBucket").is_none_or(|create| create != "no")
        }) {
            let mend = format!("name another one in {}", config.display());
            let there = buckets::usable(plane, &bucket, "[redemptions] bucket", &mend).await?;
            parameters.insert(
                "CreateRedemptionsBucket".to_owned(),
                buckets::creates(stack, "CreateRedemptionsBucket", there),
            );
        }
        self.check_site().await?;
        let regions = limits::regions(&options.buyers_in, stack);
        let secrets = secrets::plan(plane, name, stack, compiled, options).await?;
        let known = seal::Known {
            file: options.seal.as_deref(),
            zip: options.zip.as_deref(),
            shelves,
            endpoint: self.endpoint.as_ref(),
            accept_new_site_id: options.accept_new_site_id,
        };
        let seal = seal::plan(plane, caller, name, compiled, &known).await?;
        let named = (options.zip.as_deref(), options.artifact_bucket.as_deref());
        let package = package::plan(
            plane,
            caller,
            (name, stack),
            (config, compiled),
            (&secrets.embedded, seal.seal()),
            named,
            pack,
        )
        .await?;

        let timeout = parameter(live(stack), "FunctionTimeout");
        let code = [
            ("CodeBucketName", package.bucket.as_str()),
            ("CodeObjectKey", &package.key),
            ("CodeSha256", &package.artifact.code_sha256),
            ("SecretsParameterName", secrets.parameter()),
            // 30 s, or what an earlier run had to fall back to.
            ("FunctionTimeout", if timeout.is_empty() { "30" } else { timeout }),
        ];
        parameters.extend(code.map(|(key, value)| (key.to_owned(), value.to_owned())));
        parameters.insert("VouchedValue".to_owned(), self.vouched(&secrets)?);
        parameters.extend(options.given());

        let mut tags = ship::site::tags(compiled.table());
        tags.insert("x402-stack".to_owned(), name.to_owned());
        tags.insert("x402-secrets".to_owned(), secrets.tag.clone());
        if let Some(version) = &package.artifact.version {
            tags.insert(version::OF_PACKAGE.to_owned(), version.clone());
        }
        let record = looked.record.sealed(seal.seal().map(|sealed| &sealed.seal));
        Ok(Plan { parameters, secrets, seal, package, tags, record, regions })
    }

    /// By what the web ACL is to vouch; nothing where everyone pays.
    fn vouched(&self, secrets: &secrets::Plan) -> Result<String, Error> {
        let site = &self.compiled.table().site;
        let Some(epoch) = site.vouched_epoch else { return Ok(String::new()) };
        match self.options.wanted(self.stack, "WebAcl").as_str() {
            "off" => Err(Error::NobodyVouches {}),
            _ => Ok(waf::vouched_value(&secrets.keys()?, &site.id, epoch)),
        }
    }

    /// Fails if the site's id is another stack's, or a payee another store's.
    async fn check_site(&self) -> Outcome<()> {
        let all = self.plane.stacks().await.map_err(while_asking("listing stacks"))?;
        let all: Vec<_> = all
            .into_iter()
            .map(|stack| ship::site::Stack {
                name: stack.name,
                status: stack.status,
                tags: stack.tags,
            })
            .collect();
        ship::site::check(self.compiled.table(), self.name, &all, self.options.accept_new_site_id)?;
        self.claim(false).await
    }

    /// Says in the store that this stack holds the id, or looks whether it may.
    pub(crate) async fn claim(&self, write: bool) -> Outcome<()> {
        let signer = account::credentials(self.plane).await?;
        let claimed = ship::site::claim(
            &signer,
            Some(&self.caller.account),
            self.endpoint.as_ref(),
            self.compiled.table(),
            self.name,
            self.options.accept_new_site_id,
            write,
        );
        Ok(claimed.await?)
    }

    /// Before the stack is changed, if the store needs no stack to be made.
    pub(crate) fn claims_early(&self, plan: &Plan) -> bool {
        let makes =
            plan.parameters.get("CreateRedemptionsBucket").is_some_and(|create| create == "yes");
        !makes || live(self.stack).is_some()
    }

    pub(crate) async fn describe(&self, plan: &Plan) {
        plan.package.describe();
        plan.secrets.describe();
        plan.seal.describe();
        for line in limits::lines(self.plane, &plan.regions).await {
            println!("  sales       {line}");
        }
    }

    /// What [`bring`](Self::bring) does, and the claim before it, a line each.
    pub(crate) fn steps(&self, plan: &Plan) -> Vec<String> {
        let claim = self.claims_early(plan).then(|| CLAIM.to_owned());
        let secrets = plan.secrets.step().into_iter().chain(plan.seal.step());
        claim.into_iter().chain(secrets).chain(plan.package.steps()).collect()
    }

    /// Whether the stack is this very plan already.
    pub(crate) fn is_current(&self, plan: &Plan, template: &str) -> bool {
        plan.secrets.is_done()
            && plan.seal.is_done()
            && stacks::is_current(self.stack, &plan.tags_with(template), &plan.parameters)
    }

    /// Secrets and package, where the stack finds them.
    pub(crate) async fn bring(&self, plan: &Plan) -> Outcome<()> {
        crate::talk::begin("secrets");
        plan.secrets.apply(self.plane).await?;
        plan.seal.apply(self.plane, self.name).await?;
        crate::talk::begin("upload the package");
        Ok(plan.package.upload(self.plane, &plan.record, &plan.tags).await?)
    }
}

impl Plan {
    /// All of the stack's tags.
    pub(crate) fn tags_with(&self, template: &str) -> BTreeMap<String, String> {
        let mut tags = self.tags.clone();
        tags.extend(stacks::tags_of(template));
        tags.extend(limits::tag_of(&self.regions));
        tags
    }
}
