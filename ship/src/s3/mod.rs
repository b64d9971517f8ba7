//! A bucket, by the S3 API: signed requests, streamed bodies, a few tries each.
//!
//! Objects are sent at once, so that S3 checks the whole object's SHA-256 and its ETag stays the MD5 of its bytes where the
//! bucket's encryption allows; those that are too big for that, in parts whose size is fixed, which S3 checks one by one.

mod body;
mod bucket;
mod copy;
mod copy_parts;
mod create;
mod credentials;
mod delete;
mod error;
mod get;
mod head;
mod list;
mod multipart;
mod put;
mod put_parts;
mod request;
mod swap;
mod target;
mod unfinished;
mod xml;

pub(crate) use body::Body;
pub use bucket::Bucket;
pub use credentials::{Access, Credentials};
pub use error::S3Error;
pub(crate) use head::Head;
pub use list::Page;
pub(crate) use put::{Headers, Upload};
pub(crate) use put_parts::UploadInParts;
pub use swap::Version;
pub use target::Target;
pub(crate) use unfinished::Unfinished;
