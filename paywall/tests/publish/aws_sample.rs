//! AWS's sample, published and sold: nine items, and the two mistakes of its seller.
//! <https://github.com/aws-samples/sample-agentcore-cloudfront-x402-payments>

use std::path::{Path, PathBuf};
use std::time::Duration;

use content_config::Stored;
use edge_local::buyer::{self, ANVIL_KEY, Challenge, Draft, Wire};
use edge_local::facilitator::{Endpoint, Facilitator};
use edge_local::function::{self, Function};
use edge_local::{Bucket, Credentials, Edge, Options, S3Url};
use reqwest::header::HeaderMap;
use tokio::sync::OnceCell;

use super::server::{ACCESS_KEY, BUCKET, SECRET_KEY, Server};
use super::shop::{ended, upload};

/// What is sold, and for how many atomic units: the sample's own figures.
const ITEMS: [(&str, &str); 9] = [
    ("/research-report", "5000"),
    ("/dataset", "10000"),
    ("/tutorial", "3000"),
    ("/api/premium-article", "1000"),
    ("/api/weather-data", "500"),
    ("/api/market-analysis", "2000"),
    ("/api/research-report", "5000"),
    ("/api/dataset", "10000"),
    ("/api/tutorial", "3000"),
];

fn config() -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    workspace.join("examples/aws-sample/content.toml")
}

/// The function as it is deployed, with this sample's price table.
async fn function() -> Function {
    static BUILT: OnceCell<(PathBuf, Vec<u8>)> = OnceCell::const_new();
    let build = || async {
        let bootstrap = function::deployable().unwrap();
        let table = content_config::compile(&config()).expect("the sample has no errors");
        (bootstrap, table.file())
    };
    let (bootstrap, table) = BUILT.get_or_init(build).await;
    // Its folder goes with it, and what is static never goes.
    Function::selling(bootstrap, table).expect("a folder for it")
}

/// The bucket, and a distribution in front of it that asks it with signed requests.
struct Site {
    bucket: Server,
    edge: Edge,
    facilitator: Facilitator,
    _folder: tempfile::TempDir,
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Site {
    async fn open() -> Site {
        let bucket = Server::start().await;
        let folder = publish(&bucket).await;
        let facilitator = Facilitator::start(Default::default()).await.expect("a facilitator");
        let url: S3Url = format!("s3+{}/{BUCKET}", bucket.url).parse().expect("a location");
        let mut options = Options::new(function().await, Bucket::S3(url));
        options.credentials = Some(Credentials::new(ACCESS_KEY, SECRET_KEY));
        options.facilitator_url = Some(facilitator.url());
        let edge = Edge::start(options).await.expect("the edge starts");
        Site { bucket, edge, facilitator, _folder: folder }
    }

    async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let client = buyer::client().expect("a client");
        let mut request = client.get(self.edge.url() + path).timeout(Duration::from_secs(60));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.expect("the edge answers");
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Answer { status, headers, body: answer.bytes().await.expect("a body").to_vec() }
    }

    /// Buys, and gives what came and what it cost in atomic units.
    async fn buy(&self, path: &str) -> (Answer, String) {
        let asked = self.get(path, &[]).await;
        assert_eq!(asked.status, 402, "{path}");
        let challenge =
            Challenge::read(&asked.headers, &asked.body, Some(Wire::V2)).expect("a 402");
        let offer = challenge.first_payable().expect("an offer");
        let payment = Draft::new(&offer, &ANVIL_KEY.parse().expect("a key")).expect("a draft");
        let payment = payment.sign().expect("a signature");
        let amount = payment.authorization.value.to_string();
        let header = payment.header_value();
        (self.get(path, &[(payment.header_name(), &header)]).await, amount)
    }

    fn settles(&self) -> usize {
        self.facilitator.count(Endpoint::Settle)
    }
}

/// Publishes the sample; the manifest goes elsewhere, since the sample lies in the source tree.
async fn publish(bucket: &Server) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let manifest = folder.path().join("published.jsonl");
    let manifest = manifest.to_str().unwrap();
    let out = ended(upload(&config(), bucket, &["--manifest", manifest])).await.well();
    assert!(
        out.contains("15 to upload"),
        "nine items, four documents, a page of two files:\n{out}"
    );
    folder
}

