//! All that is tried, in the order in which it is tried.
//!
//! A purchase comes first, if there is one: what was bought lies in caches then, and is known.

mod cache;
mod challenge;
mod cors;
mod forged;
mod forgeries;
mod method;
mod offers;
mod path;
mod payment;
mod purchase;
mod sold;
mod storing;
mod terms;
mod transport;
mod unpaid;

use crate::buyer::Buyer;
use crate::check::Probe;
use crate::error::Error;
use crate::known::Known;

/// What is tried with a payment. `other` is another priced URL of the seller.
pub(crate) fn purchases(
    known: &Known,
    buyer: &Buyer,
    other: Option<&str>,
) -> Result<Vec<Probe>, Error> {
    purchase::probes(known, buyer, other)
}

/// What is tried without one, or with forged ones.
pub(crate) fn without(known: &Known, buyer: &Buyer) -> Result<Vec<Probe>, Error> {
    let mut probes = challenge::probes(known);
    probes.extend(terms::probes(known));
    probes.extend(path::probes(known));
    probes.extend(method::probes(known));
    probes.extend(cors::probes(known));
    probes.extend(cache::probes(known));
    probes.extend(forged::probes(known));
    probes.extend(payment::probes(known, buyer)?);
    probes.extend(transport::probes(known));
    Ok(probes)
}
