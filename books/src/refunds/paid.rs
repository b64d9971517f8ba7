//! That a transaction paid a payment back, in three steps, each a conditional write, so that it may break off anywhere and be run
//! again: the transaction is kept for one payment, the account says that it opens nothing any more, and the refund is written.

use std::process::ExitCode;

use next_step::Outcome;
use paywall_core::hex;
use paywall_core::purchase::{Binding, PaymentId, VERSION};

use crate::chain::{self, Watched};
use crate::classify;
use crate::desk::not_read;
use crate::entry::State;
use crate::error::Error;
use crate::judge::{Known, Recorded};
use crate::ledger::{Credit, Posting, Row};
use crate::moment::moment;
use crate::nodes;
use crate::records::Records;
use crate::refund::{Refund, Spent};
use crate::transfer::Transfer;

use super::proof::{Candidate, Proof};

/// How often an account is read again because somebody else wrote it first.
const TRIES: usize = 6;

/// Records that a transaction paid a payment back.
pub(super) async fn record(
    proof: &Proof<'_>,
    records: &Records,
    transaction: &str,
    text: &str,
    paid: Option<&str>,
) -> Outcome<ExitCode> {
    let no_such =
        |why: &str| Error::NoSuchPayment { payment: text.to_owned(), why: why.to_owned() };
    let payment = PaymentId::try_from(text.to_owned()).map_err(|_| no_such("no payment's name"))?;
    let not_a_refund =
        |why: &str| Error::NotARefund { transaction: transaction.to_owned(), why: why.to_owned() };
    let hash = hex::decode_array(transaction);
    let hash: [u8; 32] = hash.ok_or_else(|| not_a_refund("it is no transaction's hash"))?;
    let transaction = hex::encode(&hash);
    if let Some(there) = proof.desk.refunds.of(&payment) {
        return match there.transaction == transaction {
            true => done(there),
            false => Err(Error::RefundedBefore {
                payment: text.to_owned(),
                transaction: there.transaction.clone(),
            }
            .into()),
        };
    }
    if let Some(begun) = proof.desk.refunds.begun(text).filter(|it| it.transaction != transaction) {
        let (payment, transaction) = (text.to_owned(), begun.transaction.clone());
        return Err(Error::RefundedBefore { payment, transaction }.into());
    }
    let binding = match records.binding(&payment).await? {
        Ok(Some(binding)) => binding,
        Ok(None) => return Err(no_such("this store does not know it").into()),
        Err(unreadable) => {
            return Err(no_such(&format!("{}: {}", unreadable.place, unreadable.why)).into());
        }
    };
    let known = proof.desk.known(&payment).await?;
    let transfer = proof.transfer(&candidate(&binding, &known, paid)).await?;
    let transfer = transfer.ok_or_else(|| Error::NotPaid { payment: text.to_owned() })?;
    let Some(row) = proof.desk.transfers(std::slice::from_ref(&transfer)).await?.pop() else {
        return Err(Error::NotPaid { payment: text.to_owned() }.into());
    };
    // Where it broke off after the second step, the account says so.
    let was_owed = matches!(row.posting, Posting::Received(Credit::Owed(_)));
    if !was_owed {
        let what = row.posting.about().to_owned();
        return Err(Error::NotOwed { payment: text.to_owned(), what }.into());
    }
    let refund = proof.refund(&binding, &transfer, &row, hash).await?;
    keep(records, &refund, text).await?;
    close(records, &binding, &transaction, text).await?;
    write(records, &refund, text).await?;
    done(&refund)
}

fn candidate(binding: &Binding, known: &Known, paid: Option<&str>) -> Candidate {
    let entry = match &known.recorded {
        Recorded::Known(entry) | Recorded::Opened(entry) => Some(entry),
        Recorded::Nothing | Recorded::Unreadable(_) => None,
    };
    // Of what is refunded already, the code is the refund.
    let named = entry.filter(|entry| entry.state != State::Refunded);
    let named = paid.or_else(|| named?.transaction.as_deref());
    Candidate::of(binding.payment.clone(), named, binding.bound_at.secs(), None)
}

