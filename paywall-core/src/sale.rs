//! Stages 7 and 8 of the walk: whose payment is it, what does it open already, does it meet the
//! terms?
//!
//! Whatever is asked of the store, the facilitators and the chain on the way is awaited, and any
//! `.await` may be the last thing that a sandbox does. So what must not be lost is written before
//! what it is about is done, and whoever comes next reads it.

use crate::case::{Case, Granted};
use crate::facilitator::Verification;
use crate::grant::Grant;
use crate::limits;
use crate::payment::Payment;
use crate::plan::Plan;
use crate::refusal::Refusal;
use crate::route::Priced;
use crate::store::{Account, By, Held, Ledger, Pending, Spent, Verdict, Write};
use crate::terms;
use crate::walk::{Decision, Visit};
use crate::world::World;

/// Sells the object, or says why not.
pub(crate) async fn sell<'a, W: World>(
    mut visit: Visit<'a>,
    priced: Priced<'a>,
    payment: Payment<'a>,
    world: &W,
) -> Decision {
    visit.log.payment = Some(payment.log());
    let ticket = payment.ticket(&priced.listing);
    let ledger = Ledger::new(world, &visit.invocation);
    let (verified_by, unspent) = (None, false);
    let mut case = Case { visit, priced, payment, ticket, ledger, verified_by, unspent };
    let redeemed = case.redeem().await;
    let Case { mut visit, .. } = case;
    match redeemed {
        Ok((opened, outcome)) => {
            visit.log.transaction = Some(opened.receipt.transaction().to_owned());
            visit.grant(Grant::paid(priced, opened), outcome)
        }
        Err(refusal) => visit.refuse(&refusal, Some(&priced.listing)),
    }
}

impl<W: World> Case<'_, '_, W> {
    async fn redeem(&mut self) -> Result<Granted, Refusal> {
        let mut plan = Plan::of(self.payment.offer, self.visit.paywall, self.now());
        let terms = terms::check(&self.payment, self.now());
        // What nothing stands against is claimed in one trip. Else the payment may be known, and good
        // though its window has closed or the price has changed.
        let at_once = terms.is_ok() && !self.must_verify(plan.next()) && self.can_settle();
        if !at_once {
            if let Some(granted) = self.recall(terms.is_ok()).await? {
                return Ok(granted);
            }
            terms?;
            self.verify(&mut plan).await?;
        }
        self.claim(&mut plan).await
    }

    /// Stage 7, for the very same payment; `None` if it may be claimed.
    async fn recall(&mut self, meets_terms: bool) -> Result<Option<Granted>, Refusal> {
        let (binding, mut held) = match self.ledger.recall(&self.ticket).await {
            Ok(known) => known,
            Err(failed) => return Err(self.unwritten(failed)),
        };
        if held.account.knows(&self.ticket.mark.payment)
            && let Some(granted) = self.decide(&mut held).await?
        {
            return Ok(Some(granted));
        }
        let Some(binding) = binding else { return Ok(None) };
        binding.admits(&self.ticket.mark, &self.ticket.object)?;
        // It was bound, and nothing is under way: it was never submitted, or it is over.
        match meets_terms {
            true => Ok(None),
            false => Err(Refusal::ResendsExhausted),
        }
    }

    /// Has a facilitator judge the payment, if that must be before it is claimed.
    async fn verify(&mut self, plan: &mut Plan) -> Result<(), Refusal> {
        let taken = self.payment.matches() || self.visit.paywall.budget.take(self.now());
        if !taken {
            return Err(Refusal::VerificationBusy);
        }
        while self.must_verify(plan.next()) {
            match self.verify_at(plan).await? {
                Verification::Valid => self.verified_by = Some(plan.next().url.clone()),
                Verification::Refused(code) => return Err(Refusal::Refused(code)),
                Verification::Unclear(why) => {
                    self.visit.log.detail = Some(why);
                    return Err(Refusal::VerificationUnclear);
                }
                Verification::Unavailable(why) => {
                    self.visit.log.detail = Some(why);
                    if !plan.fail_over() {
                        return Err(Refusal::FacilitatorUnavailable);
                    }
                }
            }
        }
        Ok(())
    }

    /// Stage 7: binds the payment to the object, and goes on with it unless its payer needs none.
    async fn claim(&mut self, plan: &mut Plan) -> Result<Granted, Refusal> {
        if !self.can_settle() {
            self.visit.log.detail = Some("no time left for /settle".into());
            return Err(Refusal::FacilitatorUnavailable);
        }
        let now = self.now();
        let mut account = Account::new(&self.ticket.object);
        account.pending = Some(self.pending(plan, now));
        let begun = match self.ledger.begin(&self.ticket, account, now).await {
            Ok(begun) => begun,
            Err(failed) => return Err(self.unwritten(failed)),
        };
        let (mut held, mut ours) = (begun.held, begun.created);
        let bound = match begun.binding {
            Some(binding) => match binding.admits(&self.ticket.mark, &self.ticket.object) {
                Ok(()) => Ok(binding.bound_at),
                Err(spent) => Err(spent.into()),
            },
            None => Err(Refusal::StoreUnavailable),
        };
        let bound_at = match bound {
            Ok(bound_at) => bound_at,
            Err(refusal) => {
                // Should that not be written, whoever takes it over reads what it is bound to.
                if ours {
                    self.clear(&mut held).await;
                }
                return Err(refusal);
            }
        };
        for _ in 0..limits::STORE_TRIES {
            if !ours {
                if let Some(granted) = self.decide(&mut held).await? {
                    return Ok(granted);
                }
                let mut next = held.account.clone();
                next.pending = Some(Pending { bound_at, ..self.pending(plan, self.now()) });
                ours = self.write(&mut held, next).await? == Write::Done;
            }
            if ours {
                if let Some(granted) = self.settle(&mut held, plan).await? {
                    return Ok(granted);
                }
                ours = false;
            }
        }
        Err(Refusal::StoreUnavailable)
    }

    /// What the account says of the payment; `None` if nothing stands in the way of submitting it.
    async fn decide(&mut self, held: &mut Held) -> Result<Option<Granted>, Refusal> {
        for _ in 0..limits::STORE_TRIES {
            let mut next = held.account.clone();
            match next.present(&self.ticket, self.at()) {
                Verdict::Submit => return Ok(None),
                Verdict::InProgress => return Err(Refusal::PaymentInProgress),
                Verdict::Spent(spent) => return Err(spent.into()),
                Verdict::Full => return Err(Refusal::StoreUnavailable),
                Verdict::Unresolved => {
                    if let Some(granted) = self.resolve(held).await? {
                        return Ok(Some(granted));
                    }
                }
                Verdict::Opens(opened) => {
                    let outcome = match opened.by {
                        By::SamePayment => "resent",
                        By::Payer => {
                            self.check_unspent().await?;
                            "owned"
                        }
                    };
                    if next == held.account || self.write(held, next).await? == Write::Done {
                        return Ok(Some((opened, outcome)));
                    }
                }
            }
        }
        Err(Refusal::StoreUnavailable)
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
