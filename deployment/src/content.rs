//! What is sold against what the buckets have: who buys what is not there is charged for a 403, and what a sealed site still
//! has outside of its seal is as open as it was.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};
use next_step::Outcome;
use serde_json::{Value, json};
use ship::artifact::{DryRun, Sold};
use ship::gates::{Fetched, FunctionVersion, fetched, region_of};
use ship::reseal::Stage;

use crate::Error;
use crate::control_plane::{Answer, ControlPlane, Failure, Stack};
use crate::error::while_asking;
use crate::stacks::output;

/// Priced objects that are not where the function would ask for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Missing {
    pub(crate) count: usize,
    /// Of so many that are priced.
    pub(crate) sold: usize,
    pub(crate) first: String,
    pub(crate) bucket: String,
}

impl Missing {
    fn of(gone: &[&str], sold: &Sold, bucket: &str) -> Option<Self> {
        let first = (*gone.first()?).to_owned();
        let (count, sold) = (gone.len(), sold.priced.len());
        Some(Missing { count, sold, first, bucket: bucket.to_owned() })
    }

    /// In words; the key without the seal.
    pub(crate) fn said(&self) -> String {
        let Missing { count, sold, first, bucket } = self;
        format!("{count} of {sold} priced objects are not in s3://{bucket}, {first:?} for one")
    }

    /// Why a deployment does not begin, or does not go on; `publish` is what to run first.
    pub(crate) fn refused(self, publish: String) -> Error {
        let Missing { count, sold, first, bucket } = self;
        Error::Unpublished { count, sold, first, bucket, publish }
    }

    /// Why a deployment that is done does not end well.
    pub(crate) fn lost(self, publish: String) -> Error {
        let Missing { count, sold, first, bucket } = self;
        Error::GoneMeanwhile { count, sold, first, bucket, publish }
    }
}

/// The keys that a bucket has below a prefix; none if there is no such bucket yet.
async fn keys(plane: &impl ControlPlane, bucket: &str, prefix: &str) -> Answer<HashSet<String>> {
    match plane.objects(bucket, prefix).await {
        Ok(listed) => Ok(listed.into_iter().map(|object| object.key).collect()),
        Err(failure) if failure.code == "NoSuchBucket" => Ok(HashSet::new()),
        Err(failure) => Err(failure),
    }
}

fn lacking<'k>(there: &HashSet<String>, prefix: &str, wanted: &[&'k str]) -> Vec<&'k str> {
    let is_gone = |key: &&&str| !there.contains(&format!("{prefix}{key}"));
    wanted.iter().filter(is_gone).copied().collect()
}

fn texts(keys: &[String]) -> Vec<&str> {
    keys.iter().map(String::as_str).collect()
}

/// What a bucket lacks of what is asked of it alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lacks {
    pub(crate) priced: Option<Missing>,
    /// The keys of free objects: who asks for them is answered 403, for nothing.
    pub(crate) free: Vec<String>,
}

/// Looks into a site's own bucket, which need not be there yet.
pub(crate) async fn lacks(
    plane: &impl ControlPlane,
    bucket: &str,
    sold: &Sold,
) -> Result<Lacks, Error> {
    let there = keys(plane, bucket, &sold.prefix).await;
    let there = there.map_err(while_asking(format!("listing s3://{bucket}")))?;
    let gone = |wanted: &[String]| -> Vec<String> {
        let gone = lacking(&there, &sold.prefix, &texts(wanted));
        gone.into_iter().map(str::to_owned).collect()
    };
    let priced = gone(&sold.priced);
    Ok(Lacks { priced: Missing::of(&texts(&priced), sold, bucket), free: gone(&sold.free) })
}

