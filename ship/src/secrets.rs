//! `secrets`: makes, rotates, completes and checks what the function must know and nobody else may.
//!
//! The document is [`site_secrets::Document`]'s, which checks it as the function will.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::builder::TypedValueParser as _;
use price_table::Table;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use site_secrets::{Demands, Document};

/// The bytes of a key: what HMAC-SHA-256 takes best.
const KEY_BYTES: usize = 32;

/// What throw-away keys begin with.
const REHEARSAL: &[u8] = b"rehearsal";

/// How many keys of a kind are kept: the current and the previous.
const KEPT: usize = 2;

/// The most that an SSM parameter of the standard tier holds, bytes.
/// <https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html>
const MAX_BYTES: usize = 4096;

/// Makes, rotates, completes and checks the function's secrets.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The content.toml, whose demands are checked; without it the nearest one from this folder upwards.
    #[arg(long, value_name = "PATH", value_parser = clap::builder::OsStringValueParser::new().map(PathBuf::from), env = "CONTENT_CONFIG", alias = "content-config")]
    config: Option<PathBuf>,
    /// The secrets so far; new ones are made without it.
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Put new keys first and keep the previous ones.
    #[arg(long, requires = "from")]
    rotate: bool,
    /// A file whose `facilitators` and `rpc` are taken over.
    #[arg(long, value_name = "FILE")]
    merge: Option<PathBuf>,
    /// Take over those of another site, whose id is no longer this one's.
    #[arg(long)]
    accept_new_site_id: bool,
    /// Make throw-away keys, which a package shows and no deployment takes.
    #[arg(long, conflicts_with = "from")]
    rehearsal: bool,
    /// Where to write them, readable by you alone.
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Secrets {
    /// Those that were made before it was asked for lack it.
    #[serde(default)]
    site: String,
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
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    println!("{}", make(arguments)?);
    Ok(ExitCode::SUCCESS)
}

/// Throw-away keys: those in the file if they are this site's, else new ones.
///
/// # Errors
///
/// What throw-away keys do not do for.
pub fn rehearse(config: &Path, path: &Path) -> anyhow::Result<()> {
    let arguments = |from: Option<PathBuf>| Arguments {
        config: Some(config.to_owned()),
        rehearsal: from.is_none(),
        from,
        rotate: false,
        merge: None,
        accept_new_site_id: false,
        output: path.to_owned(),
    };
    let kept = path.exists() && make(&arguments(Some(path.to_owned()))).is_ok();
    if kept { Ok(()) } else { make(&arguments(None)).map(drop) }
}

fn make(arguments: &Arguments) -> anyhow::Result<&'static str> {
    let before = arguments.from.as_deref().map(read::<Secrets>).transpose()?;
    let mut secrets = match &before {
        Some(secrets) => secrets.clone(),
        None => Secrets {
            site: String::new(),
            handover: vec![key(arguments.rehearsal)?],
            pass: vec![key(arguments.rehearsal)?],
            facilitators: BTreeMap::new(),
            rpc: BTreeMap::new(),
        },
    };
    if arguments.rotate && before.is_some() {
        for keys in [&mut secrets.handover, &mut secrets.pass] {
            keys.insert(0, key(false)?);
            keys.truncate(KEPT);
        }
    }
    if let Some(path) = &arguments.merge {
        let Additions { facilitators, rpc } = read(path)?;
        secrets.facilitators.extend(facilitators);
        secrets.rpc.extend(rpc);
    }
    let compiled = content_config::compile(&content_config::find(arguments.config.clone())?)
        .map_err(|report| anyhow::anyhow!("{report}"))?;
    let site = &compiled.table().site.id;
    if secrets.site.is_empty() || arguments.accept_new_site_id {
        secrets.site = site.to_string();
    }
    let text = serde_json::to_string(&secrets)?;
    check(&text, compiled.table(), arguments.rehearsal)?;
    if text.len() > MAX_BYTES {
        bail!("the secrets are {} bytes; an SSM parameter holds {MAX_BYTES}", text.len());
    }
    compiled.keeps_apart(&arguments.output).map_err(|why| anyhow::anyhow!(why))?;
    if arguments.output.exists()
        && arguments.from.as_ref() != Some(&arguments.output)
        && !arguments.rehearsal
    {
        let output = arguments.output.display();
        bail!(
            "{output} is there already, and keys that are lost take open payments and passes with them: name another \
             `--output`, or `--from {output}`, with `--rotate` for new keys beside the old ones"
        );
    }
    write(&arguments.output, &text)?;
    Ok(match &before {
        None => "new",
        Some(before) if *before == secrets => "unchanged",
        Some(_) => "changed",
    })
}

