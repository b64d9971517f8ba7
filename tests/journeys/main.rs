//! A sale from end to end: the real function in sandboxes, the sample's content, a facilitator with
//! a ledger, and a viewer that speaks plain HTTP.

mod buying;
mod faults;
mod metrics;
mod replays;
#[path = "../support/s3_server.rs"]
mod s3_server;
mod sealed;
mod shared_store;
mod shop;
mod spellings;
mod switches;
mod template;
mod wallets;
mod worst;