/// What of the priced objects is not where a distribution fetches them. Only if all that can be seen is there, what cannot be
/// seen is an error: it may be accepted, and what is missing may not.
pub(crate) async fn missing<C: ControlPlane>(
    plane: &C,
    config: &Value,
    function: &FunctionVersion,
    sold: &Sold,
) -> Outcome<Option<Missing>> {
    let mut all: Option<Missing> = None;
    let mut unseen = None;
    for place in fetched(config, function, sold.priced.iter().map(String::as_str))? {
        match (missing_at(plane, place, sold).await, &mut all) {
            (Err(why), _) => unseen = unseen.or(Some(why)),
            (Ok(Some(more)), Some(all)) => all.count += more.count,
            (Ok(found), all) => *all = all.take().or(found),
        }
    }
    match (all, unseen) {
        (None, Some(why)) => Err(why.into()),
        (all, _) => Ok(all),
    }
}

/// What is not at one place; or why that cannot be seen.
async fn missing_at<C: ControlPlane>(
    plane: &C,
    place: Fetched<'_>,
    sold: &Sold,
) -> Result<Option<Missing>, Error> {
    let unseen = |what: &str, why: &str| Error::Unseen { what: what.into(), why: why.into() };
    let folder = place.from.map_err(|domain| {
        unseen(&domain, "it does not say which folder of which bucket it leads to")
    })?;
    let name = format!("s3://{}", folder.bucket);
    let refused = |failure: Failure| unseen(&name, &failure.to_string());
    let region = match folder.region {
        Some(region) => region,
        None => {
            let location = plane.bucket_location(&folder.bucket).await.map_err(refused)?;
            region_of(&json!({ "LocationConstraint": location })).to_owned()
        }
    };
    let prefix = format!("{}{}", folder.prefix, sold.prefix);
    let there = keys(&plane.in_region(&region), &folder.bucket, &prefix).await;
    let gone = lacking(&there.map_err(refused)?, &prefix, &place.keys);
    Ok(Missing::of(&gone, sold, &folder.bucket))
}

/// Fails if priced objects are not where a distribution fetches them, or if that cannot be seen and nobody has said that it is
/// no matter.
pub(crate) async fn demand<C: ControlPlane>(
    plane: &C,
    config: &Value,
    function: &FunctionVersion,
    sold: &Sold,
    accept_unseen: bool,
) -> Outcome<Option<Missing>> {
    match missing(plane, config, function, sold).await {
        Err(unseen) if accept_unseen => {
            println!("sold unseen, as it is accepted: {unseen}");
            Ok(None)
        }
        looked => looked,
    }
}

/// What a package sells; `None` if it has no table, and so does not start.
pub(crate) async fn sold(
    plane: &impl ControlPlane,
    packages: &str,
    key: &str,
) -> Outcome<Option<Sold>> {
    let zip = plane.get_object(packages, key).await;
    let zip = zip.map_err(while_asking(format!("reading s3://{packages}/{key}")))?;
    Ok(zip.map(|zip| ship::artifact::sells(&zip, key)).transpose()?.flatten())
}

/// How a stack's buckets differ from what a package sells.
pub(crate) struct Content {
    /// How many objects it has, the free ones among them.
    pub(crate) objects: usize,
    pub(crate) lacks: Lacks,
    /// The stack's own bucket; empty if its function is on a distribution of somebody else's.
    pub(crate) bucket: String,
    /// How many of a sealed site's objects are outside of its seal as well, in a bucket of its own.
    pub(crate) open: usize,
    /// What the keys begin with: nothing, or the package's seal and a slash.
    prefix: String,
    /// What is not charged for, if that is not over.
    pub(crate) dry_run: Option<DryRun>,
}

