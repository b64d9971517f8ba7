//! Settings from the file of secrets beside the function, and from the environment.
//!
//! On Lambda@Edge a function has no environment variables of its own, so there everything comes
//! from files. `edge-local` sets the variables.

use std::path::Path;
use std::{env, fmt, fs, io};

use super::aws::s3::Folder;
use super::secrets::Source;
use paywall_core::paywall::Overrides;
use site_secrets::{Document, Inline, Problem};

/// Replaces every facilitator of the table.
const FACILITATOR: &str = "X402_FACILITATOR";
/// Replaces the site's URL.
const SITE: &str = "X402_SITE";
/// The keys of the hand-over header, where there is no file of secrets.
const HANDOVER_KEY: &str = "X402_HANDOVER_KEY";
/// The keys of passes, where there is no file of secrets.
const PASS_KEY: &str = "X402_PASS_KEY";
/// Replaces the nodes of all networks.
const RPC: &str = "X402_RPC";
/// Replaces the table's store: `memory`, or `s3+http://127.0.0.1:PORT/bucket[/prefix]`.
const STORE: &str = "X402_STORE";
/// The Region that an S3 server on loopback wants signatures for.
const REGION: &str = "AWS_REGION";

/// The settings.
pub struct Settings {
    /// Where the secrets are.
    pub secrets: Source,
    /// Local rehearsal's replacements.
    pub overrides: Overrides,
    /// Instead of the table's store.
    pub store: Option<Store>,
}

/// Where sales are remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Store {
    /// In this sandbox.
    Memory,
    /// In a bucket.
    S3(Folder),
}

/// A setting that the function cannot start with, or without.
#[derive(Debug)]
pub enum BadSettings {
    /// The file of secrets cannot be read.
    Unreadable(io::Error),
    /// It is no such document.
    Document(Problem),
    /// There are no keys.
    NoKeys,
    /// The variable's keys are none.
    Keys(Problem),
    /// The store's URL is none.
    Store,
}

/// The file of secrets: what `SECRETS_FILE` named when the function was packaged.
pub const SECRETS: &str = "secrets.json";

/// Reads them, those of the function in a folder.
pub fn read(folder: &Path) -> Result<Settings, BadSettings> {
    let url = |name| variable(name).map(|url| url.trim_end_matches('/').to_owned());
    let secrets = match fs::read_to_string(folder.join(SECRETS)) {
        Ok(text) => Document::parse(&text).map_err(BadSettings::Document)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => from_env()?,
        Err(error) => return Err(BadSettings::Unreadable(error)),
    };
    let store = store()?;
    let overrides = Overrides {
        facilitator: url(FACILITATOR),
        site: url(SITE),
        rpc: url(RPC),
        memory: store.as_ref().map(|store| *store == Store::Memory),
    };
    Ok(Settings { secrets: secrets.into(), overrides, store })
}

fn from_env() -> Result<Document, BadSettings> {
    let keys = |name| {
        let text = variable(name).ok_or(BadSettings::NoKeys)?;
        Ok(text.split_whitespace().map(str::to_owned).collect())
    };
    let secrets =
        Inline { handover: keys(HANDOVER_KEY)?, pass: keys(PASS_KEY)?, ..Inline::default() };
    secrets.check().map_err(BadSettings::Keys)?;
    Ok(Document::Inline(secrets))
}

fn store() -> Result<Option<Store>, BadSettings> {
    let Some(text) = variable(STORE) else { return Ok(None) };
    let region = variable(REGION).unwrap_or_else(|| "us-east-1".into());
    match text.as_str() {
        "memory" => Ok(Some(Store::Memory)),
        url => Folder::loopback(url, &region).map(|f| Some(Store::S3(f))).ok_or(BadSettings::Store),
    }
}

pub(super) fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

impl fmt::Display for BadSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BadSettings::Unreadable(error) => write!(f, "{SECRETS} cannot be read: {error}"),
            BadSettings::Document(problem) => {
                write!(f, "{SECRETS}, which SECRETS_FILE named when this was packaged, {problem}")
            }
            BadSettings::NoKeys => write!(
                f,
                "no keys: package with SECRETS_FILE naming a JSON file with handover and pass keys, \
                 or, locally, set {HANDOVER_KEY} and {PASS_KEY} to 64 hexadecimal digits each"
            ),
            BadSettings::Keys(problem) => write!(f, "{HANDOVER_KEY} or {PASS_KEY}: {problem}"),
            BadSettings::Store => {
                write!(f, "{STORE} must be memory or s3+http://127.0.0.1:PORT/bucket[/prefix]")
            }
        }
    }
}

impl std::error::Error for BadSettings {}
