//! A payer's private key.

use std::fmt;
use std::str::FromStr;

use alloy_primitives::{Address, B256, Signature};
use k256::ecdsa::SigningKey;

use crate::error::Error;

/// The key of Anvil's first account, which the embedded facilitator funds. Public: never send it real money.
/// Source: [Anvil's accounts](https://getfoundry.sh/anvil/overview).
pub const ANVIL_KEY: &str = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

/// A payer's private key.
#[derive(Clone)]
pub struct Key(SigningKey);

/// Text that is no [`Key`]. It never repeats the text: that may be most of a real key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidKey(&'static str);

impl Key {
    /// The account that the key controls.
    pub fn address(&self) -> Address {
        Address::from_private_key(&self.0)
    }

    /// Signs 32 bytes as they are: `r`, low `s`, and `v` of 27 or 28.
    ///
    /// # Errors
    ///
    /// [`Error::NotSigned`], once in 2^128 digests.
    pub fn sign(&self, digest: B256) -> Result<[u8; 65], Error> {
        let signed = self.0.sign_prehash_recoverable(digest.as_slice());
        let signature = signed.map_err(|_| Error::NotSigned {})?;
        Ok(Signature::from(signature).as_bytes())
    }
}

impl FromStr for Key {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Key, InvalidKey> {
        let bytes: B256 =
            text.parse().map_err(|_| InvalidKey("a private key has 64 hex digits"))?;
        let key = SigningKey::from_slice(bytes.as_slice());
        key.map(Key)
            .map_err(|_| InvalidKey("this number is no private key of secp256k1; check its digits"))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.address())
    }
}
