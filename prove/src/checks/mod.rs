//! All that is tried, in the order in which it is tried.

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

/// The terms, and forged payments: before anybody owns anything, so that no refusal or grant is for that.
pub(crate) fn before(known: &Known, buyer: &Buyer) -> Result<Vec<Probe>, Error> {
    let mut probes = challenge::probes(known);
    probes.extend(terms::probes(known));
    probes.extend(payment::probes(known, buyer)?);
    Ok(probes)
}

/// Purchases. `other` is another priced URL of the seller.
pub(crate) fn purchases(
    known: &Known,
    buyer: &Buyer,
    other: Option<&str>,
) -> Result<Vec<Probe>, Error> {
    purchase::probes(known, buyer, other)
}

/// All that must not open without a payment: what was bought lies in caches by now, and is known.
pub(crate) fn after(known: &Known) -> Vec<Probe> {
    let groups = [
        path::probes,
        method::probes,
        cors::probes,
        cache::probes,
        forged::probes,
        transport::probes,
    ];
    groups.iter().flat_map(|probes| probes(known)).collect()
}
