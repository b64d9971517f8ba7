//! What deploying and publishing decide with, over values: effects on AWS are the caller's, but for content and records
//! of sales in S3, which are written and read from here.
//!
//! [`publish`](upload), [`sales`], [`secrets`] and [`package`] are also commands of `paywall`.

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
pub mod sales;
pub mod seal;
pub mod secrets;
pub mod site;
pub mod upload;

pub use error::Error;
