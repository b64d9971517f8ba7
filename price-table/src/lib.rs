//! What the price table's compiler and the function must agree on.
//!
//! `content-config` builds a [`Table`], `edge-fn`'s build script embeds it as a `static`, and the
//! function reads it in place: nothing is parsed at start, nothing is allocated by a look-up.
//!
//! * [`key`]: the one canonical spelling of an object's key, and of the URL path that leads to it;
//! * [`table`]: rules, offers and the site, plain data;
//! * [`objects`]: the objects on sale, an exact hash table in one blob;
//! * [`challenge`]: the `402 Payment Required` that an object's rule quotes, in both x402 versions.
//!   It is here because the compiler must measure what the function will send.

pub mod challenge;
pub mod key;
pub mod objects;
pub mod table;

pub use key::{BadKey, Key};
pub use objects::{Object, Objects};
pub use table::{
    Access, Address, Asset, Auth, BodyVersion, Dialect, Evm, Facilitator, Listing, Network, Offer,
    PassScope, PassThrough, Purchases, Redemptions, Rpc, Rule, Sale, Site, Table, Terms, Text,
    VerifyPolicy,
};
