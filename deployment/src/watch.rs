//! Alarms and dashboard: a stack of their own, `STACK-watch`, unless `--no-watch`.

use std::collections::BTreeMap;

use next_step::Outcome;
use sha2::{Digest as _, Sha256};

use crate::Error;
use crate::check::{self, Owner};
use crate::control_plane::{ControlPlane, Stack};
use crate::error::while_asking;
use crate::package::Packers;
use crate::stacks::{self, Changed, live, output, parameter};

const TEMPLATE: &str = include_str!("../../infra/watch.yaml");

/// The watching template's own parameters.
const OWN: [&str; 12] = [
    "AlarmRequestsPerHour",
    "AccessLogs",
    "AccessLogsKeepDays",
    "CreateAdditionalMetrics",
    "BookkeeperCodeBucket",
    "BookkeeperCodeKey",
    "ExpectedKey",
    "WatchTrail",
    "CheckLogRetentionDays",
    "BooksPlanKey",
    "BooksBucket",
    "BooksPrefix",
];

/// What is watched, and how.
pub(crate) struct Watch {
    name: String,
    given: BTreeMap<String, String>,
    /// Who is told; `None` if nothing is watched.
    email: Option<String>,
    check: Option<Check>,
    /// Whose code has the function, if no stack of this tool's has it.
    owner: Option<Owner>,
}

/// The scheduled check's package, and where it goes: a key without `.zip`, which `rollback` lists.
struct Check {
    bucket: String,
    key: String,
    expected: String,
    zip: Vec<u8>,
}

impl Check {
    fn of(stack: &str, bucket: &str, zip: Vec<u8>) -> Self {
        let hash: String = Sha256::digest(&zip).iter().map(|byte| format!("{byte:02x}")).collect();
        Check {
            bucket: bucket.to_owned(),
            key: format!("{stack}/check-{hash}"),
            expected: check::key(stack),
            zip,
        }
    }

    /// Keys are hashes: what lies there already is this very zip.
    async fn upload(&self, plane: &impl ControlPlane) -> Result<(), Error> {
        let Check { bucket, key, zip, .. } = self;
        let what = || while_asking(format!("bringing the check's package to s3://{bucket}"));
        match plane.has_object(bucket, key).await.map_err(what())? {
            true => Ok(()),
            false => plane.put_object(bucket, key, "application/zip", zip).await.map_err(what()),
        }
    }
}

impl Watch {
    /// Takes its own parameters out of the others. The check is packaged unless a parameter names a package, or none.
    pub(crate) fn plan(
        stack: &str,
        email: Option<String>,
        parameters: &mut BTreeMap<String, String>,
        bucket: &str,
        packers: &Packers<'_>,
        owner: Option<Owner>,
    ) -> Outcome<Self> {
        let given: BTreeMap<_, _> = OWN
            .iter()
            .filter_map(|key| Some(((*key).to_owned(), parameters.remove(*key)?)))
            .collect();
        let check = match email.is_some() && !given.contains_key("BookkeeperCodeKey") {
            true => Some(Check::of(stack, bucket, (packers.check)()?)),
            false => None,
        };
        Ok(Watch { name: format!("{stack}-watch"), given, email, check, owner })
    }

    /// What [`deploy`](Self::deploy) does.
    pub(crate) fn step(&self, is_current: bool) -> Option<String> {
        let check = if self.check.is_some() { ", a check every five minutes" } else { "" };
        let step = format!("deploy stack {}: alarms, dashboard{check}", self.name);
        (self.email.is_some() && !is_current).then_some(step)
    }

    async fn parameters(
        &self,
        plane: &impl ControlPlane,
        site: Option<&Stack>,
        distribution: &str,
    ) -> Result<BTreeMap<String, String>, Error> {
        let mut wanted = self.given.clone();
        let own = [
            ("AlarmEmail", self.email.as_deref().unwrap_or_default()),
            ("DistributionId", distribution),
            ("FunctionName", output(site, "FunctionName")),
            ("FunctionLogGroupName", output(site, "FunctionLogGroupName")),
            ("WebAclName", output(site, "WebAclName")),
            ("WebAclArn", output(site, "WebAclArn")),
            ("OwnedBy", self.owner.map_or("", Owner::name)),
        ];
        wanted.extend(own.map(|(key, value)| (key.to_owned(), value.to_owned())));
        if let Some(Check { bucket, key, expected, .. }) = &self.check {
            let of_the_check = [
                ("BookkeeperCodeBucket", bucket),
                ("BookkeeperCodeKey", key),
                ("ExpectedKey", expected),
            ];
            wanted.extend(of_the_check.map(|(name, value)| (name.to_owned(), value.clone())));
        }
        if !wanted.contains_key("CreateAdditionalMetrics") {
            let create = self.creates_metrics(plane, distribution).await?;
            wanted.insert("CreateAdditionalMetrics".to_owned(), create.to_owned());
        }
        Ok(wanted)
    }

    /// `no` if the distribution has its additional metrics from elsewhere. With `no`, a stack that made them would take them
    /// away. <https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreateMonitoringSubscription.html>
    async fn creates_metrics(
        &self,
        plane: &impl ControlPlane,
        distribution: &str,
    ) -> Result<&'static str, Error> {
        let stack = stacks::read(plane, &self.name).await?;
        let stack = live(stack.as_ref());
        // Stacks from before there was this parameter made them.
        if parameter(stack, "DistributionId") == distribution
            && parameter(stack, "CreateAdditionalMetrics") != "no"
        {
            return Ok("yes");
        }
        let state = plane.additional_metrics(distribution).await;
        match state.map_err(while_asking(format!(
            "asking for the additional metrics of distribution {distribution}"
        )))? {
            None => Ok("yes"),
            Some(true) => Ok("no"),
            Some(false) => Err(Error::MetricsOff { id: distribution.to_owned() }),
        }
    }

    pub(crate) async fn is_current(
        &self,
        plane: &impl ControlPlane,
        site: Option<&Stack>,
        distribution: &str,
        tags: &BTreeMap<String, String>,
    ) -> Result<bool, Error> {
        if self.email.is_none() {
            return Ok(true);
        }
        let wanted = self.parameters(plane, site, distribution).await?;
        let stack = stacks::read(plane, &self.name).await?;
        Ok(stacks::is_current(stack.as_ref(), &all(tags), &wanted))
    }

    pub(crate) async fn deploy(
        &self,
        plane: &impl ControlPlane,
        site: Option<&Stack>,
        distribution: &str,
        tags: &BTreeMap<String, String>,
    ) -> Result<(), Error> {
        if self.is_current(plane, site, distribution, tags).await? {
            return Ok(());
        }
        let name = &self.name;
        crate::talk::begin(&format!("alarms and dashboard (stack {name})"));
        let wanted = self.parameters(plane, site, distribution).await?;
        stacks::can_change(plane, stacks::read(plane, name).await?.as_ref()).await?;
        if let Some(check) = &self.check {
            check.upload(plane).await?;
        }
        match stacks::deploy(plane, name, TEMPLATE, &wanted, all(tags)).await? {
            Changed::Done => Ok(()),
            Changed::Failed(why) => Err(stacks::explain(plane, name, why).await),
        }
    }
}

/// The site's tags, and the template's.
fn all(tags: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut tags = tags.clone();
    tags.extend(stacks::tags_of(TEMPLATE));
    tags
}
