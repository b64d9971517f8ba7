//! The walk, driven without effects: what each request comes to, and what was asked on its way.

mod contact;
mod digests;
mod dry_run;
mod evidence;
mod failover;
mod listed;
mod log_doc;
mod looks;
mod offers;
mod onlookers;
mod page;
mod passes;
mod passthrough;
mod paying;
mod payment;
mod prices;
mod races;
mod response;
mod runbook;
mod sampling;
mod sealed;
mod search;
mod secrets;
mod stores;
mod support;
mod surface;
mod switches;
#[path = "../chain/testnode.rs"]
#[allow(dead_code)]
mod testnode;
mod unknown;
mod wallets;
