//! Keccak-256, which everything of EIP-712 and every name of a record is hashed by.

use sha3::{Digest, Keccak256};

/// The hash of the parts, one after another.
pub fn keccak(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Keccak256::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}
