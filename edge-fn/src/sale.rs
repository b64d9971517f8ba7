//! Stages 5 to 8 of the walk: whose payment is it, what does it open already, does it meet the
//! terms?

use price_table::{Access, Listing, VerifyPolicy};

use crate::clock::Micros;
use crate::facilitator::{self, Call, Endpoint, Expected, Receipt};
use crate::grant::Grant;
use crate::limits;
use crate::payment::{self, Payment};
use crate::refusal::Refusal;
use crate::route::Priced;
use crate::settle::{Resolving, Settling, Verifying};
use crate::store::{Claimed, Recalled, Record, Spent, Submission, Ticket, Unresolved};
use crate::terms;
use crate::walk::{Step, Visit};

/// A request with a payment that could be good.
#[derive(Debug)]
pub(crate) struct Case<'a> {
    pub(crate) visit: Visit<'a>,
    pub(crate) listing: Listing<'a>,
    pub(crate) access: Access,
    pub(crate) ticket: Ticket,
    payment: Payment<'a>,
}

/// Waits for [`crate::store::Store::recall`].
#[derive(Debug)]
pub struct Recalling<'a>(Case<'a>);

/// Waits for [`crate::store::Store::claim`].
#[derive(Debug)]
pub struct Claiming<'a> {
    case: Case<'a>,
    submission: Box<Submission>,
}

/// Waits for [`crate::store::Store::record`].
#[derive(Debug)]
pub struct Recorded<'a> {
    pub(crate) case: Case<'a>,
    pub(crate) then: Then,
}

/// What follows once the ending is recorded.
#[derive(Debug)]
pub(crate) enum Then {
    Grant(Receipt, &'static str),
    Refuse(Refusal),
}

/// Stages 5 and 6: reads the payment and checks its signature.
pub(crate) fn begin<'a>(mut visit: Visit<'a>, priced: Priced<'a>) -> Step<'a> {
    let Priced { listing, offers, access } = priced;
    let payment = match payment::read(&visit.request.headers, offers) {
        Ok(Some(payment)) => payment,
        Ok(None) => return visit.refuse(&Refusal::PaymentRequired, Some(&listing)),
        Err(refusal) => return visit.refuse(&refusal, Some(&listing)),
    };
    visit.log.payment = Some(payment.log());
    let ticket = payment.ticket(&listing);
    let case = Case { visit, listing, access, ticket: ticket.clone(), payment };
    Step::Recall(ticket, Recalling(case))
}

impl<'a> Recalling<'a> {
    /// Stage 7, for the very same payment.
    pub fn resume(self, recalled: Recalled, now: Micros) -> Step<'a> {
        let case = self.0;
        match recalled {
            Recalled::Unseen => case.check_terms(now),
            Recalled::Opens(receipt) => case.grant(receipt, "resent"),
            Recalled::Spent(spent) => case.refuse(&spent.into()),
            Recalled::InProgress => case.refuse(&Refusal::PaymentInProgress),
            Recalled::Unresolved(unresolved) => case.resolve(unresolved, now),
        }
    }
}

impl<'a> Claiming<'a> {
    /// Stage 7, for the payer; and the last point at which nothing was submitted.
    pub fn resume(self, claimed: Claimed, now: Micros) -> Step<'a> {
        let Claiming { case, submission } = self;
        match claimed {
            Claimed::Ours => Settling::begin(case, *submission, now),
            Claimed::Owned(receipt) => case.grant(receipt, "owned"),
            Claimed::Earlier(unresolved) => case.resolve(unresolved, now),
            Claimed::InProgress => case.refuse(&Refusal::PaymentInProgress),
            Claimed::Spent(spent) => case.refuse(&spent.into()),
            Claimed::Full => case.refuse(&Refusal::StoreUnavailable),
        }
    }
}

impl<'a> Recorded<'a> {
    /// The end. Whether the record could be written does not matter any more: what settled is
    /// granted, and what did not is not.
    pub fn resume(self, record: Record) -> Step<'a> {
        let Recorded { mut case, then } = self;
        match then {
            // Most likely the same payment in another spelling; if not, its buyer must not pay again.
            Then::Grant(..) if record == Record::TransactionUsed => {
                case.visit.log.alarm = true;
                case.visit.log.detail = Some("its transaction settled another payment".into());
                case.refuse(&Refusal::SettlementUnknown)
            }
            Then::Grant(receipt, outcome) => case.grant(receipt, outcome),
            Then::Refuse(Refusal::Refused(code)) => {
                let settlement = facilitator::refused_json(&code, &case.expected());
                let Case { visit, listing, .. } = case;
                let refusal = Refusal::Refused(code);
                visit.refuse_settlement(&refusal, Some(&listing), Some(&settlement))
            }
            Then::Refuse(refusal) => case.refuse(&refusal),
        }
    }
}

