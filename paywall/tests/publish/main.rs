//! Publishing to a real S3 API on this machine, and selling from it.

mod again;
mod aws_sample;
mod first;
mod gone;
mod in_parts;
mod interrupted;
mod journey;
mod kms;
mod many;
mod objects;
mod over_5_gb;
mod owner;
mod page;
mod parts;
mod refusals;
mod reseal;
mod sealed;
mod server;
mod shop;
