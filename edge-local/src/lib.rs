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
//! Like CloudFront: cache behaviors, error pages and policies as a template configures them
//! ([`template`]), origin groups, the events of both viewer triggers, their header rules and size limits, error
//! pages and `X-Cache`, time and memory limits, one request at a time per sandbox, freezing between
//! requests, TTLs and cache keys, `Range`, `HEAD` and conditional requests, S3's reading of paths.
//!
//! Unlike CloudFront: HTTP/1.1 without TLS only, so viewers are taken to have used HTTPS; one edge
//! location; no compression; an origin that is always asked with `GET` and for the whole object, which
//! stays in memory while it is served; of WAF only what it says to the function, and no origins but S3. The memory limit needs Linux.

#[cfg(not(unix))]
compile_error!("sandboxes are frozen with SIGSTOP, which only Unix has");

pub mod behavior;
pub mod buyer;
mod cache;
mod cache_key;
pub mod cli;
mod conditional;
mod credentials;
mod distribution;
pub mod distribution_config;
mod edge;
mod error;
mod event;
pub mod facilitator;
mod freshness;
mod front;
pub mod function;
mod header_rules;
mod key;
mod log;
mod options;
mod origin;
mod origin_group;
mod process;
mod range;
mod refusal;
mod response;
pub mod response_headers;
mod sandbox;
pub mod template;
mod validate;
mod web_acl;

pub use credentials::Credentials;
pub use distribution_config::DistributionConfig;
pub use edge::Edge;
pub use error::Error;
pub use function::Function;
pub use key::{InvalidUri, key_of_uri};
pub use log::Log;
pub use options::{Options, ViewerResponseSees};
pub use origin::{Bucket, InvalidS3Url, Metadata, S3Url, Worst};
pub use web_acl::{Insert, Viewers, WebAcl};
