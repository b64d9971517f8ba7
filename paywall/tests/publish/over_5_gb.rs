//! An object that is really over 5 GB, against a server of somebody else's: `scripts/test-big.sh` runs this.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use reqwest::{Client, Method, Response};
use rusty_s3::{Bucket, Credentials, S3Action, UrlStyle};

use super::server::{ACCESS_KEY, BUCKET, REGION, SECRET_KEY};
use super::shop::{Ended, Shop, ended_within, upload_to};

const BYTES: u64 = 5_100_000_007;

/// Far above what a publication needs.
const PATIENCE: Duration = Duration::from_secs(1_800);

/// What its owner gave an object that is not on sale. Of tags that come with a multipart upload, this server keeps none:
/// `in_parts.rs` has them.
const GIVEN: [(&str, &str); 6] = [
    ("cache-control", "max-age=7"),
    ("content-disposition", "attachment; filename=\"a b.tar\""),
    ("content-encoding", "gzip"),
    ("content-language", "pl"),
    ("content-type", "application/x-tar"),
    ("x-amz-meta-edition", "second, mended"),
];

/// What HEAD tells that a copy need not have: when, and how it was put together.
const OWN: [&str; 6] =
    ["date", "etag", "last-modified", "x-amz-request-id", "x-rgw-object-type", "connection"];

struct Store {
    url: String,
    bucket: Bucket,
    credentials: Credentials,
    client: Client,
}

impl Store {
    fn of_environment() -> Self {
        let url = std::env::var("S3_TEST_URL").expect("S3_TEST_URL: run scripts/test-big.sh");
        let bucket = Bucket::new(url.parse().unwrap(), UrlStyle::Path, BUCKET, REGION).unwrap();
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().read_timeout(Duration::from_secs(120)).build().unwrap();
        Store { url, bucket, credentials: Credentials::new(ACCESS_KEY, SECRET_KEY), client }
    }

    async fn ask<'a>(
        &self,
        method: Method,
        mut action: impl S3Action<'a>,
        headers: &[(&'a str, &'a str)],
        body: String,
    ) -> Response {
        for (name, value) in headers {
            action.headers_mut().insert(*name, *value);
        }
        let url = action.sign(Duration::from_secs(3_600));
        let mut request = self.client.request(method, url).header("content-length", body.len());
        request = request.body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{answer:?}: {:?}", answer.headers());
        answer
    }

    async fn query(&self, key: &str, name: &'static str) -> String {
        let mut action = self.bucket.get_object(Some(&self.credentials), key);
        action.query_mut().insert(name, "");
        self.ask(Method::GET, action, &[], String::new()).await.text().await.unwrap()
    }

    async fn head(&self, key: &str) -> BTreeMap<String, String> {
        let action = self.bucket.head_object(Some(&self.credentials), key);
        let answer = self.ask(Method::HEAD, action, &[], String::new()).await;
        let headers = answer.headers().iter();
        headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().into())).collect()
    }

    /// Puts an object together, as another tool does: of copies of the seeds in that order, and an end.
    async fn assemble(&self, to: &str, seeds: &[usize], headers: &[(&str, &str)]) {
        let credentials = Some(&self.credentials);
        let begin = self.bucket.create_multipart_upload(credentials, to);
        let text =
            self.ask(Method::POST, begin, headers, String::new()).await.text().await.unwrap();
        let id = rusty_s3::actions::CreateMultipartUpload::parse_response(&text).unwrap();
        let id = id.upload_id();
        let mut etags = Vec::new();
        for (number, seed) in (1..).zip(seeds) {
            let source = format!("{BUCKET}/seed/{seed}");
            let part = self.bucket.upload_part(credentials, to, number, id);
            let headers = [("x-amz-copy-source", &*source)];
            let answer = self.ask(Method::PUT, part, &headers, String::new()).await;
            let text = answer.text().await.unwrap().replace("&quot;", "");
            let (_, etag) = text.split_once("<ETag>").expect(&text);
            etags.push(etag.split_once('<').unwrap().0.to_owned());
        }
        let last = u16::try_from(seeds.len() + 1).unwrap();
        let part = self.bucket.upload_part(credentials, to, last, id);
        let answer = self.ask(Method::PUT, part, &[], END.to_owned()).await;
        etags.push(answer.headers()["etag"].to_str().unwrap().trim_matches('"').to_owned());
        let etags = etags.iter().map(String::as_str);
        let complete = self.bucket.complete_multipart_upload(credentials, to, id, etags);
        let body = complete.clone().body();
        let text = self.ask(Method::POST, complete, &[], body).await.text().await.unwrap();
        assert!(text.contains("CompleteMultipartUploadResult"), "{text}");
    }

    /// Its bytes are these, each of them.
    async fn is(&self, key: &str, bytes: u64, mut wanted: impl std::io::Read) {
        let action = self.bucket.get_object(Some(&self.credentials), key);
        let mut answer = self.ask(Method::GET, action, &[], String::new()).await;
        assert_eq!(answer.headers()["content-length"], bytes.to_string());
        let (mut at, mut there) = (0, Vec::new());
        while let Some(chunk) = answer.chunk().await.unwrap() {
            there.resize(chunk.len(), 0);
            wanted.read_exact(&mut there).unwrap();
            assert!(there == chunk, "{key} differs after {at} bytes");
            at += chunk.len() as u64;
        }
        assert_eq!(at, bytes);
    }

    async fn make_bucket(&self) {
        let action = self.bucket.create_bucket(&self.credentials);
        self.ask(Method::PUT, action, &[], String::new()).await;
    }

    async fn nothing_is_begun(&self) {
        assert!(!self.query("", "uploads").await.contains("<UploadId>"));
    }
}

