//! From texts to the table's types: every name looked up, every value checked.

mod catalogue;
mod custom_token;
mod dialect_limits;
mod evm_token;
mod facilitators;
mod listing;
pub(crate) mod log;
mod mode;
pub(crate) mod page;
mod pass_through_token;
pub(crate) mod redemptions;
mod resolved_rule;
pub(crate) mod rpc;
mod rule;
pub(crate) mod samples;
mod site;
mod stated;
mod terms;
mod token;
mod token_id;
pub(crate) mod v1;
mod values;

pub(crate) use resolved_rule::ResolvedRule;
pub(crate) use rule::rules;
pub(crate) use site::site;
