//! Stages 5 and 6 together: a claim, the offer that it can be for, and what its signature tells.

use price_table::{Listing, Offer, Terms, challenge};
use serde_json::{Value, json};

use crate::claim::{self, Claim, Eip3009, Wire};
use crate::clock::Micros;
use crate::eip712;
use crate::event::Headers;
use crate::hex;
use crate::limits;
use crate::log;
use crate::proof;
use crate::purchase::{Bill, Mark, PaymentId};
use crate::refusal::Refusal;
use crate::signature::{self, Check, Impossible};
use crate::terms;
use crate::transfer_call;

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

    /// Which payment it is.
    pub(crate) fn mark(&self) -> Mark {
        match &self.proof {
            Proof::Eip3009 { evm, signed, digest, .. } => {
                let authorization = &signed.authorization;
                let payment = PaymentId::Eip3009 {
                    chain_id: evm.chain_id,
                    asset: evm.asset.address.bytes,
                    from: authorization.from,
                    nonce: authorization.nonce,
                };
                let signature = eip712::keccak(&[&signed.signature]);
                Mark { payment, digest: *digest, signature }
            }
            Proof::Opaque(payload) => {
                let caip2 = self.offer.network.caip2.as_bytes();
                let digest = eip712::keccak(&[caip2, b"\0", payload.to_string().as_bytes()]);
                Mark { payment: PaymentId::Opaque { digest }, digest, signature: digest }
            }
        }
    }

    /// Not valid until after the first second, and not from the second one on.
    pub(crate) fn window(&self, now: Micros) -> (u64, u64) {
        match &self.proof {
            Proof::Eip3009 { signed, .. } => {
                let authorization = &signed.authorization;
                let (after, before) = (authorization.valid_after, authorization.valid_before);
                (after.saturating_secs(), before.saturating_secs())
            }
            Proof::Opaque(_) => (0, now.secs() + limits::OPAQUE_WINDOW_SECONDS),
        }
    }

    /// The call of the token that would settle it, where the token can be asked so.
    pub(crate) fn call(&self) -> Option<Vec<u8>> {
        match &self.proof {
            Proof::Eip3009 { signed, .. } => transfer_call::of(signed),
            Proof::Opaque(_) => None,
        }
    }

    /// The `payload` that facilitators are sent: rebuilt from what was read, so that they never see
    /// a field that was not.
    fn payload(&self) -> Value {
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

    /// The body of `/verify` and `/settle`. The same payment for the same URL always gives the same bytes.
    pub(crate) fn body(&self, listing: &Listing<'_>, url: &str) -> String {
        let offer = self.offer;
        let (version, payment, requirements) = match self.claim.wire {
            Wire::V1 => {
                let requirements = challenge::requirements_v1(offer, listing, url);
                let payment = json!({
                    "x402Version": 1,
                    "scheme": challenge::SCHEME,
                    "network": offer.network.v1,
                    "payload": self.payload(),
                });
                (1, payment, json!(requirements))
            }
            Wire::V2 => {
                let requirements = challenge::requirements_v2(offer);
                let payment = json!({
                    "x402Version": 2,
                    "resource": challenge::resource(listing, url),
                    "accepted": requirements,
                    "payload": self.payload(),
                });
                (2, payment, json!(requirements))
            }
        };
        json!({
            "x402Version": version,
            "paymentPayload": payment,
            "paymentRequirements": requirements,
        })
        .to_string()
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
            pay_to: offer.pay_to().to_owned(),
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
