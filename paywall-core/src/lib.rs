//! The x402 paywall for CloudFront's viewer events.
//!
//! # A request's way
//!
//! Each stage is a file, and takes what the stage before it made:
//!
//! | # | stage | file |
//! | --- | --- | --- |
//! | 1 | CloudFront's event, typed | [`event`] |
//! | 2 | the canonical key of the path | [`price_table::key`] |
//! | 3 | `Free`, `Priced` or not for sale; what is sold | [`route`], [`subject`] |
//! | 4 | method, conditions, passes, switches: preflight, HEAD, 304, 416 | [`walk`], [`conditions`], [`pass`], [`waf`] |
//! | 5 | the payment header, decoded; nothing is trusted yet | [`wire`] |
//! | 6 | what is signed: matches, impossible, cannot tell | [`scheme`] |
//! | 7 | the claim against our own offer | [`terms`] |
//! | 8 | the loop of a sale: look, write, send, learn | [`sale`], [`purchase`] |
//! | 9 | what it asks, and what the answers are worth | [`store`], [`node`], [`facilitator`], [`verdict`], [`catalogue`] |
//! | 10 | the request goes on, or is refused | [`grant`], [`refusal`], [`respond`], [`browser`] |
//!
//! [`viewer_response`] adds the receipt and the pass to what CloudFront serves.
//!
//! # Sans-IO
//!
//! The walk decides and does nothing. What it needs from outside it asks of a [`world::World`]. Only the
//! function (`edge-fn`) touches the clock, the environment, the network and the Lambda Runtime API. A
//! simulator, a fuzzer and a benchmark bring worlds of their own and drive the same walk.
//!
//! # Limits
//!
//! Every limit of the platform, and every bound of our own, is in [`limits`] with its source.

pub mod breaker;
pub mod browser;
pub mod budget;
pub mod catalogue;
pub mod clock;
pub mod conditions;
pub mod cors;
mod digest;
pub mod event;
pub mod facilitator;
pub mod grant;
pub mod handover;
pub mod hex;
pub mod json;
pub mod keccak;
pub mod keys;
pub mod limits;
pub mod log;
pub mod node;
pub mod origin;
pub mod pass;
mod payment;
pub mod paywall;
pub mod purchase;
pub mod receipt;
pub mod refusal;
pub mod respond;
pub mod route;
pub mod sale;
pub mod scheme;
pub mod store;
pub mod subject;
pub mod terms;
#[cfg(test)]
pub(crate) mod testing;
pub mod u256;
pub mod verdict;
pub mod viewer_response;
pub mod visit;
pub mod waf;
pub mod walk;
pub mod wire;
pub mod world;
