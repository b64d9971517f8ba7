//! Publishes the content that a `content.toml` sells.
//!
//! ```text
//! compile --> survey the bucket --> plan --> show --> ask --> send --> record --> what to do next
//! ```
//!
//! Nothing is kept between runs: what is there already is found out from the bucket each time, object
//! by object, so a run that was interrupted is simply run again.

mod aftermath;
mod ask;
mod content;
mod context;
mod copy;
mod invalidate;
mod live;
mod plan;
mod published;
mod record;
mod reseal;
mod seal;
mod send;
mod show;
mod survey;
mod unfinished;

use std::fs;
use std::path::PathBuf;

use clap::builder::TypedValueParser as _;
use content_config::Parts;
use jiff::Timestamp;
use url::Url;

use crate::error::Error;
use crate::keeper::File;
use crate::preflight::table_sha256;
use crate::s3::{Bucket, S3Error, Target};
use crate::seal::fingerprint;
pub use context::{Again, Context, Invalidate, Invalidated, Said};
pub use live::{Function, Live};
use published::Change;
pub use published::{Outcome, Published};
use survey::Place;

/// Publishes content: sends what is new or changed, and says what to do next.
///
/// Credentials come from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN; they need s3:ListBucket,
/// s3:GetObject and s3:PutObject, with --delete s3:DeleteObject, and the use of the bucket's KMS key if it has one; for objects
/// over 5 GB s3:ListBucketMultipartUploads, s3:ListMultipartUploadParts and s3:AbortMultipartUpload; with --reseal, for objects
/// that bear tags, s3:GetObjectTagging and s3:PutObjectTagging, the first for all over 5 GB.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The content.toml; without it the nearest one from this folder upwards.
    #[arg(long, value_name = "PATH", value_parser = clap::builder::OsStringValueParser::new().map(PathBuf::from), env = "CONTENT_CONFIG")]
    config: Option<PathBuf>,
    /// The bucket, by its name alone.
    #[arg(long, value_name = "NAME")]
    bucket: Option<String>,
    /// Where in the bucket: the distribution's origin path, without the slash in front.
    #[arg(long, value_name = "PATH", default_value = "")]
    prefix: String,
    /// The file with the site's seal, if the site is sealed; made if it is not there.
    #[arg(long, value_name = "FILE")]
    seal: Option<PathBuf>,
    /// Change the seal that has leaked for a new one: copies what lies below it, within S3, and goes on with a change that is
    /// begun. Then `paywall deploy`, and an hour after it `publish --delete` (docs/seal.md).
    #[arg(long)]
    reseal: bool,
    /// The bucket's AWS Region.
    #[arg(long, value_name = "REGION", env = "AWS_REGION", default_value = "us-east-1")]
    region: String,
    /// An S3 API that is not Amazon's.
    #[arg(long, value_name = "URL", env = "AWS_ENDPOINT_URL_S3")]
    endpoint_url: Option<Url>,
    /// Show what would be done, and stop.
    #[arg(long)]
    dry_run: bool,
    /// Do not ask.
    #[arg(long)]
    yes: bool,
    /// Print the facts at the end as one JSON object; all else goes to standard error.
    #[arg(long)]
    json: bool,
    /// Delete from the bucket what is not on sale, if the function that is live does not sell it
    /// either; of a seal that was changed, what lies below the old one, an hour after the new one is live.
    #[arg(long)]
    delete: bool,
    /// How many requests at once.
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=256))]
    parallel: u16,
    /// Have objects come in parts of so many bytes that otherwise come at once: for tests.
    #[arg(long, value_name = "BYTES", hide = true, value_parser = clap::value_parser!(u64).range(5_242_880..))]
    in_parts_above: Option<u64>,
    /// What describes the function that is live: the record that a deployment keeps beside the package, or the JSON that
    /// `paywall build` writes beside the zip.
    #[arg(long, value_name = "FILE", conflicts_with = "not_deployed")]
    deployed: Option<PathBuf>,
    /// No function is live yet.
    #[arg(long)]
    not_deployed: bool,
    /// Where to write the manifest of what is published [default: `published` of the content.toml,
    /// else published.jsonl beside it].
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,
    /// Have CloudFront drop its copies of objects that changed.
    #[arg(long, value_name = "ID")]
    distribution: Option<String>,
}

