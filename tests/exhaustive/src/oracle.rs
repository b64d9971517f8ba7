//! What must be so. Everything that is right or wrong is said here, and nowhere else: by the chain, the
//! requests and the records, whatever the loop thought. Numbers are of the design's invariants.

use paywall_core::limits;
use paywall_core::purchase::{Account, AccountKind, Why};
use paywall_core::refusal::Refusal;

use crate::chain::{self, payer_of};
use crate::facts::{ANOTHER, Looked};
use crate::scenario::{self, Memory, Request};
use crate::world::{End, World};

/// A broken promise, in words.
pub type Broken = String;

/// Where a payment stands in an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Nowhere.
    New,
    /// It may have been sent.
    Open,
    /// It settled.
    Sold,
    /// It ended otherwise.
    Closed(Why),
}

/// Where a payment stands.
pub fn status(account: &Account, payment: usize) -> Status {
    let id = scenario::id(payment);
    if account.sales.iter().any(|sale| sale.mark.payment == id) {
        return Status::Sold;
    }
    if let Some(closed) = account.closed.iter().find(|closed| closed.mark.payment == id) {
        return Status::Closed(closed.why);
    }
    match &account.open {
        Some(open) if open.mark.payment == id => Status::Open,
        _ => Status::New,
    }
}

/// A `/settle` is about to leave a request, which is at `store`, for `facilitator`.
pub fn sending(
    world: &World<'_>,
    (name, request, looked, again): (&str, &Request, Looked, bool),
    payment: usize,
    facilitator: &str,
) -> Result<(), Broken> {
    let store = &world.stores[request.store];
    let fact = &world.facts[request.store][payment];
    let bound = store.binding(&scenario::id(payment));
    let accounts: Vec<_> = store.accounts().collect();
    let stands = |payment| accounts.iter().map(move |account| status(account, payment));
    let given_up = stands(payment).any(|status| status == Status::Closed(Why::GivenUp));
    let held = fact.opened.contains(&(name.to_owned(), facilitator.to_owned()));

    if bound.is_none_or(|binding| binding.subject != scenario::subject(request.object)) {
        return Err(format!("I1: {payment} is sent, and not bound to object {}", request.object));
    }
    if !held && !given_up {
        return Err(format!("I1: {payment} is sent, and was never written as {name}'s to send"));
    }
    if fact.told_refused || stands(payment).any(|s| s == Status::Closed(Why::Refused)) {
        return Err(format!("I4: {payment} is sent after it was refused"));
    }
    if !again && fact.sent.is_none() && looked == Looked::Spent {
        return Err(format!("I7: {payment} is sent after it was seen spent"));
    }
    let account = accounts.iter().find(|account| {
        account.subject == scenario::subject(request.object)
            && account.payer == scenario::id(payment).payer_name()
    });
    let other = account.and_then(|account| account.open.as_ref()).map(|open| &open.mark.payment);
    if let Some(other) = other.map(scenario::number).filter(|other| *other != payment)
        && world.facts[request.store][other].sent.is_some()
        && request.kind == AccountKind::Payer
        && !given_up
    {
        return Err(format!("I2: {payment} is sent while {other} is open"));
    }
    Ok(())
}

