//! A node of a chain: what it is asked, and how its answers are read. Nothing here asks it.

mod answer;
mod call;
mod json_rpc;
mod question;

pub use answer::{Block, block, block_number, chain_id, is_spent, uint};
pub use call::{Answer, NodeCall, NodeError, Said};
pub use json_rpc::ask;
pub use json_rpc::{NOTHING, bytes, quantity};
#[cfg(feature = "books")]
pub use question::Way;
pub use question::{At, Authorization, Question, TRANSFER, word};
