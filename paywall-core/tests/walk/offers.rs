//! What the scenarios sell, and the paywall that sells it.

use std::sync::LazyLock;

use paywall_core::event::{Headers, Request};
use paywall_core::handover::Keys;
use paywall_core::hex;
use paywall_core::pass;
use paywall_core::paywall::Paywall;
use price_table::{
    Access, Address, Asset, Auth, BodyVersion, Dialect, Evm, Facilitator, Network, Object, Objects,
    Offer, PassScope, Purchases, Redemptions, Rpc, Rule, Sale, Site, Table, Terms, VerifyPolicy,
};

pub const NOW: u64 = 1_760_000_000;
/// What a browser sends that opens a window on plain HTTP.
pub const BROWSER: [(&str, &str); 2] =
    [("Accept", "text/html,*/*;q=0.8"), ("User-Agent", "Mozilla/5.0")];
pub const ETAG: &str = "\"0123456789abcdef0123456789abcdef\"";

/// The nodes that a network may name.
pub const NODES: [&str; 2] = ["https://node.example", "https://second-node.example"];

/// A site's page, made once.
static PAGE: LazyLock<String> =
    LazyLock::new(|| payment_page::make(&payment_page::Site::default()).template);

pub fn usdc() -> Evm {
    let address = |eip55: &'static str| Address {
        bytes: hex::decode_array(eip55).unwrap(),
        eip55: eip55.into(),
    };
    Evm {
        chain_id: 84532,
        asset: Asset {
            address: address("0x036CbD53842c5426634e7929541eC2318f3dCF7e"),
            name: "USDC".into(),
            version: "2".into(),
            decimals: 6,
        },
        pay_to: address("0x70997970C51812dc3A010C7d01b50e0d17dc79C8"),
    }
}

pub fn facilitator(url: &'static str, verify: VerifyPolicy) -> Facilitator {
    let dialect = Dialect::Reference;
    Facilitator { url: url.into(), verify, auth: Auth::None, dialect, refusals: vec![].into() }
}

pub fn offer() -> Offer {
    Offer {
        network: Network {
            caip2: "eip155:84532".into(),
            v1: Some("base-sepolia".into()),
            name: "Base Sepolia (test money)".into(),
            rpc: None,
        },
        price: 10_000.into(),
        max_timeout_seconds: 60,
        facilitators: vec![facilitator("https://facilitator.example", VerifyPolicy::WhenNeeded)]
            .into(),
        terms: Terms::Evm(usdc()),
    }
}

pub fn rule(sale: Sale) -> Rule {
    Rule {
        pattern: "**".into(),
        title: "A report".into(),
        description: "What it says".into(),
        mime_type: None,
        currency: "USD".into(),
        sample: None,
        sale,
    }
}

pub fn sale(offers: Vec<Offer>, access: Access) -> Sale {
    Sale::Priced {
        offers: offers.into(),
        access,
        pass: PassScope::Object,
        access_epoch: 0,
        purchases: Purchases::OneAtATime,
        dry_run: None,
    }
}

pub fn priced(offer: Offer, access: Access) -> Rule {
    rule(sale(vec![offer], access))
}

pub fn table(rules: Vec<Rule>, objects: &[(&str, u16)]) -> Table {
    let objects: Vec<_> = objects
        .iter()
        .map(|(key, rule)| Object {
            key: (*key).into(),
            etag: ETAG.into(),
            rule: *rule,
            mime_type: 0,
            size: 1_000,
            sha256: None,
        })
        .collect();
    Table {
        site: Site {
            id: "shop".into(),
            urls: vec!["https://site.example".into(), "https://www.site.example".into()].into(),
            default_root_object: Some("free.txt".into()),
            cors_origins: vec!["*".into()].into(),
            sealed: false,
            discovery: None,
            contact: None,
            free_lines: 1,
            vouched_epoch: None,
            page: Some(PAGE.as_str().into()),
            body: BodyVersion::V1,
        },
        redemptions: Redemptions::Memory,
        rules: rules.into(),
        mime_types: vec!["application/json".into()].into(),
        objects: Objects::build(&objects).unwrap(),
    }
}

/// One free object, and priced ones of each kind.
pub fn open_table() -> Table {
    let verify_first = Offer {
        facilitators: vec![facilitator("https://facilitator.example", VerifyPolicy::First)].into(),
        ..offer()
    };
    table(
        vec![
            rule(Sale::Free),
            priced(offer(), Access::Request),
            priced(offer(), Access::Seconds(600)),
            priced(verify_first, Access::Request),
        ],
        &[("free.txt", 0), ("a.json", 1), ("b +é.json", 1), ("timed.json", 2), ("first.json", 3)],
    )
}

/// Changes each offer.
pub fn with_offers(mut table: Table, change: impl Fn(&mut Offer)) -> Table {
    for rule in table.rules.to_mut() {
        if let Sale::Priced { offers, .. } = &mut rule.sale {
            offers.to_mut().iter_mut().for_each(&change);
        }
    }
    table
}

/// Names a node.
pub fn with_node(table: Table) -> Table {
    with_offers(table, |offer| {
        let url = Some(NODES[0].into());
        offer.network.rpc = Some(Rpc { url, second: None, confirmations: 3 });
    })
}

/// Names two nodes.
pub fn with_two_nodes(table: Table) -> Table {
    with_offers(with_node(table), |offer| {
        offer.network.rpc.as_mut().unwrap().second = Some(NODES[1].into());
    })
}

/// Lets payments stand alone.
pub fn independent(mut table: Table) -> Table {
    for rule in table.rules.to_mut() {
        if let Sale::Priced { purchases, access: Access::Request, .. } = &mut rule.sale {
            *purchases = Purchases::Independent;
        }
    }
    table
}

/// Records in a bucket, of a payee that nobody else sells for.
pub fn s3() -> Redemptions {
    Redemptions::S3 {
        bucket: "records".into(),
        region: "us-east-1".into(),
        prefix: "x402".into(),
        keep_days: 30,
        shared_pay_to: false,
    }
}

/// The same, of a payee that others sell for, too.
pub fn shared_s3() -> Redemptions {
    match s3() {
        Redemptions::S3 { bucket, region, prefix, keep_days, .. } => {
            Redemptions::S3 { bucket, region, prefix, keep_days, shared_pay_to: true }
        }
        Redemptions::Memory => unreachable!(),
    }
}

pub fn paywall(table: &Table) -> Paywall<'_> {
    Paywall {
        table,
        seal: None,
        keys: keys(),
        passes: pass::Keys::parse(&"6".repeat(64)).unwrap(),
        overrides: Default::default(),
        budget: Default::default(),
        breakers: Default::default(),
        nodes: Default::default(),
    }
}

pub fn keys() -> Keys {
    Keys::parse(&"5".repeat(64)).unwrap()
}

pub fn request(method: &str, uri: &str, fields: &[(&str, &str)]) -> Request {
    let mut headers = Headers::default();
    headers.set("Host", "site.example");
    for (name, value) in fields {
        headers.set(name, *value);
    }
    let (uri, querystring) = uri.split_once('?').unwrap_or((uri, ""));
    Request {
        client_ip: "203.0.113.7".into(),
        headers,
        method: method.into(),
        querystring: querystring.into(),
        uri: uri.into(),
    }
}
