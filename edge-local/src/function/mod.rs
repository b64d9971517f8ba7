//! The function: built from this workspace, as `cargo run` does when none is named, or unpacked from
//! its deployment package.

mod messages;
mod package;
mod program;
mod progress;

use std::env;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use tokio::io::{AsyncReadExt as _, BufReader};
use tokio::process::{ChildStderr, ChildStdout, Command};

use crate::process::Process;
pub use package::PackageError;
pub use program::{Function, FunctionError};
pub use progress::Progress;

/// A binary of this workspace that is to be built.
#[derive(Clone, Debug)]
pub struct Build {
    package: String,
    binary: String,
    release: bool,
}

/// Why there is no binary.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Cargo cannot be run, or its output not read.
    #[error("cannot run cargo ({program}): {cause}; install Rust, or name a built function with `--function PATH`", program = .program.display())]
    Cargo {
        /// What was run.
        program: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// The compiler or a build script said no.
    #[error("`{binary}` could not be built:\n\n{output}")]
    Failed {
        /// Which binary.
        binary: String,
        /// What cargo wrote, errors and all.
        output: String,
    },
    /// Cargo succeeded and built no such binary.
    #[error("cargo built no binary `{0}`; it should be a binary of the package that was asked for")]
    Missing(String),
    /// The source is not where it was when this program was compiled.
    #[error(
        "the workspace that this program was compiled in is gone; name a built function with `--function PATH`"
    )]
    NoWorkspace,
}

/// Builds the function as it is deployed and gives the path of its executable.
///
/// # Errors
///
/// [`BuildError`]; the compiler's errors are in it in full.
pub async fn build(progress: Progress) -> Result<PathBuf, BuildError> {
    Build::function().run(progress).await
}

impl Build {
    /// The function, as it is deployed.
    pub fn function() -> Self {
        Self::binary("edge-fn", "bootstrap").release()
    }

    /// A binary of a package of the workspace, in the `dev` profile.
    pub fn binary(package: &str, binary: &str) -> Self {
        Self { package: package.to_owned(), binary: binary.to_owned(), release: false }
    }

    /// Uses the `release` profile.
    #[must_use]
    pub fn release(mut self) -> Self {
        self.release = true;
        self
    }

    /// Builds it and gives the path of the executable.
    ///
    /// # Errors
    ///
    /// [`BuildError`].
    pub async fn run(self, progress: Progress) -> Result<PathBuf, BuildError> {
        let workspace = workspace().ok_or(BuildError::NoWorkspace)?;
        let program = PathBuf::from(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        let cannot_run = |cause| BuildError::Cargo { program: program.clone(), cause };

        let mut command = Command::new(&program);
        for (name, _) in env::vars_os() {
            if describes_this_package(&name) {
                command.env_remove(name);
            }
        }
        command
            .current_dir(workspace)
            .args(["build", "--message-format=json-render-diagnostics"])
            .args(["--package", &self.package, "--bin", &self.binary])
            .args(self.release.then_some("--release"))
            .env("CARGO_TERM_COLOR", if progress.colours() { "always" } else { "never" })
            // Cargo tells how many units there are only through its own progress bar.
            .env("CARGO_TERM_PROGRESS_WHEN", "always")
            .env("CARGO_TERM_PROGRESS_WIDTH", "160");
        let mut cargo = Process::spawn(command).map_err(cannot_run)?;
        let (stdout, stderr) = cargo.output();
        let display = progress.start(&self.binary);
        let (executable, output) = tokio::join!(
            executable(stdout, &self.binary),
            messages::read(stderr.map(BufReader::new), &display)
        );
        let status = cargo.exited().await.map_err(cannot_run)?;
        display.finish();
        if !status.success() {
            let output = output.map_err(cannot_run)?;
            return Err(BuildError::Failed { binary: self.binary, output });
        }
        executable.map_err(cannot_run)?.ok_or(BuildError::Missing(self.binary))
    }
}

/// The root of the workspace.
pub(crate) fn workspace() -> Option<&'static Path> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?;
    root.join("Cargo.toml").is_file().then_some(root)
}

/// Whether `cargo run` or `cargo test` set the variable to tell this program about its own package.
/// Some build scripts (ring's) would take that for a change, and build everything again.
/// <https://doc.rust-lang.org/cargo/reference/environment-variables.html#environment-variables-cargo-sets-for-crates>
fn describes_this_package(variable: &OsStr) -> bool {
    const PREFIXES: [&str; 4] = ["CARGO_BIN_", "CARGO_CRATE_", "CARGO_MANIFEST_", "CARGO_PKG_"];
    let name = variable.to_string_lossy();
    PREFIXES.iter().any(|prefix| name.starts_with(prefix)) || name == "CARGO_PRIMARY_PACKAGE"
}

/// The path in cargo's message about the binary.
/// <https://doc.rust-lang.org/cargo/reference/external-tools.html#artifact-messages>
async fn executable(stdout: Option<ChildStdout>, binary: &str) -> io::Result<Option<PathBuf>> {
    let mut text = String::new();
    if let Some(mut stdout) = stdout {
        stdout.read_to_string(&mut text).await?;
    }
    Ok(text.lines().find_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        let is_it = message["reason"] == "compiler-artifact" && message["target"]["name"] == binary;
        is_it.then(|| message["executable"].as_str().map(PathBuf::from))?
    }))
}

type Stderr = BufReader<ChildStderr>;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_cargo_says_reaches_the_caller() {
        let error = Build::binary("edge-local", "no-such-binary").run(Progress::Silent).await;
        let error = error.unwrap_err().to_string();
        assert!(error.contains("`no-such-binary` could not be built"), "{error}");
        assert!(error.contains("no bin target named `no-such-binary`"), "{error}");
    }
}
