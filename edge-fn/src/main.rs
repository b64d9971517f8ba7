//! `bootstrap`: what Lambda's managed runtime is replaced by.

use std::process::ExitCode;
use std::sync::OnceLock;

use edge_fn::io::{runtime, settings};
use edge_fn::paywall::Paywall;

/// The price table that the build script compiled.
mod embedded {
    include!(concat!(env!("OUT_DIR"), "/price_table.rs"));
}

/// The hand-over keys that the build was given; empty if it was given none.
const HANDOVER_KEYS: &str = include_str!(concat!(env!("OUT_DIR"), "/handover_keys.txt"));

static PAYWALL: OnceLock<Paywall<'static>> = OnceLock::new();

fn main() -> ExitCode {
    let paywall = match settings::paywall(&embedded::TABLE, HANDOVER_KEYS) {
        Ok(paywall) => PAYWALL.get_or_init(|| paywall),
        Err(error) => {
            eprintln!("bootstrap: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime::serve(paywall) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bootstrap: {error}");
            ExitCode::FAILURE
        }
    }
}
