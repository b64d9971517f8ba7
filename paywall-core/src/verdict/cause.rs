//! Why a facilitator did not take a payment up, and who can mend that.

use crate::log::Mend;

/// Why. Each is the same for every buyer, so the payment is good elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// Our terms: the token's domain, asset, network, scheme, version, or the form of our request.
    Terms,
    /// It settles only what it verified.
    Verify,
    /// Our secret.
    Secret,
    /// Its own bill.
    Bill,
    /// Where we call from.
    Place,
    /// It throttles us.
    Rate,
    /// A redirect.
    Moved,
    /// No such endpoint, or not in this form.
    Endpoint,
    /// A proxy in front of it is full.
    Busy,
}

impl Cause {
    /// Whether only the seller can mend it, so that waiting does not help.
    pub(super) fn wants_mending(self) -> bool {
        !matches!(self, Cause::Rate | Cause::Busy)
    }

    /// Whether it will have nothing to do with us at all, whatever we sell: the breaker counts that.
    pub(super) fn is_for_all(self) -> bool {
        !matches!(self, Cause::Terms | Cause::Verify)
    }

    /// Which line the seller is told.
    pub(super) fn mend(self) -> Mend {
        match self {
            Cause::Terms => Mend::FacilitatorTerms,
            Cause::Verify => Mend::FacilitatorVerify,
            Cause::Secret => Mend::FacilitatorSecret,
            Cause::Bill => Mend::FacilitatorBill,
            Cause::Place => Mend::FacilitatorPlace,
            Cause::Rate => Mend::FacilitatorRate,
            Cause::Moved => Mend::FacilitatorMoved,
            Cause::Endpoint => Mend::FacilitatorEndpoint,
            Cause::Busy => Mend::FacilitatorBusy,
        }
    }

    /// What the seller is told.
    pub(super) fn advice(self) -> &'static str {
        match self {
            Cause::Terms => {
                "it does not take our terms, whoever pays: `check --online` compares network, scheme, \
                 asset and the token's name and version with what it supports; description and price \
                 have limits, too"
            }
            Cause::Verify => "it settles only what it verified: set `verify = \"first\"` for it",
            Cause::Secret => "its secret was refused: renew it, and build or deploy again",
            Cause::Bill => "it wants its own bill paid",
            Cause::Place => {
                "it refuses calls from where the function runs: name another facilitator"
            }
            Cause::Rate => {
                "it throttles us: ask it for a higher limit, or name another facilitator"
            }
            Cause::Moved => "no redirect is followed with a payment: correct its URL",
            Cause::Endpoint => "it has no such endpoint: correct its URL",
            Cause::Busy => {
                "the proxy before it is full: ask it for a higher limit, or name another facilitator"
            }
        }
    }
}