/// Compares; `None` if the package has no table, or nothing says where its objects are.
pub(crate) async fn look(
    plane: &impl ControlPlane,
    stack: &Stack,
    distribution: Option<&str>,
    packages: &str,
    key: &str,
) -> Outcome<Option<Content>> {
    let bucket = output(Some(stack), "ContentBucketName").to_owned();
    let Some(sold) = sold(plane, packages, key).await? else { return Ok(None) };
    let (objects, prefix) = (sold.priced.len() + sold.free.len(), sold.prefix.clone());
    let dry_run = sold.dry_run.filter(|dry_run| dry_run.until > now());
    if !bucket.is_empty() {
        let lacks = lacks(plane, &bucket, &sold).await?;
        let open = outside(plane, &bucket, &sold).await?;
        return Ok(Some(Content { objects, lacks, bucket, open, prefix, dry_run }));
    }
    let Some(id) = distribution else { return Ok(None) };
    let asked = plane.configuration(id).await;
    let asked = asked.map_err(while_asking(format!("asking for distribution {id}")))?;
    let Some(live) = asked else { return Ok(None) };
    let function = output(Some(stack), "FunctionVersionArn").parse()?;
    let priced = missing(plane, &live.config, &function, &sold).await?;
    let lacks = Lacks { priced, free: Vec::new() };
    Ok(Some(Content { objects: sold.priced.len(), lacks, bucket, open: 0, prefix, dry_run }))
}

/// How many of a sealed site's objects lie outside of the seal as well.
async fn outside(plane: &impl ControlPlane, bucket: &str, sold: &Sold) -> Result<usize, Error> {
    if sold.prefix.is_empty() {
        return Ok(0);
    }
    let there = keys(plane, bucket, "").await;
    let there = there.map_err(while_asking(format!("listing s3://{bucket}")))?;
    Ok(sold.priced.iter().chain(&sold.free).filter(|key| there.contains(*key)).count())
}

/// Fails if an earlier package would give away again what the seller charges for by now.
pub(crate) fn charges(dry_run: Option<DryRun>, package: &str) -> Result<(), Error> {
    match dry_run.filter(|dry_run| dry_run.until > now()) {
        Some(DryRun { objects, until }) => {
            Err(Error::DryRunAgain { package: package.to_owned(), objects, until: moment(until) })
        }
        None => Ok(()),
    }
}

fn now() -> u64 {
    u64::try_from(Timestamp::now().as_second()).unwrap_or_default()
}

/// A second, as people read it.
pub(crate) fn moment(second: u64) -> String {
    let time = i64::try_from(second).ok().and_then(|it| Timestamp::from_second(it).ok());
    time.map_or_else(|| "the end of time".to_owned(), |time| time.to_string())
}

/// So long before what lies below a seal may go, nobody goes back to it: a stack takes minutes to change.
const BEFORE: SignedDuration = SignedDuration::from_mins(10);

/// Fails if a priced object of a package is not where its function would ask for it. What cannot be told, and what may go at
/// any moment, can be accepted.
pub(crate) async fn check(
    plane: &impl ControlPlane,
    stack: &Stack,
    packages: &str,
    key: &str,
    accept_unseen: bool,
    accept_dry_run: bool,
) -> Outcome<()> {
    let looked = match look(plane, stack, None, packages, key).await {
        Err(why) if accept_unseen => {
            println!("brought back unseen, as it is accepted: {why}");
            return Ok(());
        }
        looked => looked?,
    };
    let Some(Content { lacks, bucket, prefix, dry_run, .. }) = looked else { return Ok(()) };
    let package = key.to_owned();
    if !accept_dry_run {
        charges(dry_run, key)?;
    }
    if let Some(Missing { count, first, .. }) = lacks.priced {
        return Err(ship::Error::Gone { package, count, first, bucket }.into());
    }
    if prefix.is_empty() || accept_unseen {
        return Ok(());
    }
    let change = crate::seal::change(plane, &stack.name).await?;
    let leaves = change.filter(|change| prefix.trim_end_matches('/') == change.from.as_str());
    match leaves.map(|change| change.stage(&change.to)) {
        Some(Stage::Live(over)) if over.duration_since(Timestamp::now()) < BEFORE => {
            Err(ship::Error::Going { package, over: over.to_string() }.into())
        }
        _ => Ok(()),
    }
}
