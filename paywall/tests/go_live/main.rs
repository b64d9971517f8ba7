//! From test money to money: a shop beside a facilitator and a node on this machine.

mod changes;
mod checks;
mod hostile;
mod purchase;
mod seed;
mod server;
mod shop;
