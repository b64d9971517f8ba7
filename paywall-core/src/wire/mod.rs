//! How a payment stands on the wire: the seam of *dialects*. Today's are the versions 1 and 2 of x402, as
//! their buyers and facilitators speak them: <https://github.com/x402-foundation/x402/tree/main/specs>.
//!
//! A dialect is what [`claim`] reads of a request, what [`requests`] asks a facilitator, and the words of
//! `price_table::challenge`. Another one adds a variant to [`Wire`], and the compiler names what is missing.
//! What is signed, and what it proves, is [`crate::scheme`]'s.

pub mod claim;
pub mod requests;

use serde::{Deserialize, Serialize};

/// The x402 version that a payment speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Wire {
    /// Network names, terms in the body.
    V1,
    /// CAIP-2 networks, terms in the header.
    V2,
}
