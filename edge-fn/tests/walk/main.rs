//! The walk, driven without effects: what each request comes to, and what was asked on its way.

mod passthrough;
mod paying;
mod payment;
mod response;
mod support;
mod surface;
mod unknown;
mod wallets;