/// What other tools' objects here are made of: 64 MiB of one letter each.
const SEEDS: [u8; 3] = *b"abc";
const SEED: usize = 64 << 20;
const END: &str = "the end";

/// Zeros but for what is between parts, past 4 GiB, and at the end.
fn sparse(path: &Path) {
    let mut file = File::create(path).unwrap();
    file.set_len(BYTES).unwrap();
    for at in [0, (64 << 20) - 3, (1 << 32) - 3, 5_000_000_000, BYTES - 6] {
        file.seek(SeekFrom::Start(at)).unwrap();
        file.write_all(format!("{:06}", at % 999_983).as_bytes()).unwrap();
    }
}

async fn publish(shop: &Shop, store: &Store, more: &[&str]) -> Ended {
    let file = shop.path("seal.json").to_str().unwrap().to_owned();
    let more = [&["--seal", &file], more].concat();
    ended_within(upload_to(&shop.config(), &store.url, &more), PATIENCE).await
}

fn seal(shop: &Shop) -> String {
    let text = std::fs::read_to_string(shop.path("seal.json")).unwrap();
    let kept: serde_json::Value = serde_json::from_str(&text).unwrap();
    kept["seal"].as_str().unwrap().to_owned()
}

fn steps() -> impl Fn(&str) {
    let began = Instant::now();
    move |what| println!("{:>4} s  {what}", began.elapsed().as_secs())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes, and a server: scripts/test-big.sh"]
async fn what_is_resealed_has_its_bytes_and_its_metadata() {
    let (store, shop, step) = (Store::of_environment(), Shop::new(), steps());
    store.make_bucket().await;
    shop.site("sealed = true");
    shop.write("small.txt", "small");
    publish(&shop, &store, &[]).await.well();
    let old = seal(&shop);
    for (nth, letter) in SEEDS.iter().enumerate() {
        let key = format!("seed/{nth}");
        let action = store.bucket.put_object(Some(&store.credentials), &key);
        let body = char::from(*letter).to_string().repeat(SEED);
        store.ask(Method::PUT, action, &[], body).await;
    }
    // In an order that tells each place.
    let order: Vec<usize> = (0_usize..76).map(|n| (n * n + n / 7) % SEEDS.len()).collect();
    let bytes = (order.len() * SEED + END.len()) as u64;
    let delisted = format!("{old}/delisted.tar");
    store.assemble(&delisted, &order, &GIVEN).await;
    step("there is an object over 5 GB that is not on sale");

    let out = publish(&shop, &store, &["--reseal"]).await.well();
    assert!(out.contains("copied below the new seal"), "{out}");
    step("copied below the new seal");
    store.nothing_is_begun().await;
    let new = seal(&shop);
    assert_ne!(old, new);
    let copy = format!("{new}/delisted.tar");
    let (mut was, mut is) = (store.head(&delisted).await, store.head(&copy).await);
    println!("{is:#?}");
    assert_eq!(is["content-length"], bytes.to_string());
    for name in OWN {
        was.remove(name);
        is.remove(name);
    }
    assert_eq!(was, is);
    for (name, value) in GIVEN {
        assert_eq!(is[name], value, "{name}");
    }
    step("its metadata are the same");
    let wanted =
        order.iter().fold(Box::new(std::io::empty()) as Box<dyn std::io::Read>, |all, seed| {
            Box::new(all.chain(std::io::repeat(SEEDS[*seed]).take(SEED as u64)))
        });
    store.is(&copy, bytes, wanted.chain(END.as_bytes())).await;
    step("its bytes are the same");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes, and a server: scripts/test-big.sh"]
async fn what_is_uploaded_after_it_was_killed_has_the_etag_of_the_table() {
    let (store, shop, step) = (Store::of_environment(), Shop::new(), steps());
    store.make_bucket().await;
    shop.site("sealed = true");
    let path = shop.path("content/big é.bin");
    sparse(&path);
    let file = shop.path("seal.json").to_str().unwrap().to_owned();
    let mut run = upload_to(&shop.config(), &store.url, &["--seal", &file]).spawn().unwrap();
    let began = Instant::now();
    while !store.query("", "uploads").await.contains("<UploadId>") {
        assert!(began.elapsed() < PATIENCE, "nothing is begun");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    run.start_kill().unwrap();
    run.wait().await.unwrap();
    assert!(store.query("", "uploads").await.contains("<UploadId>"));
    step("killed while it was uploaded");

    publish(&shop, &store, &[]).await.well();
    store.nothing_is_begun().await;
    step("uploaded");
    publish(&shop, &store, &["--reseal"]).await.well();
    store.nothing_is_begun().await;
    step("copied below the new seal");
    let table = shop.table();
    let etag = table.content("big é.bin").unwrap().etag.to_owned();
    assert!(etag.ends_with("-76\""), "{etag}");
    let key = format!("{}/big é.bin", seal(&shop));
    let head = store.head(&key).await;
    assert_eq!((&head["etag"], &head["content-length"]), (&etag, &BYTES.to_string()));
    assert_eq!(head["cache-control"], "max-age=0, s-maxage=86400");
    store.is(&key, BYTES, File::open(&path).unwrap()).await;
    step("its bytes are the same");
}
