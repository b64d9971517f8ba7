//! The tool as its user meets it: from an empty folder to a purchase.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use edge_local::buyer::ANVIL_KEY;

const PAYWALL: &str = env!("CARGO_BIN_EXE_paywall");

fn command(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(PAYWALL);
    command.current_dir(folder).args(words).env_remove("CONTENT_CONFIG").env_remove("SECRETS_FILE");
    // Nobody else is asked for credentials, over the network least of all.
    command.env_remove("AWS_PROFILE").env("AWS_EC2_METADATA_DISABLED", "true");
    command.stdin(Stdio::null());
    command
}

fn run(folder: &Path, words: &[&str]) -> Output {
    command(folder, words).output().unwrap()
}

#[track_caller]
fn done(folder: &Path, words: &[&str]) -> String {
    let Output { status, stdout, stderr } = run(folder, words);
    assert!(status.success(), "{words:?}: {}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).unwrap()
}

#[track_caller]
fn refused(folder: &Path, words: &[&str]) -> String {
    let Output { status, stderr, .. } = run(folder, words);
    assert!(!status.success(), "{words:?}");
    String::from_utf8(stderr).unwrap()
}

/// `paywall dev`, which ends with the test.
struct Dev(Child);

impl Drop for Dev {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}

/// The URL of what it has for sale.
fn sells(dev: &mut Dev) -> String {
    let lines = BufReader::new(dev.0.stdout.as_mut().unwrap()).lines();
    let lines: Vec<_> =
        lines.map_while(Result::ok).take_while(|line| !line.contains("Ctrl-C")).collect();
    let at = lines.iter().position(|line| line.contains("402 Payment Required"));
    let curl = at.and_then(|at| lines.get(at + 1)).unwrap_or_else(|| panic!("{lines:?}"));
    curl.rsplit(' ').next().unwrap().to_owned()
}

#[test]
fn from_an_empty_folder_with_one_file_to_a_purchase() {
    let folder = tempfile::tempdir().unwrap();
    let shop = folder.path();
    fs::write(shop.join("my report.txt"), "worth a cent").unwrap();

    // Nothing is moved that nobody agreed to.
    let first = done(shop, &["init"]);
    assert!(first.contains("mv 'my report.txt' content/:"), "{first}");
    assert!(shop.join("my report.txt").is_file());
    assert!(refused(shop, &["dev"]).contains("nothing to sell"));
    assert!(refused(shop, &["init"]).contains("already"));
    fs::remove_file(shop.join("content.toml")).unwrap();
    fs::remove_dir(shop.join("content")).unwrap();

    let second = done(shop, &["init", "--yes", "--price", "0.02"]);
    assert!(second.contains("moved 1 file") && second.contains("1 file for sale"), "{second}");
    // The content.toml is found from below.
    let below = shop.join("content");
    assert!(done(&below, &["explain", "my report.txt"]).contains("$0.02"));

    let mut dev = command(&below, &["--listen", "127.0.0.1:0"]);
    let mut dev = Dev(dev.stdout(Stdio::piped()).spawn().unwrap());
    let url = sells(&mut dev);
    let bought = done(shop, &["pay", &url]);
    assert!(bought.contains("worth a cent"), "{bought}");
}

/// What an agent reads that has nothing but the origin: no file of the folder, and there all the same.
#[test]
fn dev_serves_the_documents_for_agents() {
    let folder = tempfile::tempdir().unwrap();
    let shop = folder.path();
    fs::write(shop.join("a.txt"), "a").unwrap();
    done(shop, &["init", "--yes"]);
    done(shop, &["discovery", "--out", "documents"]);
    let mut dev = command(shop, &["dev", "--listen", "127.0.0.1:0"]);
    let mut dev = Dev(dev.stdout(Stdio::piped()).spawn().unwrap());
    let url = sells(&mut dev);
    let address = url.strip_prefix("http://").unwrap().strip_suffix("/a.txt").unwrap();
    for (key, kind) in [
        (".well-known/x402", "application/json"),
        ("llms.txt", "text/plain; charset=utf-8"),
        ("mcp/tools", "application/json"),
        ("openapi.json", "application/json"),
    ] {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let request =
            format!("GET /{key} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let head = head.to_ascii_lowercase();
        assert!(head.starts_with("http/1.1 200 "), "{key}: {answer}");
        assert!(head.contains(&format!("\r\ncontent-type: {kind}\r\n")), "{key}: {head}");
        assert_eq!(body, fs::read_to_string(shop.join("documents").join(key)).unwrap(), "{key}");
    }
}

/// What is sold here is sold right, as far as it can be seen from outside.
#[test]
fn prove_finds_nothing_wrong_with_what_dev_sells() {
    const SAMPLE: &str =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../content-config/sample/content.toml");
    let folder = tempfile::tempdir().unwrap();
    let mut dev = command(folder.path(), &["--config", SAMPLE, "dev", "--listen", "127.0.0.1:0"]);
    let mut dev = Dev(dev.stdout(Stdio::piped()).spawn().unwrap());
    let url = sells(&mut dev);
    let origin = url.strip_suffix("/reports/2026/market.json").unwrap();
    let other = format!("{origin}/reports/2026/summary.txt");
    let words = [
        "prove",
        &url,
        "--key-env",
        "PAYER",
        "--other",
        &other,
        "--pause",
        "0",
        "--json",
        "--report",
        "r.md",
    ];
    let tried = command(folder.path(), &words).env("PAYER", ANVIL_KEY).output().unwrap();
    let text = String::from_utf8(tried.stdout).unwrap();
    let report: serde_json::Value = serde_json::from_str(&text).unwrap();
    let of = |verdict: &str| {
        let lines = report["checks"].as_array().unwrap().iter();
        let lines = lines.filter(|line| line["verdict"] == verdict);
        lines.map(|line| line["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(of("wrong"), [""; 0], "{text}");
    // A range beyond the end is answered 416 with the length, paid or not.
    assert_eq!(of("note"), ["range.unpaid"]);
    assert_eq!(of("not-tried"), ["transport.plain-http"]);
    assert_eq!((tried.status.code(), report["bought"].as_bool()), (Some(0), Some(true)));
    let page = fs::read_to_string(folder.path().join("r.md")).unwrap();
    assert!(page.contains("0 wrong") && page.contains("`purchase.v1.receipt`"), "{page}");
    for key in [ANVIL_KEY, &ANVIL_KEY[2..]] {
        assert!(!page.contains(key) && !text.contains(key));
    }

    let free = format!("{origin}/free/hello.txt");
    assert!(
        refused(folder.path(), &["prove", &free])
            .contains("answered 200 to a request without a payment")
    );
    assert!(
        refused(folder.path(), &["prove", &url, "--key-env", "NOBODY"])
            .contains("no such variable")
    );
}

#[test]
fn what_init_cannot_sell_is_told_and_not_written() {
    let folder = tempfile::tempdir().unwrap();
    for (words, why) in [
        (["init", "--pay-to", "0x1234"], "bad-address"),
        (["init", "--accept", "base-sepolia/doge"], "unknown-token"),
        (["init", "--facilitator", "http://example.com"], "insecure-url"),
        (["init", "--id", "Not an id"], "bad-site-id"),
    ] {
        let said = refused(folder.path(), &words);
        assert!(said.contains(why) && said.contains("content.toml:"), "{words:?}: {said}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    assert!(done(folder.path(), &["init", "--dry-run"]).contains("[site]"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn what_is_no_price_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    for (price, why) in [
        ("-1", "write dollars in digits"),
        ("abc", "write dollars in digits"),
        ("1,50", "write dollars in digits"),
        ("0.00", "more than nothing"),
    ] {
        let said = refused(folder.path(), &["init", "--price", price]);
        assert!(said.contains(why) && said.contains("--price"), "{price}: {said}");
    }
}

#[test]
fn a_shop_that_is_paid_on_solana() {
    let folder = tempfile::tempdir().unwrap();
    let shop = folder.path();
    fs::write(shop.join("a"), "a").unwrap();
    let payee = ["init", "--yes", "--pay-to", "9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin"];
    assert!(refused(shop, &payee).contains("/supported"));
    assert!(!shop.join("content.toml").exists());
    let payer = ["--fee-payer", "2wKupLR9q6wXYppw8Gr2NvWxKBUqm4PPJKkQfoxHDBg4"];
    assert!(refused(shop, &[&["init"][..], &payer].concat()).contains("--pay-to"));
    let made = done(shop, &[&payee[..], &payer].concat());
    assert!(made.contains("paid in solana-devnet/usdc") && made.contains("1 file for sale"));
    let told = done(shop, &["explain", "a"]);
    assert!(told.contains(payee[3]) && told.contains("solana-devnet"), "{told}");
}

#[test]
fn what_changes_under_dev_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let shop = folder.path();
    fs::write(shop.join("a"), "a").unwrap();
    done(shop, &["init", "--yes"]);
    let mut dev = command(shop, &["dev", "--listen", "127.0.0.1:0"]);
    let mut dev = Dev(dev.stdout(Stdio::piped()).spawn().unwrap());
    let mut out = BufReader::new(dev.0.stdout.take().unwrap());
    let (sender, said) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        while out.read_line(&mut line).is_ok_and(|read| read > 0) {
            // The test may be over.
            let _ = sender.send(std::mem::take(&mut line));
        }
    });
    let hears = |words: &str| {
        let patience = std::time::Duration::from_secs(60);
        loop {
            match said.recv_timeout(patience) {
                Ok(line) if line.contains(words) => return,
                Ok(_) => {}
                Err(why) => panic!("no {words:?}: {why}"),
            }
        }
    };
    hears("Ctrl-C stops it");
    // Sizes differ: files may be written within one tick of the clock.
    fs::write(shop.join("content/b"), "new").unwrap();
    hears("content/b is new, and not for sale yet");
    fs::remove_file(shop.join("content/a")).unwrap();
    hears("content/a is gone: who buys it pays for nothing");
    let text = fs::read_to_string(shop.join("content.toml")).unwrap();
    fs::write(shop.join("content.toml"), text.replace("\"0.01\"", "\"0.015\"")).unwrap();
    hears("content.toml has changed");
}

/// A seal of this run's own would be paid, and find nothing.
#[test]
fn a_sealed_bucket_is_not_sold_without_its_seal() {
    let folder = tempfile::tempdir().unwrap();
    let shop = folder.path();
    fs::write(shop.join("a"), "a").unwrap();
    done(shop, &["init", "--yes"]);
    let said = refused(
        shop,
        &["dev", "--listen", "127.0.0.1:0", "--origin", "s3+http://127.0.0.1:9/shop"],
    );
    assert!(said.contains("who pays would get nothing") && said.contains("--seal FILE"), "{said}");
}

/// All of the content folder is for sale: neither secrets nor tables go there; nor is a shop begun inside another.
#[test]
fn what_is_not_for_sale_stays_out_of_the_content() {
    let folder = tempfile::tempdir().unwrap();
    let shop = folder.path();
    fs::write(shop.join("a"), "a").unwrap();
    done(shop, &["init", "--yes"]);
    let content = shop.join("content");
    for words in [
        &["secrets", "--output", "content/s.json"][..],
        &["compile", "-o", "content/t.bin"],
        &["manifest", "-o", "content/m.jsonl"],
        &["discovery", "--out", "content/new/folder"],
        &["build", "--rehearsal-secrets", "-o", "content/dist/f.zip"],
    ] {
        assert!(refused(shop, words).contains("lies in the content folder"), "{words:?}");
    }
    assert!(refused(&content, &["init", "--yes"]).contains("above"));
    assert!(refused(shop, &["init", "--config", "b.toml"]).contains("leave them out"));
    assert_eq!(fs::read_dir(&content).unwrap().count(), 1);
}

/// Keys that are lost take passes and open payments with them.
#[test]
fn secrets_are_not_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let shop = folder.path();
    fs::write(shop.join("a"), "a").unwrap();
    done(shop, &["init", "--yes"]);
    done(shop, &["secrets", "--output", "s.json"]);
    let first = fs::read(shop.join("s.json")).unwrap();
    assert!(refused(shop, &["secrets", "--output", "s.json"]).contains("--from s.json"));
    assert!(refused(shop, &["secrets", "--rotate", "--output", "t.json"]).contains("--from"));
    assert_eq!(fs::read(shop.join("s.json")).unwrap(), first);
    done(shop, &["secrets", "--from", "s.json", "--rotate", "--output", "s.json"]);
    assert_ne!(fs::read(shop.join("s.json")).unwrap(), first);
    let mut empty = command(shop, &["check"]);
    assert!(
        empty.env("CONTENT_CONFIG", "").status().unwrap().success(),
        "an empty variable names nothing"
    );
}

#[test]
fn without_a_content_toml_the_way_on_is_told() {
    let folder = tempfile::tempdir().unwrap();
    for words in [&["check"][..], &["list"], &["dev"], &["build", "--rehearsal-secrets"]] {
        let said = refused(folder.path(), words);
        assert!(said.contains("paywall init") && said.contains("--config"), "{words:?}: {said}");
    }
}

#[test]
fn a_content_toml_is_named_before_or_after_the_command() {
    let folder = tempfile::tempdir().unwrap();
    let shop = folder.path().join("shop");
    fs::create_dir(&shop).unwrap();
    fs::write(shop.join("a"), "a").unwrap();
    done(&shop, &["init", "--yes"]);
    let named = ["--config", "shop/content.toml"];
    for words in [&["check"][..], &["list", "--json"], &["secrets", "--output", "s.json"]] {
        let _ = fs::remove_file(folder.path().join("s.json"));
        done(folder.path(), &[&named, words].concat());
        let _ = fs::remove_file(folder.path().join("s.json"));
        done(folder.path(), &[words, &named].concat());
    }
    // What is missing is named, though nothing is asked of AWS yet.
    let said = refused(
        folder.path(),
        &[&["publish", "--bucket", "my-bucket", "--dry-run"], &named[..]].concat(),
    );
    assert!(said.contains("AWS_ACCESS_KEY_ID"), "{said}");
}

#[test]
fn secrets_that_others_can_read_or_buy_are_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let shop = folder.path();
    fs::write(shop.join("a"), "a").unwrap();
    done(shop, &["init", "--yes"]);
    done(shop, &["secrets", "--output", "s.json"]);
    fs::set_permissions(shop.join("s.json"), fs::Permissions::from_mode(0o644)).unwrap();
    let said = refused(shop, &["build", "--secrets", "s.json"]);
    assert!(said.contains("s.json can be read by others") && said.contains("chmod 600"), "{said}");
    assert!(refused(shop, &["build", "--secrets", "t.json"]).contains("paywall secrets --output"));

    fs::rename(shop.join("s.json"), shop.join("content/s.json")).unwrap();
    for words in [&["check"][..], &["dev"], &["publish", "--bucket", "my-bucket"]] {
        let said = refused(shop, words);
        assert!(said.contains("\"s.json\" cannot be sold: it holds secrets"), "{words:?}: {said}");
    }
}

#[test]
fn what_is_wrong_with_the_content_is_told_before_anybody_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let shop = folder.path();
    fs::write(shop.join("a"), "a").unwrap();
    done(shop, &["init", "--yes"]);
    let publish = ["publish", "--bucket", "my-bucket", "--dry-run"];
    assert!(refused(shop, &publish).contains("AWS_ACCESS_KEY_ID"));
    let text = fs::read_to_string(shop.join("content.toml")).unwrap();
    fs::write(shop.join("content.toml"), text.replace("\"0.01\"", "\"one\"")).unwrap();
    let said = refused(shop, &publish);
    assert!(said.contains("bad-price") && !said.contains("AWS_ACCESS_KEY_ID"), "{said}");
}

