//! Deployment packages, started through `awslambdaric` as AWS's managed Python runtime starts them.
//!
//! Needs a Python with that client: `cargo test -p journeys --features awslambdaric --test managed_runtime`,
//! with `PYTHON=/path/to/python` if it is not `python3`.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use edge_local::{Edge, Function, Options, buyer};
use reqwest::{Response, StatusCode};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const FUNCTION: &str = env!("CARGO_BIN_EXE_misbehaving-function");
const PATIENCE: Duration = Duration::from_secs(60);

/// Replaces Python by the binary beside it.
const EXEC: &str = "import os\n\
    os.execv(os.environ['LAMBDA_TASK_ROOT'] + '/bootstrap', ['bootstrap'])\n\
    def handler(event, context): raise NotImplementedError\n";

/// Stays Python, with a child that never ends by itself.
const CHILD: &str = "import subprocess\n\
    child = subprocess.Popen(['/bin/sh', '-c', 'while :; do sleep 1; done'])\n\
    print('child', child.pid, flush=True)\n\
    def handler(event, context):\n\
    \x20   cf = event['Records'][0]['cf']\n\
    \x20   return cf.get('response') or cf['request']\n";

fn package(dir: &Path, shim: &str, bootstrap: Option<u32>) -> PathBuf {
    let path = dir.join("edge-fn.zip");
    let mut zip = ZipWriter::new(File::create(&path).expect("a file"));
    let mut add = |name: &str, mode: u32, content: &[u8]| {
        let options = SimpleFileOptions::default().unix_permissions(mode);
        zip.start_file(name, options).expect("an entry");
        zip.write_all(content).expect("its content");
    };
    add("index.py", 0o644, shim.as_bytes());
    if let Some(mode) = bootstrap {
        add("bootstrap", mode, &fs::read(FUNCTION).expect("the function"));
    }
    zip.finish().expect("a package");
    path
}

struct Shop {
    edge: Edge,
    _content: tempfile::TempDir,
}

impl Shop {
    async fn open(shim: &str, bootstrap: Option<u32>) -> Self {
        let content = tempfile::tempdir().expect("a folder");
        fs::write(content.path().join("hello.txt"), "hello").expect("a file");
        let zip = package(content.path(), shim, bootstrap);
        let python = std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
        let function =
            Function::package(&zip, Path::new(&python)).unwrap_or_else(|error| panic!("{error}"));
        let edge = Edge::start(Options::new(function, content.path())).await.expect("it starts");
        Self { edge, _content: content }
    }

    async fn get(&self, path: &str) -> Response {
        let get = buyer::client().expect("a client").get(self.edge.url() + path);
        get.timeout(PATIENCE).send().await.expect("the edge answers")
    }

    fn logged(&self, text: &str) -> bool {
        self.edge.log_lines().iter().any(|line| line.contains(text))
    }
}

#[tokio::test]
async fn the_exec_shim_gives_way_to_the_binary() {
    let shop = Shop::open(EXEC, Some(0o755)).await;
    assert_eq!(shop.get("/generated").await.status(), StatusCode::PAYMENT_REQUIRED);
    let hello = shop.get("/hello.txt").await;
    assert_eq!(
        (hello.status(), hello.headers()["x-saw-status"].as_bytes()),
        (StatusCode::OK, &b"200"[..])
    );
    let pid = shop.edge.sandboxes()[&1];
    assert_eq!(shop.edge.sandboxes().len(), 1);
    let program = fs::read_link(format!("/proc/{pid}/exe")).expect("it runs");
    assert!(program.ends_with("bootstrap"), "the process that was Python is {program:?}");
    assert!(shop.logged("viewer-request"), "what it prints is in the log");
    let task = program.parent().expect("a folder").to_owned();
    shop.edge.stop().await;
    assert!(!task.exists(), "the unpacked package is gone");
}

#[tokio::test]
async fn a_handler_in_python_serves_too() {
    let shop = Shop::open(CHILD, None).await;
    assert_eq!(shop.get("/hello.txt").await.status(), StatusCode::OK);
    let pid = shop.edge.sandboxes()[&1];
    let child = shop
        .edge
        .log_lines()
        .iter()
        .find_map(|line| line.split_once("child ")?.1.trim().parse::<u32>().ok());
    let child = child.expect("the child is named in the log");
    for pid in [pid, child] {
        eventually("both are frozen", || state(pid) == Some('T')).await;
    }
    assert_eq!(shop.get("/hello.txt").await.status(), StatusCode::OK, "and go on");
    shop.edge.stop().await;
    for pid in [pid, child] {
        eventually("both are gone", || matches!(state(pid), None | Some('Z' | 'X'))).await;
    }
}

#[tokio::test]
async fn a_binary_that_may_not_run_is_named_in_the_log() {
    for (bootstrap, said) in [(Some(0o644), "PermissionError"), (None, "FileNotFoundError")] {
        let shop = Shop::open(EXEC, bootstrap).await;
        assert_eq!(shop.get("/hello.txt").await.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(shop.logged(said), "{said}: {:#?}", shop.edge.log_lines());
        assert!(shop.logged("reported an error while it started"));
    }
}

async fn eventually(what: &str, mut done: impl FnMut() -> bool) {
    let waiting = async {
        while !done() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("never: {what}"));
}

/// The state letter of a process: `T` is stopped; `None` once it is gone.
/// <https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html>
fn state(pid: u32) -> Option<char> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.chars().next()
}
