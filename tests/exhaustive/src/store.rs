//! A store of records, as S3 is one: a version is named by its bytes.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use paywall_core::purchase::{Account, Binding, PaymentId};
use paywall_core::store::{Ask, Key, Record, Reply, Version};

/// The records.
#[derive(Clone, Debug, Default)]
pub struct Store {
    records: BTreeMap<Key, Arc<Stored>>,
}

/// A record.
#[derive(Debug)]
pub struct Stored {
    json: String,
    version: Version,
    /// It, read, if it is an account.
    pub account: Option<Account>,
}

/// A write that was done.
#[derive(Clone, Debug)]
pub struct Wrote {
    /// What was there before.
    pub old: Option<Arc<Stored>>,
    /// What is there now.
    pub new: Arc<Stored>,
}

impl Hash for Store {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        // A record's version is a hash of it, and what it is named by everywhere.
        for (key, stored) in &self.records {
            (key, &stored.version).hash(hasher);
        }
    }
}

impl Store {
    /// Does one thing with one record.
    pub fn ask(&mut self, ask: &Ask) -> (Reply, Option<Wrote>) {
        match (ask, self.records.get(key(ask))) {
            (Ask::Get(_), Some(stored)) => {
                (Reply::Found(stored.json.as_bytes().to_vec(), stored.version.clone()), None)
            }
            (Ask::Get(_) | Ask::Replace(..), None) => (Reply::Missing, None),
            (Ask::Create(key, record), None) => self.write(key, record),
            (Ask::Replace(key, record, read), Some(stored)) if stored.version == *read => {
                self.write(key, record)
            }
            (Ask::Create(..) | Ask::Replace(..), Some(_)) => (Reply::Conflict, None),
        }
    }

    /// Whether an ask would change something.
    pub fn applies(&self, ask: &Ask) -> bool {
        match (ask, self.records.get(key(ask))) {
            (Ask::Create(..), found) => found.is_none(),
            (Ask::Replace(_, _, read), Some(stored)) => stored.version == *read,
            (Ask::Replace(_, _, _), None) | (Ask::Get(_), _) => false,
        }
    }

    /// Writes over whatever is there.
    pub fn overwrite(&mut self, ask: &Ask) -> (Reply, Option<Wrote>) {
        match ask {
            Ask::Create(key, record) | Ask::Replace(key, record, _) => self.write(key, record),
            Ask::Get(_) => self.ask(ask),
        }
    }

    fn write(&mut self, key: &Key, record: &Record) -> (Reply, Option<Wrote>) {
        let json = record.json.clone();
        let account = is_account(key).then(|| serde_json::from_str(&json).expect("an account"));
        let new = Arc::new(Stored { version: version(&json), json, account });
        let old = self.records.insert(key.clone(), new.clone());
        let written = Reply::Written(new.version.clone());
        (written, Some(Wrote { old, new }))
    }

    /// Whether there is a record.
    pub fn has(&self, key: &Key) -> bool {
        self.records.contains_key(key)
    }

    /// What a payment is bound to.
    pub fn binding(&self, payment: &PaymentId) -> Option<Binding> {
        let stored = self.records.get(&Binding::key(payment))?;
        serde_json::from_str(&stored.json).ok()
    }

    /// All accounts.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.records.values().filter_map(|stored| stored.account.as_ref())
    }
}

/// Whether a record is an account.
pub fn is_account(key: &Key) -> bool {
    key.as_str().starts_with("v2/accounts/")
}

/// Whether a record is a binding.
pub fn is_binding(key: &Key) -> bool {
    key.as_str().starts_with("v2/payments/")
}

/// What an ask is about.
fn key(ask: &Ask) -> &Key {
    let (Ask::Get(key) | Ask::Create(key, _) | Ask::Replace(key, ..)) = ask;
    key
}

/// 128 bits, since records are told apart by it.
fn version(json: &str) -> Version {
    let mut hasher = DefaultHasher::new();
    json.hash(&mut hasher);
    let half = hasher.finish();
    "the other half".hash(&mut hasher);
    Version(format!("{half:016x}{:016x}", hasher.finish()))
}
