//! `scripts/list-sales.sh`.

use std::path::Path;
use std::process::Stdio;

use tokio::process::Command;

use super::payments::Payment;
use super::server::{ACCESS_KEY, SECRET_KEY};
use super::shop::{Shop, ended};
use super::store::{Store, long_ago, payer};

fn script() -> Command {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut command = Command::new(workspace.join("scripts/list-sales.sh"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("AWS_") || name == "CONTENT_CONFIG" {
            command.env_remove(name);
        }
    }
    command.env("SHIP", env!("CARGO_BIN_EXE_ship"));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn it_lists_from_any_folder() {
    let store = Store::start().await;
    let payment = Payment::new(payer(1), "a.txt", long_ago());
    store.put(&payment, &payment.charged()).await;
    let run = || {
        let mut command = script();
        command.current_dir(store.shop.path("."));
        command.env("AWS_ACCESS_KEY_ID", ACCESS_KEY).env("AWS_SECRET_ACCESS_KEY", SECRET_KEY);
        command.args([
            "--config",
            "content.toml",
            "--endpoint-url",
            &store.server.url,
            "--format",
            "csv",
        ]);
        command
    };
    let out = ended(run()).await.well();
    assert!(out.contains("charged-not-granted"), "{out}");
    store.server.put("x402/shop/v2/accounts/bad.json", "{").await;
    assert_eq!(ended(run()).await.status.code(), Some(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_needs_no_credentials() {
    let shop = Shop::new();
    let line = "{\"requestId\":\"r\",\"event\":\"viewer-request\",\"outcome\":\"settlement_unknown\",\
        \"status\":503,\"object\":\"a.txt\",\"payer\":\"0x1\",\"amount\":\"10000\",\"asset\":\"0x2\",\
        \"network\":\"eip155:84532\",\"alarm\":true,\"totalUs\":1}\n";
    std::fs::write(shop.path("log"), line).unwrap();
    let mut command = script();
    command.current_dir(shop.path(".")).args(["--log", "log", "--format", "json"]);
    let ended = ended(command).await;
    assert!(ended.errors.contains("1 listed: 1 unresolved; lines of the function in"), "{ended:?}");
    let list: serde_json::Value = serde_json::from_str(&ended.well()).unwrap();
    assert_eq!((&list[0]["payer"], &list[0]["name"]), (&"0x1".into(), &"a.txt".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_command_lines() {
    for (arguments, code, says) in [
        (&["--help"][..], 0, "usage: scripts/list-sales.sh --config content.toml"),
        (&[], 2, "name the content.toml with --config"),
        (&["--config"], 2, "--config needs a value"),
        (&["--bukket", "x"], 2, "there is no option --bukket"),
        (&["--config", "nowhere.toml"], 1, "there is no "),
    ] {
        let mut command = script();
        command.args(arguments);
        let ended = ended(command).await;
        assert_eq!(ended.status.code(), Some(code), "{arguments:?}: {}", ended.errors);
        let all = ended.out + &ended.errors;
        assert!(all.contains(says), "{arguments:?}: {all}");
    }
}
