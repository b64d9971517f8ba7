//! Records in the memory of one sandbox: what `cargo run` uses.
//!
//! Other sandboxes know nothing of them; between sandboxes only the chain keeps a payment from
//! settling twice.

use std::collections::HashMap;

use super::record::{Ask, Failed, Key, Record, Reply, Version};
use crate::clock::Micros;
use crate::limits;

/// The records of this sandbox, bounded.
#[derive(Debug)]
pub struct Memory {
    records: HashMap<Key, (Record, u64)>,
    bytes: usize,
    capacity: usize,
    writes: u64,
    forgotten: Vec<Key>,
}

impl Default for Memory {
    fn default() -> Self {
        Memory::with_capacity(limits::MEMORY_STORE_BYTES)
    }
}

impl Memory {
    /// A store whose records have at most `capacity` bytes together.
    pub fn with_capacity(capacity: usize) -> Self {
        Memory { records: HashMap::new(), bytes: 0, capacity, writes: 0, forgotten: vec![] }
    }

    /// Does one thing with one record.
    pub fn ask(&mut self, ask: &Ask, now: Micros) -> Result<Reply, Failed> {
        match ask {
            Ask::Get(key) => Ok(match self.records.get(key) {
                Some((record, version)) => {
                    Reply::Found(record.json.clone().into_bytes(), named(*version))
                }
                None => Reply::Missing,
            }),
            Ask::Create(key, record) => match self.records.contains_key(key) {
                true => Ok(Reply::Conflict),
                false => self.write(key.clone(), record.clone(), now),
            },
            Ask::Replace(key, record, read) => match self.records.get(key) {
                Some((_, version)) if named(*version) == *read => {
                    self.write(key.clone(), record.clone(), now)
                }
                Some(_) => Ok(Reply::Conflict),
                None => Ok(Reply::Missing),
            },
        }
    }

    /// What was forgotten since the last time although something may be owed by it.
    pub fn take_forgotten(&mut self) -> Vec<Key> {
        std::mem::take(&mut self.forgotten)
    }

    fn write(&mut self, key: Key, record: Record, now: Micros) -> Result<Reply, Failed> {
        let old = self.records.remove(&key).map_or(0, |(old, _)| size(&key, &old));
        let new = size(&key, &record);
        self.bytes -= old;
        if self.bytes + new > self.capacity {
            self.forget(now);
        }
        // What is known already is never dropped for want of room: it may grow by a sale.
        if self.bytes + new > self.capacity && old == 0 {
            return Err(Failed("the memory store is full".into()));
        }
        self.writes += 1;
        self.bytes += new;
        self.records.insert(key, (record, self.writes));
        Ok(Reply::Written(named(self.writes)))
    }

    /// Drops what nobody needs any more; never what is open still.
    fn forget(&mut self, now: Micros) {
        let (bytes, forgotten) = (&mut self.bytes, &mut self.forgotten);
        self.records.retain(|key, (record, _)| {
            let needed = record.expires.is_none_or(|expires| expires > now.secs());
            if !needed {
                *bytes -= size(key, record);
                forgotten.extend(record.owing.then(|| key.clone()));
            }
            needed
        });
    }
}

/// About what a record takes, with the map's own share.
fn size(key: &Key, record: &Record) -> usize {
    key.as_str().len() + record.json.len() + 128
}

fn named(version: u64) -> Version {
    Version(version.to_string())
}

#[cfg(test)]
#[path = "memory_tests.rs"]
mod tests;
