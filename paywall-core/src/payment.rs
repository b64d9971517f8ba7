//! Stages 5 and 6 together: a claim, the offer that it can be for, and what its signature tells.

use price_table::{Listing, Offer};

use crate::event::Headers;
use crate::hex;
use crate::log;
use crate::purchase::Bill;
use crate::refusal::Refusal;
use crate::scheme::Proof;
use crate::terms;
use crate::wire::claim::{self, Claim};
use crate::wire::requests;

/// A payment that could be good.
#[derive(Clone, Debug)]
pub(crate) struct Payment<'a> {
    pub(crate) claim: Claim,
    pub(crate) offer: &'a Offer,
    pub(crate) proof: Proof<'a>,
}

/// Reads the payment of a request, if it bears one. Of several offers that it can be for, the signature
/// tells.
pub(crate) fn read<'a>(
    headers: &Headers,
    offers: &'a [Offer],
) -> Result<Option<Payment<'a>>, Refusal> {
    let Some(claim) = claim::read(headers)? else { return Ok(None) };
    let mut unclear = None;
    for offer in terms::candidates(&claim, offers)? {
        let proof = Proof::read(&claim.payload, offer)?;
        if !proof.cannot_tell() {
            return Ok(Some(Payment { claim, offer, proof }));
        }
        unclear.get_or_insert((offer, proof));
    }
    let (offer, proof) = unclear.expect("a candidate matches, is impossible, or is unclear");
    Ok(Some(Payment { claim, offer, proof }))
}

impl Payment<'_> {
    /// The body of `/verify` and `/settle`.
    pub(crate) fn body(&self, listing: &Listing<'_>, url: &str) -> String {
        requests::body(self.claim.wire, self.offer, &self.proof.payload(), listing, url)
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
            Proof::Opaque { .. } => None,
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
