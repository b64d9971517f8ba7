//! How a payment is known: by what only its payer could have chosen, *and* by what they signed.
//!
//! A settled signature is public, since it stands in the chain's calldata, and anyone can copy a
//! nonce. So the [`PaymentId`] finds a payment, and the whole [`Mark`] must be equal, or nothing opens.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::hex;
use crate::keccak::keccak;
use crate::receipt::Payer;

/// What makes a payment unique. No shop is in it, for the chain knows none: one payment is bound once
/// for all sites of a store.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(into = "String", try_from = "String")]
pub enum PaymentId {
    /// A token accepts a nonce once per payer.
    Eip3009 {
        /// The chain.
        chain_id: u64,
        /// The token.
        asset: [u8; 20],
        /// The payer.
        from: [u8; 20],
        /// The nonce.
        nonce: [u8; 32],
    },
    /// A payment that only its facilitator understands. Its buyer may be able to spell it in several
    /// ways, so the transaction that settles it counts as well.
    Opaque {
        /// A hash of network and payload.
        digest: [u8; 32],
    },
}

/// One payment and no other.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
pub struct Mark {
    /// Finds it.
    pub payment: PaymentId,
    /// What was signed: the EIP-712 digest.
    #[serde(with = "hex::array")]
    pub digest: [u8; 32],
    /// Keccak-256 of the signature, in its canonical form where it recovers.
    #[serde(with = "hex::array")]
    pub signature: [u8; 32],
}

impl PaymentId {
    /// The name of its binding's record. Short, since some S3 servers make a file name of it.
    pub fn path(&self) -> String {
        match self {
            PaymentId::Eip3009 { chain_id, asset, from, nonce } => {
                let rest = hex::encode(&keccak(&[asset, nonce])[..16]);
                format!("eip155-{chain_id}/{}/{}", hex::encode(from), &rest[2..])
            }
            PaymentId::Opaque { digest } => format!("opaque/{}", hex::encode(digest)),
        }
    }

    /// The payer as accounts name them: an address, whatever the chain and the kind of signature. A
    /// payment that does not name its payer is its own.
    pub fn payer_name(&self) -> String {
        match self {
            PaymentId::Eip3009 { from, .. } => hex::encode(from),
            PaymentId::Opaque { .. } => self.short_name(),
        }
    }

    /// A name for the payment itself: 32 digits of a hash.
    pub fn short_name(&self) -> String {
        hex::encode(&keccak(&[self.to_string().as_bytes()])[..16])[2..].to_owned()
    }

    /// Who pays.
    pub fn payer(&self) -> Payer {
        match self {
            PaymentId::Eip3009 { from, .. } => Payer::Evm(*from),
            PaymentId::Opaque { .. } => Payer::Unknown,
        }
    }

    /// The EIP-155 chain, if it is on one.
    pub fn chain_id(&self) -> Option<u64> {
        match self {
            PaymentId::Eip3009 { chain_id, .. } => Some(*chain_id),
            PaymentId::Opaque { .. } => None,
        }
    }
}

impl fmt::Display for PaymentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PaymentId::Eip3009 { chain_id, asset, from, nonce } => {
                let [asset, from] = [asset, from].map(|address| hex::encode(address));
                write!(f, "eip155-{chain_id}/{asset}/{from}/{}", hex::encode(nonce))
            }
            PaymentId::Opaque { digest } => write!(f, "opaque/{}", hex::encode(digest)),
        }
    }
}

impl From<PaymentId> for String {
    fn from(id: PaymentId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for PaymentId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        parse(&text).ok_or("not the name of a payment")
    }
}

fn parse(text: &str) -> Option<PaymentId> {
    if let Some(digest) = text.strip_prefix("opaque/") {
        return Some(PaymentId::Opaque { digest: hex::decode_array(digest)? });
    }
    let mut parts = text.strip_prefix("eip155-")?.split('/');
    let id = PaymentId::Eip3009 {
        chain_id: parts.next()?.parse().ok()?,
        asset: hex::decode_array(parts.next()?)?,
        from: hex::decode_array(parts.next()?)?,
        nonce: hex::decode_array(parts.next()?)?,
    };
    parts.next().is_none().then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_was_written() {
        let evm =
            PaymentId::Eip3009 { chain_id: 8453, asset: [1; 20], from: [2; 20], nonce: [3; 32] };
        for id in [evm, PaymentId::Opaque { digest: [7; 32] }] {
            assert_eq!(PaymentId::try_from(id.to_string()), Ok(id.clone()));
            assert!(PaymentId::try_from(format!("{id}/0x00")).is_err());
        }
    }
}
