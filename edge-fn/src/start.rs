//! How the function starts: behind the Runtime API, behind pipes, or to be looked at only.

use std::env;
use std::error::Error;
use std::ffi::{OsStr, OsString};
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};

use lambda_runtime::Diagnostic;
use paywall_core::log::Words;
use site_secrets::Demands;

use crate::io::sandbox::Sandbox;
use crate::io::settings::BadSettings;
use crate::io::{pipe, runtime, seal, settings, table};

/// What is wrong, in words.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// The folder that the package was unpacked into.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime>
const FOLDER: &str = "LAMBDA_TASK_ROOT";

/// Without a word, the function speaks the Runtime API. With `--check` it says whether it could start, and
/// whether table and secrets agree. With anything else, it takes events from standard input and puts
/// answers into the file of that name: `shim/child.py` starts it so.
///
/// # Errors
///
/// Whatever the function cannot start for; the Runtime API, or the file, was told.
pub fn run(word: Option<OsString>) -> Result<(), BoxError> {
    match word {
        None => behind_runtime_api(),
        Some(word) if word == "--check" => {
            for warning in check(&folder())? {
                eprintln!("bootstrap: warning: {warning}");
            }
            Ok(())
        }
        Some(answers) => behind_pipes(&answers),
    }
}

/// Whether the function could start from this folder, and table and secrets agree; what it need not have.
///
/// # Errors
///
/// What stands against it.
pub fn check(folder: &Path) -> Result<Vec<String>, BoxError> {
    let table = table::open(folder)?;
    seal::open(folder, table)?;
    let settings = settings::read(folder)?;
    let Some(secrets) = settings.secrets.known() else { return Ok(vec![]) };
    let demands = Demands::of(table);
    match [demands.missing(secrets), secrets.unusable()].concat() {
        wrong if wrong.is_empty() => Ok(demands.unneeded(secrets)),
        wrong => Err(format!("the secrets do not fit the table:\n  {}", wrong.join("\n  ")).into()),
    }
}

fn folder() -> PathBuf {
    env::var_os(FOLDER).map_or_else(|| PathBuf::from("."), PathBuf::from)
}

fn sandbox() -> Result<Sandbox, Diagnostic> {
    let started = || -> Result<Sandbox, BoxError> {
        let folder = folder();
        let table = table::open(&folder)?;
        let settings = settings::read(&folder).map_err(told)?;
        let seal = seal::open(&folder, table)?;
        let other = settings.secrets.known().and_then(|known| Demands::of(table).other_site(known));
        match other {
            None => Ok(Sandbox::new(table, seal, settings)),
            Some(why) => Err(repeated(&why).into()),
        }
    };
    started().map_err(|error| Diagnostic {
        error_type: "Runtime.CannotStart".into(),
        error_message: error.to_string(),
    })
}

/// Whatever else is wrong, we alone say.
fn told(bad: BadSettings) -> String {
    match bad {
        BadSettings::Document(_) | BadSettings::Keys(_) => repeated(&bad.to_string()),
        BadSettings::Unreadable(_) | BadSettings::NoKeys | BadSettings::Store => bad.to_string(),
    }
}

/// What is wrong with a document of secrets, as Lambda may log it: where a name should stand, a secret may.
fn repeated(why: &str) -> String {
    Words::said(why).ascii()
}

fn behind_runtime_api() -> Result<(), BoxError> {
    let address = runtime::address()?;
    match sandbox() {
        Ok(sandbox) => runtime::serve(|event, deadline| sandbox.answer(event, deadline)),
        Err(failure) => {
            runtime::cannot_start(&address, &failure)?;
            Err(failure.error_message.into())
        }
    }
}

fn behind_pipes(answers: &OsStr) -> Result<(), BoxError> {
    let mut answers = OpenOptions::new().write(true).open(answers)?;
    match sandbox() {
        Ok(sandbox) => {
            let events = std::io::stdin().lock();
            Ok(pipe::serve(events, &mut answers, |event, at| sandbox.answer(event, at))?)
        }
        Err(failure) => {
            pipe::report(&mut answers, &failure)?;
            Err(failure.error_message.into())
        }
    }
}
