//! What a site's function must know and nobody else may.
//!
//! The tool that makes the document and the function that reads it are of one mind because both ask here.

mod demands;
mod document;
mod field;
mod key;
mod seal;

pub use demands::Demands;
pub use document::{Document, Inline, Parameter, Proof};
pub use field::Problem;
pub use key::{BadKey, SigningKey};
pub use seal::SiteSeal;
