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
mod money;
mod nearest;
mod networks;
mod objects;
#[cfg(feature = "cli")]
mod online;
mod pattern;
mod report;
mod resolve;
mod schema;
mod sizes;
mod solana;
mod tokens;
mod web_url;

#[cfg(feature = "cli")]
pub mod cli;

use std::path::{Path, PathBuf};

pub use code::{Code, Severity};
pub use compile::compile;
pub use compiled::{Compiled, RuleNote};
pub use discovery::Document;
pub use money::{NextQuote, Price, Quote};
pub use objects::bucket::{BadListing, Difference, Stored};
pub use objects::content::{Content, Source};
pub use objects::kinds::content_type;
pub use objects::manifest::Line as ManifestLine;
pub use pattern::{BadPattern, Pattern};
pub use report::{File, Problem, Report, SourceFile};

/// The environment variable that names the `content.toml`.
pub const CONFIG_VARIABLE: &str = "CONTENT_CONFIG";

/// The sample, relative to the workspace.
pub const SAMPLE: &str = "content-config/sample/content.toml";

/// The `content.toml` to compile: what [`CONFIG_VARIABLE`] names, or else the sample. A relative
/// path starts at `workspace`.
pub fn path_from_env(workspace: &Path) -> PathBuf {
    let named = std::env::var_os(CONFIG_VARIABLE).filter(|name| !name.is_empty());
    workspace.join(named.map_or_else(|| PathBuf::from(SAMPLE), PathBuf::from))
}
