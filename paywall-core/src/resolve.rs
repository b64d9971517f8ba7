//! What became of a payment that may have been submitted?
//!
//! The facilitator that may have it is asked again, word for word; then the chain, if the seller named
//! a node. What neither says stays unknown, and nothing else of its payer for that object is submitted
//! meanwhile.

use price_table::Rpc;

use crate::case::{Case, Granted};
use crate::chain::{self, Evidence, ExpectedTransfer};
use crate::facilitator::{self, Call, Endpoint, Receipt, Settlement};
use crate::hex;
use crate::limits;
use crate::log::CallTiming;
use crate::plan;
use crate::refusal::Refusal;
use crate::store::{Binding, Held, PaymentId, Pending, Write};
use crate::world::{Phases, World};

/// What became of a payment.
pub(crate) enum Fate {
    /// It settled.
    Settled(Receipt),
    /// It did not, and never will.
    Never,
    /// That is not known.
    Unknown,
}

impl<W: World> Case<'_, '_, W> {
    /// Takes over the payment that the account says is under way, and finds out. `None`: look at the
    /// account again.
    pub(crate) async fn resolve(&mut self, held: &mut Held) -> Result<Option<Granted>, Refusal> {
        let Some(mut pending) = held.account.pending.clone() else { return Ok(None) };
        let own = *pending.payment() == self.ticket.mark.payment;
        let still_unknown = match own {
            true => Refusal::SettlementUnknown,
            false => Refusal::EarlierPaymentUnknown,
        };
        if self.time_left().is_none() {
            self.note("no time left to ask again");
            return Err(still_unknown);
        }
        pending.lease = self.deadline();
        let mut next = held.account.clone();
        next.pending = Some(pending.clone());
        let taken = self.ledger.write_and_read(held, next, pending.payment()).await;
        let binding = match taken {
            Ok((Write::Done, binding)) => binding,
            Ok((Write::Moved, _)) => return Ok(None),
            Err(failed) => {
                self.note(failed.0);
                return Err(still_unknown);
            }
        };
        if self.was_never_bound(binding, &pending) {
            self.clear(held).await;
            return Ok(None);
        }
        match self.find_out(&pending).await {
            Fate::Settled(receipt) => {
                let outcome = if own { "resolved" } else { "resolved_earlier" };
                self.sold(held, &pending, receipt, outcome).await
            }
            Fate::Never if own => self.buried(held, Refusal::NeverSettled).await,
            Fate::Never => {
                self.clear(held).await;
                Ok(None)
            }
            Fate::Unknown => {
                self.release(held).await;
                Err(still_unknown)
            }
        }
    }

    /// Whether the payment cannot have been submitted for this object: who begins one submits it only
    /// when both its binding and the account are written.
    fn was_never_bound(&self, binding: Option<Binding>, pending: &Pending) -> bool {
        match binding {
            Some(binding) => binding.admits(&pending.mark, &self.ticket.object).is_err(),
            None => {
                let kept = pending.bound_at.secs() + limits::BINDING_SECONDS;
                let kept = pending.bill.valid_before.map_or(kept, |before| before.min(kept));
                self.now().secs() < kept
            }
        }
    }

    /// Asks the same facilitator, then the chain, about a payment whose lease this request holds. A
    /// facilitator that is known to be dead is asked last.
    pub(crate) async fn find_out(&mut self, pending: &Pending) -> Fate {
        let rpc = self.visit.paywall.rpc(&pending.bill.network);
        let breakers = &self.visit.paywall.breakers;
        let chain_first = rpc.is_some() && !breakers.allows(&pending.facilitator, self.now());
        if !chain_first {
            // What the chain needs is kept for it.
            let reserve_ms = if rpc.is_some() { limits::EVIDENCE_MS } else { 0 };
            match self.ask_again(pending, reserve_ms).await {
                Fate::Unknown => {}
                known => return known,
            }
        }
        let Some(rpc) = rpc else { return Fate::Unknown };
        match self.look(pending, &rpc).await {
            Fate::Unknown if chain_first => self.ask_again(pending, 0).await,
            fate => fate,
        }
    }

