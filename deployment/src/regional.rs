//! Logs and money alarms where buyers are: a stack `STACK-logs` in each Region, unless `--no-watch`.
//!
//! Replicas log in the Region where they run, and whoever logs first makes the group, without an end: so in other Regions the
//! stack comes before the site. `infra/README.md`, "Logs in other Regions".

use std::collections::BTreeMap;

use crate::Error;
use crate::control_plane::{ControlPlane, LogGroup, REGION, Stack};
use crate::error::while_asking;
use crate::limits;
use crate::regions::stack_name;
use crate::stacks::{self, Changed, live, parameter};
use crate::talk::begin;

const TEMPLATE: &str = include_str!("../../infra/region.yaml");

/// The template's default.
const RETENTION_DAYS: &str = "30";

/// When a Region's stack is deployed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// In other Regions than us-east-1: before the function runs there.
    BeforeTheSite,
    /// In us-east-1: the site's stack makes the group.
    AfterTheSite,
}

/// What is to be in each Region that was chosen.
pub(crate) struct Logs<C> {
    name: String,
    group: String,
    retention_days: String,
    email: String,
    tags: BTreeMap<String, String>,
    places: Vec<Place<C>>,
}

/// A Region as it was at the beginning.
struct Place<C> {
    plane: C,
    stack: Option<Stack>,
    /// The stack makes the log group, or has made it.
    creates: bool,
    /// The group is Lambda's or the owner's, and keeps its lines for ever.
    endless: bool,
}

impl<C: ControlPlane> Place<C> {
    async fn look(plane: C, name: &str, group: &str) -> Result<Self, Error> {
        let stack = stacks::read(&plane, name).await?;
        stacks::can_change(&plane, stack.as_ref()).await?;
        let has_made = parameter(live(stack.as_ref()), "CreateLogGroup") == "yes";
        let mut place = Place { plane, stack, creates: has_made, endless: false };
        // The site's stack makes the one of its own Region.
        if !place.is_home() && !has_made {
            let found = place.group(group).await?;
            place.creates = found.is_none();
            place.endless = found.is_some_and(|found| found.retention_days.is_none());
        }
        Ok(place)
    }

    fn is_home(&self) -> bool {
        self.turn() == Turn::AfterTheSite
    }

    fn turn(&self) -> Turn {
        if self.plane.region() == REGION { Turn::AfterTheSite } else { Turn::BeforeTheSite }
    }

    async fn group(&self, group: &str) -> Result<Option<LogGroup>, Error> {
        let region = self.plane.region();
        let found = self.plane.log_group(group).await;
        found.map_err(while_asking(format!("looking for log group {group} in {region}")))
    }
}

impl<C: ControlPlane> Logs<C> {
    /// Looks, and changes nothing. Without an `email` there are to be none.
    pub(crate) async fn plan(
        plane: &C,
        site: &str,
        regions: &[String],
        email: Option<&str>,
        retention_days: &str,
    ) -> Result<Self, Error> {
        let days = if retention_days.is_empty() { RETENTION_DAYS } else { retention_days };
        let mut tags = BTreeMap::from([("x402-stack".to_owned(), site.to_owned())]);
        tags.extend(stacks::tags_of(TEMPLATE));
        // Outlives the site's stack: `destroy` finds the others by it.
        tags.extend(limits::tag_of(regions));
        let mut logs = Logs {
            name: stack_name(site),
            group: format!("/x402/{site}"),
            retention_days: days.to_owned(),
            email: email.unwrap_or_default().to_owned(),
            tags,
            places: Vec::new(),
        };
        for region in regions.iter().filter(|_| email.is_some()) {
            let place = Place::look(plane.in_region(region), &logs.name, &logs.group).await?;
            logs.places.push(place);
        }
        Ok(logs)
    }

    fn parameters(&self, creates: bool) -> BTreeMap<String, String> {
        let wanted = [
            ("FunctionLogGroupName", self.group.as_str()),
            ("CreateLogGroup", if creates { "yes" } else { "no" }),
            ("LogRetentionDays", &self.retention_days),
            ("AlarmEmail", &self.email),
        ];
        wanted.map(|(key, value)| (key.to_owned(), value.to_owned())).into()
    }

    fn is_done(&self, place: &Place<C>) -> bool {
        let wanted = self.parameters(place.creates);
        !place.endless && stacks::is_current(place.stack.as_ref(), &self.tags, &wanted)
    }

    pub(crate) fn is_current(&self) -> bool {
        self.places.iter().all(|place| self.is_done(place))
    }

    /// What is to be done then, a line each.
    pub(crate) fn steps(&self, turn: Turn) -> Vec<String> {
        let Logs { name, group, retention_days: days, .. } = self;
        let of = |place: &Place<C>| {
            let region = place.plane.region();
            let with = match (place.creates, place.endless) {
                (true, _) => format!("money alarms, log group {group}, kept for {days} days"),
                (false, true) => format!(
                    "money alarms; log group {group} is there, and is kept for {days} days from now on"
                ),
                (false, false) => format!("money alarms on log group {group}"),
            };
            format!("deploy stack {name} in {region}: {with}")
        };
        self.left(turn).map(of).collect()
    }

    /// Those whose turn it is, and that are not as they should be.
    fn left(&self, turn: Turn) -> impl Iterator<Item = &Place<C>> {
        self.places.iter().filter(move |place| place.turn() == turn && !self.is_done(place))
    }

    pub(crate) async fn deploy(&self, turn: Turn) -> Result<(), Error> {
        for place in self.left(turn) {
            begin(&format!(
                "logs and money alarms in {} (stack {})",
                place.plane.region(),
                self.name
            ));
            self.deploy_one(place).await?;
        }
        Ok(())
    }

    async fn deploy_one(&self, place: &Place<C>) -> Result<(), Error> {
        let Logs { name, group, .. } = self;
        let (plane, region) = (&place.plane, place.plane.region());
        let mut creates = place.creates;
        loop {
            let wanted = self.parameters(creates);
            match stacks::deploy(plane, name, TEMPLATE, &wanted, self.tags.clone()).await? {
                Changed::Done => break,
                // Lambda was faster, a moment ago.
                Changed::Failed(why) if creates && why.contains("already exists") => {
                    creates = false
                }
                Changed::Failed(why) => return Err(stacks::explain(plane, name, why).await),
            }
        }
        if creates || place.is_home() {
            return Ok(());
        }
        println!(
            "log group {group} in {region} was there before stack {name}, which leaves it to its owner"
        );
        if place.group(group).await?.is_some_and(|found| found.retention_days.is_none()) {
            let days = self.retention_days.parse().unwrap_or_default();
            plane.keep_log(group, days).await.map_err(while_asking(format!(
                "setting the retention of log group {group} in {region}"
            )))?;
            println!("it kept its lines for ever, and keeps them for {days} days from now on");
        }
        Ok(())
    }
}
