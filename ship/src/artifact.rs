//! `artifact`: whether a packaged function may be deployed, and what scripts must know of it.

use std::fs;
use std::io::{Cursor, Read as _};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, anyhow, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use price_table::file;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use zip::ZipArchive;
use zip::result::ZipError;

/// Checks a packaged function and prints what scripts must know of it, as KEY=VALUE lines.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The zip that scripts/package.sh made; what it says of it lies beside, as `.json`.
    zip: PathBuf,
    /// The content.toml that is shown and guarded: the zip's table must be its.
    #[arg(long, value_name = "PATH", env = "CONTENT_CONFIG", default_value = content_config::SAMPLE)]
    content_config: PathBuf,
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
    sells(&bytes, arguments)?;
    println!("sha256={hex}");
    println!("codeSha256={code_sha256}");
    println!("bytes={}", packaged.bytes);
    println!("shim={}", packaged.shim);
    println!("quota={}", packaged.quota);
    Ok(ExitCode::SUCCESS)
}

/// Refuses a zip with the table of another content.toml. One without a table does not start.
fn sells(zip: &[u8], Arguments { zip: path, content_config }: &Arguments) -> anyhow::Result<()> {
    let mut table = Vec::new();
    match ZipArchive::new(Cursor::new(zip))?.by_name(file::NAME) {
        Ok(mut packaged) => packaged.read_to_end(&mut table)?,
        Err(ZipError::FileNotFound) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let compiled = content_config::compile(content_config).map_err(|report| anyhow!("{report}"))?;
    if table != compiled.file() {
        bail!(
            "{} sells by another table than {}: package that one (scripts/deploy.sh does, without --zip)",
            path.display(),
            content_config.display()
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A zip with the sample's table, or its record's, changed.
    fn check(
        table: impl FnOnce(&mut Vec<u8>),
        record: impl FnOnce(&mut serde_json::Value),
    ) -> anyhow::Result<ExitCode> {
        let folder = tempfile::tempdir().unwrap();
        let content_config = std::path::Path::new("..").join(content_config::SAMPLE);
        let mut bytes = content_config::compile(&content_config).unwrap().file();
        table(&mut bytes);
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file(file::NAME, zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut zip, &bytes).unwrap();
        let bytes = zip.finish().unwrap().into_inner();
        let hash = Sha256::digest(&bytes);
        let mut json = serde_json::json!({
            "sha256": hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>(),
            "codeSha256": STANDARD.encode(hash),
            "bytes": 5, "shim": "exec", "rehearsal": false, "quota": "fits",
        });
        record(&mut json);
        let zip = folder.path().join("edge-fn.zip");
        fs::write(&zip, bytes).unwrap();
        fs::write(folder.path().join("edge-fn.json"), json.to_string()).unwrap();
        run(&Arguments { zip, content_config })
    }

    #[test]
    fn what_may_be_deployed() {
        let says = |checked: anyhow::Result<ExitCode>| checked.unwrap_err().to_string();
        check(|_| (), |_| ()).unwrap();
        assert!(says(check(|_| (), |json| json["rehearsal"] = true.into())).contains("throw-away"));
        let other = |json: &mut serde_json::Value| json["sha256"] = "ab".into();
        assert!(says(check(|_| (), other)).contains("not the file"));
        assert!(says(check(|table| table[99] ^= 1, |_| ())).contains("another table"));
    }
}
