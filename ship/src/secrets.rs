//! `secrets`: makes, rotates, completes and checks what the function must know and nobody else may.
//!
//! `{"handover": [...], "pass": [...], "facilitators": {...}, "rpc": {...}}`: keys in hexadecimal, the
//! current one first.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use price_table::{Auth, Sale, Table};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The bytes of a key: what HMAC-SHA-256 takes best.
const KEY_BYTES: usize = 32;

/// How many keys of a kind are kept: the current and the previous.
const KEPT: usize = 2;

/// The most that an SSM parameter of the standard tier holds, bytes.
/// <https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html>
const MAX_BYTES: usize = 4096;

/// Makes, rotates, completes and checks the function's secrets.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The content.toml, whose demands are checked.
    #[arg(long, value_name = "PATH", env = "CONTENT_CONFIG", default_value = content_config::SAMPLE)]
    content_config: PathBuf,
    /// The secrets so far; new ones are made without it.
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Put new keys first and keep the previous ones.
    #[arg(long)]
    rotate: bool,
    /// A file whose `facilitators` and `rpc` are taken over.
    #[arg(long, value_name = "FILE")]
    merge: Option<PathBuf>,
    /// Where to write them, readable by you alone.
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Secrets {
    handover: Vec<String>,
    pass: Vec<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    facilitators: BTreeMap<String, Value>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    rpc: BTreeMap<String, String>,
}

/// What may be taken over.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Additions {
    #[serde(default)]
    facilitators: BTreeMap<String, Value>,
    #[serde(default)]
    rpc: BTreeMap<String, String>,
}

/// Prints what was done, and no secret.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let before = arguments.from.as_deref().map(read::<Secrets>).transpose()?;
    let mut secrets = match &before {
        Some(secrets) => secrets.clone(),
        None => Secrets {
            handover: vec![key()?],
            pass: vec![key()?],
            facilitators: BTreeMap::new(),
            rpc: BTreeMap::new(),
        },
    };
    if arguments.rotate && before.is_some() {
        for keys in [&mut secrets.handover, &mut secrets.pass] {
            keys.insert(0, key()?);
            keys.truncate(KEPT);
        }
    }
    if let Some(path) = &arguments.merge {
        let Additions { facilitators, rpc } = read(path)?;
        secrets.facilitators.extend(facilitators);
        secrets.rpc.extend(rpc);
    }
    let compiled = content_config::compile(&arguments.content_config)
        .map_err(|report| anyhow::anyhow!("{report}"))?;
    check(&secrets, compiled.table())?;
    let text = serde_json::to_string(&secrets)?;
    if text.len() > MAX_BYTES {
        bail!("the secrets are {} bytes; an SSM parameter holds {MAX_BYTES}", text.len());
    }
    write(&arguments.output, &text)?;
    println!(
        "{}",
        match &before {
            None => "new",
            Some(before) if *before == secrets => "unchanged",
            Some(_) => "changed",
        }
    );
    Ok(ExitCode::SUCCESS)
}

fn key() -> anyhow::Result<String> {
    let mut bytes = [0; KEY_BYTES];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("no random numbers: {error}"))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// A parser's message may quote a secret: only the place is told.
fn read<T: for<'de> Deserialize<'de>>(path: &Path) -> anyhow::Result<T> {
    let shown = path.display();
    let file = fs::metadata(path).with_context(|| format!("cannot read {shown}"))?;
    if file.permissions().mode() & 0o077 != 0 {
        bail!("{shown} can be read by others: chmod 600 it");
    }
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {shown}"))?;
    serde_json::from_str(&text).map_err(|error| {
        anyhow::anyhow!(
            "{shown} does not hold secrets (line {}, column {}): see \"Secrets\" in infra/README.md",
            error.line(),
            error.column()
        )
    })
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let open =
        fs::OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(path);
    let mut file = open.with_context(|| format!("cannot write {}", path.display()))?;
    file.write_all(text.as_bytes())?;
    Ok(file.sync_all()?)
}

