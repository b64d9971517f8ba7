//! What is right and wrong with a shop that is to take money. Nothing here asks anybody: what is judged is handed in.

pub(crate) mod contract;
pub(crate) mod fresh;
pub(crate) mod payee;
pub(crate) mod price;
pub(crate) mod shop;
