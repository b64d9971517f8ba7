//! What may be owed, by the records; and whether the chain shows that it was paid.

use std::collections::BTreeMap;

use next_step::Outcome;
use paywall_core::hex;
use paywall_core::limits;
use paywall_core::node::Authorization;
use paywall_core::purchase::{Account, Binding, PaymentId};

use crate::chain::{self, Watched};
use crate::classify;
use crate::desk::{Desk, not_read};
use crate::entry::State;
use crate::records::{Records, Unreadable};
use crate::transfer::Transfer;

/// What proves that money is owed.
pub(super) struct Proof<'a> {
    pub(super) desk: &'a Desk<'a>,
    pub(super) watched: BTreeMap<String, Watched>,
}

/// A payment that may be owed.
pub(super) struct Candidate {
    payment: PaymentId,
    /// The transaction that paid it, if a record names it.
    transaction: Option<[u8; 32]>,
    /// Between which seconds it was paid, if it was.
    span: (u64, u64),
}

impl Candidate {
    pub(super) fn of(
        payment: PaymentId,
        transaction: Option<&str>,
        since: u64,
        ends: Option<u64>,
    ) -> Self {
        let since = since.saturating_sub(limits::RELEASE_SECONDS);
        let until = ends.unwrap_or(since + limits::WINDOW_MOST_SECONDS);
        let span = (since, until.saturating_add(2 * limits::RELEASE_SECONDS));
        Candidate { payment, transaction: transaction.and_then(hex::decode_array), span }
    }
}

/// All payments that are no sale, as far as the records tell.
pub(super) async fn candidates(
    records: &Records,
    desk: &Desk<'_>,
    mut unreadable: impl FnMut(&Unreadable),
) -> Outcome<Vec<Candidate>> {
    let mut candidates = vec![];
    let each = async |read: Result<Account, Unreadable>| {
        let account = match read {
            Ok(account) => account,
            Err(why) => {
                unreadable(&why);
                return Ok(());
            }
        };
        // What opened an earlier sale, and may have been paid all the same.
        for sale in &account.sales {
            let opened =
                sale.grant.as_ref().and_then(|grant| Some((grant.mark.as_ref()?, grant.at)));
            candidates.extend(
                opened.map(|(mark, at)| Candidate::of(mark.payment.clone(), None, at.secs(), None)),
            );
        }
        for entry in desk.entries(account) {
            let Some(mark) = entry.mark else { continue };
            let at = entry.bound_at.or(entry.settled_at).map_or(0, |at| at.secs());
            if !matches!(entry.state, State::Settled | State::Refunded | State::InProgress) {
                let (transaction, ends) = (entry.transaction.as_deref(), entry.valid_before);
                candidates.push(Candidate::of(mark.payment, transaction, at, ends));
            }
        }
        Ok(())
    };
    records.accounts(each).await?;
    let each = async |read: Result<(Binding, Option<Account>), Unreadable>| {
        match read {
            Ok((binding, account)) => {
                let entry = classify::bound(&binding, account.as_ref(), desk.now);
                let doubted = |state| matches!(state, State::NotKnown | State::PackedUnpaid);
                if entry.is_some_and(|entry| doubted(entry.state)) {
                    let at = binding.bound_at.secs();
                    candidates.push(Candidate::of(binding.payment, None, at, None));
                }
            }
            Err(why) => unreadable(&why),
        }
        Ok(())
    };
    records.bindings(each).await?;
    Ok(candidates)
}

impl Proof<'_> {
    /// The transfer that a payment made to a payee, if the chain shows it.
    pub(super) async fn transfer(&self, candidate: &Candidate) -> Outcome<Option<Transfer>> {
        let PaymentId::Eip3009 { chain_id, asset, from, nonce } = candidate.payment else {
            return Ok(None);
        };
        let network = format!("eip155:{chain_id}");
        let Some(watched) = self.watched.get(&network).cloned() else { return Ok(None) };
        let authorization = Authorization { token: asset, from, nonce };
        let (transaction, span) = (candidate.transaction, candidate.span);
        let payment = candidate.payment.clone();
        let found = self.desk.nodes.with(&network, move |line| {
            let named = transaction.map(|it| chain::paid_by(line, &watched, it)).transpose()?;
            let its = |paid: Vec<Transfer>| {
                paid.into_iter().find(|transfer| transfer.payment().as_ref() == Some(&payment))
            };
            if let Some(transfer) = named.flatten().and_then(its) {
                return Ok(Some(transfer));
            }
            let spent = chain::spent_by(line, &watched, authorization, span)?;
            let Some(spent) = spent else { return Ok(None) };
            let paid = chain::paid_by(line, &watched, spent)?;
            Ok(its(paid.ok_or("the node has a log of a transaction, and no receipt of it")?))
        });
        match found.await? {
            Some(found) => Ok(found.map_err(|why| not_read(&network, why))?),
            None => Ok(None),
        }
    }
}
