//! What is for sale in every history, where, and on which promises.

use price_table::{
    Access, Asset, Auth, BodyVersion, Dialect, Evm, Facilitator, Network, NextPrice, Object,
    Objects, Offer, PassScope, Price, Purchases, Redemptions, Rpc, Rule, Sale, Site, Table, Terms,
    Text, VerifyPolicy,
};

use crate::EPOCH;
use crate::configuration::Configuration;
use crate::wallet::{CHAINS, PAYEE, address_of};

/// An object on sale. Keys and prices are the same in every shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Product {
    /// One grant a payment.
    Once,
    /// Another one, for the same price until it is dearer.
    Other,
    /// Open for [`ACCESS_SECONDS`].
    Timed,
    /// Likewise, with all of its rule.
    Pdf,
    /// Likewise, of another rule whose cookies have the same path, for the same price.
    Csv,
    /// One grant a payment, and payments do not wait for each other.
    Feed,
}

/// How long timed access lasts.
pub const ACCESS_SECONDS: u64 = 90;

/// When the price of [`Product::Other`] changes.
const DEARER: u64 = EPOCH.secs() + 40;

/// The facilitators that every offer names.
pub const FACILITATORS: [&str; 2] = ["https://one.example", "https://two.example"];

/// The nodes that may be named.
pub const NODES: [&str; 2] = ["https://node.example", "https://other.example"];

/// How deep a block must be to stay: no reorganisation reaches so deep.
pub const CONFIRMATIONS: u32 = 3;

/// What differs from one version of a function to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Edition {
    /// Which shop: 0 and 1 share a store.
    pub shop: usize,
    /// Two nodes are named.
    pub two_nodes: bool,
    /// The rules sell in the other `purchases` mode.
    pub other_mode: bool,
    /// `access_epoch` of every rule.
    pub epoch: u32,
    /// Timed access stands alone as well, which the compiler refuses.
    pub independent_timed: bool,
}

/// The ids of the shops' sites.
pub const SITES: [&str; 3] = ["north", "south", "east"];

impl Product {
    /// All of them.
    pub const ALL: [Product; 6] =
        [Product::Once, Product::Other, Product::Timed, Product::Pdf, Product::Csv, Product::Feed];

    /// The object's key.
    pub const fn key(self) -> &'static str {
        match self {
            Product::Once => "once.txt",
            Product::Other => "other.txt",
            Product::Timed => "timed.txt",
            Product::Pdf => "one.pdf",
            Product::Csv => "one.csv",
            Product::Feed => "feed.json",
        }
    }

    /// Atomic units, by the clock.
    pub fn price(self) -> Price {
        match self {
            Product::Other => {
                Price { amount: 10_000, next: Some(NextPrice { from: DEARER, amount: 20_000 }) }
            }
            Product::Once | Product::Feed => 10_000.into(),
            Product::Timed | Product::Pdf | Product::Csv => 30_000.into(),
        }
    }

    /// Whether access lasts.
    pub const fn is_timed(self) -> bool {
        matches!(self, Product::Timed | Product::Pdf | Product::Csv)
    }

    /// The product at a key.
    pub fn at(key: &str) -> Option<Product> {
        Product::ALL.into_iter().find(|product| product.key() == key)
    }

    fn pattern(self) -> &'static str {
        match self {
            Product::Pdf => "**/*.pdf",
            Product::Csv => "**/*.csv",
            other => other.key(),
        }
    }

    /// How a table of this edition sells it.
    pub fn is_independent(self, other_mode: bool) -> bool {
        match self {
            Product::Feed => !other_mode,
            Product::Once => other_mode,
            _ => false,
        }
    }
}

/// The price table of an edition.
pub fn table(configuration: Configuration, edition: Edition) -> Table {
    let objects: Vec<_> = Product::ALL.into_iter().enumerate().collect();
    let objects: Vec<_> = objects
        .iter()
        .map(|(rule, product)| Object {
            key: product.key().into(),
            etag: "\"e\"".into(),
            rule: *rule as u16,
            mime_type: 0,
            size: 5,
            sha256: None,
        })
        .collect();
    Table {
        site: Site {
            id: Text::Borrowed(SITES[edition.shop]),
            urls: vec![format!("https://{}.example", SITES[edition.shop]).into()].into(),
            default_root_object: None,
            cors_origins: vec![].into(),
            sealed: true,
            discovery: None,
            contact: None,
            free_lines: 1,
            vouched_epoch: None,
            page: None,
            body: BodyVersion::V2,
        },
        redemptions: match configuration.shared {
            true => Redemptions::S3 {
                bucket: format!("bucket-{}", store_of(edition.shop)).into(),
                region: "us-east-1".into(),
                prefix: "paywall".into(),
                keep_days: 30,
                shared_pay_to: configuration.shared_pay_to,
            },
            false => Redemptions::Memory,
        },
        rules: Product::ALL.map(|product| rule(configuration, edition, product)).to_vec().into(),
        mime_types: vec!["text/plain".into()].into(),
        objects: Objects::build(&objects).expect("six objects"),
    }
}

/// Which bucket a shop's records are in.
pub const fn store_of(shop: usize) -> usize {
    if shop == 2 { 1 } else { 0 }
}

fn rule(configuration: Configuration, edition: Edition, product: Product) -> Rule {
    let offers: Vec<_> =
        CHAINS.iter().map(|chain| offer(configuration, edition, product, chain)).collect();
    let timed = product.is_timed();
    let alone = match timed {
        true => edition.independent_timed,
        false => product.is_independent(edition.other_mode),
    };
    Rule {
        pattern: product.pattern().into(),
        title: "".into(),
        description: "".into(),
        mime_type: None,
        currency: "USD".into(),
        sample: None,
        sale: Sale::Priced {
            offers: offers.into(),
            access: match timed {
                true => Access::Seconds(ACCESS_SECONDS as u32),
                false => Access::Request,
            },
            pass: match product {
                Product::Pdf | Product::Csv => PassScope::Rule,
                _ => PassScope::Object,
            },
            access_epoch: edition.epoch,
            purchases: if alone { Purchases::Independent } else { Purchases::OneAtATime },
            dry_run: None,
        },
    }
}

fn offer(
    configuration: Configuration,
    edition: Edition,
    product: Product,
    chain: &crate::wallet::ChainInfo,
) -> Offer {
    let facilitators = FACILITATORS.map(|url| Facilitator {
        url: url.into(),
        verify: VerifyPolicy::WhenNeeded,
        auth: Auth::None,
        dialect: Dialect::Reference,
        refusals: vec![].into(),
    });
    let rpc = Rpc {
        url: Some(NODES[0].into()),
        second: edition.two_nodes.then(|| NODES[1].into()),
        confirmations: CONFIRMATIONS,
    };
    Offer {
        network: Network {
            caip2: format!("eip155:{}", chain.id).into(),
            v1: None,
            name: "Somewhere".into(),
            rpc: configuration.rpc.then_some(rpc),
        },
        price: product.price(),
        max_timeout_seconds: 60,
        facilitators: facilitators.to_vec().into(),
        terms: Terms::Evm(Evm {
            chain_id: chain.id,
            asset: Asset {
                address: address_of(chain.token),
                name: "USDC".into(),
                version: "2".into(),
                decimals: 6,
            },
            pay_to: address_of(PAYEE),
        }),
    }
}
