//! The sample shop with the real function, and a viewer.

use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use edge_local::buyer::{self, ANVIL_KEY, Challenge, Draft, Key, Offer, Signed, Wire};
use edge_local::facilitator::eip3009::{Token, U256};
use edge_local::facilitator::{Endpoint, Facilitator};
use edge_local::function::{self, Function};
use edge_local::{Edge, Options};
use price_table::Table;
use reqwest::header::HeaderMap;
use reqwest::{Client, Method};
use serde_json::Value;
use tokio::sync::OnceCell;

pub(crate) const REPORT: &str = "/reports/2026/market.json";
pub(crate) const OTHER_REPORT: &str = "/reports/2026/summary.txt";
pub(crate) const DATASET: &str = "/datasets/prices.csv";
pub(crate) const FREE: &str = "/free/hello.txt";

/// Longest wait for anything; far above what is needed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Shop {
    pub(crate) edge: Edge,
    pub(crate) facilitator: Facilitator,
    client: Client,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// Whether the objects lie below a seal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Site {
    Open,
    Sealed,
}

/// The function as it is deployed, with the sample's price table.
async fn function(site: Site) -> Function {
    static BUILT: OnceCell<(PathBuf, Table)> = OnceCell::const_new();
    let build = || async {
        let bootstrap = function::deployable().unwrap();
        let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/../content-config/sample/content.toml");
        let sample = content_config::compile(sample.as_ref()).expect("the sample has no errors");
        (bootstrap, sample.table().clone())
    };
    let (bootstrap, table) = BUILT.get_or_init(build).await;
    let mut table = table.clone();
    assert!(table.site.sealed, "the sample is");
    table.site.sealed = site == Site::Sealed;
    table.site.vouched_epoch = Some(1);
    let file = price_table::file::write(&table).expect("a file of it");
    // Its folder goes with it, and what is static never goes.
    Function::selling(bootstrap, &file).expect("a folder for it")
}

/// A file of the sample's content.
pub(crate) fn published(path: &str) -> Vec<u8> {
    let content = Path::new(env!("CARGO_MANIFEST_DIR")).join("../content-config/sample/content");
    std::fs::read(content.join(&path[1..])).expect(path)
}

impl Shop {
    pub(crate) async fn open() -> Shop {
        Shop::with(|_| {}).await
    }

    pub(crate) async fn with(edit: impl FnOnce(&mut Options)) -> Shop {
        Shop::of(Site::Sealed, edit).await
    }

    pub(crate) async fn of(site: Site, edit: impl FnOnce(&mut Options)) -> Shop {
        let content =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../content-config/sample/content");
        let facilitator = Facilitator::start(Default::default()).await.expect("a facilitator");
        let mut options = Options::new(function(site).await, content);
        options.facilitator_url = Some(facilitator.url());
        edit(&mut options);
        let edge = Edge::start(options).await.expect("the edge starts");
        Shop { edge, facilitator, client: buyer::client().expect("a client") }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[]).await
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = self.client.request(method, self.edge.url() + path).timeout(PATIENCE);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.expect("the edge answers");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await.expect("a whole body").to_vec();
        Answer { status, headers, body }
    }

    /// What the 402 of an object offers.
    pub(crate) async fn offer(&self, path: &str, wire: Wire) -> Offer {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 402, "{path}");
        let challenge = Challenge::read(&answer.headers, &answer.body, Some(wire)).expect("a 402");
        challenge.first_payable().expect("an offer")
    }

    /// A payment in the making by the funded buyer.
    pub(crate) async fn draft(&self, path: &str) -> Draft {
        Draft::new(&self.offer(path, Wire::V2).await, &key()).expect("a draft")
    }

    /// A good payment by the funded buyer.
    pub(crate) async fn sign(&self, path: &str) -> Signed {
        self.draft(path).await.sign().expect("a signature")
    }

    pub(crate) async fn pay(&self, path: &str, payment: &Signed) -> Answer {
        let header = payment.header_value();
        self.send(Method::GET, path, &[(payment.header_name(), &header)]).await
    }

    pub(crate) fn settles(&self) -> usize {
        self.facilitator.count(Endpoint::Settle)
    }

    pub(crate) fn verifies(&self) -> usize {
        self.facilitator.count(Endpoint::Verify)
    }

    pub(crate) fn transfers(&self) -> usize {
        self.facilitator.ledger().transfers().len()
    }

    /// What the payee has.
    pub(crate) fn earned(&self, payment: &Signed) -> U256 {
        let token: Token = payment.domain.token;
        self.facilitator.ledger().balance_of(token, payment.authorization.to)
    }
}

pub(crate) fn key() -> Key {
    ANVIL_KEY.parse().expect("a key")
}

impl Answer {
    /// A header's value; empty if there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("ASCII"))
    }

    /// A header's base64 JSON.
    #[track_caller]
    pub(crate) fn decoded(&self, name: &str) -> Value {
        let json = STANDARD.decode(self.header(name)).expect(name);
        serde_json::from_slice(&json).expect(name)
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a JSON body")
    }

    /// A refusal's code.
    #[track_caller]
    pub(crate) fn code(&self) -> String {
        self.json()["paywall"]["code"].as_str().expect("a code").to_owned()
    }

    /// Checks that the object came whole, with a receipt.
    #[track_caller]
    pub(crate) fn is_sold(&self, path: &str) {
        assert_eq!(self.status, 200, "{}", String::from_utf8_lossy(&self.body));
        assert!(self.body == published(path), "not the bytes of {path}");
        assert_eq!(self.decoded("payment-response")["success"], true);
    }

    /// Checks that nothing of the object came.
    #[track_caller]
    pub(crate) fn is_refused(&self, path: &str, status: u16, code: &str) {
        assert_eq!(
            (self.status, self.code().as_str()),
            (status, code),
            "{}",
            String::from_utf8_lossy(&self.body)
        );
        let content = published(path);
        assert!(!self.body.windows(content.len()).any(|window| window == content));
        assert_eq!(self.header("cache-control"), "no-store");
        assert!(self.header("x-cache").starts_with("LambdaGeneratedResponse"));
    }
}
