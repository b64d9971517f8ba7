//! `scripts/upload-content.sh`.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use super::server::{ACCESS_KEY, BUCKET, SECRET_KEY, Server};
use super::shop::{Shop, ended};

fn script() -> Command {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut command = Command::new(workspace.join("scripts/upload-content.sh"));
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
async fn it_publishes_from_any_folder() {
    let (server, shop) = (Server::start().await, Shop::new());
    shop.write("a.txt", "a");
    let mut command = script();
    command.current_dir(shop.path("."));
    command.env("AWS_ACCESS_KEY_ID", ACCESS_KEY).env("AWS_SECRET_ACCESS_KEY", SECRET_KEY);
    command.args(["--config", "content.toml", "--bucket", BUCKET, "--endpoint-url", &server.url]);
    command.args(["--manifest", "m.jsonl", "--not-deployed", "--yes"]);
    let out = ended(command).await.well();
    assert!(out.contains("1 uploaded"), "{out}");
    assert_eq!(server.get("a.txt").await.bytes, b"a");
    assert!(shop.path("m.jsonl").is_file());
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_profile_is_asked_for_its_credentials() {
    let (server, shop) = (Server::start().await, Shop::new());
    shop.write("a.txt", "a");
    // In place of the AWS command line, which has a profile's credentials.
    let aws = format!(
        "#!/bin/sh\n[ \"$*\" = 'configure export-credentials --format env' ] || exit 2\n\
         [ \"$AWS_PROFILE\" = seller ] || {{ echo 'The config profile (nobody) could not be found' >&2; exit 255; }}\n\
         echo 'export AWS_ACCESS_KEY_ID={ACCESS_KEY}'\necho 'export AWS_SECRET_ACCESS_KEY={SECRET_KEY}'\n"
    );
    let folder = program(&shop, "aws", &aws);
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    for (profile, works) in [("seller", true), ("nobody", false)] {
        let mut command = script();
        command.env("PATH", &path).env("AWS_PROFILE", profile);
        command.arg("--config").arg(shop.config());
        command.args(["--bucket", BUCKET, "--endpoint-url", &server.url, "--yes"]);
        let ended = ended(command).await;
        if works {
            ended.well();
        } else {
            let errors = ended.badly();
            assert!(errors.contains("AWS_PROFILE names a profile that does not exist"), "{errors}");
        }
    }
    assert_eq!(server.puts(), 1);
}

#[cfg(unix)]
fn program(shop: &Shop, name: &str, text: &str) -> PathBuf {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = shop.path("bin");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join(name);
    std::fs::write(&file, text).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_command_lines() {
    for (arguments, code, says) in [
        (&["--help"][..], 0, "usage: scripts/upload-content.sh --config content.toml"),
        (&[], 2, "name the content.toml with --config"),
        (&["--config"], 2, "--config needs a value"),
        (&["--bukket", "x"], 2, "there is no option --bukket"),
        (&["--config", "nowhere.toml", "--bucket", "shop"], 1, "there is no "),
    ] {
        let mut command = script();
        command.args(arguments);
        let ended = ended(command).await;
        assert_eq!(ended.status.code(), Some(code), "{arguments:?}: {}", ended.errors);
        let all = ended.out + &ended.errors;
        assert!(all.contains(says), "{arguments:?}: {all}");
    }
}
