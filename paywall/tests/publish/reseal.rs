//! The change of a seal that has leaked, with the seal in a file.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use price_table::Seal;
use serde_json::{Value, json};
use ship::preflight::table_sha256;
use ship::seal::fingerprint;

use super::objects::Encryption;
use super::server::Server;
use super::shop::{Ended, Shop, ended, paywall};

const FILE: &str = "seal.json";
const CHANGE: &str = "seal.json.reseal";

/// A sealed shop, published.
async fn shop(server: &Server) -> Shop {
    let shop = Shop::new();
    shop.site("sealed = true");
    shop.write("a.txt", "a");
    shop.write("b/c d+é.html", "<p>c");
    publish(&shop, server, &[]).await.well();
    shop
}

async fn publish(shop: &Shop, server: &Server, more: &[&str]) -> Ended {
    let file = shop.path(FILE).to_str().unwrap().to_owned();
    shop.publish(server, &[&["--seal", &file], more].concat()).await
}

fn kept(shop: &Shop, file: &str) -> Option<Value> {
    Some(serde_json::from_str(&fs::read_to_string(shop.path(file)).ok()?).unwrap())
}

fn seal(shop: &Shop) -> String {
    kept(shop, FILE).unwrap()["seal"].as_str().unwrap().to_owned()
}

/// What `paywall build` writes beside a package of the table and this seal.
fn package(shop: &Shop, seal: &str) -> PathBuf {
    let seal = fingerprint(&Seal::parse(seal).unwrap());
    let told = json!({ "tableSha256": table_sha256(&shop.table()), "seal": seal, "bytes": 1 });
    let path = shop.path("edge-fn.json");
    fs::write(&path, told.to_string()).unwrap();
    path
}

async fn delete(shop: &Shop, server: &Server, live: &str) -> Ended {
    let live = package(shop, live).to_str().unwrap().to_owned();
    publish(shop, server, &["--delete", "--deployed", &live]).await
}

/// As if the function had been seen live so long ago.
fn minutes_pass(shop: &Shop, minutes: i64) {
    let mut change = kept(shop, CHANGE).unwrap();
    let then = Timestamp::now() - SignedDuration::from_mins(minutes);
    change["live"]["since"] = then.to_string().into();
    fs::write(shop.path(CHANGE), change.to_string()).unwrap();
}

async fn below(server: &Server, seal: &str) -> Vec<String> {
    let keys = server.keys().await;
    keys.iter()
        .filter_map(|key| Some(key.strip_prefix(seal)?.strip_prefix('/')?.to_owned()))
        .collect()
}

/// All that is on sale lies, as it is in the folder, below the seal that packages get.
async fn sellable(shop: &Shop, server: &Server) {
    let seal = seal(shop);
    for content in shop.table().contents() {
        let got = server.get(&format!("{seal}/{}", content.key)).await;
        let bytes = fs::read(shop.path("content").join(content.key)).unwrap();
        assert_eq!((got.status, &got.bytes), (200, &bytes), "{}", content.key);
        assert_eq!((got.etag.as_str(), &*got.content_type), (content.etag, content.mime_type));
        assert_eq!(got.cache_control, "max-age=0, s-maxage=86400");
    }
}

