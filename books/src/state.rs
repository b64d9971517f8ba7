//! Where the books stand: what the next run must know, and cannot read off the ledger.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use paywall_core::hex;
use paywall_core::keccak::keccak;
use serde::{Deserialize, Serialize};

use crate::chain::Stand;
use crate::day::Day;
use crate::ledger::Row;

/// The version of the file.
const VERSION: u64 = 1;

/// It.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct State {
    /// Their first day.
    pub(crate) begins: Option<Day>,
    /// Up to where each chain is booked.
    pub(crate) networks: BTreeMap<String, Stand>,
    /// Rows that may change, by their ids, and on which day they are.
    pub(crate) restless: BTreeMap<String, Day>,
    /// Records that were read and have nothing more to tell, by their fingerprints.
    pub(crate) seen: BTreeSet<u64>,
    /// Payments whose refunds are booked.
    pub(crate) refunds: BTreeSet<String>,
}

#[derive(Deserialize, Serialize)]
struct Written {
    v: u64,
    begins: Option<String>,
    networks: BTreeMap<String, Place>,
    restless: BTreeMap<String, String>,
    /// Base64 of 8 bytes each, in their order.
    seen: String,
    refunds: BTreeSet<String>,
}

#[derive(Deserialize, Serialize)]
struct Place {
    block: u64,
    #[serde(with = "hex::array")]
    hash: [u8; 32],
    time: u64,
    /// `TOKEN/PAYEE` and atomic units, in text.
    balances: Option<BTreeMap<String, String>>,
}

/// Eight bytes that tell a version of a record from all others.
pub(crate) fn fingerprint(key: &str, etag: &str) -> u64 {
    let digest = keccak(&[key.as_bytes(), b"\n", etag.as_bytes()]);
    u64::from_be_bytes(digest[..8].try_into().expect("8 of 32 bytes"))
}

impl State {
    /// Notes whether a row may change.
    pub(crate) fn watch(&mut self, row: &Row) {
        match row.posting.is_restless() {
            true => self.restless.insert(row.id(), row.day()),
            false => self.restless.remove(&row.id()),
        };
    }

    /// Reads it.
    pub(crate) fn read(json: &[u8]) -> Result<Self, String> {
        let written: Written = serde_json::from_slice(json).map_err(|why| why.to_string())?;
        let Written { v, begins, networks, restless, seen, refunds } = written;
        if v != VERSION {
            return Err(format!("it is of version {v}, and this program reads {VERSION}"));
        }
        let stand = |(network, place): (String, Place)| Some((network, place.stand()?));
        let networks: Option<BTreeMap<_, _>> = networks.into_iter().map(stand).collect();
        let day = |(id, day): (String, String)| Ok::<_, String>((id, day.parse()?));
        let seen = STANDARD.decode(seen).map_err(|why| why.to_string())?;
        let (seen, []) = seen.as_chunks() else { return Err("its `seen` is cut off".to_owned()) };
        Ok(State {
            begins: begins.map(|day| day.parse()).transpose()?,
            networks: networks.ok_or("its `balances` are none")?,
            restless: restless.into_iter().map(day).collect::<Result<_, _>>()?,
            seen: seen.iter().map(|print| u64::from_be_bytes(*print)).collect(),
            refunds,
        })
    }

    /// What is written.
    pub(crate) fn to_json(&self) -> Vec<u8> {
        let place = |(network, stand): (&String, &Stand)| (network.clone(), Place::of(stand));
        let seen: Vec<u8> = self.seen.iter().flat_map(|print| print.to_be_bytes()).collect();
        let day = |(id, day): (&String, &Day)| (id.clone(), day.to_string());
        let written = Written {
            v: VERSION,
            begins: self.begins.map(|day| day.to_string()),
            networks: self.networks.iter().map(place).collect(),
            restless: self.restless.iter().map(day).collect(),
            seen: STANDARD.encode(seen),
            refunds: self.refunds.clone(),
        };
        serde_json::to_vec(&written).expect("texts and numbers")
    }
}

impl Place {
    fn of(stand: &Stand) -> Self {
        let balances = stand.balances.as_ref().map(|balances| {
            let text = |((token, payee), has): (&([u8; 20], [u8; 20]), &u128)| {
                (format!("{}/{}", hex::encode(token), hex::encode(payee)), has.to_string())
            };
            balances.iter().map(text).collect()
        });
        Place { block: stand.block, hash: stand.hash, time: stand.time, balances }
    }

    fn stand(self) -> Option<Stand> {
        let purse = |(purse, has): (String, String)| {
            let (token, payee) = purse.split_once('/')?;
            Some(((hex::decode_array(token)?, hex::decode_array(payee)?), has.parse().ok()?))
        };
        let balances = match self.balances {
            None => None,
            Some(balances) => Some(balances.into_iter().map(purse).collect::<Option<_>>()?),
        };
        Some(Stand { block: self.block, hash: self.hash, time: self.time, balances })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_read_as_it_was_written() {
        let stand = |balances| Stand { block: 7, hash: [1; 32], time: 8, balances };
        let purses = BTreeMap::from([(([2; 20], [3; 20]), u128::MAX)]);
        let state = State {
            begins: Some(Day::of(1_800_000_000)),
            networks: [("a", None), ("b", Some(purses))]
                .map(|(name, balances)| (name.to_owned(), stand(balances)))
                .into(),
            restless: BTreeMap::from([("claimed".to_owned(), Day::of(1_800_000_000))]),
            seen: [fingerprint("a", "b"), fingerprint("a", "c"), 0, u64::MAX].into(),
            refunds: ["eip155-1/0x".to_owned()].into(),
        };
        assert_eq!(state.seen.len(), 4);
        assert_eq!(State::read(&state.to_json()), Ok(state.clone()));
        assert_eq!(State::read(&State::default().to_json()), Ok(State::default()));
        let text = String::from_utf8(state.to_json()).unwrap();
        State::read(text.replace("\"v\":1", "\"v\":2").as_bytes()).unwrap_err();
        State::read(&text.as_bytes()[1..]).unwrap_err();
    }
}
