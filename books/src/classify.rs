//! From an account to the payments that it is about.

use paywall_core::clock::Micros;
use paywall_core::limits;
use paywall_core::purchase::{
    Account, AccountKind, Bill, Binding, Closed, Mark, Open, PaymentId, Sale, Sought, Why,
};
use paywall_core::subject::Subject;

use crate::entry::{Entry, Inquiry, State};
use crate::moment::moment;

/// When a payment that is open should have ended.
#[derive(Clone, Copy, Debug)]
pub struct Patience<F> {
    pub now: Micros,
    /// Whether the function has a node of a network to look at, by its CAIP-2 name.
    pub has_node: F,
}

/// The payments of an account: those that settled first, oldest first.
pub fn entries<F: Fn(&str) -> bool>(account: Account, patience: &Patience<F>) -> Vec<Entry> {
    let Account { subject, open, sales, closed, .. } = account;
    let sales = sales.into_iter().map(|sale| sold(sale, &subject, patience.now));
    let closed = closed.into_iter().map(|closed| ended(closed, &subject));
    let open = open.map(|open| under_way(open, &subject, patience));
    sales.chain(closed).chain(open).collect()
}

/// What the binding of an unresolved payment says of it. Who begins a payment submits it only once it
/// is bound to this account; one that is bound to another was not submitted for this one, and what the
/// chain shows of it is the other's sale.
pub fn bind(entry: &mut Entry, binding: Option<&Binding>) {
    let Some(mark) = &entry.mark else { return };
    let Some(binding) = binding else {
        entry.why += "; nothing binds it to this, so it may never have been submitted";
        return;
    };
    let Subject { site, kind, name } = &binding.subject;
    let here = (entry.site.as_ref(), entry.kind, &entry.name) == (Some(site), Some(*kind), name);
    let why = match binding.mark() == *mark {
        true if here => return,
        true => format!("this payment is bound to {name} of {site}"),
        false => "another signature is bound under its nonce".to_owned(),
    };
    entry.state = State::NeverSubmitted;
    entry.why = format!("never submitted: {why}");
}

/// What a binding is of, by the account that it names: nothing if that tells all of it.
pub fn bound(binding: &Binding, account: Option<&Account>, now: Micros) -> Option<Entry> {
    let mark = binding.mark();
    let (state, why) = match account {
        Some(account) if account.finished.contains(&mark.digest) => {
            (State::Packed, "finished: it was sold, or opened what an earlier one had paid for")
        }
        Some(account) if account.unpaid.contains(&mark.digest) => {
            (State::PackedUnpaid, "it was refused or never paid")
        }
        Some(account) if account.knows(&mark) => return None,
        // From when on it may have left the packed ones.
        Some(_) | None if now.secs() >= binding.bound_at.secs() + limits::PACKED_OVER_SECONDS => (
            State::Forgotten,
            "it is bound to this, long ago, and stands nowhere in its account any more, where it may have been sold: the kept \
             ledger or the function's log tells",
        ),
        Some(_) | None => (
            State::NotKnown,
            "it is bound to this and stands nowhere in its account: it may have been given back; if \
             it was paid, the function's log tells by whom it was sent",
        ),
    };
    let mut entry = Entry::of(state, &binding.subject, mark, why.to_owned());
    if let PaymentId::Eip3009 { chain_id, asset, from, .. } = &binding.payment {
        entry.payer = paywall_core::hex::encode(from);
        entry.network = Some(format!("eip155:{chain_id}"));
        entry.asset = Some(paywall_core::hex::encode(asset));
        entry.inquiry = (state == State::NotKnown).then_some(Inquiry::Nonce);
    }
    entry.bound_at = Some(binding.bound_at);
    Some(entry)
}

/// Whose account a binding names.
pub fn account_of(binding: &Binding) -> String {
    let owner = Account::owner(binding.account, &binding.payment);
    Account::key(&binding.subject, &owner).to_string()
}

