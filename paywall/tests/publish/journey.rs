//! One site's life: published open, sealed, resealed, put back and forward, closed; killed after each call that reaches
//! S3, and run again. Buyers buy all the while, of every function that an edge may still have then: whoever is charged
//! gets the bytes that were offered, and who does not get them is not charged.
//!
//! What the edge has cached is nobody's here: each purchase meets an empty cache, as in another place of the world.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use edge_local::buyer::{self, ANVIL_KEY, Challenge, Draft};
use edge_local::facilitator::Facilitator;
use edge_local::function::{self, Function};
use edge_local::{Bucket, Edge, Options, S3Url};
use futures_util::{StreamExt as _, stream};
use jiff::{SignedDuration, Timestamp};
use price_table::Seal;
use serde_json::{Value, json};
use ship::gates::Shelf;
use ship::keeper::{self, File};
use ship::preflight::table_sha256;
use ship::s3::{Access, Credentials};
use ship::seal::fingerprint;
use tokio::sync::OnceCell;

use super::server::{ACCESS_KEY, BUCKET, REGION, SECRET_KEY, Server};
use super::shop::{Ended, Shop, ended};

const FILE: &str = "seal.json";
const CHANGE: &str = "seal.json.reseal";

/// Where the site stands, and the functions that edges have of it.
struct World {
    server: Server,
    shop: Shop,
    functions: Vec<Version>,
}

/// A version of the function: its package's table and seal, and what it offers.
#[derive(Clone, PartialEq, Eq)]
struct Version {
    table: Vec<u8>,
    table_sha256: String,
    seal: Option<String>,
    offers: BTreeMap<String, Vec<u8>>,
}

/// The function as it is deployed.
async fn bootstrap() -> &'static PathBuf {
    static BUILT: OnceCell<PathBuf> = OnceCell::const_new();
    BUILT.get_or_init(async || function::deployable().unwrap()).await
}

impl Version {
    /// What is packaged of a shop now, with the seal of its file if it is sealed.
    fn packaged(shop: &Shop) -> Version {
        let table = shop.table();
        let bytes = |key: &str| fs::read(shop.path("content").join(key)).unwrap();
        Version {
            table: table.file(),
            table_sha256: table_sha256(&table),
            seal: table.table().site.sealed.then(|| fs::read_to_string(shop.path(FILE)).unwrap()),
            offers: table.contents().map(|one| (one.key.to_owned(), bytes(one.key))).collect(),
        }
    }

    fn fingerprint(&self) -> Option<String> {
        let document: Value = serde_json::from_str(self.seal.as_ref()?).unwrap();
        Some(fingerprint(&Seal::parse(document["seal"].as_str().unwrap()).unwrap()))
    }