fn folders(keys: &[String]) -> usize {
    let mut folders: Vec<_> = keys.iter().filter_map(|key| Some(key.split_once('/')?.0)).collect();
    folders.dedup();
    folders.iter().filter(|folder| Seal::parse(folder).is_some()).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_is_copied_and_what_was_goes_an_hour_after_nobody_asks_for_it() {
    let server = Server::start().await;
    let shop = shop(&server).await;
    let old = seal(&shop);
    server.put(&format!("{old}/delisted.txt"), "d").await;
    server.puts();
    server.copies();

    let out = publish(&shop, &server, &["--reseal", "--dry-run"]).await.well();
    assert!(
        out.contains("3 to copy from below the old seal") && out.contains("0 to upload"),
        "{out}"
    );
    assert!(seal(&shop) == old && !shop.path(CHANGE).exists() && server.puts() == 0);

    shop.write("new.txt", "new");
    let ended = publish(&shop, &server, &["--reseal", "--json"]).await;
    let facts: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(facts["reseal"]["stage"], "filled", "{facts}");
    assert_eq!(
        (&facts["copies"].as_array().unwrap().len(), facts["outcome"].as_str()),
        (&3, Some("done"))
    );
    assert_eq!((server.copies(), server.puts()), (3, 4), "what is there is not sent again");
    let new = seal(&shop);
    assert_eq!(facts["seal"], fingerprint(&Seal::parse(&new).unwrap()));
    let all = ["a.txt", "b/c d+é.html", "delisted.txt", "new.txt"];
    assert_eq!(below(&server, &new).await, all);
    assert_eq!(below(&server, &old).await, all[..3], "the live function asks here");
    sellable(&shop, &server).await;
    let said = ended.out + &ended.errors;
    assert!(new != old && !said.contains(&old) && !said.contains(&new), "{said}");
    assert!(
        said.contains("3 copied below the new seal") && said.contains("next: `paywall deploy`"),
        "{said}"
    );
    assert_eq!(fs::metadata(shop.path(CHANGE)).unwrap().permissions().mode() & 0o777, 0o600);

    // Again, nothing is begun; and nothing goes while a function may ask for it.
    let out = publish(&shop, &server, &["--reseal"]).await.well();
    assert!(out.contains("0 to upload") && seal(&shop) == new && server.puts() == 0, "{out}");
    for live in [&old, "a".repeat(26).as_str()] {
        let out = delete(&shop, &server, live).await.well();
        assert!(out.contains("so its 3 objects stay: not closed"), "{out}");
    }
    let out = publish(&shop, &server, &["--delete"]).await.well();
    assert!(out.contains("Whether the function that is live has it is not"), "{out}");
    for minutes in [0, 59] {
        if minutes > 0 {
            minutes_pass(&shop, minutes);
        }
        let out = delete(&shop, &server, &new).await.well();
        assert!(out.contains("the 3 objects below the old one stay until then"), "{out}");
        assert_eq!(below(&server, &old).await.len(), 3);
    }
    // Another function meanwhile: the one before it may have been one with the old seal.
    shop.write("more.txt", "more");
    publish(&shop, &server, &[]).await.well();
    minutes_pass(&shop, 61);
    let out = delete(&shop, &server, &new).await.well();
    assert!(out.contains("stay until then"), "{out}");

    minutes_pass(&shop, 61);
    let live = package(&shop, &old).to_str().unwrap().to_owned();
    let out = publish(&shop, &server, &["--delete", "--deployed", &live]).await.well();
    assert!(out.contains("stay: not closed"), "rolled back:\n{out}");
    let live = package(&shop, &new).to_str().unwrap().to_owned();
    let out = delete(&shop, &server, &new).await.well();
    assert!(out.contains("stay until then"), "the old one was asked a moment ago:\n{out}");
    // Who does not know what is live changes nothing of that.
    minutes_pass(&shop, 61);
    publish(&shop, &server, &["--delete"]).await.well();
    let out = publish(&shop, &server, &["--deployed", &live]).await.well();
    assert!(out.contains("`paywall publish --delete` takes away the 3 objects"), "{out}");
    let out = delete(&shop, &server, &new).await.well();
    assert!(out.contains("3 deleted below the old seal") && out.contains("--paths '/*'"), "{out}");
    assert!(below(&server, &old).await.is_empty() && !shop.path(CHANGE).exists());
    sellable(&shop, &server).await;
    let out = publish(&shop, &server, &[]).await.well();
    assert!(!out.contains("the seal") && out.contains("0 to upload"), "{out}");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_each_change_it_goes_on_with_the_seal_that_was_begun() {
    let mut changes = 0;
    loop {
        changes += 1;
        let server = Server::start().await;
        let shop = shop(&server).await;
        let old = seal(&shop);
        shop.write("new.txt", "new");
        let killed = kill(&shop, &server, changes, &["--reseal"]).await;
        // What a package would get now sells all that was published.
        let files = seal(&shop);
        let there = below(&server, &files).await;
        assert!(
            ["a.txt", "b/c d+é.html"].iter().all(|key| there.iter().any(|it| it == key)),
            "{there:?}"
        );
        let begun = kept(&shop, CHANGE).unwrap()["to"].as_str().unwrap().to_owned();
        if files == old {
            let refused = packs(&shop).await.badly();
            assert!(refused.contains("a package would have the old one"), "{refused}");
        }
        // Whoever publishes goes on, even unasked.
        publish(&shop, &server, if changes % 2 == 0 { &[] } else { &["--reseal"] }).await.well();
        ship::seal::packed(&shop.path(FILE), &shop.table().table().site).unwrap();
        assert_eq!(seal(&shop), begun);
        assert_eq!(folders(&server.keys().await), 2);
        sellable(&shop, &server).await;

        delete(&shop, &server, &begun).await.well();
        minutes_pass(&shop, 61);
        if kill(
            &shop,
            &server,
            1,
            &["--delete", "--deployed", shop.path("edge-fn.json").to_str().unwrap()],
        )
        .await
        {
            assert!(shop.path(CHANGE).exists(), "until all is done");
        }
        delete(&shop, &server, &begun).await.well();
        assert!(below(&server, &old).await.is_empty() && !shop.path(CHANGE).exists());
        sellable(&shop, &server).await;
        if !killed {
            break;
        }
    }
    assert_eq!(changes, 4, "two copies and an upload");
}

/// `paywall build` with the seal of the file.
async fn packs(shop: &Shop) -> Ended {
    let path = |name: &str| shop.path(name).to_str().unwrap().to_owned();
    let secrets = path("secrets.json");
    let config = path("content.toml");
    let mut make = paywall();
    make.args(["secrets", "--config", &config, "--output", &secrets]);
    if !shop.path("secrets.json").exists() {
        ended(make).await.well();
    }
    let mut build = paywall();
    build.args(["build", "--config", &config, "--secrets", &secrets, "--seal", &path(FILE)]);
    build.args(["--bootstrap", &config, "--output", &path("dist/edge-fn.zip")]);
    ended(build).await
}

/// Runs it until so many changes are made, and kills it then; whether it came that far.
async fn kill(shop: &Shop, server: &Server, changes: usize, more: &[&str]) -> bool {
    server.hang_after(changes);
    let file = shop.path(FILE).to_str().unwrap().to_owned();
    let mut run = shop.start(server, &[&["--parallel", "1", "--seal", &file], more].concat());
    let killed = tokio::select! {
        () = server.hung() => true,
        ended = run.wait() => { assert!(ended.unwrap().success()); false }
    };
    run.start_kill().ok();
    run.wait().await.unwrap();
    server.go_on();
    killed
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_that_begin_at_once_there_is_one_new_seal() {
    let server = Server::start().await;
    let shop = shop(&server).await;
    let (one, two) = tokio::join!(
        publish(&shop, &server, &["--reseal"]),
        publish(&shop, &server, &["--reseal"]),
    );
    let to = kept(&shop, CHANGE).unwrap()["to"].as_str().unwrap().to_owned();
    for ended in [one, two] {
        let lost = ended.errors.contains("another run has begun a change of the seal");
        assert!(ended.status.success() || lost, "{}", ended.errors);
    }
    publish(&shop, &server, &["--reseal"]).await.well();
    assert_eq!((seal(&shop), folders(&server.keys().await)), (to, 2));
    sellable(&shop, &server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_still_has_the_old_file_begins_nothing_and_is_told_when_it_is_over() {
    let server = Server::start().await;
    let shop = shop(&server).await;
    let stale = shop.path("stale.json");
    fs::copy(shop.path(FILE), &stale).unwrap();
    let old = seal(&shop);
    publish(&shop, &server, &["--reseal"]).await.well();
    let new = seal(&shop);

    let stale = ["--seal", stale.to_str().unwrap()];
    let refused = shop.publish(&server, &[&stale[..], &["--reseal"]].concat()).await.badly();
    assert!(
        refused.contains("1 folders in s3://shop/ look like seals, and are not the one"),
        "{refused}"
    );
    // It publishes as before, and sees that there is something else; what it publishes is not lost.
    shop.write("stale.txt", "stale");
    let out = shop.publish(&server, &stale).await.well();
    assert!(out.contains("1 more folders in the bucket look like seals"), "{out}");
    shop.remove("stale.txt");
    delete(&shop, &server, &new).await.well();
    assert!(below(&server, &new).await.contains(&"stale.txt".to_owned()));
    minutes_pass(&shop, 61);
    delete(&shop, &server, &new).await.well();
    assert!(below(&server, &old).await.is_empty());
    let refused = shop.publish(&server, &stale).await.badly();
    assert!(refused.contains("lie below another seal than this one"), "{refused}");

    // One that was under way all the time puts an object there again: it is seen.
    server.put(&format!("{old}/a.txt"), "a").await;
    let out = publish(&shop, &server, &[]).await.well();
    assert!(out.contains("1 more folders in the bucket look like seals"), "{out}");
    let refused = publish(&shop, &server, &["--reseal"]).await.badly();
    assert!(refused.contains("delete the folders below which no function asks"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seal_that_changes_under_a_run_is_told_before_anything_is_deployed() {
    let server = Server::start().await;
    let shop = shop(&server).await;
    shop.write("new.txt", "new");
    let file = shop.path(FILE).to_str().unwrap().to_owned();
    server.make_puts_take(std::time::Duration::from_secs(4));
    let slow = shop.start(&server, &["--seal", &file]);
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    server.make_puts_take(std::time::Duration::ZERO);
    publish(&shop, &server, &["--reseal"]).await.well();
    let slow = slow.wait_with_output().await.unwrap();
    let errors = String::from_utf8(slow.stderr).unwrap();
    assert!(
        errors.contains("changed while this run published below the one from before"),
        "{errors}"
    );
    assert!(errors.contains("run it again, before anything is deployed"), "{errors}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_with_kms_keys_gives_copies_other_etags() {
    let server = Server::with(Encryption::Kms).await;
    let shop = Shop::new();
    shop.site("sealed = true\npublished = \"published.jsonl\"");
    shop.write("a.txt", "a");
    publish(&shop, &server, &[]).await.well();
    server.puts();
    let out = publish(&shop, &server, &["--reseal"]).await.well();
    assert!(out.contains("1 copied below the new seal"), "{out}");
    assert_eq!((server.copies(), server.puts()), (1, 1));
    sellable(&shop, &server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_there_is_no_seal_none_changes() {
    let (server, shop) = (Server::start().await, Shop::new());
    shop.write("a.txt", "a");
    let refused = publish(&shop, &server, &["--reseal"]).await.badly();
    assert!(refused.contains("--reseal: the site is not sealed"), "{refused}");
    shop.site("sealed = true");
    let refused = publish(&shop, &server, &["--reseal"]).await.badly();
    assert!(refused.contains("there is no seal yet"), "{refused}");
    assert!(server.keys().await.is_empty() && !shop.path(FILE).exists());

    publish(&shop, &server, &[]).await.well();
    publish(&shop, &server, &["--reseal"]).await.well();
    let change = fs::read_to_string(shop.path(CHANGE)).unwrap();
    for bad in [change.replace("from", "form"), change.replace(&seal(&shop), &"a".repeat(26))] {
        fs::write(shop.path(CHANGE), bad).unwrap();
        let refused = publish(&shop, &server, &[]).await.badly();
        assert!(refused.contains("does not tell of a change of the seal beside it"), "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_live_function_sells_is_there_before_its_seal_changes() {
    let server = Server::start().await;
    let shop = shop(&server).await;
    let old = seal(&shop);
    shop.write("new.txt", "new");
    // Deployed before it is published: the function sells it, and asks below the old seal.
    let live = package(&shop, &old).to_str().unwrap().to_owned();
    for dry in [&["--dry-run"][..], &[]] {
        let more = [&["--reseal", "--deployed", &live], dry].concat();
        let refused = publish(&shop, &server, &more).await.badly();
        assert!(refused.contains("sells 1 objects that are not in the bucket"), "{refused}");
    }
    assert!(!shop.path(CHANGE).exists() && folders(&server.keys().await) == 1);
    publish(&shop, &server, &["--deployed", &live]).await.well();
    publish(&shop, &server, &["--reseal", "--deployed", &live]).await.well();
    assert!(below(&server, &old).await.contains(&"new.txt".to_owned()));
    sellable(&shop, &server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_would_be_for_sale_gets_no_seal() {
    let (server, shop) = (Server::start().await, Shop::new());
    shop.site("sealed = true");
    shop.write("a.txt", "a");
    let inside = shop.path("content").join(FILE);
    // A link from outside would have the change beside what it leads to.
    std::os::unix::fs::symlink(&inside, shop.path("link.json")).unwrap();
    for file in [inside.clone(), shop.path("link.json")] {
        let refused = shop.publish(&server, &["--seal", file.to_str().unwrap()]).await.badly();
        assert!(
            refused.contains("lies in the content folder, where everything is for sale"),
            "{refused}"
        );
    }
    assert!(server.keys().await.is_empty() && !inside.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_to_the_file_stays_one() {
    let server = Server::start().await;
    let shop = shop(&server).await;
    let (kept, link) = (shop.path("kept"), shop.path(FILE));
    fs::create_dir(&kept).unwrap();
    fs::rename(&link, kept.join(FILE)).unwrap();
    std::os::unix::fs::symlink(kept.join(FILE), &link).unwrap();
    let old = seal(&shop);
    publish(&shop, &server, &["--reseal"]).await.well();
    assert!(link.is_symlink() && kept.join(CHANGE).exists() && !shop.path(CHANGE).exists());
    let new = seal(&shop);
    assert!(new != old && fs::read_to_string(kept.join(FILE)).unwrap().contains(&new));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_is_opened_again_does_not_tell_the_seal_that_it_had() {
    let server = Server::start().await;
    let shop = shop(&server).await;
    let old = seal(&shop);
    let config = fs::read_to_string(shop.config()).unwrap();
    fs::write(shop.config(), config.replace("sealed = true\n", "")).unwrap();
    let ended = shop.publish(&server, &["--json"]).await;
    assert!(ended.out.contains("(seal)/a.txt") && !ended.out.contains(&old), "{}", ended.out);
    assert!(!ended.errors.contains(&old), "{}", ended.errors);
}
