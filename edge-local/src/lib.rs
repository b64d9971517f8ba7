//! A CloudFront distribution on a laptop.
//!
//! The real function binary runs in sandboxes behind the Lambda Runtime API, between viewers and a
//! folder that acts as a private S3 bucket; what CloudFront refuses is refused, with the reason in
//! the log.
//!
//! ```text
//! viewer ──> front ──> distribution ──> validate ──> cache ──> origin
//!                           │ event
//!                           └──> sandbox (the function) ──> facilitator
//! ```
//!
//! Like CloudFront: the events of both viewer triggers, their header rules and size limits, error
//! pages and `X-Cache`, time and memory limits, one request at a time per sandbox, freezing between
//! requests, the TTL rules of `CachingOptimized`, `Range`, `HEAD` and conditional requests, S3's
//! reading of paths.
//!
//! Unlike CloudFront: HTTP/1.1 without TLS only; one behavior and one edge location; no compression;
//! an origin that is always asked with `GET` and for the whole object, which stays in memory while
//! it is served; no WAF, origin groups or custom error pages. The memory limit needs Linux.

#[cfg(not(unix))]
compile_error!("sandboxes are frozen with SIGSTOP, which only Unix has");

pub mod behavior;
pub mod buyer;
mod cache;
pub mod cli;
mod conditional;
mod distribution;
mod edge;
mod event;
pub mod facilitator;
mod freshness;
mod front;
pub mod function;
mod header_rules;
mod key;
pub mod limits;
mod log;
mod origin;
mod process;
mod range;
mod refusal;
mod response;
mod sandbox;
mod validate;

pub use edge::{Edge, Options, StartError, ViewerResponseSees};
pub use key::{InvalidUri, key_of_uri};
pub use log::Log;
pub use origin::Metadata;
