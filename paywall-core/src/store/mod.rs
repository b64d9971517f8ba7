//! A store of records: read one, create it once, replace the version read. What they mean is decided in
//! [`crate::purchase`].

mod memory;
mod record;

pub use memory::Memory;
pub use record::{Ask, Failed, Key, Record, Reply, Version};
