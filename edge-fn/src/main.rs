//! `bootstrap`: what Lambda's managed runtime is replaced by, or has as its child. The same for every
//! seller: the price table and the secrets are files beside it.

use std::env;
use std::error::Error;
use std::ffi::OsStr;
use std::fs::OpenOptions;
use std::path::PathBuf;
use std::process::ExitCode;

use edge_fn::io::sandbox::Sandbox;
use edge_fn::io::{pipe, runtime, settings, table};
use lambda_runtime::Diagnostic;
use site_secrets::Demands;

type BoxError = Box<dyn Error + Send + Sync>;

/// The folder that the package was unpacked into.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime>
const FOLDER: &str = "LAMBDA_TASK_ROOT";

/// Without arguments, the function speaks the Runtime API. With `--check` it says whether it could start,
/// and whether table and secrets agree. With anything else, it takes events from standard input and puts
/// answers into the file of that name: `shim/child.py` starts it so.
fn main() -> ExitCode {
    let ended = match env::args_os().nth(1) {
        None => behind_runtime_api(),
        Some(word) if word == "--check" => check(),
        Some(answers) => behind_pipes(&answers),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bootstrap: {error}");
            ExitCode::FAILURE
        }
    }
}

fn folder() -> PathBuf {
    env::var_os(FOLDER).map_or_else(|| PathBuf::from("."), PathBuf::from)
}

fn sandbox() -> Result<Sandbox, Diagnostic> {
    let started = || -> Result<Sandbox, BoxError> {
        let folder = folder();
        let (table, settings) = (table::open(&folder)?, settings::read(&folder)?);
        let other = settings.secrets.known().and_then(|known| Demands::of(table).other_site(known));
        match other {
            None => Ok(Sandbox::new(table, settings)),
            Some(why) => Err(why.into()),
        }
    };
    started().map_err(|error| Diagnostic {
        error_type: "Runtime.CannotStart".into(),
        error_message: error.to_string(),
    })
}

fn check() -> Result<(), BoxError> {
    let folder = folder();
    let table = table::open(&folder)?;
    let settings = settings::read(&folder)?;
    let Some(secrets) = settings.secrets.known() else { return Ok(()) };
    let demands = Demands::of(table);
    for unneeded in demands.unneeded(secrets) {
        eprintln!("bootstrap: warning: {unneeded}");
    }
    match [demands.missing(secrets), secrets.unusable()].concat() {
        wrong if wrong.is_empty() => Ok(()),
        wrong => Err(format!("the secrets do not fit the table:\n  {}", wrong.join("\n  ")).into()),
    }
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