    /// What `paywall build` writes beside the package.
    fn record(&self, shop: &Shop) -> String {
        let told = json!({ "tableSha256": self.table_sha256, "seal": self.fingerprint() });
        let path = shop.path("edge-fn.json");
        fs::write(&path, told.to_string()).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl World {
    async fn copy(&self) -> World {
        World {
            server: self.server.copy().await,
            shop: self.shop.copy(),
            functions: self.functions.clone(),
        }
    }

    /// The arguments of a run: the seal, if there is one, and the function that is live.
    fn arguments(&self, more: &[&str]) -> Vec<String> {
        let mut all: Vec<_> =
            more.iter().chain(&["--parallel", "1"]).map(|&it| it.to_owned()).collect();
        if self.shop.table().table().site.sealed {
            all.extend(["--seal".to_owned(), self.shop.path(FILE).to_str().unwrap().to_owned()]);
        }
        if let Some(live) = self.functions.last() {
            all.extend(["--deployed".to_owned(), live.record(&self.shop)]);
        }
        all
    }

    async fn run(&self, more: &[&str]) -> Ended {
        let arguments = self.arguments(more);
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        ended(self.shop.command(&self.server, &arguments)).await
    }

    /// A run that dies when S3 has done what this call asks, and before it says so.
    async fn killed(&self, call: usize, more: &[&str]) {
        self.server.hang_after_calls(call);
        let arguments = self.arguments(more);
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        let mut run = self.shop.start(&self.server, &arguments);
        tokio::select! {
            () = self.server.hung() => {}
            ended = run.wait() => panic!("{more:?} ends before call {call}: {ended:?}"),
        }
        // SIGKILL: nothing can be tidied up.
        run.start_kill().unwrap();
        run.wait().await.unwrap();
        self.server.go_on();
    }

    /// Runs it on this site, and on so many copies of it as it makes calls: each is killed after another call, and run again.
    async fn step(&self, what: &str, more: &[&str]) -> usize {
        let before = self.copy().await;
        self.server.calls();
        self.run(more).await.well();
        let calls = self.server.calls();
        self.buyers(&format!("after {what}")).await;
        let wanted = self.folders().await;
        let ways = (1..=calls).map(async |call| {
            let (there, at) = (before.copy().await, format!("{what}, killed after call {call}"));
            there.killed(call, more).await;
            there.buyers(&at).await;
            there.run(more).await.well();
            // All that it can have left undone, the newest function needs.
            let newest = there.functions.iter().next_back().cloned();
            let newest = there.next().await.or(newest);
            if let Some(newest) = newest {
                buy(&there.server, &newest, &format!("{at}, and run again")).await;
            }
            assert_eq!(there.folders().await, wanted, "{at}, and run again");
        });
        stream::iter(ways).buffer_unordered(8).collect::<Vec<_>>().await;
        calls
    }

    /// How many objects lie in the open, and how many below each seal.
    async fn folders(&self) -> Vec<usize> {
        let mut counts = BTreeMap::new();
        for key in self.server.keys().await {
            let folder = key.split_once('/').and_then(|(first, _)| Seal::parse(first));
            *counts.entry(folder.map(|seal| fingerprint(&seal))).or_insert(0) += 1;
        }
        let mut counts: Vec<_> = counts.into_values().collect();
        counts.sort_unstable();
        counts
    }

    /// What would be deployed now, if `deploy` took it.
    async fn next(&self) -> Option<Version> {
        let compiled = self.shop.table();
        let site = &compiled.table().site;
        // Of an open site nothing is looked for: its objects are where they always were.
        if !site.sealed {
            return None;
        }
        let kept = keeper::kept(&File::at(&self.shop.path(FILE)), site).await.unwrap()?;
        // Nothing of this content was published yet: that is the first thing that its seller does.
        if kept.reseal.is_none() && self.functions.iter().any(|it| it.seal.is_some()) {
            return None;
        }
        let credentials = Credentials {
            access_key_id: ACCESS_KEY.to_owned(),
            secret_access_key: SECRET_KEY.to_owned(),
            session_token: None,
        };
        let access = Access { credentials, owner: None };
        let shelf =
            Shelf { bucket: BUCKET.to_owned(), region: REGION.to_owned(), prefix: String::new() };
        let endpoint = self.server.url.parse().unwrap();
        let looked =
            ship::seal::look(&access, Some(&endpoint), &shelf, &compiled, Some(kept), true).await;
        looked.ok().map(|_| Version::packaged(&self.shop))
    }

    /// Somebody buys all that is offered, of each function that an edge has, and of the one that would be deployed now.
    async fn buyers(&self, when: &str) {
        let next = self.next().await.filter(|next| !self.functions.contains(next));
        for version in self.functions.iter().chain(&next) {
            buy(&self.server, version, when).await;
        }
    }

    /// As if the function had been seen live so long ago.
    fn minutes_pass(&self, minutes: i64) {
        let path = self.shop.path(CHANGE);
        let mut change: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let then = Timestamp::now() - SignedDuration::from_mins(minutes);
        change["live"]["since"] = then.to_string().into();
        fs::write(path, change.to_string()).unwrap();
    }
}

/// Buys all that a version offers, by a signed payment each, which a facilitator settles.
async fn buy(server: &Server, version: &Version, when: &str) {
    let mut function = Function::selling(bootstrap().await, &version.table).unwrap();
    if let Some(seal) = &version.seal {
        function = function.with_seal(seal).unwrap();
    }
    let url: S3Url = format!("s3+{}/{BUCKET}", server.url).parse().unwrap();
    let facilitator = Facilitator::start(Default::default()).await.unwrap();
    let mut options = Options::new(function, Bucket::S3(url));
    options.credentials = Some(edge_local::Credentials::new(ACCESS_KEY, SECRET_KEY));
    options.facilitator_url = Some(facilitator.url());
    options.sandboxes = 1;
    let edge = Edge::start(options).await.unwrap();
    let client = buyer::client().unwrap();
    for (key, bytes) in &version.offers {
        let url = format!("{}/{key}", edge.url());
        let asked = client.get(&url).send().await.unwrap();
        assert_eq!(asked.status(), 402, "{when}: {key}");
        let (headers, body) = (asked.headers().clone(), asked.bytes().await.unwrap());
        let offer = Challenge::read(&headers, &body, None).unwrap().first_payable().unwrap();
        let draft = Draft::new(&offer, &ANVIL_KEY.parse().unwrap()).unwrap();
        let payment = draft.sign().unwrap();
        let before = facilitator.ledger().transfers().len();
        let paid = client.get(&url).header(payment.header_name(), payment.header_value());
        let answer = paid.send().await.unwrap();
        let (status, got) = (answer.status().as_u16(), answer.bytes().await.unwrap());
        let charged = facilitator.ledger().transfers().len() - before;
        assert!(
            (status, charged, &got[..]) == (200, 1, &bytes[..]),
            "{when}: {key} is answered {status}, charged {charged} times, with {got:?} for {bytes:?}"
        );
    }
    edge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_charged_gets_the_bytes_whatever_is_killed() {
    let (server, shop) = (Server::start().await, Shop::new());
    shop.write("a.txt", "a");
    shop.write("b/c d.txt", "c");
    let mut site = World { server, shop, functions: Vec::new() };
    let mut kills = site.step("first published", &[]).await;

    let open = Version::packaged(&site.shop);
    site.functions = vec![open.clone()];
    site.shop.site("sealed = true");
    kills += site.step("sealed", &[]).await;
    let first = site.next().await.expect("it can be deployed");
    site.functions = vec![open, first.clone()];
    kills += site.step("closed too early", &[]).await;
    // An hour later.
    site.functions = vec![first.clone()];
    kills += site.step("closed", &["--delete"]).await;
    assert_eq!(site.folders().await, [2]);

    // With other content as well: the live function sells what it always did.
    site.shop.write("a.txt", "another a");
    site.shop.write("new.txt", "new");
    kills += site.step("resealed", &["--reseal"]).await;
    let second = site.next().await.expect("it can be deployed");
    assert!(second.fingerprint() != first.fingerprint() && second.offers != first.offers);
    site.functions = vec![first.clone(), second.clone()];
    kills += site.step("resealed and deployed", &["--delete"]).await;
    // Back and forward, each with the other still at some edge.
    site.minutes_pass(61);
    site.functions = vec![second.clone(), first.clone()];
    kills += site.step("put back", &["--delete"]).await;
    site.functions = vec![first, second.clone()];
    kills += site.step("put forward", &["--delete"]).await;
    assert_eq!(site.folders().await, [2, 3]);
    site.minutes_pass(61);
    site.functions = vec![second];
    kills += site.step("closed again", &["--delete"]).await;
    assert_eq!(site.folders().await, [3]);
    assert!(!site.shop.path(CHANGE).exists());
    println!("killed after each of {kills} calls");
    assert!(kills > 40, "{kills}");
}
