//! The shared store: S3's conditional writes, each at one moment, with what can go wrong around it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use paywall_core::store::{Ask, Reply, Version};

/// The records.
#[derive(Debug, Default)]
pub struct Bucket {
    records: RefCell<BTreeMap<String, (String, Version)>>,
    writes: Cell<u64>,
}

impl Bucket {
    /// Does one thing with the record of this name, now.
    pub fn apply(&self, name: &str, ask: &Ask) -> Reply {
        let mut records = self.records.borrow_mut();
        match ask {
            Ask::Get(_) => match records.get(name) {
                Some((json, version)) => Reply::Found(json.clone().into_bytes(), version.clone()),
                None => Reply::Missing,
            },
            Ask::Create(_, record) => match records.contains_key(name) {
                true => Reply::Conflict,
                false => self.write(&mut records, name, &record.json),
            },
            Ask::Replace(_, record, version) => match records.get(name) {
                Some((_, current)) if current == version => {
                    self.write(&mut records, name, &record.json)
                }
                Some(_) => Reply::Conflict,
                None => Reply::Missing,
            },
        }
    }

    /// The names of all records below a folder.
    pub fn names(&self, folder: &str) -> Vec<String> {
        let records = self.records.borrow();
        records.keys().filter(|name| name.starts_with(folder)).cloned().collect()
    }

    fn write(
        &self,
        records: &mut BTreeMap<String, (String, Version)>,
        name: &str,
        json: &str,
    ) -> Reply {
        self.writes.set(self.writes.get() + 1);
        let version = Version(format!("\"{}\"", self.writes.get()));
        records.insert(name.to_owned(), (json.to_owned(), version.clone()));
        Reply::Written(version)
    }
}
