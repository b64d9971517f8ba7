//! Stage 9: submitting a payment, and what the answers do.
//!
//! After bytes of a `/settle` went out, the buyer is never told to pay again unless the answer is a
//! refusal from [`crate::refused_before_submission`], and nobody else can have submitted the payment
//! since: this request must still be the one that the account says so of.

use crate::case::{Case, Granted};
use crate::facilitator::{self, Call, Endpoint, Receipt, Settlement, Verification};
use crate::limits;
use crate::plan::Plan;
use crate::refusal::Refusal;
use crate::resolve::Fate;
use crate::store::{By, Held, PaymentId, Pending, Verdict, Write};
use crate::world::World;

impl<W: World> Case<'_, '_, W> {
    /// Submits the payment that the account says is under way, by this request's lease. `None` if
    /// somebody else had the last word: the account tells then.
    pub(crate) async fn settle(
        &mut self,
        held: &mut Held,
        plan: &mut Plan,
    ) -> Result<Option<Granted>, Refusal> {
        let Some(mut pending) = held.account.pending.clone() else { return Ok(None) };
        let settlement = loop {
            let settlement = self.submit(&pending, plan).await;
            // The next one may have it only while nobody can have submitted it.
            if !matches!(settlement, Settlement::NotSubmitted(_)) || !plan.fail_over() {
                break settlement;
            }
            pending.facilitator.clone_from(&plan.next().url);
            let mut next = held.account.clone();
            next.pending = Some(pending.clone());
            if self.write(held, next).await? == Write::Moved {
                return Ok(None);
            }
        };
        match settlement {
            Settlement::Settled(receipt) => {
                return self.sold(held, &pending, receipt, "settled").await;
            }
            Settlement::NotSubmitted(why) => {
                self.note(why);
                self.clear(held).await;
                return Err(Refusal::FacilitatorUnavailable);
            }
            Settlement::Refused(code) => {
                if self.clear(held).await {
                    let expected = pending.bill.expected();
                    self.visit.settlement = Some(facilitator::refused_json(&code, &expected));
                    return Err(Refusal::Refused(code));
                }
                self.note("it was refused, and somebody else may have submitted it since");
            }
            Settlement::Unknown(why) => {
                self.note(why);
                match self.find_out(&pending).await {
                    Fate::Settled(receipt) => {
                        return self.sold(held, &pending, receipt, "settled").await;
                    }
                    Fate::Never => return self.buried(held, Refusal::NeverSettled).await,
                    Fate::Unknown => self.release(held).await,
                }
            }
        }
        self.visit.log.alarm = true;
        Err(Refusal::SettlementUnknown)
    }

    /// Asks the next facilitator of the plan, once.
    async fn submit(&mut self, pending: &Pending, plan: &Plan) -> Settlement {
        if self.must_verify(plan.next()) {
            match self.verify_at(plan).await {
                Ok(Verification::Valid) => {}
                Ok(Verification::Refused(code)) => return Settlement::Refused(code),
                Ok(Verification::Unavailable(why) | Verification::Unclear(why)) => {
                    return Settlement::NotSubmitted(why);
                }
                Err(_) => return Settlement::NotSubmitted("no time left for /verify".into()),
            }
        }
        let left = self.time_left().filter(|left| *left >= limits::LATEST_SETTLE_MS);
        let Some(timeout_ms) = left else {
            return Settlement::NotSubmitted("no time left for /settle".into());
        };
        let call = Call {
            endpoint: Endpoint::Settle,
            facilitator: pending.facilitator.clone(),
            body: pending.body.clone(),
            timeout_ms,
            connect_timeout_ms: plan.connect_ms(timeout_ms),
        };
        let outcome = self.ask(&call).await;
        facilitator::settlement(&outcome, &pending.bill.expected(), true)
    }

    /// Records a sale, and grants it to who is asking, in one write. What settled is granted even if
    /// it cannot be recorded. `None` if somebody else recorded it.
    pub(crate) async fn sold(
        &mut self,
        held: &mut Held,
        pending: &Pending,
        receipt: Receipt,
        outcome: &'static str,
    ) -> Result<Option<Granted>, Refusal> {
        let payment = pending.payment();
        let opaque = matches!(payment, PaymentId::Opaque { .. });
        let (network, transaction) = (&pending.bill.network, receipt.transaction());
        if opaque && !self.ledger.is_first_of(payment, network, transaction).await {
            // Most likely the same payment in another spelling; if not, its buyer must not pay again.
            self.note("its transaction settled another payment");
            self.visit.log.alarm = true;
            return Err(Refusal::SettlementUnknown);
        }
        // Another payment of the payer gets the grant only if nobody else can have sent it.
        let own = *payment == self.ticket.mark.payment;
        let entitled = if own { Ok(()) } else { self.check_unspent().await };
        let mut opened = None;
        for _ in 0..limits::STORE_TRIES {
            let mut next = held.account.clone();
            if !next.settle(pending, receipt.clone(), self.at()) {
                return Ok(None);
            }
            if entitled.is_ok() {
                opened = match next.present(&self.ticket, self.at()) {
                    Verdict::Opens(opened) => Some(opened),
                    _ => None,
                };
            }
            match self.ledger.write(held, next).await {
                Ok(Write::Done) => break,
                Ok(Write::Moved) => {}
                Err(failed) => {
                    self.note(format!("the sale could not be recorded: {}", failed.0));
                    self.visit.log.alarm = true;
                    break;
                }
            }
        }
        entitled?;
        debug_assert!(opened.as_ref().is_none_or(|opened| !own || opened.by == By::SamePayment));
        Ok(opened.map(|opened| (opened, outcome)))
    }
}
