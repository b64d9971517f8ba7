//! What deploying and publishing decide with, over values: effects on AWS are the caller's, but for content in S3, which is
//! written and read from here.
//!
//! [`publish`](upload), [`secrets`] and [`package`] are also commands of `paywall`.

pub mod artifact;
pub mod associate;
mod error;
pub mod gates;
pub mod keeper;
pub mod package;
pub mod preflight;
pub mod reseal;
pub mod rollback;
pub mod s3;
pub mod seal;
pub mod secrets;
pub mod site;
pub mod upload;

pub use error::Error;
