//! `bootstrap`: what Lambda's managed runtime is replaced by, or has as its child. The same for every
//! seller: the price table and the secrets are files beside it.

use std::process::ExitCode;

fn main() -> ExitCode {
    match edge_fn::start::run(std::env::args_os().nth(1)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bootstrap: {error}");
            ExitCode::FAILURE
        }
    }
}