impl<'a> Case<'a> {
    /// Stage 8, and `/verify` for who needs it.
    fn check_terms(mut self, now: Micros) -> Step<'a> {
        if let Err(refusal) = terms::check(&self.payment, now) {
            return self.refuse(&refusal);
        }
        let policy = self.payment.offer.facilitators[0].verify;
        if self.payment.matches() && policy == VerifyPolicy::WhenNeeded {
            return self.claim(now);
        }
        if !self.payment.matches() && !self.visit.paywall.budget.take(now) {
            return self.refuse(&Refusal::VerificationBusy);
        }
        // What /settle needs is kept for it.
        let for_verify =
            self.time_left(now).and_then(|ms| ms.checked_sub(limits::SHORTEST_SETTLE_MS));
        let Some(timeout_ms) = for_verify.filter(|ms| *ms >= limits::SHORTEST_CALL_MS) else {
            self.visit.log.detail = Some("no time left for /verify".into());
            return self.refuse(&Refusal::FacilitatorUnavailable);
        };
        let submission = self.submission();
        let call = Call {
            endpoint: Endpoint::Verify,
            facilitator: submission.facilitator,
            body: submission.body,
            timeout_ms,
        };
        Step::Verify(call, Verifying { case: self, began: now })
    }

    /// Binds the payment to the object.
    pub(crate) fn claim(mut self, now: Micros) -> Step<'a> {
        if self.time_left(now).is_none_or(|ms| ms < limits::SHORTEST_SETTLE_MS) {
            self.visit.log.detail = Some("no time left for /settle".into());
            return self.refuse(&Refusal::FacilitatorUnavailable);
        }
        let submission = self.submission();
        let claiming = Claiming { submission: Box::new(submission.clone()), case: self };
        Step::Claim(claiming.case.ticket.clone(), submission, claiming)
    }

    /// Asks the same facilitator about an unresolved payment, word for word.
    fn resolve(mut self, unresolved: Unresolved, now: Micros) -> Step<'a> {
        let own = unresolved.id == self.ticket.id;
        let Some(timeout_ms) = self.time_left(now) else {
            self.visit.log.detail = Some("no time left to ask again".into());
            let refusal = Resolving::still_unknown(own);
            return self.refuse(&refusal);
        };
        let Unresolved { id, submission } = unresolved;
        let Submission { facilitator, body, expected, .. } = submission;
        let call = Call { endpoint: Endpoint::Settle, facilitator, body, timeout_ms };
        Step::Resolve(call, Resolving { case: self, id, expected, began: now })
    }

    /// How the payment is submitted: to the first facilitator of its offer.
    fn submission(&self) -> Submission {
        let Visit { paywall, request, invocation, .. } = &self.visit;
        let url = paywall.resource_url(&self.listing, &request.headers);
        Submission {
            facilitator: paywall.facilitator_url(&self.payment.offer.facilitators[0]),
            body: facilitator::body(&self.payment, &self.listing, &url),
            expected: self.expected(),
            lease: invocation.deadline,
        }
    }

    /// What an answer about this payment must not contradict.
    pub(crate) fn expected(&self) -> Expected {
        self.payment.expected()
    }

    /// Milliseconds for a call, or `None` if it is too late to begin one.
    pub(crate) fn time_left(&self, now: Micros) -> Option<u64> {
        let left = self.visit.invocation.deadline.millis_since(now);
        left.checked_sub(limits::DEADLINE_MARGIN_MS).filter(|ms| *ms >= limits::SHORTEST_CALL_MS)
    }

    pub(crate) fn grant(mut self, receipt: Receipt, outcome: &str) -> Step<'a> {
        self.visit.log.transaction = Some(receipt.transaction().to_owned());
        self.visit.grant(Grant::paid(self.listing, receipt), outcome)
    }

    pub(crate) fn refuse(self, refusal: &Refusal) -> Step<'a> {
        self.visit.refuse(refusal, Some(&self.listing))
    }
}

impl From<Spent> for Refusal {
    fn from(spent: Spent) -> Self {
        match spent {
            Spent::OtherObject => Refusal::UsedForAnotherObject,
            Spent::OtherSignature => Refusal::NonceReused,
            Spent::Exhausted => Refusal::ResendsExhausted,
        }
    }
}
