//! Makes, rotates, completes and checks what the function must know and nobody else may.
//!
//! The document is [`site_secrets::Document`]'s, which checks it as the function will.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::builder::TypedValueParser as _;
use content_config::Compiled;
use price_table::Table;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use site_secrets::{Demands, Document};

use crate::error::Error;

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
    /// A file whose `facilitators` and `rpc` are taken over: `{"facilitators": {"URL": {"bearer": "TOKEN"}}}`; docs/secrets.md
    /// has all of it.
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

/// What is wanted of secrets.
#[derive(Clone, Debug, Default)]
pub struct Wish<'a> {
    /// Those so far, as they are kept; new ones are made without them.
    pub before: Option<&'a str>,
    /// Where those are, for people.
    pub before_name: &'a str,
    /// A file whose `facilitators` and `rpc` are taken over.
    pub merge: Option<&'a Path>,
    /// Put new keys first and keep the previous ones.
    pub rotate: bool,
    /// Take over those of another site, whose id is no longer this one's.
    pub accept_new_site_id: bool,
}

/// What was made of a wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Made {
    New,
    Changed,
    Unchanged,
}

impl fmt::Display for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Made::New => "new",
            Made::Changed => "changed",
            Made::Unchanged => "unchanged",
        })
    }
}

/// Makes the document of secrets that a table demands. Writes nothing; warnings go to standard error.
///
/// # Errors
///
/// What the function would not take.
pub fn make(compiled: &Compiled, wish: &Wish<'_>) -> Result<(Made, String), Error> {
    compose(compiled, wish, false)
}

/// Prints what was done, and no secret.
///
/// # Errors
///
/// What the function would not take, and files that cannot be read or written.
pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    println!("{}", keep(arguments)?);
    Ok(ExitCode::SUCCESS)
}

/// Throw-away keys: those in the file if they are this site's, else new ones.
///
/// # Errors
///
/// What throw-away keys do not do for.
pub fn rehearse(config: &Path, path: &Path) -> Result<(), Error> {
    let arguments = |from: Option<PathBuf>| Arguments {
        config: Some(config.to_owned()),
        rehearsal: from.is_none(),
        from,
        rotate: false,
        merge: None,
        accept_new_site_id: false,
        output: path.to_owned(),
    };
    let kept = path.exists() && keep(&arguments(Some(path.to_owned()))).is_ok();
    if kept { Ok(()) } else { keep(&arguments(None)).map(drop) }
}

/// Makes them, and writes them where they are wanted.
fn keep(arguments: &Arguments) -> Result<Made, Error> {
    let before = arguments.from.as_deref().map(read).transpose()?;
    let config = content_config::find(arguments.config.clone())?;
    let compiled =
        content_config::compile(&config).map_err(|report| Error::content(&config, &report))?;
    let name = arguments.from.as_ref().map(|from| from.display().to_string());
    let wish = Wish {
        before: before.as_deref(),
        before_name: name.as_deref().unwrap_or_default(),
        merge: arguments.merge.as_deref(),
        rotate: arguments.rotate,
        accept_new_site_id: arguments.accept_new_site_id,
    };
    let (made, text) = compose(&compiled, &wish, arguments.rehearsal)?;
    compiled
        .keeps_apart(&arguments.output)
        .map_err(|_| Error::ForSale { output: arguments.output.display().to_string() })?;
    if arguments.output.exists()
        && arguments.from.as_ref() != Some(&arguments.output)
        && !arguments.rehearsal
    {
        return Err(Error::SecretsThere { output: arguments.output.display().to_string() });
    }
    write(&arguments.output, &text)?;
    Ok(made)
}

fn compose(compiled: &Compiled, wish: &Wish<'_>, rehearsal: bool) -> Result<(Made, String), Error> {
    let before = wish.before.map(|text| parse::<Secrets>(text, wish.before_name)).transpose()?;
    let mut secrets = match &before {
        Some(secrets) => secrets.clone(),
        None => Secrets {
            site: String::new(),
            handover: vec![key(rehearsal)?],
            pass: vec![key(rehearsal)?],
            facilitators: BTreeMap::new(),
            rpc: BTreeMap::new(),
        },
    };
    if wish.rotate && before.is_some() {
        for keys in [&mut secrets.handover, &mut secrets.pass] {
            keys.insert(0, key(false)?);
            keys.truncate(KEPT);
        }
    }
    if let Some(path) = wish.merge {
        let Additions { facilitators, rpc } = parse(&read(path)?, &path.display().to_string())?;
        secrets.facilitators.extend(facilitators);
        secrets.rpc.extend(rpc);
    }
    if secrets.site.is_empty() || wish.accept_new_site_id {
        secrets.site = compiled.table().site.id.to_string();
    }
    let text = serde_json::to_string(&secrets).expect("texts by name are JSON");
    check(&text, compiled.table(), rehearsal)?;
    if text.len() > MAX_BYTES {
        return Err(Error::TooManySecrets { bytes: text.len(), most: MAX_BYTES });
    }
    let made = match &before {
        None => Made::New,
        Some(before) if *before == secrets => Made::Unchanged,
        Some(_) => Made::Changed,
    };
    Ok((made, text))
}

