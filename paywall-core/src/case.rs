//! A payment for an object on its way through the paid stages: what it knows, and whom it can ask.

use std::borrow::Cow;

use price_table::Access;

use crate::clock::Micros;
use crate::facilitator::{self, Call, Endpoint, Outcome, Verification};
use crate::limits;
use crate::log::CallTiming;
use crate::payment::Payment;
use crate::plan::{self, Choice, Plan};
use crate::refusal::Refusal;
use crate::route::Priced;
use crate::store::{Account, At, Failed, Held, Ledger, Opened, Pending, Ticket, Write};
use crate::walk::Visit;
use crate::world::World;

/// A request with a payment that could be good.
pub(crate) struct Case<'a, 'w, W> {
    pub(crate) visit: Visit<'a>,
    pub(crate) priced: Priced<'a>,
    pub(crate) payment: Payment<'a>,
    pub(crate) ticket: Ticket,
    pub(crate) ledger: Ledger<'w, W>,
    /// Whom the signature was found good by, and for.
    pub(crate) verified_by: Option<String>,
    /// Whether the payment was found not to have been spent.
    pub(crate) unspent: bool,
}

/// What the request ends with, and how it came to it, for the log.
pub(crate) type Granted = (Opened, &'static str);

impl<W: World> Case<'_, '_, W> {
    /// Whether a facilitator must verify the payment before it settles it.
    pub(crate) fn must_verify(&self, choice: &Choice) -> bool {
        match &self.verified_by {
            Some(url) => choice.verify_first && *url != choice.url,
            None => choice.verify_first || !self.payment.matches(),
        }
    }

    pub(crate) async fn verify_at(&mut self, plan: &Plan) -> Result<Verification, Refusal> {
        let Some(timeout_ms) = self.time_left().and_then(|left| plan.verify_ms(left)) else {
            self.visit.log.detail = Some("no time left for /verify".into());
            return Err(Refusal::FacilitatorUnavailable);
        };
        let call = Call {
            endpoint: Endpoint::Verify,
            facilitator: plan.next().url.clone(),
            body: self.body(),
            timeout_ms,
            connect_timeout_ms: timeout_ms,
        };
        let outcome = self.ask(&call).await;
        Ok(facilitator::verification(&outcome, &self.payment.bill().expected()))
    }

    /// That the payment, which opens what another one paid for, was not settled elsewhere before:
    /// then it is public, and anybody may have sent it.
    pub(crate) async fn check_unspent(&mut self) -> Result<(), Refusal> {
        if !self.unspent {
            self.unspent = match self.is_spent().await {
                Some(false) => true,
                Some(true) => return Err(Refusal::NonceReused),
                None => return Err(Refusal::VerificationUnclear),
            };
        }
        Ok(())
    }

    /// The payment as one under way, for as long as this invocation may last.
    pub(crate) fn pending(&self, plan: &Plan, now: Micros) -> Pending {
        Pending {
            mark: self.ticket.mark.clone(),
            bill: self.payment.bill(),
            seconds: match self.priced.access {
                Access::Request => None,
                Access::Seconds(seconds) => Some(seconds),
            },
            access_epoch: self.priced.access_epoch,
            bound_at: now,
            facilitator: plan.next().url.clone(),
            body: self.body(),
            lease: self.deadline(),
        }
    }

    pub(crate) fn body(&self) -> String {
        let (paywall, listing) = (self.visit.paywall, &self.priced.listing);
        let url = paywall.resource_url(listing, &self.visit.request.headers);
        facilitator::body(&self.payment, listing, &url)
    }

    /// Calls a facilitator, and tells its breaker and the log.
    pub(crate) async fn ask(&mut self, call: &Call) -> Outcome {
        let (world, breakers) = (self.ledger.world, &self.visit.paywall.breakers);
        let began = world.now();
        breakers.asked(&call.facilitator, began);
        let called = world.call(call).await;
        let ended = world.now();
        let out_of_order = facilitator::is_out_of_order(&called.outcome);
        breakers.answered(&call.facilitator, !out_of_order, ended);
        let log = &mut self.visit.log;
        if let Some(what) = facilitator::operator(&called.outcome) {
            log.operator = Some(format!("{}: {what}", call.facilitator));
        }
        log.calls.push(CallTiming {
            endpoint: call.endpoint.name(),
            to: call.facilitator.clone(),
            ms: ended.millis_since(began),
            phases: called.phases,
        });
        called.outcome
    }

    /// Writes an account before anything is done about it.
    pub(crate) async fn write(&mut self, held: &mut Held, next: Account) -> Result<Write, Refusal> {
        let written = self.ledger.write(held, next).await;
        written.map_err(|failed| self.unwritten(failed))
    }

    /// Says that the payment is not under way any more; false if somebody else has taken it over, or
    /// that cannot be known.
    pub(crate) async fn clear(&mut self, held: &mut Held) -> bool {
        let mut next = held.account.clone();
        next.pending = None;
        self.write(held, next).await == Ok(Write::Done)
    }

    pub(crate) fn unwritten(&mut self, failed: Failed) -> Refusal {
        self.visit.log.detail = Some(failed.0);
        Refusal::StoreUnavailable
    }

    pub(crate) fn note(&mut self, detail: impl Into<Cow<'static, str>>) {
        self.visit.log.detail = Some(detail.into().into_owned());
    }

    pub(crate) fn now(&self) -> Micros {
        self.ledger.world.now()
    }

    pub(crate) fn at(&self) -> At {
        At { now: self.now(), access_epoch: self.priced.access_epoch }
    }

    pub(crate) fn deadline(&self) -> Micros {
        self.visit.invocation.deadline
    }

    /// Whether the outcome of a `/settle` would be known in time.
    pub(crate) fn can_settle(&self) -> bool {
        self.time_left().is_some_and(|left| left >= limits::SHORTEST_SETTLE_MS)
    }

    /// Milliseconds for a call, or `None` if it is too late to begin one: then the lease of this
    /// invocation is as good as over, too.
    pub(crate) fn time_left(&self) -> Option<u64> {
        plan::time_left(self.deadline(), self.now())
    }
}
