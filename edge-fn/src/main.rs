//! `bootstrap`: what Lambda's managed runtime is replaced by, or has as its child.

use std::env;
use std::error::Error;
use std::ffi::OsStr;
use std::fs::OpenOptions;
use std::process::ExitCode;

use edge_fn::io::runtime::{Failure, RuntimeApi};
use edge_fn::io::sandbox::Sandbox;
use edge_fn::io::{pipe, settings};

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

fn sandbox() -> Result<Sandbox, Failure> {
    let settings = settings::read(SECRETS);
    settings.map(|settings| Sandbox::new(&embedded::TABLE, settings)).map_err(|error| Failure {
        error_type: "Runtime.CannotStart",
        error_message: error.to_string(),
    })
}

fn behind_runtime_api() -> Result<(), Box<dyn Error>> {
    let api = RuntimeApi::from_env()?;
    match sandbox() {
        Ok(sandbox) => match api.serve(|event, deadline| sandbox.answer(event, deadline))? {},
        Err(failure) => {
            api.cannot_start(&failure)?;
            Err(failure.error_message.into())
        }
    }
}

fn behind_pipes(answers: &OsStr) -> Result<(), Box<dyn Error>> {
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
