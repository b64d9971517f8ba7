//! The seller's tool. See `content-config --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    content_config::cli::main()
}
