//! What a payment signs, and what proves it on its chain: the seam of *schemes*. Today's is `exact`, by an
//! EIP-3009 authorization: <https://github.com/x402-foundation/x402/blob/main/specs/schemes/exact/scheme_exact_evm.md>.
//!
//! | of a scheme | here |
//! | --- | --- |
//! | what is signed, and the digest of it | [`eip3009`], [`eip712`] |
//! | whether the signature is the payer's | [`signature`] |
//! | what makes a payment unique | [`identity`] |
//! | the call of the token that makes the transfer | [`transfer_call`] |
//! | the logs that prove it | [`spending`] |
//!
//! [`Proof`] is all that the rest knows of them. Another scheme adds a variant, and the compiler names what
//! is missing. How a payment is written is [`crate::wire`]'s.

pub mod eip3009;
pub mod eip712;
pub mod identity;
pub mod signature;
pub mod spending;
pub mod transfer_call;

use price_table::{Evm, Offer, Terms};
use serde_json::Value;

use crate::clock::Micros;
use crate::json::text;
use crate::keccak::keccak;
use crate::limits;
use crate::refusal::Refusal;
use eip3009::Eip3009;
use identity::{Mark, PaymentId};
use signature::{Check, Impossible};

/// What proves a payment.
#[derive(Clone, Debug)]
pub enum Proof<'a> {
    /// An authorization that can be checked here.
    Eip3009 {
        /// What it pays in.
        evm: &'a Evm,
        /// What is signed, and by what.
        signed: Box<Eip3009>,
        /// The EIP-712 digest.
        digest: [u8; 32],
        /// What its signature tells.
        check: Check,
    },
    /// Something that only the facilitator understands.
    Opaque {
        /// The CAIP-2 name of its network.
        caip2: &'a str,
        /// The scheme's part of the payment.
        payload: Value,
    },
}

impl<'a> Proof<'a> {
    /// Reads the scheme's part of a payment as one for this offer.
    pub fn read(payload: &Value, offer: &'a Offer) -> Result<Self, Refusal> {
        let Terms::Evm(evm) = &offer.terms else {
            return Ok(Proof::Opaque { caip2: &offer.network.caip2, payload: payload.clone() });
        };
        let mut signed = Box::new(eip3009::read(payload)?);
        let digest = eip712::digest(evm, &signed.authorization);
        let checked = signature::check(&digest, &signed.signature, &signed.authorization.from);
        let check = checked.map_err(|impossible| match impossible {
            Impossible::TooShort => Refusal::SignatureLength,
            Impossible::OutOfRange => Refusal::SignatureImpossible,
        })?;
        if let Check::Matches { canonical } = check {
            // However it was spelled: the store knows it, and facilitators get it, by this.
            signed.signature = canonical.to_vec();
        }
        Ok(Proof::Eip3009 { evm, signed, digest, check })
    }

    /// Whether it was found to be the payer's own.
    pub fn matches(&self) -> bool {
        matches!(self, Proof::Eip3009 { check: Check::Matches { .. }, .. })
    }

    /// Whether it may be good or not, and another offer may tell.
    pub(crate) fn cannot_tell(&self) -> bool {
        matches!(self, Proof::Eip3009 { check: Check::CannotTell, .. })
    }

    /// Which payment it is.
    pub fn mark(&self) -> Mark {
        match self {
            Proof::Eip3009 { evm, signed, digest, .. } => {
                let authorization = &signed.authorization;
                let payment = PaymentId::Eip3009 {
                    chain_id: evm.chain_id,
                    asset: evm.asset.address.bytes,
                    from: authorization.from,
                    nonce: authorization.nonce,
                };
                Mark { payment, digest: *digest, signature: keccak(&[&signed.signature]) }
            }
            Proof::Opaque { caip2, payload } => {
                let digest = keccak(&[caip2.as_bytes(), b"\0", text(payload).as_bytes()]);
                Mark { payment: PaymentId::Opaque { digest }, digest, signature: digest }
            }
        }
    }

    /// Not valid until after the first second, and not from the second one on.
    pub fn window(&self, now: Micros) -> (u64, u64) {
        match self {
            Proof::Eip3009 { signed, .. } => {
                let authorization = &signed.authorization;
                let (after, before) = (authorization.valid_after, authorization.valid_before);
                (after.saturating_secs(), before.saturating_secs())
            }
            Proof::Opaque { .. } => (0, now.secs() + limits::OPAQUE_WINDOW_SECONDS),
        }
    }

    /// The call of the token that would settle it, where the token can be asked so.
    pub fn call(&self) -> Option<Vec<u8>> {
        match self {
            Proof::Eip3009 { signed, .. } => transfer_call::of(signed),
            Proof::Opaque { .. } => None,
        }
    }

    /// The `payload` that facilitators are sent.
    pub fn payload(&self) -> Value {
        match self {
            Proof::Eip3009 { signed, .. } => signed.payload(),
            Proof::Opaque { payload, .. } => payload.clone(),
        }
    }
}
