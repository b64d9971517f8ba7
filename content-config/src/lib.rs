//! Compiles `content.toml` and the objects on sale into a price table.
//!
//! ```text
//! content.toml --schema--> texts with places --resolve--> rules --+
//! folder or manifest.jsonl --objects--> keys, sizes, ETags -------+--assign, coverage--> Table --> table.bin
//! ```
//!
//! What `content.toml` holds is described in this crate's `README.md`.

mod access;
mod address;
mod assign;
mod code;
mod compile;
mod compiled;
mod coverage;
mod discovery;
mod documents;
#[cfg(feature = "cli")]
mod favicon;
mod in_force;
#[cfg(feature = "cli")]
mod listing;
pub mod main_networks;
mod money;
mod nearest;
mod networks;
mod objects;
#[cfg(feature = "cli")]
pub mod online;
mod page;
mod pattern;
mod report;
mod resolve;
mod schema;
mod sizes;
mod solana;
mod tokens;
mod wallet_networks;
mod web_url;

#[cfg(feature = "cli")]
pub mod cli;

use std::fmt;
use std::path::PathBuf;

pub use address::{BadAddress, TEST_ACCOUNTS, parse as parse_address};
pub use code::{Code, Severity};
pub use compile::{compile, compile_draft, compile_in};
pub use compiled::{Compiled, Document, RuleNote};
pub use money::{NextQuote, Price, Quote, decimal};
pub use networks::{depth as confirmations, is_test as is_test_network};
pub use objects::bucket::{BadListing, Difference, Stored};
pub use objects::content::{Content, Source};
pub use objects::folder::etag;
pub use objects::kinds::content_type;
pub use objects::manifest::Line as ManifestLine;
pub use objects::parts::{InParts, Parts};
pub use pattern::{BadPattern, Pattern};
pub use report::{File, Problem, Report, SourceFile};
pub use solana::is_account as is_solana_account;
pub use tokens::contract as token_contract;

/// The environment variable that names the `content.toml`.
pub const CONFIG_VARIABLE: &str = "CONTENT_CONFIG";

/// The sample, relative to the workspace.
pub const SAMPLE: &str = "content-config/sample/content.toml";

/// The name of the file.
pub const NAME: &str = "content.toml";

/// The `content.toml` to compile: the one that is named; else the nearest one from the working directory upwards, or the
/// sample of the clone that one stands in.
///
/// # Errors
///
/// There is none.
pub fn find(named: Option<PathBuf>) -> Result<PathBuf, NotFound> {
    if let Some(named) = named.filter(|named| !named.as_os_str().is_empty()) {
        return Ok(named);
    }
    let here = std::env::current_dir().unwrap_or_default();
    let mut up = PathBuf::new();
    for folder in here.ancestors() {
        if let Some(found) = [NAME, SAMPLE].iter().find(|name| folder.join(name).is_file()) {
            return Ok(up.join(found));
        }
        up.push("..");
    }
    Err(NotFound)
}

/// There is no `content.toml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotFound;

impl fmt::Display for NotFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "there is no {NAME} in this folder, nor in one above it; `paywall init` writes one, `--config PATH` or \
             {CONFIG_VARIABLE} names one that is elsewhere"
        )
    }
}

impl std::error::Error for NotFound {}
