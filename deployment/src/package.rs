//! The packaged function, and the bucket from which CloudFormation takes it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use content_config::Compiled;
use next_step::Outcome;
use ship::artifact::{self, Artifact};
use ship::preflight::Record;
use site_secrets::SiteSeal;

use crate::Error;
use crate::bucket_name::Base;
use crate::buckets::{check_name, state};
use crate::control_plane::{BucketState, Caller, ControlPlane, Stack};
use crate::error::while_asking;
use crate::stacks::{live, parameter};

/// Packages the function with a content.toml's prices, these secrets and this seal; gives the zip.
pub type Packer<'p> = dyn Fn(&Path, &[u8], Option<&SiteSeal>) -> Outcome<PathBuf> + 'p;

/// What is packaged on demand.
pub struct Packers<'p> {
    pub function: &'p Packer<'p>,
    /// The zip of the scheduled check.
    pub check: &'p dyn Fn() -> Outcome<Vec<u8>>,
}

/// A package, and where it goes.
pub(crate) struct Package {
    pub(crate) artifact: Artifact,
    pub(crate) bucket: String,
    pub(crate) key: String,
    /// The bucket is made now.
    makes_bucket: bool,
    /// It is this tool's, whose settings it keeps.
    own: bool,
}

/// Where packages are kept: in the bucket that is named, or that the stack has, or that this account has.
pub(crate) async fn find_bucket(
    plane: &impl ControlPlane,
    caller: &Caller,
    named: Option<&str>,
    stack: Option<&Stack>,
) -> Result<Option<String>, Error> {
    let of_stack = parameter(live(stack), "CodeBucketName");
    match named.or(Some(of_stack)).filter(|bucket| !bucket.is_empty()) {
        Some(bucket) => Ok(Some(bucket.to_owned())),
        None => Base::artifacts(caller).find(plane).await,
    }
}

/// Packages, unless a zip is named, and looks whether it may be deployed.
pub(crate) async fn plan(
    plane: &impl ControlPlane,
    caller: &Caller,
    (name, stack): (&str, Option<&Stack>),
    (config, compiled): (&Path, &Compiled),
    (secrets, seal): (&[u8], Option<&SiteSeal>),
    named: (Option<&Path>, Option<&str>),
    pack: &Packer<'_>,
) -> Outcome<Package> {
    let (zip, bucket) = named;
    let base = Base::artifacts(caller);
    let bucket = match find_bucket(plane, caller, bucket, stack).await? {
        Some(bucket) => bucket,
        None => base.draw()?,
    };
    check_name("--artifact-bucket", &bucket)?;
    let makes_bucket = match state(plane, &bucket).await? {
        BucketState::Free => true,
        BucketState::Ours => false,
        BucketState::Elsewhere => return Err(Error::ArtifactsElsewhere { bucket }.into()),
        BucketState::Taken => return Err(Error::ArtifactsTaken { bucket }.into()),
    };
    let zip = match zip {
        Some(zip) => zip.to_owned(),
        None => {
            println!("packaging the function (a release build takes minutes the first time)");
            pack(config, secrets, seal)?
        }
    };
    let artifact = artifact::read(&zip, compiled, config)?;
    let key = format!("{name}/{}.zip", artifact.sha256);
    let own = base.named(&bucket);
    Ok(Package { artifact, bucket, key, makes_bucket, own })
}

/// The name of what lies beside a package.
fn beside(key: &str, extension: &str) -> String {
    format!("{}.{extension}", key.strip_suffix(".zip").unwrap_or(key))
}

/// The record of the deployment that is live in a stack; `None` if it is lost.
pub(crate) async fn live_record(
    plane: &impl ControlPlane,
    stack: &Stack,
) -> Result<Option<Record>, Error> {
    let bucket = parameter(Some(stack), "CodeBucketName");
    let key = beside(parameter(Some(stack), "CodeObjectKey"), "json");
    // Whatever keeps it from being read: a payee that is not known counts as changed.
    let text = plane.get_object(bucket, &key).await.ok().flatten();
    Ok(text.and_then(|text| Record::from_json(&text, &key).ok()))
}

/// A package's tags: whose it was, and which secrets it reads.
pub(crate) async fn tags(
    plane: &impl ControlPlane,
    bucket: &str,
    key: &str,
) -> Result<Option<BTreeMap<String, String>>, Error> {
    let text = plane
        .get_object(bucket, &beside(key, "tags"))
        .await
        .map_err(while_asking("reading the package's tags"))?;
    let pairs = |text: Vec<u8>| {
        let text = String::from_utf8_lossy(&text).into_owned();
        let pairs = text.lines().filter_map(|line| line.split_once('='));
        pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
    };
    Ok(text.map(pairs))
}

impl Package {
    pub(crate) fn describe(&self) {
        let Artifact { sha256, bytes, shim, quota, .. } = &self.artifact;
        println!("  function    sha256 {sha256}, {bytes} bytes, {shim} shim, {quota}");
        let made = if self.makes_bucket { " (made now)" } else { "" };
        println!("  packages    s3://{}/{}{made}", self.bucket, self.key);
    }

    /// What [`upload`](Self::upload) does, a line each.
    pub(crate) fn steps(&self) -> Vec<String> {
        let made = self.makes_bucket.then(|| format!("make bucket {}", self.bucket));
        let upload = format!("upload the package to s3://{}/{}", self.bucket, self.key);
        made.into_iter().chain([upload]).collect()
    }

    /// The zip, and beside it the record of this deployment and its stack's tags, for `rollback`.
    pub(crate) async fn upload(
        &self,
        plane: &impl ControlPlane,
        record: &Record,
        tags: &BTreeMap<String, String>,
    ) -> Result<(), Error> {
        let Package { bucket, key, artifact, makes_bucket, own } = self;
        let to = |what: &str| while_asking(format!("{what} s3://{bucket}"));
        if *makes_bucket {
            plane.create_bucket(bucket).await.map_err(to("making"))?;
        }
        // An earlier run may have ended between the two. One that the seller named keeps its settings.
        if *makes_bucket || *own {
            plane.close_bucket(bucket).await.map_err(to("closing"))?;
        }
        let lines: String = tags.iter().map(|(key, value)| format!("{key}={value}\n")).collect();
        for (extension, kind, bytes) in [
            ("json", "application/json", record.to_json().into_bytes()),
            ("tags", "text/plain", lines.into_bytes()),
        ] {
            plane
                .put_object(bucket, &beside(key, extension), kind, &bytes)
                .await
                .map_err(to("writing to"))?;
        }
        // Keys are hashes: what lies there already is this very zip.
        if !plane.has_object(bucket, key).await.map_err(to("looking into"))? {
            plane
                .put_object(bucket, key, "application/zip", &artifact.zip)
                .await
                .map_err(to("writing to"))?;
        }
        Ok(())
    }
}
