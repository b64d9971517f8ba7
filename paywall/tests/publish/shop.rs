//! A seller's folder, and the program that publishes it.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use content_config::Parts;
use ship::preflight::{self, Accepted, Previous};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use super::server::{ACCESS_KEY, BUCKET, SECRET_KEY, Server};

/// Far above what is needed.
const PATIENCE: Duration = Duration::from_secs(300);

const HEAD: &str = r#"[site]
id = "shop"
discovery = false
page = false
urls = ["https://shop.example"]
content = "content"

[payment]
pay_to = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8" # a public test account
accept = ["base-sepolia/usdc"]
facilitators = ["https://www.x402.org/facilitator"]

"#;

pub(crate) struct Shop {
    folder: TempDir,
}

/// How the program ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) out: String,
    pub(crate) errors: String,
}

impl Shop {
    /// A shop in which everything costs a cent.
    pub(crate) fn new() -> Shop {
        Shop::with("[[rule]]\npath = \"**\"\nprice = \"0.01\"\n")
    }

    pub(crate) fn with(rules: &str) -> Shop {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("content")).unwrap();
        let shop = Shop { folder };
        shop.rules(rules);
        shop
    }

    /// Another one, with what this one has now.
    #[allow(dead_code, reason = "the journey alone goes on from one place in many ways")]
    pub(crate) fn copy(&self) -> Shop {
        Shop { folder: copied(self.folder.path()) }
    }

    pub(crate) fn rules(&self, rules: &str) {
        std::fs::write(self.config(), format!("{HEAD}{rules}")).unwrap();
    }

    /// Has the documents for agents among the objects.
    pub(crate) fn discovery(&self) {
        let text = std::fs::read_to_string(self.config()).unwrap();
        std::fs::write(self.config(), text.replace("discovery = false", "discovery = true"))
            .unwrap();
    }

    /// Adds a line to `[site]`.
    pub(crate) fn site(&self, line: &str) {
        let text = std::fs::read_to_string(self.config()).unwrap();
        let text =
            text.replace("content = \"content\"\n", &format!("content = \"content\"\n{line}\n"));
        std::fs::write(self.config(), text).unwrap();
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.folder.path().join("content.toml")
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, key: &str, bytes: impl AsRef<[u8]>) {
        let path = self.folder.path().join("content").join(key);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    pub(crate) fn remove(&self, key: &str) {
        std::fs::remove_file(self.folder.path().join("content").join(key)).unwrap();
    }

    pub(crate) fn table(&self) -> content_config::Compiled {
        content_config::compile(&self.config()).unwrap_or_else(|report| panic!("{report}"))
    }

    /// The same, if what has more bytes than this comes in parts.
    pub(crate) fn table_in_parts(&self, above: u64) -> content_config::Compiled {
        content_config::compile_in(&self.config(), Parts::above(above))
            .unwrap_or_else(|report| panic!("{report}"))
    }

    /// The record of a deployment of the table as it is now.
    pub(crate) fn deploy(&self) -> PathBuf {
        let (config, table) = (self.config(), self.table());
        let look = preflight::look(&config, &table, &Previous::None, &Accepted::default(), &[]);
        look.check().unwrap();
        let record = self.path("deployed.json");
        std::fs::write(&record, look.record.to_json()).unwrap();
        record
    }

    /// `paywall publish --yes` and more arguments.
    pub(crate) async fn publish(&self, server: &Server, more: &[&str]) -> Ended {
        ended(self.command(server, more)).await
    }

    pub(crate) fn start(&self, server: &Server, more: &[&str]) -> Child {
        self.command(server, more).spawn().unwrap()
    }

    pub(crate) fn command(&self, server: &Server, more: &[&str]) -> Command {
        upload(&self.config(), server, more)
    }
}

/// A folder's copy, with the files' modes and times.
pub(crate) fn copied(folder: &Path) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    let from = folder.join(".");
    let done = std::process::Command::new("cp").arg("-a").arg(from).arg(copy.path()).status();
    assert!(done.unwrap().success(), "{}", folder.display());
    copy
}

/// `paywall publish --yes` of any `content.toml`.
pub(crate) fn upload(config: &Path, server: &Server, more: &[&str]) -> Command {
    upload_to(config, &server.url, more)
}

/// The same to any server that has the bucket.
pub(crate) fn upload_to(config: &Path, url: &str, more: &[&str]) -> Command {
    let mut command = paywall();
    command.arg("publish").arg("--config").arg(config);
    command.args(["--bucket", BUCKET, "--endpoint-url", url, "--yes"]);
    command.args(more);
    command
}

/// The program, with the server's credentials and nothing else of this machine's.
pub(crate) fn paywall() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_paywall"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("AWS_") || name == "CONTENT_CONFIG" {
            command.env_remove(name);
        }
    }
    command.env("AWS_ACCESS_KEY_ID", ACCESS_KEY).env("AWS_SECRET_ACCESS_KEY", SECRET_KEY);
    // Nobody else is asked for credentials, over the network least of all.
    command.env("AWS_EC2_METADATA_DISABLED", "true");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.kill_on_drop(true);
    command
}

pub(crate) async fn ended(command: Command) -> Ended {
    ended_within(command, PATIENCE).await
}

pub(crate) async fn ended_within(mut command: Command, patience: Duration) -> Ended {
    let output = tokio::time::timeout(patience, command.output()).await;
    let output = output.expect("it ends").expect("it starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ended { status: output.status, out: text(output.stdout), errors: text(output.stderr) }
}

impl Ended {
    #[track_caller]
    pub(crate) fn well(self) -> String {
        assert!(self.status.success(), "{}\n{}", self.out, self.errors);
        self.out
    }

    #[track_caller]
    pub(crate) fn badly(self) -> String {
        assert_eq!(self.status.code(), Some(1), "{}\n{}", self.out, self.errors);
        self.errors
    }
}
