//! What is ours, bought where strangers buy it.

mod item;
mod one;
mod pay;

pub(crate) use item::{Item, may_be_paid_on, payer};
pub(crate) use one::{Purchase, buy};
pub(crate) use pay::{Bought, delivered, ours, send};
