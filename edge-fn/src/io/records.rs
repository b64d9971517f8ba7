//! Where a sandbox's records are.

use std::sync::Mutex;
use std::time::Duration;

use price_table::Redemptions;

use super::aws::Identity;
use super::aws::s3::{Client, Folder};
use super::http::Http;
use super::ready::tell;
use super::settings::Store;
use paywall_core::clock::Micros;
use paywall_core::log::{Mend, Words};
use paywall_core::store::{Ask, Failed, Memory, Reply};

/// The store of the table, or local rehearsal's.
#[derive(Debug)]
pub enum Records {
    /// In this sandbox.
    Memory(Mutex<Memory>),
    /// In a bucket, as this identity.
    S3(Folder, Identity),
    /// Nowhere: a setting must be mended first. Holds which.
    Nowhere(String),
}

impl Records {
    /// Chooses the store.
    pub fn new(table: &Redemptions, instead: Option<Store>) -> Self {
        let store = match (instead, table) {
            (Some(store), _) => Some(store),
            (None, Redemptions::Memory) => Some(Store::Memory),
            (None, Redemptions::S3 { bucket, region, prefix, .. }) => {
                Folder::aws(bucket, region, prefix).map(Store::S3)
            }
        };
        match (store, Identity::from_env()) {
            (Some(Store::Memory), _) => Records::Memory(Mutex::default()),
            (Some(Store::S3(folder)), Ok(identity)) => Records::S3(folder, identity),
            (Some(Store::S3(_)), Err(error)) => Records::Nowhere(error.to_string()),
            (None, _) => Records::Nowhere("the table's bucket makes no URL".into()),
        }
    }

    /// What must be mended, if anything.
    pub fn problem(&self) -> Option<&str> {
        match self {
            Records::Nowhere(why) => Some(why),
            _ => None,
        }
    }

    /// Does all of `asks`, in at most `timeout`, for a site.
    pub fn run(
        &self,
        site: &str,
        http: &Http,
        asks: &[Ask],
        now: Micros,
        timeout: Duration,
    ) -> Vec<Result<Reply, Failed>> {
        match self {
            Records::Memory(memory) => {
                // A sandbox serves one request at a time: the lock is never waited for.
                let mut memory = memory.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
                let replies = asks.iter().map(|ask| memory.ask(ask, now)).collect();
                for key in memory.take_forgotten() {
                    tell(site, Mend::RecordForgotten, Words::at(key.as_str(), FORGOTTEN));
                }
                replies
            }
            Records::S3(folder, identity) => {
                Client { http, identity, folder }.batch(asks, now, timeout)
            }
            Records::Nowhere(why) => asks.iter().map(|_| Err(Failed(why.clone()))).collect(),
        }
    }
}

/// What is said of a record.
const FORGOTTEN: &str =
    "it left the full memory store although something may be owed: see the log of its payer";
