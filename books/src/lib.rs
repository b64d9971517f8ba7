//! What was sold, what is owed, and whether it adds up to what the chain paid.

mod classify;
mod entry;
mod moment;
mod read;

#[cfg(feature = "io")]
mod error;
#[cfg(feature = "io")]
mod nodes;
#[cfg(feature = "io")]
mod place;
#[cfg(feature = "io")]
mod records;
#[cfg(feature = "io")]
pub mod sales;
#[cfg(feature = "io")]
mod tokens;

#[cfg(feature = "io")]
pub use error::Error;
