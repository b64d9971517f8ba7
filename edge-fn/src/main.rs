//! `bootstrap`: what Lambda's managed runtime is replaced by, or has as its child.

use std::env;
use std::error::Error;
use std::ffi::OsStr;
use std::fs::OpenOptions;
use std::process::ExitCode;

use edge_fn::io::sandbox::Sandbox;
use edge_fn::io::{pipe, runtime, settings};
use lambda_runtime::Diagnostic;

type BoxError = Box<dyn Error + Send + Sync>;

/// The price table that the build script compiled.
mod embedded {
    include!(concat!(env!("OUT_DIR"), "/price_table.rs"));
}

/// The secrets that the build was given; empty if it was given none.
const SECRETS: &str = include_str!(concat!(env!("OUT_DIR"), "/secrets.json"));

/// Without arguments, the function speaks the Runtime API. With one, it takes events from standard
/// input and puts answers into the file of that name: `shim/child.py` starts it so.
fn main() -> ExitCode {
    let ended = match env::args_os().nth(1) {
        None => behind_runtime_api(),
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

fn sandbox() -> Result<Sandbox, Diagnostic> {
    let settings = settings::read(SECRETS);
    settings.map(|settings| Sandbox::new(&embedded::TABLE, settings)).map_err(|error| Diagnostic {
        error_type: "Runtime.CannotStart".into(),
        error_message: error.to_string(),
    })
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
