//! A buyer: reads a 402, signs the payment it asks for, and shows a person every step.
//!
//! ```text
//! challenge.rs   a 402 answer in either version -> offers
//! sign.rs        offer + key -> payment header; `edge-local sign`
//! pay.rs         the whole exchange; `edge-local pay`
//! show.rs        the exchange in words
//! ```

mod challenge;
#[cfg(test)]
mod journeys;
mod pay;
#[cfg(test)]
mod seller;
mod show;
mod sign;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use alloy_primitives::{Address, B256, Signature};
use anyhow::Context;
use k256::ecdsa::SigningKey;

pub use crate::facilitator::Wire;
pub use challenge::{Challenge, Offer};
pub use pay::PayArgs;
pub use sign::{Draft, SignArgs, Signed, sign_offer};

/// The key of Anvil's first account, which the embedded facilitator funds. Public: never send it real money.
/// Source: [Anvil's accounts](https://getfoundry.sh/anvil/overview).
pub const ANVIL_KEY: &str = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

/// A payer's private key.
#[derive(Clone)]
pub struct Key(SigningKey);

impl Key {
    /// The account that the key controls.
    pub fn address(&self) -> Address {
        Address::from_private_key(&self.0)
    }

    /// Signs 32 bytes as they are: `r`, low `s`, and `v` of 27 or 28.
    pub fn sign(&self, digest: B256) -> anyhow::Result<[u8; 65]> {
        let signed = self.0.sign_prehash_recoverable(digest.as_slice());
        let signature =
            signed.context("this key cannot sign this digest; sign with another nonce")?;
        Ok(Signature::from(signature).as_bytes())
    }
}

impl FromStr for Key {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Key> {
        // The error never repeats the text: it may be most of a real key.
        let bytes = text.parse::<B256>().ok().context("a private key has 64 hex digits")?;
        let key = SigningKey::from_slice(bytes.as_slice());
        Ok(Key(key.ok().context("this number is no private key of secp256k1; check its digits")?))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.address())
    }
}

/// An HTTP client that follows no redirects, so that a payment goes where its buyer sent it.
pub fn client() -> anyhow::Result<reqwest::Client> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let roots = rustls::RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .context("the TLS library lacks the protocol versions it was built with")?
        .with_root_certificates(roots)
        .with_no_client_auth();
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(10))
        // Longer than Lambda@Edge may take to settle: 30 s at most.
        .read_timeout(Duration::from_secs(60))
        .user_agent(concat!("edge-local/", env!("CARGO_PKG_VERSION")))
        .build()
        .context("no HTTP client")
}