#[test]
fn sales_finds_the_content_toml_from_below() {
    let folder = tempfile::tempdir().unwrap();
    let shop = folder.path();
    fs::write(shop.join("a"), "a").unwrap();
    assert!(refused(shop, &["sales"]).contains("no records are named"));
    done(shop, &["init", "--yes"]);
    let said = refused(&shop.join("content"), &["sales"]);
    assert!(said.contains("content.toml remembers payments in memory"), "{said}");
    // Another shop's bucket is not read by this one's terms.
    let said = refused(shop, &["sales", "--bucket", "my-bucket"]);
    assert!(said.contains("--bucket my-bucket: where in it"), "{said}");
}

#[test]
fn exit_codes_beyond_the_usual_are_in_the_help() {
    let folder = tempfile::tempdir().unwrap();
    for (command, code) in [("explain", "3  "), ("diff", "4  "), ("sales", "3  ")] {
        let help = done(folder.path(), &[command, "--help"]);
        let codes = help.split("Exit codes:").nth(1).unwrap_or_else(|| panic!("{help}"));
        assert!(codes.contains(code), "{codes}");
    }
}

/// The program that goes into the zip looks at the files that go in with it.
#[test]
fn what_the_function_refuses_is_not_packaged() {
    let folder = tempfile::tempdir().unwrap();
    let shop = folder.path();
    fs::write(shop.join("a"), "a").unwrap();
    done(shop, &["init", "--yes"]);
    let bootstrap = |says: &str, code: u8| {
        fs::write(
            shop.join("f"),
            format!("#!/bin/sh\necho 'bootstrap: {says}' >&2\nexit {code}\n"),
        )
        .unwrap();
    };
    let words = ["build", "--rehearsal-secrets", "--bootstrap", "f"];
    bootstrap("table.bin: it is of another version", 1);
    let said = refused(shop, &words);
    assert!(
        said.contains("make no function that sells: table.bin: it is of another version"),
        "{said}"
    );
    assert!(!shop.join("dist/edge-fn.zip").exists());

    bootstrap("warning: a secret that nobody needs", 0);
    let built = run(shop, &[&words[..], &["--json"]].concat());
    let said = String::from_utf8_lossy(&built.stderr);
    assert!(built.status.success() && said.starts_with("warning: a secret"), "{said}");
    let about: serde_json::Value = serde_json::from_slice(&built.stdout).unwrap();
    // The documents for agents are objects as well, and the files of the page.
    assert_eq!((&about["rehearsal"], &about["objects"]), (&true.into(), &7.into()));
    // The secrets are in it.
    use std::os::unix::fs::PermissionsExt as _;
    let mode = shop.join("dist/edge-fn.zip").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(refused(shop, &["build"]).contains("--secrets"));
    // Before anything is built.
    done(shop, &["secrets", "--output", "s.json"]);
    let said = refused(shop, &["build", "--secrets", "s.json"]);
    assert!(
        said.contains("its seal is not known") && said.contains("publish --seal FILE"),
        "{said}"
    );
    assert!(
        refused(shop, &["build", "--secrets", "s", "--rehearsal-secrets"])
            .contains("cannot be used")
    );
}

