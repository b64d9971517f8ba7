//! A sealed site: its objects lie below a folder that nobody is told of.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::server::Server;
use super::shop::{Ended, Shop};

/// A sealed shop with two objects.
fn shop() -> Shop {
    let shop = Shop::new();
    shop.site("sealed = true");
    shop.write("a.txt", "a");
    shop.write("b/c d.txt", "c");
    shop
}

fn seal(shop: &Shop, file: &str) -> String {
    let text = fs::read_to_string(shop.path(file)).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    json["seal"].as_str().unwrap().to_owned()
}

async fn publish(shop: &Shop, server: &Server, file: &str, more: &[&str]) -> Ended {
    let file = shop.path(file).to_str().unwrap().to_owned();
    shop.publish(server, &[&["--seal", &file], more].concat()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seal_is_made_once_kept_and_found_again() {
    let (server, shop) = (Server::start().await, shop());
    let out = publish(&shop, &server, "seal.json", &["--dry-run"]).await.well();
    assert!(out.contains("the seal is a new one"), "{out}");
    assert!(!shop.path("seal.json").exists() && server.keys().await.is_empty());

    let out = publish(&shop, &server, "seal.json", &[]).await.well();
    let seal = seal(&shop, "seal.json");
    assert!(out.contains("s3://shop/(seal)/") && !out.contains(&seal), "{out}");
    assert_eq!(fs::metadata(shop.path("seal.json")).unwrap().permissions().mode() & 0o777, 0o600);
    let all = [format!("{seal}/a.txt"), format!("{seal}/b/c d.txt")];
    assert_eq!(server.keys().await, all);
    assert_eq!(server.puts(), 2);

    let manifest = fs::read_to_string(shop.path("published.jsonl")).unwrap();
    assert!(manifest.contains("b/c d.txt") && !manifest.contains(&seal), "{manifest}");

    // Lost, it is found again, and nothing is sent twice.
    let out = publish(&shop, &server, "again.json", &[]).await.well();
    assert!(out.contains("the seal is the bucket's") && !out.contains(&seal), "{out}");
    assert_eq!(self::seal(&shop, "again.json"), seal);
    assert_eq!((server.puts(), server.keys().await), (0, all.to_vec()));

    // What CloudFront has is dropped without a word of where it is.
    shop.write("a.txt", "other");
    let out = publish(&shop, &server, "seal.json", &[]).await.well();
    assert!(out.contains("--paths '/*'") && !out.contains(&seal), "{out}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_seal_is_never_begun() {
    let (server, shop) = (Server::start().await, shop());
    publish(&shop, &server, "seal.json", &[]).await.well();
    let before = server.keys().await;

    let other = r#"{"site": "shop", "seal": "aaaaaaaaaaaaaaaaaaaaaaaaaa"}"#;
    fs::write(shop.path("other.json"), other).unwrap();
    let public = publish(&shop, &server, "other.json", &[]).await;
    assert!(public.errors.contains("others can read it"), "{}", public.errors);
    fs::set_permissions(shop.path("other.json"), fs::Permissions::from_mode(0o600)).unwrap();
    let refused = publish(&shop, &server, "other.json", &[]).await;
    assert!(refused.errors.contains("lie below another seal than this one"), "{}", refused.errors);

    server.put("aaaaaaaaaaaaaaaaaaaaaaaaaa/x.txt", "x").await;
    let refused = publish(&shop, &server, "new.json", &[]).await;
    assert!(
        refused.errors.contains("2 folders in s3://shop/ look like seals"),
        "{}",
        refused.errors
    );
    assert!(!shop.path("new.json").exists());
    publish(&shop, &server, "seal.json", &[]).await.well();
    assert_eq!(server.keys().await.len(), before.len() + 1);

    let forgotten = shop.publish(&server, &[]).await;
    assert!(
        forgotten.errors.contains("the site is sealed, and its seal is not known"),
        "{}",
        forgotten.errors
    );
    let bad = fs::read_to_string(shop.path("seal.json")).unwrap().replace("shop", "others");
    fs::write(shop.path("seal.json"), bad).unwrap();
    let refused = publish(&shop, &server, "seal.json", &[]).await;
    assert!(refused.errors.contains("the seal is that of the site others"), "{}", refused.errors);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_site_has_no_seal() {
    let (server, shop) = (Server::start().await, Shop::new());
    shop.write("a.txt", "a");
    let refused = publish(&shop, &server, "seal.json", &[]).await;
    assert!(refused.errors.contains("the site is not sealed"), "{}", refused.errors);
    assert!(server.keys().await.is_empty() && !shop.path("seal.json").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_is_sealed_and_what_lay_open_goes_when_nobody_asks_for_it() {
    let (server, shop) = (Server::start().await, shop());
    let sealed = fs::read_to_string(shop.config()).unwrap();
    fs::write(shop.config(), sealed.replace("sealed = true\n", "")).unwrap();
    server.put("not ours.txt", "x").await;
    shop.publish(&server, &[]).await.well();
    let open = shop.deploy();
    let open = open.to_str().unwrap().to_owned();
    assert_eq!(server.keys().await, ["a.txt", "b/c d.txt", "not ours.txt"]);

    // Until the sealed function is live, the open one sells from where it always did.
    fs::write(shop.config(), &sealed).unwrap();
    let out = publish(&shop, &server, "seal.json", &["--deployed", &open, "--delete"]).await.well();
    assert!(out.contains("2 not deleted: deploy first"), "{out}");
    assert_eq!(server.keys().await.len(), 5);

    let now = shop.deploy();
    let live = ["--deployed", now.to_str().unwrap()];
    let out = publish(&shop, &server, "seal.json", &live).await.well();
    assert!(out.contains("2 in the bucket are on sale and outside of the seal as well"), "{out}");
    assert_eq!(server.keys().await.len(), 5, "left alone");
    let out =
        publish(&shop, &server, "seal.json", &[&live[..], &["--delete"]].concat()).await.well();
    assert!(out.contains("2 deleted") && out.contains("--paths '/*'"), "{out}");
    let seal = seal(&shop, "seal.json");
    let left = [format!("{seal}/a.txt"), format!("{seal}/b/c d.txt"), "not ours.txt".to_owned()];
    let mut keys = server.keys().await;
    keys.sort();
    let mut left = left.to_vec();
    left.sort();
    assert_eq!(keys, left);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_end_where_s3_has_no_room_for_the_seal() {
    let (server, shop) = (Server::start().await, shop());
    // Folders' names end at 255 bytes.
    let key = |bytes: usize| {
        let key = ["x".repeat(250), "x".repeat(250), "x".repeat(250), "x".repeat(bytes - 753)];
        key.join("/")
    };
    shop.write(&key(998), "long");
    let refused = publish(&shop, &server, "seal.json", &[]).await;
    assert!(refused.errors.contains("is too long for a sealed site"), "{}", refused.errors);
    shop.remove(&key(998));
    shop.write(&key(997), "fits");
    let refused = publish(&shop, &server, "seal.json", &["--prefix", "p"]).await;
    assert!(refused.errors.contains("2 bytes too long"), "{}", refused.errors);
    assert!(server.keys().await.is_empty() && !shop.path("seal.json").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_the_bucket_is_not_sold() {
    let (server, shop) = (Server::start().await, shop());
    publish(&shop, &server, "seal.json", &[]).await.well();
    let (seal, before) = (seal(&shop, "seal.json"), server.keys().await);

    // As `aws s3 sync s3://shop content` leaves it: every 402 and list of what is for sale would name the seal.
    shop.write(&format!("{seal}/a.txt"), "a");
    for file in ["seal.json", "lost.json"] {
        let refused = publish(&shop, &server, file, &[]).await;
        assert!(!refused.status.success(), "{}", refused.out);
        assert!(
            refused.errors.contains("1 objects lie in a folder whose name has the form of a seal"),
            "{}",
            refused.errors
        );
        assert!(!(refused.out + &refused.errors).contains(&seal));
    }
    assert_eq!(server.keys().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_is_open_again_does_not_tell_what_its_seal_was() {
    let (server, shop) = (Server::start().await, shop());
    publish(&shop, &server, "seal.json", &[]).await.well();
    let seal = seal(&shop, "seal.json");
    let text = fs::read_to_string(shop.config()).unwrap();
    fs::write(shop.config(), text.replace("sealed = true\n", "")).unwrap();
    let out = shop.publish(&server, &[]).await.well();
    assert!(out.contains("2 in the bucket are not on sale"), "{out}");
    assert!(out.contains("  (seal)/b/c d.txt") && !out.contains(&seal), "{out}");
    let now = shop.deploy();
    let live = ["--deployed", now.to_str().unwrap(), "--delete"];
    assert!(!shop.publish(&server, &live).await.well().contains(&seal));
    assert_eq!(server.keys().await, ["a.txt", "b/c d.txt"]);
}
