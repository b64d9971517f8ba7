//! Programs of this workspace, built: tests of what is deployed run the very one.

use std::env;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Why there is no program.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Cargo cannot be run, or its output not read.
    #[error("cannot run cargo ({program}): {cause}", program = .program.display())]
    Cargo {
        /// What was run.
        program: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// It could not be built: why is on standard error.
    #[error("`{0}` could not be built")]
    Failed(String),
}

/// The function as it is deployed: what `X402_BOOTSTRAP` names, as `scripts/build.sh` makes it, or else a release build for
/// this machine.
///
/// # Errors
///
/// [`BuildError`].
pub fn deployable() -> Result<PathBuf, BuildError> {
    match env::var_os("X402_BOOTSTRAP").filter(|path| !path.is_empty()) {
        Some(path) => Ok(path.into()),
        None => build("edge-fn", "bootstrap", "release"),
    }
}

/// Builds a program of this workspace and gives the path of its executable.
///
/// # Errors
///
/// [`BuildError`]; what the compiler says is on standard error.
pub fn build(package: &str, program: &str, profile: &str) -> Result<PathBuf, BuildError> {
    let cargo = PathBuf::from(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let cannot_run = |cause| BuildError::Cargo { program: cargo.clone(), cause };
    let failed = || BuildError::Failed(program.to_owned());
    let mut command = Command::new(&cargo);
    for (name, _) in env::vars_os().filter(|(name, _)| describes_this_package(name)) {
        command.env_remove(name);
    }
    let built = command
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .args(["build", "--quiet", "--message-format=json-render-diagnostics"])
        .args(["--package", package, "--bin", program, "--profile", profile])
        .stderr(Stdio::inherit())
        .output()
        .map_err(cannot_run)?;
    if !built.status.success() {
        return Err(failed());
    }
    executable(&String::from_utf8_lossy(&built.stdout), program).ok_or_else(failed)
}

/// Whether `cargo run` or `cargo test` set the variable to tell this program about its own package.
/// Some build scripts (ring's) would take that for a change, and build everything again.
/// <https://doc.rust-lang.org/cargo/reference/environment-variables.html#environment-variables-cargo-sets-for-crates>
fn describes_this_package(variable: &OsStr) -> bool {
    const PREFIXES: [&str; 4] = ["CARGO_BIN_", "CARGO_CRATE_", "CARGO_MANIFEST_", "CARGO_PKG_"];
    let name = variable.to_string_lossy();
    PREFIXES.iter().any(|prefix| name.starts_with(prefix)) || name == "CARGO_PRIMARY_PACKAGE"
}

/// The path in cargo's message about the program.
/// <https://doc.rust-lang.org/cargo/reference/external-tools.html#artifact-messages>
fn executable(messages: &str, program: &str) -> Option<PathBuf> {
    messages.lines().find_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        let is_it =
            message["reason"] == "compiler-artifact" && message["target"]["name"] == program;
        is_it.then(|| message["executable"].as_str().map(PathBuf::from))?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_program_is_not_built() {
        let error = build("edge-local", "no-such-program", "dev").unwrap_err().to_string();
        assert_eq!(error, "`no-such-program` could not be built");
    }
}
