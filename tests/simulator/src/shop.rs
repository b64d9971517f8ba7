//! What is for sale in every history, and on which promises.

use std::fs;

use price_table::Table;

use crate::configuration::Configuration;

/// An object on sale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Product {
    /// One grant a payment.
    Once,
    /// Another one, for the same price.
    Other,
    /// Open for [`ACCESS_SECONDS`].
    Timed,
}

/// How long timed access lasts.
pub const ACCESS_SECONDS: u64 = 90;

/// The facilitators that every offer names.
pub const FACILITATORS: [&str; 2] = ["https://one.example", "https://two.example"];

impl Product {
    /// All of them.
    pub const ALL: [Product; 3] = [Product::Once, Product::Other, Product::Timed];

    /// The object's key.
    pub const fn key(self) -> &'static str {
        match self {
            Product::Once => "once.txt",
            Product::Other => "other.txt",
            Product::Timed => "timed.txt",
        }
    }

    /// Atomic units.
    pub const fn price(self) -> u128 {
        match self {
            Product::Once | Product::Other => 10_000,
            Product::Timed => 30_000,
        }
    }

    /// The product at a key.
    pub fn at(key: &str) -> Option<Product> {
        Product::ALL.into_iter().find(|product| product.key() == key)
    }
}

/// The price table, through the seller's own compiler.
pub fn table(configuration: Configuration) -> Table {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let content = folder.path().join("content");
    fs::create_dir(&content).expect("an empty folder has room");
    for product in Product::ALL {
        fs::write(content.join(product.key()), product.key()).expect("a file");
    }
    let config = folder.path().join("content.toml");
    fs::write(&config, text(configuration)).expect("a file");
    let compiled =
        content_config::compile(&config).unwrap_or_else(|report| panic!("content.toml: {report}"));
    compiled.table().clone()
}

fn text(configuration: Configuration) -> String {
    let rules = Product::ALL.map(|product| {
        let access = match product {
            Product::Timed => format!("access = \"{ACCESS_SECONDS}s\"\n"),
            _ => String::new(),
        };
        let cents = product.price() / 10_000;
        format!("[[rule]]\npath = \"{}\"\nprice = \"0.0{cents}\"\n{access}", product.key())
    });
    let redemptions = match configuration.shared {
        true => {
            "[redemptions]\nstore = \"s3\"\nbucket = \"example-bucket\"\nregion = \"us-east-1\"\n\
             accept_unresolved = true\n"
        }
        false => "",
    };
    let rpc = match configuration.rpc {
        true => "[rpc]\n\"base-sepolia\" = { url = \"https://rpc.example\", confirmations = 2 }\n",
        false => "",
    };
    format!(
        "[site]\nid = \"shop\"\nurls = [\"https://shop.example\"]\ncontent = \"content\"\n\
         [payment]\npay_to = \"0x70997970C51812dc3A010C7d01b50e0d17dc79C8\"\n\
         accept = [\"base-sepolia/usdc\"]\nfacilitators = [\"{}\", \"{}\"]\n\
         max_timeout_seconds = 60\n{redemptions}{rpc}{}",
        FACILITATORS[0],
        FACILITATORS[1],
        rules.concat(),
    )
}