/// The keys' shape, and that every facilitator and RPC endpoint that wants a secret has one.
fn check(secrets: &Secrets, table: &Table) -> anyhow::Result<()> {
    for (name, keys) in [("handover", &secrets.handover), ("pass", &secrets.pass)] {
        let good =
            |key: &String| key.len() == 2 * KEY_BYTES && key.bytes().all(|b| b.is_ascii_hexdigit());
        if keys.is_empty() || !keys.iter().all(good) {
            bail!("`{name}` must list keys of {} hexadecimal digits", 2 * KEY_BYTES);
        }
    }
    let mut missing = Vec::new();
    for rule in table.rules.iter() {
        let Sale::Priced { offers, .. } = &rule.sale else { continue };
        for offer in offers.iter() {
            for facilitator in offer.facilitators.iter() {
                let field = match facilitator.auth {
                    Auth::None => continue,
                    Auth::Bearer => "bearer",
                    Auth::Cdp => "cdp",
                };
                let url = facilitator.url.as_ref();
                if secrets.facilitators.get(url).and_then(|auth| auth.get(field)).is_none() {
                    missing.push(format!("facilitators.\"{url}\".{field}"));
                }
            }
            let rpc = offer.network.rpc.as_ref();
            let caip2 = offer.network.caip2.as_ref();
            if rpc.is_some_and(|rpc| rpc.url.is_none()) && !secrets.rpc.contains_key(caip2) {
                missing.push(format!("rpc.\"{caip2}\""));
            }
        }
    }
    missing.sort_unstable();
    missing.dedup();
    if !missing.is_empty() {
        bail!(
            "the content.toml wants secrets that are not there: {}; write them into a file and name it \
             with --merge-secrets",
            missing.join(", ")
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(keys: &[&str]) -> Secrets {
        let keys: Vec<String> = keys.iter().map(|key| key.repeat(64)).collect();
        Secrets {
            handover: keys.clone(),
            pass: keys,
            facilitators: BTreeMap::new(),
            rpc: BTreeMap::new(),
        }
    }

    fn arguments(folder: &Path, from: bool, rotate: bool) -> Arguments {
        Arguments {
            content_config: Path::new("..").join(content_config::SAMPLE),
            from: from.then(|| folder.join("from.json")),
            rotate,
            merge: None,
            output: folder.join("to.json"),
        }
    }

    #[test]
    fn made_for_their_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        run(&arguments(folder.path(), false, false)).unwrap();
        let path = folder.path().join("to.json");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let made: Secrets = read(&path).unwrap();
        assert_ne!(made.handover, made.pass);
        run(&arguments(folder.path(), false, false)).unwrap();
        assert_ne!(read::<Secrets>(&path).unwrap(), made);
    }

    #[test]
    fn rotation_keeps_the_previous_key() {
        let folder = tempfile::tempdir().unwrap();
        let text = serde_json::to_string(&secrets(&["a", "b"])).unwrap();
        write(&folder.path().join("from.json"), &text).unwrap();
        run(&arguments(folder.path(), true, true)).unwrap();
        let rotated: Secrets = read(&folder.path().join("to.json")).unwrap();
        for keys in [rotated.handover, rotated.pass] {
            assert_eq!(keys.len(), 2);
            assert_ne!(keys[0], "a".repeat(64));
            assert_eq!(keys[1], "a".repeat(64));
        }
    }

    #[test]
    fn a_file_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("from.json");
        write(&path, &serde_json::to_string(&secrets(&["a"])).unwrap()).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let error = run(&arguments(folder.path(), true, false)).unwrap_err();
        assert!(error.to_string().contains("chmod 600"), "{error}");
    }

    #[test]
    fn messages_quote_no_secret() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("from.json");
        write(&path, r#"{"handover":"hunter2"}"#).unwrap();
        let error = format!("{:#}", run(&arguments(folder.path(), true, false)).unwrap_err());
        assert!(error.contains("line 1") && !error.contains("hunter2"), "{error}");
    }
}
