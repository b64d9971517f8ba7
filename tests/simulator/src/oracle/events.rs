//! What the oracle is told of: what leaves a sandbox, and what is wrong with it.

use paywall_core::clock::Micros;

use crate::configuration::Promise;
use crate::shop::Product;
use crate::wallet::Authorization;

/// One memory: a bucket, or a sandbox's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StoreId {
    /// A bucket.
    Bucket(usize),
    /// The memory of a sandbox, while it lives.
    Memory(u32),
}

/// Whose request it is that a facilitator carries out.
#[derive(Clone, Copy, Debug)]
pub struct Sender {
    /// By which store's word.
    pub store: StoreId,
    /// The request's number.
    pub number: u64,
}

/// A `/settle` leaves a sandbox.
#[derive(Clone, Debug)]
pub struct Departure {
    /// When.
    pub at: Micros,
    /// By which store's word.
    pub store: StoreId,
    /// What it would settle.
    pub payment: Authorization,
    /// What was asked for, ...
    pub product: Option<Product>,
    /// ... where, ...
    pub shop: usize,
    /// ... how, ...
    pub method: &'static str,
    /// ... and by which request.
    pub request: String,
    /// Its number.
    pub number: u64,
    /// To whom.
    pub facilitator: String,
    /// What is sent.
    pub body: String,
    /// How the table sells.
    pub other_mode: bool,
}

/// An object leaves.
#[derive(Clone, Debug)]
pub struct Grant {
    /// When.
    pub at: Micros,
    /// By which store's word.
    pub store: StoreId,
    /// Where.
    pub shop: usize,
    /// What was asked for.
    pub asked: Option<Product>,
    /// What is served.
    pub product: Option<Product>,
    /// The transaction of its receipt, or of the pass.
    pub transaction: Option<[u8; 32]>,
    /// By which payment; `None` by a pass.
    pub payment: Option<Authorization>,
    /// Where the pass was given out, and for what.
    pub pass: Option<(usize, Product)>,
    /// By which request.
    pub number: u64,
    /// To where.
    pub network: &'static str,
    /// How the table sells.
    pub other_mode: bool,
}

/// A refusal leaves.
#[derive(Clone, Debug)]
pub struct Said {
    /// By which store's word.
    pub store: StoreId,
    /// The request.
    pub number: u64,
    /// The status.
    pub status: u16,
    /// The code.
    pub code: String,
    /// Of which payment.
    pub payment: Option<Authorization>,
    /// For what.
    pub product: Option<Product>,
    /// Whether the object was asked for.
    pub asks: bool,
    /// How the table sells.
    pub other_mode: bool,
}

/// A broken promise.
#[derive(Clone, Debug)]
pub struct Violation {
    /// Which.
    pub promise: Promise,
    /// How.
    pub how: String,
}