    /// Asks the facilitator that may have the payment, word for word.
    async fn ask_again(&mut self, pending: &Pending, reserve_ms: u64) -> Fate {
        let timeout_ms = self.time_left().and_then(|left| left.checked_sub(reserve_ms));
        let Some(timeout_ms) = timeout_ms.filter(|ms| *ms >= limits::SHORTEST_CALL_MS) else {
            return Fate::Unknown;
        };
        let call = Call {
            endpoint: Endpoint::Settle,
            facilitator: pending.facilitator.clone(),
            body: pending.body.clone(),
            timeout_ms,
            connect_timeout_ms: timeout_ms,
        };
        let outcome = self.ask(&call).await;
        // Not the first time: no refusal is believed.
        match facilitator::settlement(&outcome, &pending.bill.expected(), false) {
            Settlement::Settled(receipt) => Fate::Settled(receipt),
            Settlement::Refused(why) | Settlement::NotSubmitted(why) | Settlement::Unknown(why) => {
                self.note(why);
                Fate::Unknown
            }
        }
    }

    /// Looks at the chain.
    async fn look(&mut self, pending: &Pending, rpc: &Rpc) -> Fate {
        let Some(expected) = transfer(pending) else { return Fate::Unknown };
        let began = self.now();
        let Some(deadline) = plan::calls_end(self.deadline(), began) else { return Fate::Unknown };
        let evidence = chain::evidence(self.ledger.world, rpc, &expected, deadline).await;
        self.visit.log.calls.push(CallTiming {
            endpoint: "rpc",
            to: pending.bill.network.clone(),
            ms: self.now().millis_since(began),
            phases: Phases::default(),
        });
        match evidence {
            Evidence::Settled { transaction } => {
                Fate::Settled(Receipt::found(&transaction, &pending.bill.expected()))
            }
            Evidence::Cancelled | Evidence::NeverPaid | Evidence::SpentOtherwise => Fate::Never,
            Evidence::Unknown(why) => {
                self.note(why);
                Fate::Unknown
            }
        }
    }

    /// Whether the payment presented was settled already, as far as the chain can be asked; `None` if
    /// that is not known. Without a node its binding, which is new, must do.
    pub(crate) async fn is_spent(&mut self) -> Option<bool> {
        let Some(rpc) = self.visit.paywall.rpc(&self.payment.bill().network) else {
            return Some(false);
        };
        let PaymentId::Eip3009 { chain_id, asset, from, nonce } = &self.ticket.mark.payment else {
            return Some(false);
        };
        let deadline = plan::calls_end(self.deadline(), self.now())?;
        chain::is_used(self.ledger.world, &rpc, *chain_id, asset, from, nonce, deadline).await
    }

    /// Ends with a payment that was never paid. Only what is written is said.
    pub(crate) async fn buried(
        &mut self,
        held: &mut Held,
        refusal: Refusal,
    ) -> Result<Option<Granted>, Refusal> {
        match self.clear(held).await {
            true => Err(refusal),
            false => Err(Refusal::SettlementUnknown),
        }
    }

    /// Gives the lease back, so that whoever asks next need not wait for its end. Nothing depends on it.
    pub(crate) async fn release(&mut self, held: &mut Held) {
        let mut next = held.account.clone();
        let Some(pending) = &mut next.pending else { return };
        pending.lease = self.now();
        let _ = self.ledger.write(held, next).await;
    }
}

/// What the chain must show.
fn transfer(pending: &Pending) -> Option<ExpectedTransfer> {
    let PaymentId::Eip3009 { chain_id, asset, from, nonce } = *pending.payment() else {
        return None;
    };
    Some(ExpectedTransfer {
        chain_id,
        token: asset,
        from,
        nonce,
        to: hex::decode_array(&pending.bill.pay_to)?,
        value: pending.bill.amount.into(),
        bound_at: pending.bound_at,
        valid_before: pending.bill.valid_before.unwrap_or(u64::MAX),
    })
}
