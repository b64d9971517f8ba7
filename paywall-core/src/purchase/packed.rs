//! Finished payments, packed: what refuses their replay in 16 characters each, so that the thousandth
//! sale of a wallet costs little more than the first one did.
//!
//! An entry is base64url of 12 bytes: when it ends (seconds, 4 bytes, big-endian: enough until 2106), and
//! the first 8 of the payment's digest. All entries stem from one payer's own signatures, so who grinds
//! two alike refuses themselves; by chance it is 1 in 10^15. They stand in the order of their ends, each
//! as long as the others, so nothing is decoded to find one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::limits;

/// Characters of an entry.
const ENTRY: usize = 16;

/// Entries in the order of their ends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Packed(String);

impl Packed {
    /// Whether a payment is among them.
    pub fn contains(&self, digest: &[u8; 32]) -> bool {
        // Of the digest the last 10 characters are its own; four more bits stand in the one before.
        let wanted = entry(0, digest);
        let tail = &wanted.as_bytes()[6..];
        // The last character first: of a thousand entries few are looked at further.
        let alike = |e: &&[u8]| e[ENTRY - 1] == tail[9] && e[6..] == *tail;
        let mut candidates = self.0.as_bytes().chunks_exact(ENTRY).filter(alike);
        candidates.any(|e| decode(e).is_some_and(|(_, eight)| eight == digest[..8]))
    }

    /// Adds a payment, until `ends`. One that is there stays as long as it has to.
    pub fn add(&mut self, digest: &[u8; 32], ends: u64) {
        let mut at = self.len();
        while at > 0 && self.ends(at - 1) > ends {
            at -= 1;
        }
        self.0.insert_str(at * ENTRY, &entry(ends, digest));
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len() / ENTRY
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many are not over at `now`, in seconds, and when the first of them ends.
    pub fn standing(&self, now: u64) -> (usize, Option<u64>) {
        let over = self.over(now.saturating_sub(limits::RELEASE_SECONDS));
        (self.len() - over, (over < self.len()).then(|| self.ends(over)))
    }

    /// Drops what is over for good: of the entries that are over the newest
    /// [`limits::PACKED_OVER`] stay for [`limits::PACKED_OVER_SECONDS`], for the books.
    pub fn prune(&mut self, now: u64) {
        let over = self.over(now.saturating_sub(limits::RELEASE_SECONDS));
        let old = self.over(now.saturating_sub(limits::PACKED_OVER_SECONDS));
        let gone = old.max(over.saturating_sub(limits::PACKED_OVER));
        self.0.drain(..gone * ENTRY);
    }

    /// When the last one ends.
    pub fn last(&self) -> Option<u64> {
        (!self.is_empty()).then(|| self.ends(self.len() - 1))
    }

    /// How many end before `time`.
    fn over(&self, time: u64) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = (low + high) / 2;
            match self.ends(middle) < time {
                true => low = middle + 1,
                false => high = middle,
            }
        }
        low
    }

    fn ends(&self, at: usize) -> u64 {
        let entry = &self.0.as_bytes()[at * ENTRY..(at + 1) * ENTRY];
        decode(entry).map_or(u64::MAX, |(ends, _)| ends)
    }
}

fn entry(ends: u64, digest: &[u8; 32]) -> String {
    let mut bytes = [0; 12];
    bytes[..4].copy_from_slice(&u32::try_from(ends).unwrap_or(u32::MAX).to_be_bytes());
    bytes[4..].copy_from_slice(&digest[..8]);
    URL_SAFE_NO_PAD.encode(bytes)
}

fn decode(entry: &[u8]) -> Option<(u64, [u8; 8])> {
    let mut bytes = [0; 12];
    URL_SAFE_NO_PAD.decode_slice(entry, &mut bytes).ok()?;
    let (ends, digest) = bytes.split_at(4);
    Some((u32::from_be_bytes(ends.try_into().ok()?).into(), digest.try_into().ok()?))
}

impl From<Packed> for String {
    fn from(packed: Packed) -> Self {
        packed.0
    }
}

impl TryFrom<String> for Packed {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let whole = text.len().is_multiple_of(ENTRY);
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        match whole && text.bytes().all(plain) {
            true => Ok(Packed(text)),
            false => Err("not packed payments"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_700_000_000;

    fn digest(n: u8) -> [u8; 32] {
        let mut digest = [0; 32];
        digest[0] = n;
        digest[7] = n;
        digest
    }

    #[test]
    fn what_is_added_is_found_in_any_order() {
        let mut packed = Packed::default();
        for (n, ends) in [(1, 50), (2, 10), (3, 90), (4, 50)] {
            packed.add(&digest(n), NOW + ends);
        }
        for n in 1..=4 {
            assert!(packed.contains(&digest(n)), "{n}");
        }
        let mut near = digest(1);
        near[0] = 9;
        assert!(!packed.contains(&near) && !packed.contains(&digest(5)));
        assert_eq!((packed.len(), packed.last()), (4, Some(NOW + 90)));
        let text = String::from(packed.clone());
        assert_eq!(Packed::try_from(text), Ok(packed));
        assert!(Packed::try_from("abc".to_owned()).is_err());
    }

    #[test]
    fn an_entry_is_kept_for_clocks_that_are_late_and_then_for_the_books() {
        let mut packed = Packed::default();
        packed.add(&digest(1), NOW);
        assert_eq!(packed.standing(NOW + limits::RELEASE_SECONDS), (1, Some(NOW)));
        assert_eq!(packed.standing(NOW + limits::RELEASE_SECONDS + 1), (0, None));
        packed.prune(NOW + limits::PACKED_OVER_SECONDS);
        assert_eq!(packed.len(), 1);
        packed.prune(NOW + limits::PACKED_OVER_SECONDS + 1);
        assert!(packed.is_empty());
        for n in 0..=limits::PACKED_OVER {
            packed.add(&digest(n as u8), NOW);
        }
        packed.prune(NOW + limits::RELEASE_SECONDS + 1);
        assert_eq!(packed.len(), limits::PACKED_OVER);
    }
}
