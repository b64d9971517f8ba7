//! A local edge with a few files and the misbehaving function, and a viewer.

use std::fs;
use std::time::Duration;

use edge_local::buyer;
use edge_local::{Edge, Options};
use reqwest::header::HeaderMap;
use reqwest::{Client, Method, StatusCode};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A bucket that nobody serves: no test is ever given a port below 1024, and one that was just closed
/// could be another's by now.
pub(crate) const NOBODY: &str = "s3+http://127.0.0.1:1/shop";

pub(crate) const HELLO: &str = "hello from the edge";
pub(crate) const FUNCTION: &str = env!("CARGO_BIN_EXE_misbehaving-function");

/// Longest wait for anything; far above what is needed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Shop {
    pub(crate) edge: Edge,
    pub(crate) content: tempfile::TempDir,
    client: Client,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Shop {
    pub(crate) async fn open() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(edit: impl FnOnce(&mut Options)) -> Self {
        let content = content();
        let mut options = Options::new(FUNCTION, content.path());
        edit(&mut options);
        let edge = Edge::start(options).await.expect("the edge starts");
        let client = buyer::client().expect("a client");
        Self { edge, content, client }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[]).await
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = self.client.request(method, self.edge.url() + path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer::of(request).await
    }

    pub(crate) async fn post_body(&self, method: Method, path: &str) -> Answer {
        Answer::of(self.client.request(method, self.edge.url() + path).body("a body")).await
    }

    /// Sends bytes as they are, and reads until the connection is closed.
    pub(crate) async fn raw(&self, request: &str) -> String {
        let exchange = async {
            let mut stream = TcpStream::connect(self.edge.address()).await.expect("it listens");
            stream.write_all(request.as_bytes()).await.expect("it reads");
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).await.expect("it answers");
            String::from_utf8_lossy(&answer).into_owned()
        };
        tokio::time::timeout(PATIENCE, exchange).await.expect("an answer in time")
    }

    /// `GET` of a path as it is: an HTTP client would resolve its dot segments.
    pub(crate) async fn raw_get(&self, path: &str) -> String {
        self.raw(&format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")).await
    }

    pub(crate) fn logged(&self, text: &str) -> bool {
        self.edge.log_lines().iter().any(|line| line.contains(text))
    }
}

impl Answer {
    async fn of(request: reqwest::RequestBuilder) -> Self {
        let response = request.timeout(PATIENCE).send().await.expect("the edge answers");
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.text().await.expect("a whole body");
        Self { status, headers, body }
    }

    /// A header's value; empty if there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("ASCII"))
    }

    pub(crate) fn x_cache(&self) -> &str {
        self.header("x-cache").strip_suffix(" from cloudfront").expect("X-Cache")
    }
}

pub(crate) fn content() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    fs::write(dir.path().join("hello.txt"), HELLO).expect("a file");
    fs::write(dir.path().join("name with + ü.txt"), "odd").expect("a file");
    for name in [
        "response-status",
        "response-body",
        "response-length",
        "response-cache",
        "response-crash",
        "response-null",
    ] {
        fs::write(dir.path().join(name), "bytes worth money").expect("a file");
    }
    dir
}

/// Waits until `done`, as long as [`PATIENCE`] lasts.
pub(crate) async fn eventually(what: &str, mut done: impl FnMut() -> bool) {
    let waiting = async {
        while !done() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("never: {what}"));
}

/// The state letter of a process: `T` is stopped, `Z` dead; `None` once it is gone.
/// <https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html>
pub(crate) fn state(pid: u32) -> Option<char> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.chars().next()
}

pub(crate) fn is_gone(pid: u32) -> bool {
    matches!(state(pid), None | Some('Z' | 'X'))
}
