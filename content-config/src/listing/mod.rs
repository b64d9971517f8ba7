//! What catalogues make of what is sold: `check --listing`. The 402 is the one that the function sends, and so is what
//! `/settle` is told; the demands are those of each catalogue's own program, as far as they can be tried without it.

mod answer;
mod cdp;
mod check;
mod libraries;
mod live;
mod payai;
mod published;
mod review;
mod schema;
mod shown;
#[cfg(test)]
mod tests;
mod x402scan;

pub(crate) use check::{Check, Verdict, refused};
pub(crate) use live::ask;
pub(crate) use review::{LIBRARIES, Listed, Object, PAYAI, Review, Seen, Wanted, X402SCAN, review};