fn key(rehearsal: bool) -> anyhow::Result<String> {
    let mut bytes = [0; KEY_BYTES];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("no random numbers: {error}"))?;
    if rehearsal {
        bytes[..REHEARSAL.len()].copy_from_slice(REHEARSAL);
    }
    Ok(hex(&bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a document has a throw-away key, whatever file it comes from.
pub(crate) fn is_rehearsal(secrets: &Value) -> bool {
    let keys = ["handover", "pass"].into_iter().filter_map(|name| secrets[name].as_array());
    let mut keys = keys.flatten().filter_map(Value::as_str);
    keys.any(|key| key.to_ascii_lowercase().starts_with(&hex(REHEARSAL)))
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

/// Whether the function takes them: it reads and checks them by this very code. Tells what they hold for nothing.
fn check(text: &str, table: &Table, rehearsal: bool) -> anyhow::Result<()> {
    let secrets = match Document::parse(text) {
        Ok(Document::Inline(secrets)) => secrets,
        Ok(Document::Ssm(_)) => {
            bail!("the secrets point to an SSM parameter; name a file that holds them")
        }
        Err(problem) => bail!("the secrets' document {problem}"),
    };
    let demands = Demands::of(table);
    if let Some(why) = demands.other_site(&secrets) {
        bail!("{why}; write that id back, or --accept-new-site-id");
    }
    for unneeded in demands.unneeded(&secrets) {
        eprintln!("warning: {unneeded}");
    }
    match [demands.missing(&secrets), secrets.unusable()].concat() {
        wrong if wrong.is_empty() => Ok(()),
        wrong if rehearsal => bail!(
            "{}\na table that demands secrets is packaged with SECRETS_FILE naming a file that has them",
            wrong.join("\n")
        ),
        wrong => bail!(
            "{}\nwrite what is missing or wrong into a file and name it with --merge-secrets",
            wrong.join("\n")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(keys: &[&str]) -> Secrets {
        let of = |digit: &str| keys.iter().map(|key| (digit.to_owned() + key).repeat(32)).collect();
        Secrets {
            site: String::new(),
            handover: of("0"),
            pass: of("1"),
            facilitators: BTreeMap::new(),
            rpc: BTreeMap::new(),
        }
    }

    fn arguments(folder: &Path, from: bool, rotate: bool) -> Arguments {
        Arguments {
            config: Some(Path::new("..").join(content_config::SAMPLE)),
            from: from.then(|| folder.join("from.json")),
            rotate,
            rehearsal: false,
            accept_new_site_id: false,
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
        // Not over keys that may be live; and never the same ones.
        assert!(run(&arguments(folder.path(), false, false)).is_err());
        assert_eq!(read::<Secrets>(&path).unwrap(), made);
        fs::remove_file(&path).unwrap();
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
        assert_eq!(rotated.site, "sample");
        for (keys, before) in [(rotated.handover, "0a"), (rotated.pass, "1a")] {
            assert_eq!(keys.len(), 2);
            assert_ne!(keys[0], before.repeat(32));
            assert_eq!(keys[1], before.repeat(32));
        }
    }

    #[test]
    fn what_the_function_would_refuse_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let from = folder.path().join("from.json");
        let good = serde_json::to_value(secrets(&["a"])).unwrap();
        let with = |name: &str, value: Value| {
            let mut bad = good.clone();
            bad[name] = value;
            bad
        };
        for (bad, why) in [
            (with("pass", good["handover"].clone()), "the same key in handover and in pass"),
            (with("pass", "a".into()), "line 1"),
            (with("pass", serde_json::json!(["a"])), "64 hexadecimal digits"),
            (with("site", "another".into()), "those of the site another; the table sells sample"),
            (
                with("facilitators", serde_json::json!({"https://f.example/": {"bearer": "t"}})),
                "leave it out",
            ),
            (
                with("facilitators", serde_json::json!({"https://f.example": {"bearer": "t t"}})),
                "ASCII without spaces",
            ),
            (
                with(
                    "facilitators",
                    serde_json::json!({"https://f.example": {"cdp": {"keyId": "k", "secret": "s"}}}),
                ),
                "cdp.secret is neither base64 of 64 bytes",
            ),
            (with("rpc", serde_json::json!({"eip155:1": "http://node.example"})), "an https URL"),
        ] {
            write(&from, &bad.to_string()).unwrap();
            let error = format!("{:#}", run(&arguments(folder.path(), true, false)).unwrap_err());
            assert!(error.contains(why), "{error}");
            assert!(!folder.path().join("to.json").exists(), "{error}");
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