/// Publishes, on threads of its own.
///
/// # Errors
///
/// Whatever stopped it. What is uploaded stays.
pub fn run(arguments: &Arguments, context: &Context<'_>) -> Result<Published, Error> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.map_err(Error::not_started)?.block_on(publish(arguments, context))
}

/// What of the content cannot be published, before anybody is asked.
///
/// # Errors
///
/// Of the content.toml, or of the files that it sells.
pub fn check(config: Option<PathBuf>) -> Result<(), Error> {
    content::compile(&content_config::find(config)?, Parts::default()).map(drop)
}

impl Arguments {
    /// The bucket that is named.
    pub fn bucket(&self) -> Option<&str> {
        self.bucket.as_deref()
    }

    /// Whether facts are printed.
    pub fn json(&self) -> bool {
        self.json
    }

    /// The distribution that is named.
    pub fn distribution(&self) -> Option<&str> {
        self.distribution.as_deref()
    }
}

/// Publishes, inside a runtime that is there already.
///
/// # Errors
///
/// Whatever stopped it. What is uploaded stays.
pub async fn publish(arguments: &Arguments, context: &Context<'_>) -> Result<Published, Error> {
    // What is known of the live function is of now: it may be another one when all is sent.
    let began = Timestamp::now();
    let config = content_config::find(arguments.config.clone())?;
    let parts = arguments.in_parts_above.map_or(Parts::default(), Parts::above);
    let compiled = content::compile(&config, parts)?;
    let live = live(arguments, context)?;
    let site = &compiled.table().site;
    let whole = Bucket::open(target(arguments, context)?, &context.access.credentials)?;
    let file = arguments.seal.as_deref().map(File::at);
    file.as_ref().map_or(Ok(()), |file| file.keeps_apart(&compiled))?;
    let asked =
        seal::Asked { file: file.as_ref(), stack: context.keeper, reseal: arguments.reseal };
    let sealed = seal::find(&asked, site, &whole).await?;
    let folder = match &sealed {
        None => whole.target().clone(),
        Some(sealed) => sealed.below(whole.target(), &compiled)?,
    };
    let open = |target| Bucket::open(target, &context.access.credentials);
    let bucket = open(folder)?;
    let before = sealed.as_ref().and_then(|sealed| sealed.before(whole.target()));
    let before = before.map(open).transpose()?;
    let parallel = usize::from(arguments.parallel);

    let place = Place { whole: &whole, folder: &bucket, before: before.as_ref() };
    let explain = |error: S3Error| place.explain(error);
    let survey = survey::survey(place, &compiled, parallel).await.map_err(explain)?;
    let plan = plan::plan(&compiled, survey, parts);
    show::plan(&compiled, bucket.target(), &plan, arguments.delete);
    show::foreign(sealed.as_ref().map_or(0, |sealed| sealed.others));
    let distribution = arguments.distribution.as_ref().or(context.distribution.as_ref());
    let distribution = distribution.map(String::as_str);
    let mut published = Published::planned(place, sealed.as_ref(), distribution, &plan);
    let begins = sealed.as_ref().is_some_and(|sealed| sealed.begins);
    // What is missing goes below the new seal alone, and a function that sells it already asks below the old one.
    if begins
        && !plan.sends.is_empty()
        && live.state(&table_sha256(&compiled), None).is_live() == Some(true)
    {
        return Err(Error::PublishFirst { count: plan.sends.len() });
    }
    if arguments.dry_run {
        return Ok(published);
    }
    let question = match begins || !plan.copies.is_empty() {
        true => Some("Go on with the new seal?"),
        false if !plan.sends.is_empty() => Some("Upload?"),
        false => None,
    };
    if let Some(question) = question.filter(|_| !arguments.yes)
        && !ask::yes(question)?
    {
        println!("nothing is uploaded");
        published.outcome = Outcome::Declined;
        return Ok(published);
    }
    if let Some(sealed) = &sealed {
        sealed.keep().await?;
    }
    let begun = unfinished::sort(&bucket, &compiled, &plan).await.map_err(explain)?;
    let mut etags = match &before {
        None => send::Etags::new(),
        Some(before) => copy::copy(&bucket, before, &plan, parallel).await.map_err(explain)?,
    };
    etags.extend(send::send(&bucket, &plan, &begun, parallel).await.map_err(explain)?);
    let manifest = record::path(arguments.manifest.as_deref(), &compiled, &config);
    record::write(&manifest, &compiled, &etags)?;
    aftermath::sent(&plan, &manifest);

    // Where the table takes its ETags from the manifest, it is another one now.
    let again = compiled.record().map(|_| content::compile(&config, parts)).transpose()?;
    let table = again.as_ref().unwrap_or(&compiled);
    aftermath::check_etags(table, &etags, &manifest)?;
    let mut kept = match &sealed {
        None => None,
        Some(sealed) => Some(sealed.fill(site).await?),
    };
    invalidate::changed(&plan, sealed.is_some(), distribution, context.invalidate).await?;
    let changes = kept.as_ref().and_then(|kept| kept.reseal.as_ref());
    let below = changes.map(|reseal| fingerprint(&reseal.to));
    let state = live.state(&table_sha256(table), below.as_deref());
    let again = async || match context.again {
        // What is said by name was not asked.
        Some(again) if arguments.deployed.is_none() && !arguments.not_deployed => {
            again().await.state(&table_sha256(table), below.as_deref())
        }
        _ => state,
    };
    aftermath::table(&plan, state);
    let mut ended = false;
    if let (Some(sealed), Some(kept)) = (&sealed, &mut kept) {
        reseal::note(sealed, kept, &live).await?;
        reseal::next(kept, &live, plan.left.len(), (began, arguments.delete));
        published.seal = Some(fingerprint(&kept.seal.seal));
        published.reseal = Change::of(kept, plan.left.len());
        let is_over = reseal::over(kept, &live).is_some_and(|over| over <= began);
        if arguments.delete && is_over {
            let invalidate = (distribution, context.invalidate);
            let same = async || again().await == state;
            let deleted =
                reseal::end(sealed, site, place, &plan, arguments.yes, same, invalidate).await?;
            ended = deleted.is_some();
            published.deleted += deleted.unwrap_or_default();
            published.reseal = published.reseal.filter(|_| !ended);
        }
    }
    if arguments.delete {
        let deleted = aftermath::delete(place, &plan, state, arguments.yes, again).await?;
        published.deleted += deleted;
        if deleted > 0 && !plan.open.is_empty() {
            // What CloudFront kept of them is outside of the seal, too.
            invalidate::everything(distribution, context.invalidate).await?;
        }
    }
    let idle = plan.sends.is_empty() && plan.copies.is_empty() && !begins && !ended;
    published.outcome =
        if idle && published.deleted == 0 { Outcome::Unchanged } else { Outcome::Done };
    published.table_is_live = state.is_live();
    Ok(published)
}

fn live(arguments: &Arguments, context: &Context<'_>) -> Result<Live, Error> {
    let Some(path) = &arguments.deployed else {
        return Ok(if arguments.not_deployed { Live::Nothing } else { context.live.clone() });
    };
    let json = fs::read(path).map_err(|why| Error::not_read(path, why))?;
    Live::read(&json, &path.display().to_string())
}

fn target(arguments: &Arguments, context: &Context<'_>) -> Result<Target, Error> {
    let mut prefix = arguments.prefix.trim_end_matches('/').to_owned();
    if prefix.starts_with('/') {
        return Err(Error::BadPrefix { prefix });
    }
    if !prefix.is_empty() {
        prefix.push('/');
    }
    let bucket = arguments.bucket.clone().or_else(|| context.bucket.clone());
    Ok(Target {
        bucket: bucket.ok_or(Error::NoBucket {})?,
        region: arguments.region.clone(),
        prefix,
        seal: None,
        endpoint: arguments.endpoint_url.clone(),
        owner: context.access.owner.clone(),
    })
}