impl Proof<'_> {
    /// What a transaction paid back, by the chain.
    async fn refund(
        &self,
        binding: &Binding,
        paid: &Transfer,
        row: &Row,
        hash: [u8; 32],
    ) -> Outcome<Refund> {
        let network = paid.network();
        let confirmations = self.watched.get(&network).map_or(u64::MAX, |it| it.confirmations);
        let back = Watched {
            chain_id: paid.chain_id,
            tokens: vec![paid.asset],
            payees: vec![paid.from],
            confirmations,
        };
        let came = self.desk.nodes.with(&network, move |line| chain::paid_by(line, &back, hash));
        let came = match came.await? {
            Some(came) => came.map_err(|why| not_read(&network, why))?.unwrap_or_default(),
            None => vec![],
        };
        let refuse = |why: String| Error::NotARefund { transaction: hex::encode(&hash), why };
        if came.is_empty() {
            let token = hex::encode(&paid.asset);
            let payer = hex::encode(&paid.from);
            return Err(refuse(format!(
                "it is not on the chain, or not deep enough, or moves no {token} to {payer}"
            ))
            .into());
        }
        let after = |it: &&Transfer| (it.block, it.index) > (paid.block, paid.index);
        if !came.iter().any(|it| after(&it)) {
            return Err(refuse("it is older than the payment".to_owned()).into());
        }
        let others = came.iter().filter(after).filter(|it| it.from != it.to);
        let Some(best) = others.max_by_key(|it| it.value).filter(|it| it.value >= paid.value)
        else {
            let owed = row.whole().unwrap_or_else(|| format!("{} atomic units", paid.value));
            return Err(refuse(format!(
                "it does not pay the whole of it to its payer at once: {owed}"
            ))
            .into());
        };
        Ok(Refund {
            v: VERSION,
            payment: binding.payment.clone(),
            subject: binding.subject.clone(),
            why: row.posting.name().to_owned(),
            network,
            asset: hex::encode(&paid.asset),
            paid_at: paid.time,
            // What was sent beyond the payment was not owed.
            amount: paid.value,
            from: hex::encode(&best.from),
            to: hex::encode(&best.to),
            payee: hex::encode(&paid.to),
            transaction: hex::encode(&hash),
            block: best.block,
            index: best.index,
            time: best.time,
        })
    }
}

/// First step: the transaction is this payment's, and no other's.
async fn keep(records: &Records, refund: &Refund, payment: &str) -> Outcome<()> {
    let key = Spent::key(&refund.network, &refund.transaction);
    let spent = Spent::new(&refund.transaction, &refund.payment);
    match records.create(key.as_str(), &spent).await? {
        None => Ok(()),
        Some(there) if there == spent => Ok(()),
        Some(Spent { payment: other, .. }) if other.to_string() != payment => {
            let (transaction, payment) = (refund.transaction.clone(), other.to_string());
            Err(Error::SpentOnOther { transaction, payment }.into())
        }
        Some(_) => Err(Error::Moving { place: key.to_string() }.into()),
    }
}

/// Second step: what was owed opens nothing any more.
async fn close(
    records: &Records,
    binding: &Binding,
    transaction: &str,
    payment: &str,
) -> Outcome<()> {
    let key = classify::account_of(binding);
    let mark = binding.mark();
    for _ in 0..TRIES {
        let Some((mut account, etag)) = records.account_version(&key).await? else { return Ok(()) };
        let before = account.clone();
        if !account.refund(&mark, transaction, nodes::now()) {
            let payment = payment.to_owned();
            if let Some(closed) = account.closed.into_iter().find(|closed| closed.mark == mark) {
                let transaction = closed.code;
                return Err(Error::RefundedBefore { payment, transaction }.into());
            }
            return match account.sales.iter().any(|sale| sale.mark == mark) {
                true => Err(Error::ServedMeanwhile { payment }.into()),
                // It stands nowhere, or packed: there is nothing to close.
                false => Ok(()),
            };
        }
        if account == before || records.swap(&key, account, &etag).await? {
            return Ok(());
        }
    }
    Err(Error::Moving { place: key }.into())
}

/// Third step: the books know it.
async fn write(records: &Records, refund: &Refund, payment: &str) -> Outcome<()> {
    match records.create(Refund::key(&refund.payment).as_str(), refund).await? {
        None => Ok(()),
        Some(there) if there.transaction == refund.transaction => Ok(()),
        Some(there) => Err(Error::RefundedBefore {
            payment: payment.to_owned(),
            transaction: there.transaction,
        }
        .into()),
    }
}

fn done(refund: &Refund) -> Outcome<ExitCode> {
    let by = if refund.by_payee() { "the payee" } else { "somebody else" };
    println!(
        "recorded: {} was paid back by {} ({by}, {})",
        refund.payment,
        refund.transaction,
        moment(refund.time)
    );
    Ok(ExitCode::SUCCESS)
}
