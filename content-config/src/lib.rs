//! Compiles `content.toml` and the objects on sale into a price table.
//!
//! ```text
//! content.toml --schema--> texts with places --resolve--> rules --+
//! folder or manifest.jsonl --objects--> keys, sizes, ETags -------+--assign, coverage--> Table --codegen--> Rust
//! ```
//!
//! A build script calls it so:
//!
//! ```no_run
//! println!("cargo:rerun-if-env-changed={}", content_config::CONFIG_VARIABLE);
//! let root = std::path::Path::new("..");
//! match content_config::compile(&content_config::path_from_env(root)) {
//!     Ok(compiled) => {
//!         for input in compiled.inputs() {
//!             println!("cargo:rerun-if-changed={}", input.display());
//!         }
//!         let out = std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
//!         compiled.write_into(out.as_ref()).expect("OUT_DIR can be written");
//!     }
//!     Err(report) => {
//!         eprintln!("{report}");
//!         std::process::exit(1);
//!     }
//! }
//! ```
//!
//! and the program takes the table in as
//!
//! ```text
//! mod compiled {
//!     include!(concat!(env!("OUT_DIR"), "/price_table.rs"));
//! }
//! use compiled::TABLE;
//! ```
//!
//! What `content.toml` holds is described in this crate's `README.md`.

mod access;
mod address;
mod assign;
mod code;
mod codegen;
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
pub use compiled::{BLOB_FILE, Compiled, RuleNote, SOURCE_FILE};
pub use discovery::Document;
pub use money::{Price, Quote};
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
/// path starts at `workspace`, since cargo runs a build script in its package's folder and not
/// where people typed the path.
pub fn path_from_env(workspace: &Path) -> PathBuf {
    let named = std::env::var_os(CONFIG_VARIABLE).filter(|name| !name.is_empty());
    workspace.join(named.map_or_else(|| PathBuf::from(SAMPLE), PathBuf::from))
}
