//! The loop of a sale: what it asks, what it writes, and what it decides by.

mod changes;
mod decide;
mod faults;
#[path = "../walk/offers.rs"]
#[allow(dead_code)]
mod offers;
mod packed;
#[path = "../walk/payment.rs"]
#[allow(dead_code)]
mod payment;
mod records;
mod round_trips;
mod rows;
#[path = "../walk/support.rs"]
#[allow(dead_code)]
mod support;
mod swap;
#[path = "../chain/testnode.rs"]
#[allow(dead_code)]
mod testnode;
