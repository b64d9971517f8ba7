//! Where the deployable function comes from: a release carries it, a clone makes it.

use std::env;
use std::fs;
use std::io::{Cursor, Read as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use zip::ZipArchive;
use zip::result::ZipResult;

use next_step::Outcome;

use crate::error::Error;

/// The function, compressed, and the commit that it was built from.
#[cfg(carries)]
const CARRIED: Option<(&[u8], &str)> =
    Some((include_bytes!(env!("PAYWALL_BOOTSTRAP")), include_str!(env!("PAYWALL_COMMIT"))));
#[cfg(not(carries))]
const CARRIED: Option<(&[u8], &str)> = None;

/// The function's executable.
pub(crate) struct Function {
    pub(crate) bytes: Vec<u8>,
    /// Where it is, or will be, compressed.
    pub(crate) compressed: PathBuf,
    pub(crate) commit: String,
}

/// The one that this program carries, or that its clone makes; `scratch` is for what does not stay.
pub(crate) fn find(scratch: &Path) -> Outcome<Function> {
    if let Some((zip, commit)) = CARRIED {
        let compressed = scratch.join("bootstrap.zip");
        fs::write(&compressed, zip).map_err(|why| ship::Error::not_written(&compressed, why))?;
        let bytes = unpacked(zip).map_err(|why| Error::Damaged { why: why.to_string() })?;
        return Ok(Function { bytes, compressed, commit: commit.trim().to_owned() });
    }
    let clone = clone().ok_or(Error::NoFunction {})?;
    let dist = clone.join("dist");
    if has_cargo() {
        let built = Command::new(clone.join("scripts/build.sh")).stdout(std::io::stderr()).status();
        let built = built.map_err(|why| Error::NotRun { why: why.to_string() })?;
        if !built.success() {
            return Err(Error::NotBuilt {}.into());
        }
    }
    let read = |name: &str| {
        let path = dist.join(name);
        let path_name = path.display().to_string();
        fs::read(path).map_err(|why| Error::NoBuilt { path: path_name, why: why.to_string() })
    };
    let commit = String::from_utf8_lossy(&read("bootstrap.commit")?).trim().to_owned();
    if !has_cargo() {
        eprintln!("without cargo: the function as it was built from {commit}");
    }
    Ok(Function { bytes: read("bootstrap")?, compressed: dist.join("bootstrap.zip"), commit })
}

fn unpacked(zip: &[u8]) -> ZipResult<Vec<u8>> {
    let mut bytes = Vec::new();
    ZipArchive::new(Cursor::new(zip))?.by_name("bootstrap")?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The clone that this program was built in; a release forgets it.
#[cfg(not(carries))]
pub(crate) fn clone() -> Option<&'static Path> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?;
    root.join("scripts/build.sh").is_file().then_some(root)
}

#[cfg(carries)]
pub(crate) fn clone() -> Option<&'static Path> {
    None
}

pub(crate) fn has_cargo() -> bool {
    let folders = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&folders).any(|folder| folder.join("cargo").is_file())
}
