//! A price table's file with a hash that fits whatever its head says: it is refused, or sound in all that the function counts on, and
//! written as the same table.

use price_table::file::{whole, write};
use sha2::{Digest as _, Sha256};

/// Magic and version, two lengths; then the hash. `price_table::file` says so.
const LENGTHS: usize = 24;
const PREFIX: usize = LENGTHS + 32;

pub(crate) fn target(bytes: &[u8]) {
    // Bytes as they are: mostly of no table.
    let _ = whole(bytes.to_vec());
    let (Some(lengths), Some(rest)) = (bytes.get(..LENGTHS), bytes.get(PREFIX..)) else { return };
    let head = u64::from_le_bytes(lengths[8..16].try_into().expect("8 bytes"));
    let Some(head) = usize::try_from(head).ok().filter(|head| *head <= rest.len()) else { return };
    let objects = (rest.len() - head) as u64;
    let lengths = [&lengths[..16], &objects.to_le_bytes()].concat();
    let hash = Sha256::new().chain_update(&lengths).chain_update(&rest[..head]).finalize();
    let file = [&lengths[..], &hash, rest].concat();
    if let Ok(table) = whole(file) {
        for listing in table.all().expect("all were looked at") {
            let object = &listing.object;
            assert!(table.get(&object.key).expect("whole").is_some(), "{}", object.key);
        }
        let again = write(&table).expect("whole");
        let read = whole(again).expect("what was written just now");
        assert_eq!(read.site, table.site);
        assert_eq!(read.rules, table.rules);
        assert_eq!(read.redemptions, table.redemptions);
    }
}
