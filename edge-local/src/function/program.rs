//! What runs in a sandbox.

use std::ffi::OsString;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{self, Path, PathBuf};
use std::sync::Arc;

use price_table::Seal;
use tempfile::TempDir;

use site_secrets::SiteSeal;

use crate::error::Error;

/// A function: the command that each sandbox runs, and the folder that it finds as
/// `LAMBDA_TASK_ROOT`.
#[derive(Clone, Debug)]
pub struct Function {
    pub(crate) argv: Vec<OsString>,
    pub(crate) task_root: PathBuf,
    /// `AWS_EXECUTION_ENV`.
    pub(crate) execution_env: String,
    pub(crate) env: Vec<(String, OsString)>,
    /// The folder of the bucket that the function looks for its objects in, once it is checked.
    pub(crate) seal: Option<Seal>,
    /// A folder that lasts as long as the function does.
    _unpacked: Option<Arc<TempDir>>,
}

impl Function {
    /// A command: a program that speaks the Lambda Runtime API, its arguments, and the folder that
    /// stands for `/var/task`.
    pub fn command(argv: impl IntoIterator<Item = impl Into<OsString>>, task_root: &Path) -> Self {
        Self {
            argv: argv.into_iter().map(Into::into).collect(),
            task_root: task_root.to_owned(),
            execution_env: "AWS_Lambda_python3.13".to_owned(),
            env: Vec::new(),
            seal: None,
            _unpacked: None,
        }
    }

    /// The function's executable with a table, [`price_table::file`], in a folder of its own.
    ///
    /// # Errors
    ///
    /// [`Error::NoTaskRoot`].
    pub fn selling(bootstrap: &Path, table: &[u8]) -> Result<Self, Error> {
        let folder = tempfile::Builder::new().prefix("edge-local-task-").tempdir();
        let folder = folder.map_err(Error::no_task_root)?;
        std::fs::write(folder.path().join(price_table::file::NAME), table)
            .map_err(Error::no_task_root)?;
        Ok(Self::command([bootstrap], folder.path()).keeping(folder))
    }

    /// The same with a seal, as its file has it; the folder must be its own.
    ///
    /// # Errors
    ///
    /// [`Error::NoTaskRoot`].
    pub fn with_seal(self, document: &str) -> Result<Self, Error> {
        std::fs::write(self.task_root.join(SiteSeal::NAME), document)
            .map_err(Error::no_task_root)?;
        Ok(self)
    }

    /// The same, with one more argument.
    #[must_use]
    pub fn with(mut self, argument: &str) -> Self {
        self.argv.push(argument.into());
        self
    }

    /// The same, with a folder that goes when it does.
    pub(super) fn keeping(self, folder: TempDir) -> Self {
        Self { _unpacked: Some(Arc::new(folder)), ..self }
    }

    /// The same with absolute paths, since a sandbox has another working directory. Links stay: a
    /// Python of a virtual environment knows itself by its link.
    pub(crate) fn checked(mut self) -> Result<Self, Error> {
        let program = PathBuf::from(self.argv.first().cloned().unwrap_or_default());
        let missing = |why: io::Error| Error::no_function(&program, why);
        let metadata = program.metadata().map_err(missing)?;
        if !metadata.is_file() {
            return Err(missing(io::Error::other("it is not a file")));
        }
        if metadata.permissions().mode() & 0o111 == 0 {
            return Err(Error::NotExecutable { path: program.display().to_string() });
        }
        self.argv[0] = path::absolute(&program).map_err(missing)?.into();
        self.task_root = path::absolute(&self.task_root).map_err(missing)?;
        Ok(self.sealed())
    }
}

impl From<PathBuf> for Function {
    /// An unpacked package, or an executable that speaks the Lambda Runtime API; then its folder is the
    /// task root.
    fn from(path: PathBuf) -> Self {
        if path.is_dir() {
            return Self::command([path.join("bootstrap")], &path);
        }
        let task_root = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        Self::command([path], &task_root)
    }
}

impl From<&Path> for Function {
    fn from(path: &Path) -> Self {
        path.to_owned().into()
    }
}

impl From<&PathBuf> for Function {
    fn from(path: &PathBuf) -> Self {
        path.clone().into()
    }
}

impl From<&str> for Function {
    fn from(path: &str) -> Self {
        PathBuf::from(path).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_run_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("function");
        let missing = Function::from(&file).checked().unwrap_err();
        assert!(matches!(missing, Error::NoFunction { .. }), "{missing}");
        std::fs::write(&file, "").unwrap();
        let plain = Function::from(&file).checked().unwrap_err();
        assert!(matches!(plain, Error::NotExecutable { .. }), "{plain}");
        let folder = Function::from(dir.path()).checked().unwrap_err();
        assert!(folder.to_string().contains("bootstrap"), "{folder}");
    }
}
