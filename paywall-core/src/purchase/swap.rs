//! One conditional write of an account, and what its answer means. Only here are a store's "precondition
//! failed" and its silence looked at: the record is read back, and its writer tells.

use super::record::{Account, VERSION};
use crate::store::{Ask, Failed, Key, Reply, Version};

/// An account as it was read, or as this request wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Held {
    /// Where it is.
    pub key: Key,
    /// What it says.
    pub account: Account,
    /// Which version; `None` if there is none yet.
    pub version: Option<Version>,
}

/// A write on its way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Swap {
    key: Key,
    next: Account,
    version: Option<Version>,
    hold_seconds: u64,
    /// What the write was answered, while the record is read back.
    answered: Option<Result<(), String>>,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Swapped {
    /// It is done.
    Written(Held),
    /// Somebody else wrote first.
    Moved(Held),
    /// It may be done, may be done yet, or may never be.
    Silent(String),
}

impl Swap {
    /// Writes `next`, an account that was read, changed since and names its writer, if the store's still
    /// is the version that was read.
    pub fn new(next: Held, hold_seconds: u64) -> Self {
        let Held { key, account, version } = next;
        Swap { key, next: account, version, hold_seconds, answered: None }
    }

    /// What is written.
    pub fn next(&self) -> &Account {
        &self.next
    }

    /// What to ask the store.
    pub fn ask(&self) -> Ask {
        let (key, record) = (self.key.clone(), || self.next.record(self.hold_seconds));
        match (&self.answered, &self.version) {
            (Some(_), _) => Ask::Get(key),
            (None, Some(version)) => Ask::Replace(key, record(), version.clone()),
            (None, None) => Ask::Create(key, record()),
        }
    }

    /// Takes the answer; `Err` is a write whose record is to be read back.
    pub fn hear(mut self, reply: Result<Reply, Failed>) -> Result<Swapped, Box<Swap>> {
        let Some(answered) = self.answered.take() else {
            return match reply {
                Ok(Reply::Written(version)) => {
                    let Swap { key, next: account, .. } = self;
                    Ok(Swapped::Written(Held { key, account, version: Some(version) }))
                }
                reply => {
                    self.answered = Some(reply.map(drop).map_err(|failed| failed.0));
                    Err(Box::new(self))
                }
            };
        };
        let found = match read_account(reply, self.key.clone(), &self.next) {
            Ok(found) => found,
            Err(why) => return Ok(Swapped::Silent(why)),
        };
        Ok(match (found.account.writer == self.next.writer, answered) {
            (true, _) => Swapped::Written(found),
            (false, Ok(())) => Swapped::Moved(found),
            // It may be done yet, so nothing may be concluded from its not being there.
            (false, Err(why)) => Swapped::Silent(why),
        })
    }
}

/// Reads an account of the same subject and owner as `like`; one in which nothing has happened if there
/// is none.
pub fn read_account(
    reply: Result<Reply, Failed>,
    key: Key,
    like: &Account,
) -> Result<Held, String> {
    match reply.map_err(|failed| failed.0)? {
        Reply::Found(json, version) => {
            let account: Account =
                serde_json::from_slice(&json).map_err(|error| format!("{key}: {error}"))?;
            if account.v != VERSION {
                return Err(format!("{key} is of version {}, not {VERSION}", account.v));
            }
            match account.subject == like.subject && account.payer == like.payer {
                true => Ok(Held { key, account, version: Some(version) }),
                false => Err(format!("{key} is about something else")),
            }
        }
        _ => {
            let account = Account::new(&like.subject, &like.payer);
            Ok(Held { key, account, version: None })
        }
    }
}
