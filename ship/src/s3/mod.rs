//! A bucket, by the S3 API: signed requests, streamed bodies, a few tries each.
//!
//! Objects are sent in one part, so that S3 checks the whole object's SHA-256 and its ETag stays the
//! MD5 of its bytes where the bucket's encryption allows. One part holds 5 GB at most.

mod body;
mod bucket;
mod copy;
mod create;
mod credentials;
mod delete;
mod error;
mod get;
mod head;
mod list;
mod put;
mod request;
mod target;

pub(crate) use body::Body;
pub(crate) use bucket::Bucket;
pub use credentials::{Access, Credentials};
pub(crate) use error::S3Error;
pub(crate) use put::{Headers, MAX_BYTES, Upload};
pub(crate) use target::Target;
