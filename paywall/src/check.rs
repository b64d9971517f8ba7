//! The scheduled check's package: a release has its executable beside the tool, a clone builds it.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use next_step::Outcome;

use crate::error::Error;
use crate::function::{clone, has_cargo};

/// Names the executable, instead.
const VARIABLE: &str = "X402_BOOKKEEPER";

/// The zip.
pub(crate) fn pack() -> Outcome<Vec<u8>> {
    let path = find()?;
    let executable = fs::read(&path).map_err(|why| ship::Error::not_read(&path, why))?;
    let zip = bookkeeper::package(&executable)
        .map_err(|why| Error::NotZipped { why: why.to_string() })?;
    Ok(zip)
}

fn find() -> Outcome<PathBuf> {
    if let Some(named) = env::var_os(VARIABLE).filter(|named| !named.is_empty()) {
        return Ok(named.into());
    }
    let beside = env::current_exe().ok().and_then(|tool| Some(tool.parent()?.join("bookkeeper")));
    let Some(clone) = clone() else { return Ok(beside.ok_or(Error::NoCheck {})?) };
    if has_cargo() {
        println!("building the scheduled check (minutes, the first time)");
        let built = Command::new(clone.join("scripts/build-bookkeeper.sh"))
            .stdout(std::io::stderr())
            .status();
        if !built.map_err(|why| Error::NotRun { why: why.to_string() })?.success() {
            return Err(Error::NoCheck {}.into());
        }
    }
    Ok(clone.join("dist/bookkeeper"))
}
