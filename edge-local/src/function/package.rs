//! A deployment package, started as AWS's managed Python runtime starts it: the package is unpacked
//! with its mode bits, and the runtime interface client imports the handler.
//! <https://github.com/aws/aws-lambda-python-runtime-interface-client>
//!
//! Unlike AWS: the Python is the one of this machine; the unpacked package is writable; and logs are
//! plain lines, since `_LAMBDA_TELEMETRY_LOG_FD`, by which the client would frame Python's own, is not
//! set. A program that replaces Python writes to standard output either way.

use std::ffi::OsString;
use std::fs::File;
use std::path::Path;
use std::process::Command;

use zip::ZipArchive;

use super::program::Function;
use crate::error::Error;

/// The handler of a package of this project.
const HANDLER: &str = "index.handler";

/// Asks a Python for its own path, the folder of `awslambdaric`, and its version.
const PROBE: &str = "import os, sys, awslambdaric\n\
    print(sys.executable)\n\
    print(os.path.dirname(os.path.dirname(os.path.abspath(awslambdaric.__file__))))\n\
    print('%d.%d' % sys.version_info[:2])";

impl Function {
    /// The function in the package at `zip`, started by `python`.
    ///
    /// # Errors
    ///
    /// [`Error`].
    pub fn package(zip: &Path, python: &Path) -> Result<Self, Error> {
        let file = File::open(zip).map_err(|why| Error::package_not_read(zip, why))?;
        let mut archive = ZipArchive::new(file).map_err(|why| Error::package_not_read(zip, why))?;
        let folder = tempfile::Builder::new().prefix("edge-local-task-").tempdir();
        let folder = folder.map_err(Error::no_task_root)?;
        // It sets the modes that the zip states, and keeps to the folder.
        archive.extract(folder.path()).map_err(|why| Error::package_not_read(zip, why))?;
        if !folder.path().join("index.py").is_file() {
            return Err(Error::NoHandler { zip: zip.display().to_string() });
        }
        let client = Client::of(python)?;
        let argv: [OsString; 4] =
            [client.python, "-m".into(), "awslambdaric".into(), HANDLER.into()];
        let mut function = Self::command(argv, folder.path()).keeping(folder);
        function.execution_env = format!("AWS_Lambda_python{}", client.version);
        // As in the managed runtime, where the client is in /var/runtime.
        function.env.push(("PYTHONPATH".to_owned(), client.folder));
        Ok(function)
    }
}

/// The runtime interface client of a Python.
struct Client {
    python: OsString,
    folder: OsString,
    version: String,
}

impl Client {
    fn of(python: &Path) -> Result<Self, Error> {
        let shown = || python.display().to_string();
        let output = Command::new(python)
            .args(["-c", PROBE])
            .output()
            .map_err(|why| Error::NoPython { python: shown(), why: why.to_string() })?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        match (output.status.success(), text.lines().collect::<Vec<_>>().as_slice()) {
            (true, [python, folder, version]) => Ok(Self {
                python: python.into(),
                folder: folder.into(),
                version: (*version).to_owned(),
            }),
            _ => Err(Error::NoClient {
                python: shown(),
                said: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use next_step::Told;
    use std::io::Write as _;
    use std::path::PathBuf;
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    fn zipped(dir: &Path, entries: &[(&str, u32)]) -> PathBuf {
        let path = dir.join("package.zip");
        let mut zip = ZipWriter::new(File::create(&path).unwrap());
        for (name, mode) in entries {
            let options = SimpleFileOptions::default().unix_permissions(*mode);
            zip.start_file(*name, options).unwrap();
            zip.write_all(b"content").unwrap();
        }
        zip.finish().unwrap();
        path
    }

    #[test]
    fn what_is_no_package_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let python = Path::new("python3");
        let missing = Function::package(&dir.path().join("none.zip"), python).unwrap_err();
        assert!(matches!(missing, Error::PackageNotRead { .. }), "{missing}");
        let empty = zipped(dir.path(), &[("bootstrap", 0o755)]);
        let error = Function::package(&empty, python).unwrap_err();
        assert!(matches!(error, Error::NoHandler { .. }), "{error}");
        let whole = zipped(dir.path(), &[("index.py", 0o644)]);
        let error = Function::package(&whole, &dir.path().join("python")).unwrap_err();
        assert!(matches!(error, Error::NoPython { .. }), "{error}");
    }

    #[test]
    fn a_python_without_the_client_is_told_how_to_get_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let python = dir.path().join("python");
        std::fs::write(&python, "#!/bin/sh\necho \"No module named 'awslambdaric'\" >&2\nexit 1\n")
            .unwrap();
        std::fs::set_permissions(&python, std::fs::Permissions::from_mode(0o755)).unwrap();
        let zip = zipped(dir.path(), &[("index.py", 0o644)]);
        let error = Told::from(Function::package(&zip, &python).unwrap_err()).to_string();
        assert!(error.contains("pip install awslambdaric"), "{error}");
        assert!(error.contains("No module named"), "{error}");
    }

    #[test]
    fn mode_bits_are_those_of_the_zip() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let python = dir.path().join("python");
        std::fs::write(&python, "#!/bin/sh\nprintf '%s\\n' /bin/python /lib 3.13\n").unwrap();
        std::fs::set_permissions(&python, std::fs::Permissions::from_mode(0o755)).unwrap();
        let zip =
            zipped(dir.path(), &[("index.py", 0o644), ("bootstrap", 0o755), ("other", 0o600)]);
        let function = Function::package(&zip, &python).unwrap();
        let mode = |name: &str| {
            function.task_root.join(name).metadata().unwrap().permissions().mode() & 0o777
        };
        assert_eq!((mode("index.py"), mode("bootstrap"), mode("other")), (0o644, 0o755, 0o600));
        assert_eq!(function.argv, ["/bin/python", "-m", "awslambdaric", "index.handler"]);
        assert_eq!(function.execution_env, "AWS_Lambda_python3.13");
        let root = function.task_root.clone();
        drop(function);
        assert!(!root.exists(), "the unpacked package goes with the function");
    }
}
