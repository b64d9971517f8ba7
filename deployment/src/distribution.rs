//! A distribution that no stack of this tool owns: its configuration is changed in place, under its ETag.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::Error;
use crate::control_plane::{Caller, Configuration, ControlPlane};
use crate::error::while_asking;

/// Where configurations are kept before they are changed; git ignores it.
fn folder() -> PathBuf {
    let dist = std::env::var_os("DIST").filter(|dist| !dist.is_empty());
    Path::new(&dist.unwrap_or_else(|| "dist".into())).join("rollback")
}

/// A distribution's id, as an option has it.
pub(crate) fn id(text: &str) -> Result<String, String> {
    let plain = text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    match text.starts_with('E') && plain && (6..=21).contains(&text.len()) {
        true => Ok(text.to_owned()),
        false => Err("name its id, as EDFDVBD6EXAMPLE".to_owned()),
    }
}

pub(crate) async fn read(
    plane: &impl ControlPlane,
    caller: &Caller,
    id: &str,
) -> Result<Configuration, Error> {
    let found = plane
        .configuration(id)
        .await
        .map_err(while_asking(format!("reading distribution {id}")))?;
    found
        .ok_or_else(|| Error::NoDistribution { account: caller.account.clone(), id: id.to_owned() })
}

/// What an update came to.
pub(crate) enum Updated {
    /// Where the configuration from before is kept.
    Done(PathBuf),
    /// CloudFront does not take the function.
    Refused(crate::control_plane::Failure),
}

/// Keeps a configuration as it is, and writes another one over it.
pub(crate) async fn update(
    plane: &impl ControlPlane,
    id: &str,
    now: &Configuration,
    next: &Value,
) -> Result<Updated, Error> {
    let kept = keep(id, now)?;
    match plane.update_distribution(id, &now.etag, next).await {
        Ok(()) => Ok(Updated::Done(kept)),
        Err(failure)
            if failure.code == "PreconditionFailed" || failure.code == "InvalidIfMatchVersion" =>
        {
            Err(Error::ChangedMeanwhile { id: id.to_owned() })
        }
        Err(failure) if failure.code.starts_with("InvalidLambdaFunctionAssociation") => {
            Ok(Updated::Refused(failure))
        }
        Err(failure) => Err(while_asking(format!("updating distribution {id}"))(failure)),
    }
}

fn keep(id: &str, now: &Configuration) -> Result<PathBuf, Error> {
    let folder = folder();
    let path = folder.join(format!("{id}-{}.json", now.etag));
    let text = format!("{:#}\n", json!({ "ETag": now.etag, "DistributionConfig": now.config }));
    let written = fs::create_dir_all(&folder).and_then(|()| fs::write(&path, text));
    written.map_err(|why| Error::CannotWrite {
        path: path.display().to_string(),
        why: why.to_string(),
    })?;
    Ok(path)
}

/// A configuration that was kept.
pub(crate) fn kept(path: &Path) -> Result<Value, Error> {
    let shown = path.display().to_string();
    let text = fs::read(path)
        .map_err(|why| Error::NoFile { path: shown.clone(), why: why.to_string() })?;
    let mut kept: Value = serde_json::from_slice(&text)
        .map_err(|_| Error::NoConfiguration { path: shown.clone() })?;
    match kept.get_mut("DistributionConfig") {
        Some(config) if config.is_object() => Ok(config.take()),
        _ => Err(Error::NoConfiguration { path: shown }),
    }
}
