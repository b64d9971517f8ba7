//! A buyer: reads a 402, signs the payment it asks for, and shows a person every step.
//!
//! ```text
//! client.rs      HTTP, and why there is no answer
//! ask.rs         a request without a payment -> terms
//! challenge.rs   a 402 answer in either version -> offers
//! key.rs         who pays
//! sign.rs        offer + key -> payment
//! line.rs        its header, for curl; `edge-local sign`
//! digest.rs      what a seller says of the bytes
//! pay.rs         the whole exchange; `edge-local pay`
//! show.rs        the exchange in words
//! ```

mod ask;
mod challenge;
mod client;
mod digest;
#[cfg(test)]
mod journeys;
mod key;
mod line;
mod pay;
#[cfg(test)]
mod seller;
mod show;
mod sign;

pub use crate::facilitator::Wire;
pub use challenge::{Challenge, Offer};
pub use client::client;
pub use key::{ANVIL_KEY, InvalidKey, Key};
pub use line::SignArgs;
pub use pay::PayArgs;
pub use sign::{Draft, Signed, sign_offer};
