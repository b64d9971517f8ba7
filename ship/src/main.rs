//! `ship`: what the scripts in `scripts/` decide with. See [`ship`].

use std::process::ExitCode;

fn main() -> ExitCode {
    ship::run(std::env::args_os())
}
