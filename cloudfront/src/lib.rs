//! What CloudFront and Lambda@Edge are documented to do, for all who must know it: the function, which keeps within it;
//! the local edge, which enforces it; and the checks before a deployment.

pub mod header_names;
pub mod limits;
pub mod path_pattern;
pub mod selection;
pub mod store;
