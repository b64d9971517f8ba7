//! Takes a shop from test money to money, and to the catalogues: checks it, and buys of it as strangers do.
//!
//! ```text
//! command      what one asks for, and the order of it
//!   edit       content.toml as it would be: main tokens, payee, facilitator, nodes
//!   checks/    what is right and wrong with that: pure judgements
//!   facts      what they judge by: asks facilitators and nodes
//!     keys     the secrets, where they are at hand
//!   write      the file, whole or not at all
//!   purchase/  one object, with the seller's own key
//!     receipt  whether what came back says that it was paid
//! seed/        each object once, by which catalogues learn of it
//! plain        text from elsewhere, safe to print
//! ```

mod checks;
mod command;
mod confirm;
mod edit;
mod error;
mod facts;
mod keys;
mod line;
mod plain;
mod purchase;
mod receipt;
mod rpc_table;
pub mod seed;
mod write;

pub use command::{Arguments, run};
pub use error::Error;
