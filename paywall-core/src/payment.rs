//! Stages 5 and 6 together: a claim, the offer that it can be for, and what its signature tells.

use price_table::{Listing, Offer, Terms};
use serde_json::{Value, json};

use crate::claim::{self, Claim, Eip3009};
use crate::eip712;
use crate::event::Headers;
use crate::facilitator::Payer;
use crate::hex;
use crate::log;
use crate::proof;
use crate::refusal::Refusal;
use crate::signature::{self, Check, Impossible};
use crate::store::{Bill, Fingerprint, Mark, PaymentId, Ticket};
use crate::terms;

/// A payment that could be good.
#[derive(Clone, Debug)]
pub(crate) struct Payment<'a> {
    pub(crate) claim: Claim,
    pub(crate) offer: &'a Offer,
    pub(crate) proof: Proof<'a>,
}

/// What proves it.
#[derive(Clone, Debug)]
pub(crate) enum Proof<'a> {
    /// An authorization that can be checked here.
    Eip3009 { evm: &'a price_table::Evm, signed: Box<Eip3009>, digest: [u8; 32], check: Check },
    /// Something that only the facilitator understands.
    Opaque(Value),
}

/// Reads the payment of a request, if it bears one.
pub(crate) fn read<'a>(
    headers: &Headers,
    offers: &'a [Offer],
) -> Result<Option<Payment<'a>>, Refusal> {
    let Some(mut claim) = claim::read(headers)? else { return Ok(None) };
    let candidates = terms::candidates(&claim, offers)?;
    let mut unclear = None;
    for offer in candidates {
        let Terms::Evm(evm) = &offer.terms else {
            let proof = Proof::Opaque(claim.payload.take());
            return Ok(Some(Payment { claim, offer, proof }));
        };
        let mut signed = Box::new(proof::eip3009(&claim.payload)?);
        let digest = eip712::digest(evm, &signed.authorization);
        match signature::check(&digest, &signed.signature, &signed.authorization.from) {
            Ok(check @ Check::Matches { canonical }) => {
                // However it was spelled: the store knows it, and facilitators get it, by this.
                signed.signature = canonical.to_vec();
                let proof = Proof::Eip3009 { evm, signed, digest, check };
                return Ok(Some(Payment { claim, offer, proof }));
            }
            Ok(check @ Check::CannotTell) => {
                unclear.get_or_insert((offer, Proof::Eip3009 { evm, signed, digest, check }));
            }
            Err(Impossible::TooShort) => return Err(Refusal::SignatureLength),
            Err(Impossible::OutOfRange) => return Err(Refusal::SignatureImpossible),
        }
    }
    let (offer, proof) = unclear.expect("a candidate matches, is impossible, or is unclear");
    Ok(Some(Payment { claim, offer, proof }))
}

impl Payment<'_> {
    /// Whether the signature was found to be the payer's.
    pub(crate) fn matches(&self) -> bool {
        matches!(self.proof, Proof::Eip3009 { check: Check::Matches { .. }, .. })
    }

    /// What the store knows it by.
    pub(crate) fn ticket(&self, listing: &Listing<'_>) -> Ticket {
        let (id, fingerprint) = match &self.proof {
            Proof::Eip3009 { evm, signed, digest, .. } => {
                let authorization = &signed.authorization;
                let id = PaymentId::Eip3009 {
                    chain_id: evm.chain_id,
                    asset: evm.asset.address.bytes,
                    from: authorization.from,
                    nonce: authorization.nonce,
                };
                let signature = eip712::keccak(&[&signed.signature]);
                (id, Fingerprint { digest: *digest, signature })
            }
            Proof::Opaque(payload) => {
                let caip2 = self.offer.network.caip2.as_bytes();
                let digest = eip712::keccak(&[caip2, b"\0", payload.to_string().as_bytes()]);
                (PaymentId::Opaque { digest }, Fingerprint { digest, signature: digest })
            }
        };
        Ticket {
            mark: Mark { payment: id, fingerprint },
            object: listing.object.key.to_owned(),
            own_key: self.matches(),
            valid_before: self.valid_before(),
        }
    }

    fn valid_before(&self) -> Option<u64> {
        match &self.proof {
            Proof::Eip3009 { signed, .. } => {
                Some(signed.authorization.valid_before.saturating_secs())
            }
            Proof::Opaque(_) => None,
        }
    }

    /// The `payload` that facilitators are sent: rebuilt from what was read, so that they never see
    /// a field that was not.
    pub(crate) fn payload(&self) -> Value {
        match &self.proof {
            Proof::Eip3009 { signed, .. } => {
                let Eip3009 { authorization, signature } = &**signed;
                json!({
                    "signature": hex::encode(signature),
                    "authorization": {
                        "from": hex::encode(&authorization.from),
                        "to": hex::encode(&authorization.to),
                        "value": authorization.value.to_string(),
                        "validAfter": authorization.valid_after.to_string(),
                        "validBefore": authorization.valid_before.to_string(),
                        "nonce": hex::encode(&authorization.nonce),
                    },
                })
            }
            Proof::Opaque(payload) => payload.clone(),
        }
    }

    /// Who pays whom how much.
    pub(crate) fn bill(&self) -> Bill {
        let offer = self.offer;
        Bill {
            wire: self.claim.wire,
            network: offer.network.caip2.to_string(),
            v1: offer.network.v1.as_deref().map(str::to_owned),
            asset: offer.asset().to_owned(),
            amount: offer.amount,
            payer: match &self.proof {
                Proof::Eip3009 { signed, .. } => Payer::Evm(signed.authorization.from),
                Proof::Opaque(_) => Payer::Unknown,
            },
            pay_to: offer.pay_to().to_owned(),
            valid_before: self.valid_before(),
        }
    }

    /// What is logged of it.
    pub(crate) fn log(&self) -> log::Payment {
        let authorization = match &self.proof {
            Proof::Eip3009 { signed, .. } => Some(&signed.authorization),
            Proof::Opaque(_) => None,
        };
        log::Payment {
            payer: authorization.map(|authorization| hex::encode(&authorization.from)),
            nonce: authorization.map(|authorization| hex::encode(&authorization.nonce)),
            amount: self.offer.amount.to_string(),
            asset: self.offer.asset().to_owned(),
            network: self.offer.network.caip2.to_string(),
        }
    }
}