fn key(rehearsal: bool) -> Result<String, Error> {
    let mut bytes = [0; KEY_BYTES];
    getrandom::fill(&mut bytes).map_err(|why| Error::NoRandomness { why: why.to_string() })?;
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

/// A file that nobody else can read.
///
/// # Errors
///
/// It is not there, or others can read it.
pub fn read(path: &Path) -> Result<String, Error> {
    let file = fs::metadata(path).map_err(|why| Error::not_read(path, why))?;
    if file.permissions().mode() & 0o077 != 0 {
        return Err(Error::OpenToOthers { path: path.display().to_string() });
    }
    fs::read_to_string(path).map_err(|why| Error::not_read(path, why))
}

/// A parser's message may quote a secret: only the place is told.
fn parse<T: for<'de> Deserialize<'de>>(text: &str, place: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|why| Error::NotSecrets {
        place: place.to_owned(),
        line: why.line(),
        column: why.column(),
    })
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    let written = || -> io::Result<()> {
        let mut options = fs::OpenOptions::new();
        let mut file = options.create(true).truncate(true).write(true).mode(0o600).open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    written().map_err(|why| Error::not_written(path, why))
}

/// Whether the function takes them: it reads and checks them by this very code. Tells what they hold for nothing.
fn check(text: &str, table: &Table, rehearsal: bool) -> Result<(), Error> {
    let secrets = match Document::parse(text) {
        Ok(Document::Inline(secrets)) => secrets,
        Ok(Document::Ssm(_)) => return Err(Error::SecretsElsewhere {}),
        Err(problem) => return Err(Error::BadSecrets { why: problem.to_string() }),
    };
    let demands = Demands::of(table);
    if let Some(why) = demands.other_site(&secrets) {
        return Err(Error::OtherSite { why });
    }
    for unneeded in demands.unneeded(&secrets) {
        eprintln!("warning: {unneeded}");
    }
    let wrong = [demands.missing(&secrets), secrets.unusable()].concat();
    let what = wrong.join("\n");
    match (wrong.is_empty(), rehearsal) {
        (true, _) => Ok(()),
        (false, true) => Err(Error::NotRehearsed { what }),
        (false, false) => Err(Error::Incomplete { what }),
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

    fn told(done: Result<ExitCode, Error>) -> String {
        next_step::Told::from(done.unwrap_err()).to_string()
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
        let read = || parse::<Secrets>(&read(&path).unwrap(), "").unwrap();
        let made = read();
        assert_ne!(made.handover, made.pass);
        // Not over keys that may be live; and never the same ones.
        assert!(run(&arguments(folder.path(), false, false)).is_err());
        assert_eq!(read(), made);
        fs::remove_file(&path).unwrap();
        run(&arguments(folder.path(), false, false)).unwrap();
        assert_ne!(read(), made);
    }

    #[test]
    fn rotation_keeps_the_previous_key() {
        let folder = tempfile::tempdir().unwrap();
        let text = serde_json::to_string(&secrets(&["a", "b"])).unwrap();
        write(&folder.path().join("from.json"), &text).unwrap();
        run(&arguments(folder.path(), true, true)).unwrap();
        let rotated = read(&folder.path().join("to.json")).unwrap();
        let rotated: Secrets = parse(&rotated, "").unwrap();
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
            let error = told(run(&arguments(folder.path(), true, false)));
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
        let error = told(run(&arguments(folder.path(), true, false)));
        assert!(error.contains("chmod 600"), "{error}");
    }

    #[test]
    fn the_documented_form_is_the_one_that_is_read() {
        let page = include_str!("../../docs/secrets.md");
        let examples: Vec<_> = page
            .split("```json\n")
            .skip(1)
            .map(|rest| rest.split("```").next().unwrap())
            .map(|text| text.replace("<64 hexadecimal digits>", &"a".repeat(64)))
            .map(|text| text.replace("<64 other ones>", &"b".repeat(64)))
            .collect();
        let [whole, merged] = examples.as_slice() else { panic!("{examples:?}") };
        let Ok(Document::Inline(secrets)) = Document::parse(whole) else { panic!("{whole}") };
        assert_eq!((secrets.facilitators.len(), secrets.rpc.len()), (2, 1));
        assert_eq!(parse::<Additions>(merged, "").unwrap().facilitators.len(), 1);
    }

    #[test]
    fn what_is_made_of_a_wish() {
        let sample = Path::new("..").join(content_config::SAMPLE);
        let compiled = content_config::compile(&sample).unwrap();
        let (made, first) = make(&compiled, &Wish::default()).unwrap();
        assert_eq!(made, Made::New);
        let wish = Wish { before: Some(&first), before_name: "/x402/shop", ..Wish::default() };
        assert_eq!(make(&compiled, &wish).unwrap(), (Made::Unchanged, first.clone()));
        let (made, second) = make(&compiled, &Wish { rotate: true, ..wish.clone() }).unwrap();
        assert!(made == Made::Changed && second != first);
        let error = make(&compiled, &Wish { before: Some("{"), ..wish }).unwrap_err().to_string();
        assert!(error.starts_with("/x402/shop does not hold secrets (line 1"), "{error}");
    }

    #[test]
    fn messages_quote_no_secret() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("from.json");
        write(&path, r#"{"handover":"hunter2"}"#).unwrap();
        let error = told(run(&arguments(folder.path(), true, false)));
        assert!(error.contains("line 1") && !error.contains("hunter2"), "{error}");
    }
}
