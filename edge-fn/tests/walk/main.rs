//! The walk, driven without effects: what each request comes to, and what was asked on its way.

mod paying;
mod payment;
mod response;
mod support;
mod surface;
mod unknown;
mod wallets;