fn file(path: &str) -> Vec<u8> {
    let file = config().with_file_name("content").join(&path[1..]);
    std::fs::read(file).expect(path)
}

#[tokio::test(flavor = "multi_thread")]
async fn nine_items_are_sold_from_the_bucket() {
    let site = Site::open().await;
    for (path, price) in ITEMS {
        let (answer, amount) = site.buy(path).await;
        assert_eq!((answer.status, amount.as_str()), (200, price), "{path}");
        assert_eq!(answer.headers["content-type"], "application/json", "{path}");
        assert_eq!(answer.headers["cache-control"], "max-age=0, private", "{path}");
        assert!(answer.body == file(path), "{path}: not its bytes");
    }
    assert_eq!(site.settles(), ITEMS.len());

    for document in ["/.well-known/x402", "/mcp/tools", "/openapi.json"] {
        let answer = site.get(document, &[]).await;
        assert_eq!(answer.status, 200, "{document}");
        assert_eq!(answer.headers["content-type"], "application/json", "{document}");
    }
    // As the sample's buyer goes about it: a name from the list, and its path from the name.
    let tools = site.get("/mcp/tools", &[]).await.body;
    let tools: serde_json::Value = serde_json::from_slice(&tools).unwrap();
    let tools = tools["tools"].as_array().unwrap();
    let tool = tools.iter().find(|tool| tool["tool_name"] == "get_premium_article").unwrap();
    assert_eq!(tool["endpoint_path"], "/api/premium-article");
    assert_eq!(tool["x402_metadata"]["price_usdc_units"], "1000");
    assert_eq!(site.settles(), ITEMS.len(), "documents are free");
}

/// One of the two: there, `/content/research-report.json` is another way to a priced object.
#[tokio::test(flavor = "multi_thread")]
async fn a_priced_object_is_not_free_under_another_path() {
    let site = Site::open().await;
    let secret = String::from_utf8(file("/research-report")).unwrap();
    // As the sample's own upload puts it there.
    site.bucket.put("content/research-report.json", &secret).await;
    assert_eq!(site.bucket.get("content/research-report.json").await.status, 200);
    for path in [
        "/content/research-report.json",
        "/content%2Fresearch-report.json",
        "/content//research-report.json",
        "/api/../content/research-report.json",
        "/Content/research-report.json",
    ] {
        let answer = site.get(path, &[]).await;
        assert!(matches!(answer.status, 400 | 404), "{path}: {}", answer.status);
        let shown = answer.body.windows(secret.len()).any(|bytes| bytes == secret.as_bytes());
        assert!(!shown, "{path}");
    }
    assert_eq!(site.settles(), 0);
}

/// The other one: there, the price list has `research-report` and the bucket has
/// `content/research-report.json`, so the buyer pays for an error.
#[tokio::test(flavor = "multi_thread")]
async fn no_price_without_its_object() {
    let table = content_config::compile(&config()).unwrap_or_else(|report| panic!("{report}"));
    let bucket = Server::start().await;
    let report = String::from_utf8(file("/research-report")).unwrap();
    bucket.put("content/research-report.json", &report).await;

    // Before a deployment: the difference has a name.
    let there = [Stored {
        key: "content/research-report.json".to_owned(),
        size: report.len() as u64,
        etag: bucket.get("content/research-report.json").await.etag,
    }];
    let difference = table.diff(there);
    assert!(!difference.is_complete());
    assert!(difference.missing.iter().any(|content| content.key == "research-report"));
    assert_eq!(difference.unpriced[0].key, "content/research-report.json");

    // After an upload there is none: what is priced is what was sent, key by key.
    let folder = publish(&bucket).await;
    let manifest = std::fs::read_to_string(folder.path().join("published.jsonl")).unwrap();
    assert!(table.diff(Stored::read(&manifest, "").unwrap()).is_complete());
    for (path, _) in ITEMS {
        let stored = bucket.get(&path[1..]).await;
        assert_eq!(stored.status, 200, "{path}");
        assert_eq!(table.listing(&path[1..]).unwrap().object.etag, stored.etag, "{path}");
    }
}