/// Whether a mark may stand in an account of this owner.
pub fn belongs(mark: &Mark, owner: &str) -> bool {
    [AccountKind::Payer, AccountKind::Payment]
        .into_iter()
        .any(|kind| Account::owner(kind, &mark.payment) == owner)
}

fn under_way<F: Fn(&str) -> bool>(open: Open, subject: &Subject, patience: &Patience<F>) -> Entry {
    let evm = open.mark.payment.chain_id().is_some();
    let hold = match evm && (patience.has_node)(&open.bill.network) {
        true => limits::NODE_RELEASE_SECONDS,
        false => limits::RELEASE_SECONDS,
    };
    let until = open.ends.saturating_add(hold);
    let (state, why) = match patience.now.secs() >= until {
        true => (
            State::Unresolved,
            "whether it settled was never learnt; it can settle no more".to_owned(),
        ),
        false => {
            let until = moment(until);
            (State::InProgress, format!("it may be asked for again, until {until} at the latest"))
        }
    };
    of_open(state, open, subject, why)
}

fn of_open(state: State, open: Open, subject: &Subject, why: String) -> Entry {
    let mut entry = priced(state, &open.mark, &open.bill, subject, why);
    // How deep, who asks the chain knows.
    entry.inquiry = Sought::of(&open, 0).map(|sought| Inquiry::Transfer {
        sought: Box::new(sought),
        contradicted: open.contradicted,
    });
    entry.bound_at = Some(open.sent_at);
    entry.valid_before = Some(open.ends);
    entry.facilitator = Some(open.facilitator);
    entry
}

fn ended(closed: Closed, subject: &Subject) -> Entry {
    let code = closed.code.clone();
    let (state, why) = match closed.why {
        Why::Refused => (State::Refused, format!("its facilitator refused it: {code}")),
        Why::Never => (State::NeverPaid, "it was not paid, and never will be".to_owned()),
        Why::Unproven => (
            State::Unproven,
            "it was paid, and nothing shows that it was for this; if another shop of the payee sold \
             it, nothing is owed"
                .to_owned(),
        ),
        Why::GivenUp => (
            State::GivenUp,
            "whether it settled was never learnt; the same payment, sent again, still asks its \
             facilitator"
                .to_owned(),
        ),
        Why::Refunded => (State::Refunded, "it was paid back".to_owned()),
    };
    let mut entry = of_open(state, closed.reopened(), subject, why);
    if closed.why == Why::Unproven {
        entry.transaction = Some(code);
    }
    entry
}

fn sold(sale: Sale, subject: &Subject, now: Micros) -> Entry {
    let over = sale.sells.seconds.is_some() && now.secs() >= sale.over_at();
    let (state, why) = match &sale.grant {
        Some(grant) if grant.mark.is_none() => (State::Settled, "granted to this payment"),
        Some(_) => (State::Settled, "granted to a later payment of its payer, not submitted"),
        None if over => {
            (State::ChargedNotGranted, "nobody got it; the access that it bought is over")
        }
        None => (
            State::ChargedNotGranted,
            "nobody got it; until its record is deleted, its payer may open it and is not charged",
        ),
    };
    let mut entry = priced(state, &sale.mark, &sale.bill, subject, why.to_owned());
    if entry.payer.is_empty() {
        entry.payer = sale.receipt.payer().to_owned();
    }
    entry.transaction = Some(sale.receipt.transaction().to_owned());
    entry.settled_at = Some(sale.settled_at);
    entry
}

fn priced(state: State, mark: &Mark, bill: &Bill, subject: &Subject, why: String) -> Entry {
    let mut entry = Entry::of(state, subject, mark.clone(), why);
    entry.payer = mark.payment.payer().into();
    entry.amount = Some(bill.amount);
    entry.asset = Some(bill.asset.clone());
    entry.network = Some(bill.network.clone());
    entry.payee = Some(bill.pay_to.clone());
    entry
}

#[cfg(test)]
#[path = "classify_tests.rs"]
mod tests;
