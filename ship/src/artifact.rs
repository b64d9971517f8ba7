//! `artifact`: whether a packaged function may be deployed, and what scripts must know of it.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

/// Checks a packaged function and prints what scripts must know of it, as KEY=VALUE lines.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The zip that scripts/package.sh made; what it says of it lies beside, as `.json`.
    zip: PathBuf,
}

/// What `scripts/package.sh` says of a zip.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Packaged {
    sha256: String,
    code_sha256: String,
    bytes: u64,
    shim: String,
    rehearsal: bool,
    quota: String,
}

/// Prints `sha256`, `codeSha256`, `bytes`, `shim` and `quota`.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let (zip, json) = (&arguments.zip, arguments.zip.with_extension("json"));
    let bytes = fs::read(zip)
        .with_context(|| format!("cannot read {}: scripts/package.sh makes it", zip.display()))?;
    let text = fs::read(&json)
        .with_context(|| format!("cannot read {}: scripts/package.sh writes it", json.display()))?;
    let packaged: Packaged = serde_json::from_slice(&text)
        .with_context(|| format!("{}: not what scripts/package.sh writes", json.display()))?;
    let hash = Sha256::digest(&bytes);
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    let code_sha256 = STANDARD.encode(hash);
    if hex != packaged.sha256 || code_sha256 != packaged.code_sha256 {
        bail!(
            "{} is not the file that {} describes: run scripts/package.sh again",
            zip.display(),
            json.display()
        );
    }
    if packaged.rehearsal {
        bail!(
            "{} holds throw-away secrets of a rehearsal: package it with real ones (scripts/deploy.sh \
             does, without --zip)",
            zip.display()
        );
    }
    println!("sha256={hex}");
    println!("codeSha256={code_sha256}");
    println!("bytes={}", packaged.bytes);
    println!("shim={}", packaged.shim);
    println!("quota={}", packaged.quota);
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(content: &str, rehearsal: bool) -> anyhow::Result<ExitCode> {
        let folder = tempfile::tempdir().unwrap();
        let zip = folder.path().join("edge-fn.zip");
        fs::write(&zip, content).unwrap();
        let json = serde_json::json!({
            "sha256": "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
            "codeSha256": "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=",
            "bytes": 5, "shim": "exec", "rehearsal": rehearsal, "quota": "fits",
        });
        fs::write(folder.path().join("edge-fn.json"), json.to_string()).unwrap();
        run(&Arguments { zip })
    }

    #[test]
    fn what_may_be_deployed() {
        check("hello", false).unwrap();
        assert!(check("hello", true).unwrap_err().to_string().contains("throw-away"));
        assert!(check("hullo", false).unwrap_err().to_string().contains("not the file"));
    }
}
