//! What the price table's compiler and the function must agree on.
//!
//! `content-config` builds a [`Table`] and writes it into a file; the function opens that file and reads it
//! in place.
//!
//! * [`key`]: the one canonical spelling of an object's key, and of the URL path that leads to it;
//! * [`table`]: rules, offers and the site, plain data;
//! * [`objects`]: the objects on sale, an exact hash table;
//! * [`mod@file`]: the file that holds both;
//! * [`seal`]: the folder that hides the objects, and that the function alone knows;
//! * [`bazaar`]: how a catalogue is told what is sold;
//! * [`challenge`]: the `402 Payment Required` that an object's rule quotes, in both x402 versions.
//!   It is here because the compiler must measure what the function will send;
//! * [`page`]: the same as a browser shows it.

pub mod bazaar;
pub mod challenge;
pub mod file;
pub mod key;
pub mod objects;
pub mod page;
pub mod seal;
pub mod table;

pub use key::{BadKey, Key};
pub use objects::{BadObjects, Damaged, Object, Objects, ReadAt};
pub use seal::Seal;
pub use table::{
    Access, Address, Asset, Auth, BodyVersion, Dialect, Evm, Facilitator, Listing, Network,
    NextPrice, Offer, PassScope, PassThrough, Price, Purchases, Quoted, Redemptions, Rpc, Rule,
    Sale, Shop, Site, Table, Terms, Text, VerifyPolicy,
};