#[test]
fn each_shell_is_completed() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = done(folder.path(), &["completions", shell]);
        assert!(script.contains("paywall") && script.contains("explain"), "{shell}");
    }
    let mut bash = Command::new("bash").arg("-n").stdin(Stdio::piped()).spawn().unwrap();
    let script = done(folder.path(), &["completions", "bash"]);
    std::io::Write::write_all(&mut bash.stdin.take().unwrap(), script.as_bytes()).unwrap();
    assert!(bash.wait().unwrap().success());
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = command(folder.path(), &["completions", "zsh"]);
    let mut child = child.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    child.wait().unwrap();
    assert!(!said.contains("panicked"), "{said}");
}

/// Every line of the README that begins with `paywall`: its command is there, and has the options that it is given.
#[test]
fn the_readme_names_commands_and_options_that_are_there() {
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md")).unwrap();
    let here = Path::new(".");
    let commands = done(here, &["--help"]);
    // A line that ends with a backslash goes on in the next one; inline code ends with its backtick.
    let joined = readme.replace("\\\n", " ");
    let fenced = joined
        .lines()
        .map(|line| line.trim_start_matches("$ "))
        .filter(|line| line.starts_with("paywall "));
    let inline = joined.split('`').skip(1).step_by(2).filter(|code| code.starts_with("paywall "));
    let mut tried = 0;
    for line in fenced.chain(inline) {
        let line = line.split(" #").next().unwrap();
        let mut words = line.split_whitespace().skip(1);
        let Some(name) = words.next().filter(|word| !word.starts_with('-')) else { continue };
        let is_there = commands.lines().any(|line| line.split_whitespace().next() == Some(name));
        // Without the feature nothing asks AWS.
        if !is_there && !cfg!(feature = "aws") {
            continue;
        }
        assert!(is_there, "{line}: there is no command {name}");
        let help = done(here, &[name, "--help"]);
        for option in words.filter(|word| word.starts_with("--")) {
            let option = option.trim_end_matches(|c: char| !c.is_ascii_lowercase());
            let has = |word: &str| word.trim_end_matches(',') == option;
            assert!(help.split_whitespace().any(has), "{line}: {name} has no {option}");
        }
        tried += 1;
    }
    assert!(tried > 20, "{tried}");
}