/// An account was written.
pub fn wrote(
    world: &World<'_>,
    store: usize,
    old: Option<&Account>,
    new: &Account,
) -> Result<(), Broken> {
    let alone = world.scenario.memory == Memory::Alone;
    for payment in world.payments() {
        let was = old.map_or(Status::New, |old| status(old, payment));
        let is = status(new, payment);
        let fact = &world.facts[store][payment];
        let chain = &world.chain;
        let elsewhere = is_elsewhere(world, store, new, payment);
        let fine = match (was, is) {
            (was, is) if was == is => true,
            (Status::New, Status::Open) => !is_held(world, new),
            (Status::Open, Status::New) => elsewhere || !fact.taken_up,
            (Status::Open | Status::Closed(Why::GivenUp), Status::Sold) => chain.is_paid(payment),
            (Status::Closed(Why::Refused), Status::Sold) => alone && chain.is_paid(payment),
            (Status::Open, Status::Closed(Why::Never)) => !chain.is_under_way(payment),
            (Status::Open, Status::Closed(Why::Unproven)) => {
                // Seen unspent, sent by us, nobody else sells for the payee: it is ours.
                chain.is_paid(payment) && !(alone && fact.sent == Some(Looked::Unspent))
            }
            (Status::Open, Status::Closed(Why::Refused | Why::GivenUp)) => true,
            _ => false,
        };
        if !fine {
            return Err(format!("I3: {payment} goes from {was:?} to {is:?}"));
        }
    }
    Ok(())
}

/// Whether what was paid, and not shown to be for this, still holds the next payment.
fn is_held(world: &World<'_>, account: &Account) -> bool {
    world.payments().iter().any(|payment| {
        let over = world.phase.secs() > chain::ends(*payment) + limits::RELEASE_SECONDS;
        status(account, *payment) == Status::Closed(Why::Unproven) && !over
    })
}

/// Whether a payment is bound to something else than what an account is about.
pub fn is_elsewhere(world: &World<'_>, store: usize, account: &Account, payment: usize) -> bool {
    let id = scenario::id(payment);
    world.stores[store].binding(&id).is_some_and(|bound| {
        bound.subject != account.subject
            || (bound.account == AccountKind::Payer) != (account.payer == id.payer_name())
    })
}

/// A request ended.
pub fn ended(world: &World<'_>, request: &Request, end: &End) -> Result<(), Broken> {
    let fact = &world.facts[request.store][request.payment];
    match end {
        End::Granted(paid) => {
            let paid = *paid;
            let here = &world.facts[request.store][paid];
            if !world.chain.is_paid(paid) || payer_of(paid) != payer_of(request.payment) {
                return Err(format!("I7: served for {paid}, which did not pay"));
            }
            if here.sent.is_none() {
                return Err(format!("I7: served for {paid}, which was never sent from here"));
            }
            if here.grants.iter().any(|(object, _)| *object != request.object) {
                return Err(format!("I6: {paid} opens a second object"));
            }
            let mut others = here.grants.iter().filter(|(_, origin)| *origin != ANOTHER);
            if paid == request.payment && others.any(|(_, origin)| *origin != request.origin) {
                return Err(format!("I8: {paid} opens for a second network"));
            }
        }
        End::Refused(refusal) if says_unpaid(refusal) => {
            let paid = fact.sent.is_some() && world.chain.is_paid(request.payment);
            if paid && !fact.excused {
                return Err(format!("I9: of {}, which paid, is said {refusal:?}", request.payment));
            }
        }
        End::Refused(_) => {}
    }
    Ok(())
}

/// Whether it says that nothing was paid.
pub fn says_unpaid(refusal: &Refusal) -> bool {
    refusal.words().status == 402 || *refusal == Refusal::NeverSettled
}

/// What must be so at any time.
pub fn standing(world: &World<'_>) -> Result<(), Broken> {
    for (store, facts) in world.facts.iter().enumerate() {
        for payment in world.payments() {
            let fact = &facts[payment];
            if fact.sent.is_none() || !world.chain.is_paid(payment) || fact.excused {
                continue;
            }
            if fact.told_unpaid {
                return Err(format!("I9: {payment} paid, and its buyer was told that it had not"));
            }
            let listed = world.stores[store].accounts().any(|account| {
                !matches!(
                    status(account, payment),
                    Status::New | Status::Closed(Why::Refused | Why::Never)
                )
            });
            if !listed && !fact.alarm {
                return Err(format!("I5: {payment} was sent and paid, and stands nowhere"));
            }
        }
    }
    Ok(())
}
