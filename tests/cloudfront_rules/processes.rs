//! No process outlives the local edge, however it ends.
#![cfg(target_os = "linux")]

use std::path::PathBuf;
use std::process::Stdio;

use edge_local::buyer;
use edge_local::function;
use reqwest::StatusCode;
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::sync::OnceCell;

use crate::shop::{FUNCTION, PATIENCE, Shop, content, eventually, is_gone, state};

#[tokio::test]
async fn stop_waits_for_all_of_them() {
    let shop = Shop::open().await;
    let (a, b) = tokio::join!(shop.get("/slow"), shop.get("/slow"));
    assert_eq!((a.status, b.status), (StatusCode::OK, StatusCode::OK));
    let processes = shop.edge.sandboxes();
    assert_eq!(processes.len(), 2);
    shop.edge.stop().await;
    for pid in processes.into_values() {
        assert!(is_gone(pid));
    }
}

#[tokio::test]
async fn dropping_the_edge_kills_them() {
    let shop = Shop::open().await;
    shop.get("/hello.txt").await;
    let pid = shop.edge.sandboxes()[&1];
    eventually("it is frozen", || state(pid) == Some('T')).await;
    drop(shop);
    eventually("it is gone", || is_gone(pid)).await;
}

#[test]
fn ending_the_runtime_kills_them() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let shop = runtime.block_on(async {
        let shop = Shop::open().await;
        shop.get("/hello.txt").await;
        shop
    });
    let pid = shop.edge.sandboxes()[&1];
    drop(runtime);
    let waiter = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    waiter.block_on(eventually("it is gone", || is_gone(pid)));
    drop(shop);
}

#[test]
fn a_thread_that_ends_takes_no_sandbox_with_it() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let shop = std::thread::scope(|scope| {
        let open = scope.spawn(|| {
            runtime.block_on(async {
                let shop = Shop::open().await;
                assert_eq!(shop.get("/hello.txt").await.status, StatusCode::OK);
                shop
            })
        });
        open.join().unwrap()
    });
    let answer = runtime.block_on(shop.get("/hello.txt"));
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(shop.edge.sandboxes().keys().collect::<Vec<_>>(), [&1], "the same sandbox");
}

/// The real command, with one sandbox frozen and one at work.
struct Served {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    sandboxes: Vec<u32>,
    _content: tempfile::TempDir,
}

async fn command() -> PathBuf {
    static BUILT: OnceCell<PathBuf> = OnceCell::const_new();
    let build = || async { function::build("edge-local", "edge-local", "dev").unwrap() };
    BUILT.get_or_init(build).await.clone()
}

async fn serve() -> Served {
    let content = content();
    let mut child = Command::new(command().await)
        .args(["--listen", "127.0.0.1:0", "--facilitator", "http://127.0.0.1:9"])
        .arg("--function")
        .arg(FUNCTION)
        .arg("--content")
        .arg(content.path())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("the command starts");
    let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let mut served = Served { child, lines, sandboxes: Vec::new(), _content: content };

    let banner = served.line_with("http://127.0.0.1:").await;
    let url = banner.split_whitespace().last().expect("a URL").to_owned();
    let client = buyer::client().expect("a client");
    let get = |path: &str| client.get(format!("{url}{path}")).timeout(PATIENCE).send();

    let generated = tokio::spawn(get("/generated"));
    served.sandbox(1).await;
    served.line_with("viewer-request").await;
    generated.await.expect("no panic").expect("an answer");
    // Its answer never comes.
    let busy = tokio::spawn(get("/sleep"));
    served.line_with("viewer-request").await;
    let generated = tokio::spawn(get("/generated"));
    served.sandbox(2).await;
    generated.await.expect("no panic").expect("an answer");
    let idle = served.sandboxes[1];
    eventually("the second is frozen", || state(idle) == Some('T')).await;
    busy.abort();
    served
}

impl Served {
    async fn sandbox(&mut self, number: u32) {
        let line = self.line_with(&format!("sandbox {number}: started (pid ")).await;
        let pid = line.rsplit_once("pid ").expect("a pid").1.trim_end_matches(')');
        self.sandboxes.push(pid.parse().expect("a number"));
    }

    async fn line_with(&mut self, text: &str) -> String {
        let found = async {
            while let Some(line) = self.lines.next_line().await.expect("a pipe") {
                if line.contains(text) {
                    return line;
                }
            }
            panic!("the command ended without a line with {text}");
        };
        tokio::time::timeout(PATIENCE, found)
            .await
            .unwrap_or_else(|_| panic!("no line with {text}"))
    }

    fn signal(&self, signal: Signal) {
        let pid = self.child.id().and_then(|pid| Pid::from_raw(pid.cast_signed()));
        kill_process(pid.expect("it runs"), signal).expect("it can be signalled");
    }
}

async fn leaves_nothing_behind(signal: Signal) {
    let mut served = serve().await;
    served.signal(signal);
    let status = tokio::time::timeout(PATIENCE, served.child.wait()).await.expect("it ends");
    assert!(status.expect("it was ours").success());
    for pid in served.sandboxes {
        assert!(is_gone(pid), "it waited for its sandboxes");
    }
}

#[tokio::test]
async fn ctrl_c_leaves_nothing_behind() {
    leaves_nothing_behind(Signal::INT).await;
}

#[tokio::test]
async fn sigterm_leaves_nothing_behind() {
    leaves_nothing_behind(Signal::TERM).await;
}

#[tokio::test]
async fn nothing_survives_a_sigkill() {
    let mut served = serve().await;
    served.signal(Signal::KILL);
    tokio::time::timeout(PATIENCE, served.child.wait()).await.expect("it ends").expect("ours");
    for pid in served.sandboxes {
        eventually("the sandbox is gone", || is_gone(pid)).await;
    }
}
