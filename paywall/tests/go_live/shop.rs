//! A shop that sells for test money and lacks nothing else, and `paywall` beside it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::server::{BASE, Node, TOKEN, facilitator};

pub const PAYEE: &str = "0x209693Bc6afc0C5328bA36FaF03C514EF312287C";

pub const TEXT: &str = r#"# Harbour reports.
[site]
id = "shop"
urls = ["https://d3kx9.cloudfront.net"] # ours
content = "content"
sealed = true
published = "published.jsonl"
discovery = true

[payment]
# Who is paid.
pay_to = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
accept = ["base-sepolia/usdc"]   # dollars
facilitators = ["https://www.x402.org/facilitator"]

[redemptions]
store = "s3"
bucket = "shop-redemptions"
region = "us-east-1"

[rpc]
base-sepolia = { url = "https://sepolia.node.example" } # a node

[[rule]]
path = "**"
price = "0.01"
description = "Freight rates."
"#;

pub fn paywall(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_paywall"));
    command.current_dir(folder).args(words).env_remove("CONTENT_CONFIG").env_remove("SECRETS_FILE");
    command.env_remove("AWS_PROFILE").env("AWS_EC2_METADATA_DISABLED", "true");
    command.stdin(Stdio::null());
    command
}

/// What a run came to.
pub struct Told {
    pub done: bool,
    pub out: String,
    pub errors: String,
}

impl Told {
    pub fn of(Output { status, stdout, stderr }: Output) -> Told {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Told { done: status.success(), out: text(stdout), errors: text(stderr) }
    }

    /// The lines with this verdict.
    pub fn lines(&self, verdict: &str) -> Vec<&str> {
        self.out.lines().filter(|line| line.starts_with(verdict)).collect()
    }
}

pub struct Shop {
    pub folder: TempDir,
    pub text: String,
    pub pay_to: String,
    pub facilitator: String,
    pub node: String,
    /// What the secrets hold; `None` if they are not at hand.
    pub secrets: Option<String>,
    pub more: Vec<String>,
}

impl Shop {
    /// All is well with it.
    pub fn new() -> Shop {
        Shop::beside(facilitator(&["eip155:8453", "base"], Some(TOKEN)), BASE)
    }

    pub fn beside(facilitator: String, node: Node) -> Shop {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("content")).unwrap();
        fs::write(folder.path().join("content/a.txt"), "worth a cent").unwrap();
        Shop {
            secrets: Some(secrets("shop", &facilitator, TOKEN)),
            folder,
            text: TEXT.to_owned(),
            pay_to: PAYEE.to_owned(),
            facilitator,
            node: node.start(),
            more: vec!["--yes".to_owned()],
        }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("content.toml")
    }

    pub fn now(&self) -> String {
        fs::read_to_string(self.path()).unwrap()
    }

    /// Writes content.toml, and goes live.
    pub fn run(&self) -> Told {
        fs::write(self.path(), &self.text).unwrap();
        self.again()
    }

    pub fn again(&self) -> Told {
        self.go_live(&["--rpc", &format!("base={}", self.node)])
    }

    /// As [`Shop::run`], with no node but what content.toml and the secrets name.
    pub fn run_without_node(&self) -> Told {
        fs::write(self.path(), &self.text).unwrap();
        self.go_live(&[])
    }

    fn go_live(&self, node: &[&str]) -> Told {
        let mut words =
            vec!["go-live", "--pay-to", &self.pay_to, "--facilitator", &self.facilitator];
        words.extend(["--facilitator-auth", "bearer"].iter().chain(node));
        if let Some(secrets) = &self.secrets {
            let file = self.folder.path().join("secrets.json");
            fs::write(&file, secrets).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
            words.extend(["--secrets", "secrets.json"]);
        }
        words.extend(self.more.iter().map(String::as_str));
        Told::of(paywall(self.folder.path(), &words).output().unwrap())
    }
}

pub fn secrets(site: &str, facilitator: &str, token: &str) -> String {
    let [handover, pass] = ["a", "b"].map(|digit| digit.repeat(64));
    format!(
        r#"{{"site": "{site}", "handover": ["{handover}"], "pass": ["{pass}"],
            "facilitators": {{"{facilitator}": {{"bearer": "{token}"}}}}}}"#
    )
}
