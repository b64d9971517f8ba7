//! Stage 9: what the facilitator's answers do.
//!
//! After bytes of a `/settle` went out, the buyer is never told to pay again unless the answer is a
//! refusal from [`crate::refused_before_submission`]. An unknown outcome is asked about once more,
//! word for word, if the deadline allows; then it is 503, and the claim stays for whoever asks next.

use crate::clock::Micros;
use crate::facilitator::{
    self, Call, Endpoint, Expected, Outcome, Receipt, Settlement, Verification,
};
use crate::log::CallTiming;
use crate::refusal::Refusal;
use crate::sale::{Case, Recorded, Then};
use crate::store::{Ending, PaymentId, Sold, Submission};
use crate::walk::Step;

/// Waits for `/verify`.
#[derive(Debug)]
pub struct Verifying<'a> {
    pub(crate) case: Case<'a>,
    pub(crate) began: Micros,
}

/// Waits for `/settle`.
#[derive(Debug)]
pub struct Settling<'a> {
    case: Case<'a>,
    submission: Submission,
    began: Micros,
    attempt: Attempt,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Attempt {
    First,
    /// After an unknown outcome: this one cannot say for certain that nothing was submitted.
    Again,
}

/// Waits for `/settle` of a payment whose outcome an earlier request left unknown.
#[derive(Debug)]
pub struct Resolving<'a> {
    pub(crate) case: Case<'a>,
    pub(crate) id: PaymentId,
    pub(crate) expected: Expected,
    pub(crate) began: Micros,
}

impl<'a> Verifying<'a> {
    /// Goes on to the claim, or refuses; nothing was submitted by this request.
    pub fn resume(self, outcome: &Outcome, now: Micros) -> Step<'a> {
        let Verifying { mut case, began } = self;
        case.time(Endpoint::Verify, began, now);
        let (refusal, why) = match facilitator::verification(outcome, &case.expected()) {
            Verification::Valid => return case.claim(now),
            Verification::Refused(code) => (Refusal::Refused(code), None),
            Verification::Unavailable(why) => (Refusal::FacilitatorUnavailable, Some(why)),
            Verification::Unclear(why) => (Refusal::VerificationUnclear, Some(why)),
        };
        case.visit.log.detail = why;
        case.refuse(&refusal)
    }
}

impl<'a> Settling<'a> {
    pub(crate) fn begin(case: Case<'a>, submission: Submission, now: Micros) -> Step<'a> {
        Settling { case, submission, began: now, attempt: Attempt::First }.ask(now)
    }

    fn ask(mut self, now: Micros) -> Step<'a> {
        self.began = now;
        let call = Call {
            endpoint: Endpoint::Settle,
            facilitator: self.submission.facilitator.clone(),
            body: self.submission.body.clone(),
            // Time was left before the claim; should the store have used it up, the call is cut
            // short at once, and the platform's deadline still kept.
            timeout_ms: self.case.time_left(now).unwrap_or_default(),
        };
        Step::Settle(call, self)
    }

    /// Ends the sale, or asks once more.
    pub fn resume(mut self, outcome: &Outcome, now: Micros) -> Step<'a> {
        self.case.time(Endpoint::Settle, self.began, now);
        let first = self.attempt == Attempt::First;
        match facilitator::settlement(outcome, &self.case.expected(), first) {
            Settlement::Settled(receipt) => {
                let id = self.case.ticket.id.clone();
                self.case.settled(id, receipt, "settled")
            }
            Settlement::Refused(code) => self.case.refused(Refusal::Refused(code)),
            Settlement::NotSent(why) if first => {
                self.case.visit.log.detail = Some(why);
                self.case.refused(Refusal::FacilitatorUnavailable)
            }
            Settlement::NotSent(why) | Settlement::Unknown(why) => {
                self.case.visit.log.detail = Some(why);
                if first && self.case.time_left(now).is_some() {
                    self.attempt = Attempt::Again;
                    return self.ask(now);
                }
                self.case.visit.log.alarm = true;
                let id = self.case.ticket.id.clone();
                let then = Then::Refuse(Refusal::SettlementUnknown);
                Step::Record(id, Ending::Unknown, Recorded { case: self.case, then })
            }
        }
    }
}

impl<'a> Resolving<'a> {
    /// Grants what turns out to be paid; anything else leaves it unknown.
    pub fn resume(self, outcome: &Outcome, now: Micros) -> Step<'a> {
        let Resolving { mut case, id, expected, began } = self;
        case.time(Endpoint::Settle, began, now);
        let own = id == case.ticket.id;
        match facilitator::settlement(outcome, &expected, false) {
            Settlement::Settled(receipt) => {
                case.settled(id, receipt, if own { "resolved" } else { "resolved_earlier" })
            }
            Settlement::Refused(why) | Settlement::NotSent(why) | Settlement::Unknown(why) => {
                case.visit.log.detail = Some(why);
                case.refuse(&Self::still_unknown(own))
            }
        }
    }

    pub(crate) fn still_unknown(own: bool) -> Refusal {
        match own {
            true => Refusal::SettlementUnknown,
            false => Refusal::EarlierPaymentUnknown,
        }
    }
}

impl<'a> Case<'a> {
    fn settled(self, id: PaymentId, receipt: Receipt, outcome: &'static str) -> Step<'a> {
        let sold =
            Sold { receipt: receipt.clone(), granted: self.ticket.clone(), access: self.access };
        let ending = Ending::Settled(Box::new(sold));
        Step::Record(id, ending, Recorded { case: self, then: Then::Grant(receipt, outcome) })
    }

    fn refused(self, refusal: Refusal) -> Step<'a> {
        let id = self.ticket.id.clone();
        Step::Record(id, Ending::Refused, Recorded { case: self, then: Then::Refuse(refusal) })
    }

    fn time(&mut self, endpoint: Endpoint, began: Micros, now: Micros) {
        self.visit.log.calls.push(CallTiming { endpoint, ms: now.millis_since(began) });
    }
}
