//! Stages 5 and 6 together: a claim, the offer that it can be for, and what its signature tells.

use price_table::{Listing, Offer, Quoted};

use crate::clock::Micros;
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
    /// The offer, and what it pays.
    pub(crate) quoted: Quoted<'a>,
    pub(crate) proof: Proof<'a>,
}

/// Reads the payment of a request, if it bears one. Of several offers that it can be for, the signature
/// tells.
pub(crate) fn read<'a>(
    headers: &Headers,
    offers: &'a [Offer],
    now: Micros,
) -> Result<Option<Payment<'a>>, Refusal> {
    let Some(claim) = claim::read(headers)? else { return Ok(None) };
    let mut unclear = None;
    for offer in terms::candidates(&claim, offers)? {
        let proof = Proof::read(&claim.payload, offer)?;
        if !proof.cannot_tell() {
            return Ok(Some(Payment::new(claim, offer, proof, now)));
        }
        unclear.get_or_insert((offer, proof));
    }
    let (offer, proof) = unclear.expect("a candidate matches, is impossible, or is unclear");
    Ok(Some(Payment::new(claim, offer, proof, now)))
}

impl<'a> Payment<'a> {
    fn new(claim: Claim, offer: &'a Offer, proof: Proof<'a>, now: Micros) -> Self {
        let quoted = terms::quoted(&claim, offer, &proof, now);
        Payment { claim, quoted, proof }
    }

    /// The body of `/verify` and `/settle`.
    pub(crate) fn body(&self, listing: &Listing<'_>, url: &str) -> String {
        requests::body(self.claim.wire, self.quoted, &self.proof.payload(), listing, url)
    }

    /// Who pays whom how much.
    pub(crate) fn bill(&self) -> Bill {
        let Quoted { offer, amount } = self.quoted;
        Bill {
            wire: self.claim.wire,
            network: offer.network.caip2.to_string(),
            v1: offer.network.v1.as_deref().map(str::to_owned),
            asset: offer.asset().to_owned(),
            amount,
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
            ..log::Payment::asked(self.quoted)
        }
    }
}
