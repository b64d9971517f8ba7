//! How a payment is known: by what only its payer could have chosen, *and* by what they signed.
//!
//! A settled signature is public, since it stands in the chain's calldata, and anyone can copy a
//! nonce. So the [`PaymentId`] finds a payment, and the [`Fingerprint`] must be identical, or
//! nothing opens.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Key;
use crate::eip712::keccak;
use crate::hex;

/// What makes a payment unique.
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
        /// A hash of all of it.
        digest: [u8; 32],
    },
}

/// What was signed, and the signature.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Fingerprint {
    /// The EIP-712 digest.
    #[serde(with = "hex::array")]
    pub digest: [u8; 32],
    /// Keccak-256 of the signature's bytes.
    #[serde(with = "hex::array")]
    pub signature: [u8; 32],
}

/// One payment and no other.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Mark {
    /// Finds it.
    pub payment: PaymentId,
    /// Proves that it is the same one.
    pub fingerprint: Fingerprint,
}

/// A payment that is presented for an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Which payment.
    pub mark: Mark,
    /// The key of the object.
    pub object: String,
    /// Whether the payer's own key signed. Such a payer is the same on every chain; a contract
    /// wallet's address may be somebody else's on another one.
    pub own_key: bool,
    /// The second from which it cannot be settled any more, if it says so.
    pub valid_before: Option<u64>,
}

impl Ticket {
    /// Where the account of its payer and its object is. Of a payment that does not name its payer,
    /// the payment itself is the payer.
    pub fn account_key(&self) -> Key {
        let payer = match &self.mark.payment {
            PaymentId::Eip3009 { from, .. } if self.own_key => hex::encode(from),
            PaymentId::Eip3009 { chain_id, from, .. } => {
                format!("eip155-{chain_id}-{}", hex::encode(from))
            }
            opaque => opaque.to_string().replace('/', "-"),
        };
        // A key of S3 is as long as the object's own may be, so the object is hashed.
        let object = hex::encode(&keccak(&[self.object.as_bytes()])[..16]);
        Key(format!("accounts/{payer}/{}.json", &object[2..]))
    }
}

impl PaymentId {
    /// Where its binding is. Short, since some S3 servers make a file name of it.
    pub fn binding_key(&self) -> Key {
        Key(match self {
            PaymentId::Eip3009 { chain_id, asset, from, nonce } => {
                let payment = hex::encode(&keccak(&[asset, nonce])[..16]);
                format!("bindings/eip155-{chain_id}/{}/{}.json", hex::encode(from), &payment[2..])
            }
            PaymentId::Opaque { digest } => format!("bindings/opaque/{}.json", hex::encode(digest)),
        })
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

    fn ticket(chain_id: u64, own_key: bool, object: &str) -> Ticket {
        let payment =
            PaymentId::Eip3009 { chain_id, asset: [1; 20], from: [2; 20], nonce: [3; 32] };
        let fingerprint = Fingerprint { digest: [4; 32], signature: [5; 32] };
        let mark = Mark { payment, fingerprint };
        Ticket { mark, object: object.into(), own_key, valid_before: None }
    }

    #[test]
    fn a_name_is_read_as_it_was_written() {
        for id in [ticket(8453, true, "a").mark.payment, PaymentId::Opaque { digest: [7; 32] }] {
            assert_eq!(PaymentId::try_from(id.to_string()), Ok(id.clone()));
            let more = format!("{id}/0x00");
            assert!(PaymentId::try_from(more).is_err());
        }
    }

    #[test]
    fn who_signs_with_a_key_is_the_same_payer_on_every_chain_and_a_contract_is_not() {
        let account = |ticket: Ticket| ticket.account_key();
        assert_eq!(account(ticket(1, true, "a")), account(ticket(2, true, "a")));
        assert_ne!(account(ticket(1, false, "a")), account(ticket(2, false, "a")));
        assert_ne!(account(ticket(1, true, "a")), account(ticket(1, true, "b")));
    }

    #[test]
    fn keys_need_no_escaping() {
        for key in [
            ticket(8453, false, "b +é.json").account_key(),
            ticket(8453, false, "a").mark.payment.binding_key(),
            PaymentId::Opaque { digest: [7; 32] }.binding_key(),
        ] {
            let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"/-.".contains(&b);
            assert!(key.as_str().bytes().all(plain) && key.as_str().len() <= 256, "{key}");
        }
    }
}
