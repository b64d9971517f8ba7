//! What is written, judged version by version: I3, and what the others lean on.

use std::rc::Rc;

use paywall_core::limits;
use paywall_core::purchase::{Account, Binding, Learnt, Mark, Why};

use super::{Departure, Known, Ledger, Oracle, Packed, Seen, StoreId, id_of, name};
use crate::configuration::Promise;
use crate::sandbox::Visit;
use crate::universe::Universe;

/// Two clocks may be so far apart, in seconds.
const SKEW: u64 = 61;

impl Oracle {
    /// A record is written.
    pub fn written(
        &self,
        universe: &Universe,
        store: StoreId,
        visit: &Visit,
        key: &str,
        json: &str,
    ) {
        let seen = &mut *self.0.borrow_mut();
        if key.starts_with("v2/payments/") {
            let binding: Binding = serde_json::from_str(json).expect("a binding");
            let ledger = seen.ledgers.entry(store).or_default();
            let what = (binding.subject.clone(), binding.account, universe.now());
            ledger.bound.extend(id_of(&binding.mark()).map(|id| (id, what)));
            return;
        }
        let Ok(account) = serde_json::from_str::<Account>(json) else { return };
        universe.note(|| {
            let open = account.open.as_ref().and_then(|open| id_of(&open.mark));
            let sales = account.sales.len();
            let closed: Vec<_> = account.closed.iter().map(|closed| closed.why).collect();
            let open = open.map(|id| name(&id)).unwrap_or_default();
            format!("      open: {open}; sales: {sales}; closed: {closed:?} by {}", account.writer)
        });
        let account = Rc::new(account);
        let ledger = seen.ledgers.entry(store).or_default();
        let before = ledger.accounts.insert(key.to_owned(), account.clone());
        let before =
            before.unwrap_or_else(|| Rc::new(Account::new(&account.subject, &account.payer)));
        let forgotten = ledger.pack(universe, key, &before, &account);
        for (promise, how) in path(universe, &before, &account).into_iter().chain(forgotten) {
            seen.violate(universe, promise, how);
        }
        seen.judge_sales(universe, store, visit.number, &before, &account);
        seen.judge_give_back(universe, store, key, &before, &account);
        let ledger = seen.ledgers.entry(store).or_default();
        ledger.note(universe, visit, key, &before, &account);
    }
}

/// What is wrong with the step from one version to the next.
fn path(universe: &Universe, before: &Account, after: &Account) -> Vec<(Promise, String)> {
    let mut wrong = vec![];
    let mut add = |how: String| wrong.push((Promise::Path, how));
    let alone = universe.configuration.shared && !universe.configuration.shared_pay_to;
    for sale in &before.sales {
        let stays = after.sales.iter().find(|later| later.mark == sale.mark);
        match stays {
            Some(later) if later.receipt != sale.receipt => {
                add(format!("the sale of {:?} has another receipt", id_of(&sale.mark)));
            }
            Some(later) if sale.grant.is_some() && later.grant.is_none() => {
                add(format!("the grant of {:?} is gone", id_of(&sale.mark)));
            }
            Some(_) => {}
            None if !after.finished.contains(&sale.mark.digest) => {
                add(format!("the sale of {:?} is forgotten", id_of(&sale.mark)));
            }
            None => match sale.got() {
                None => add(format!("what is owed for {:?} is packed", id_of(&sale.mark))),
                Some(got) if !after.finished.contains(&got.digest) => {
                    add(format!("{:?} got a sale, and is forgotten", id_of(got)));
                }
                Some(_) => {}
            },
        }
    }
    for closed in &before.closed {
        let stays = after.closed.iter().any(|later| later.mark == closed.mark);
        let sold = after.sales.iter().any(|sale| sale.mark == closed.mark);
        let packed = matches!(closed.why, Why::Refused | Why::Never)
            && after.unpaid.contains(&closed.mark.digest);
        let may_be_sold = closed.why == Why::GivenUp || (closed.why == Why::Refused && alone);
        if !(stays || packed || (sold && may_be_sold)) {
            add(format!(
                "{:?} was {:?}, and is forgotten or sold",
                id_of(&closed.mark),
                closed.why
            ));
        }
    }
    if let Some(open) = &after.open
        && (before.sells(&open.mark)
            || before.closed.iter().any(|closed| closed.mark == open.mark)
            || before.unpaid.contains(&open.mark.digest))
    {
        add(format!("{:?} is over, and open again", id_of(&open.mark)));
    }
    let new = |mark| before.closed.iter().all(|closed| closed.mark != mark);
    for closed in after.closed.iter().filter(|closed| new(closed.mark.clone())) {
        let evm = id_of(&closed.mark).is_some();
        let hold = match universe.configuration.rpc && evm {
            true => limits::NODE_RELEASE_SECONDS,
            false => limits::RELEASE_SECONDS,
        };
        if closed.why == Why::GivenUp && universe.now().secs() + SKEW < closed.ends + hold {
            add(format!("{:?} is given up before its time", id_of(&closed.mark)));
        }
    }
    wrong
}

impl Seen {
    /// Evidence counts only for a sending that nothing contradicts, where others sell.
    fn judge_sales(
        &mut self,
        universe: &Universe,
        store: StoreId,
        number: u64,
        before: &Account,
        after: &Account,
    ) {
        let alone = universe.configuration.shared && !universe.configuration.shared_pay_to;
        for sale in after.sales.iter().filter(|sale| !before.sells(&sale.mark)) {
            let Some(id) = id_of(&sale.mark) else { continue };
            let against = self.contradicted.contains(&(store, id, number))
                || self.known(store, &id).is_some_and(|known| known.contradicted);
            if sale.learnt == Learnt::Chain && against && !alone {
                let how = format!("{} counts, and its answer spoke against it", name(&id));
                self.violate(universe, Promise::Evidence, how);
            }
        }
    }
}

impl Seen {
    /// What is given back is new again: nothing of it was taken up, and nothing of it stays on record.
    fn judge_give_back(
        &mut self,
        universe: &Universe,
        store: StoreId,
        key: &str,
        before: &Account,
        after: &Account,
    ) {
        let Some(open) = before.open.as_ref().filter(|open| !after.knows(&open.mark)) else {
            return;
        };
        let Some(id) = id_of(&open.mark) else { return };
        let own = self.known(store, &id).is_some_and(|known| known.account == key);
        if let Some(known) = self.ledgers.entry(store).or_default().known.get_mut(&id) {
            known.remove(key);
        }
        if !own {
            return;
        }
        let of = |d: &&Departure| d.payment.id() == id && d.store == store;
        let sendings = self.departures.iter().filter(of).map(|d| (store, id, d.number));
        let sendings: Vec<_> = sendings.filter(|s| !self.given_back.contains(s)).collect();
        if sendings.iter().any(|sending| self.taken_up.contains(sending)) {
            let how = format!("{} is given back, and was taken up", name(&id));
            self.violate(universe, Promise::Path, how);
        }
        self.given_back.extend(sendings);
    }
}

impl Ledger {
    /// What is packed stays until its window and the slack are over, by the latest of clocks. Says what
    /// does not.
    fn pack(
        &mut self,
        universe: &Universe,
        key: &str,
        before: &Account,
        after: &Account,
    ) -> Vec<(Promise, String)> {
        let gone = before
            .sales
            .iter()
            .filter(|sale| after.sales.iter().all(|later| later.mark != sale.mark));
        let marks = gone.flat_map(|sale| {
            [Some(&sale.mark), sale.got()].map(|mark| (mark, sale.keep_until, true))
        });
        let whole = |mark: &Mark| {
            after.closed.iter().any(|closed| closed.mark == *mark) || after.sells(mark)
        };
        let closed = before.closed.iter().filter(|closed| !whole(&closed.mark));
        let closed = closed.map(|closed| (Some(&closed.mark), closed.ends, false));
        let packed = self.packed.entry(key.to_owned()).or_default();
        packed.extend(marks.chain(closed).filter_map(|(mark, ends, sold)| {
            Some(Packed { id: id_of(mark?)?, digest: mark?.digest, ends, sold })
        }));
        let now = universe.now().secs() + SKEW;
        packed.retain(|entry| entry.ends + limits::RELEASE_SECONDS > now);
        let is_there = |entry: &Packed| match entry.sold {
            true => after.finished.contains(&entry.digest),
            false => after.unpaid.contains(&entry.digest),
        };
        let lost: Vec<_> = packed.extract_if(.., |entry| !is_there(entry)).collect();
        let how = |entry: &Packed| format!("{} was packed, and is forgotten", name(&entry.id));
        lost.iter().map(|entry| (Promise::Path, how(entry))).collect()
    }

    fn note(
        &mut self,
        universe: &Universe,
        visit: &Visit,
        key: &str,
        before: &Account,
        account: &Account,
    ) {
        if let Some(open) = &account.open
            && let Some(id) = id_of(&open.mark)
        {
            let known =
                self.known.entry(id).or_default().entry(key.to_owned()).or_insert_with(|| Known {
                    mark: open.mark.clone(),
                    account: key.to_owned(),
                    at: universe.now(),
                    network: visit.network,
                    opener: visit.number,
                    look: None,
                    contradicted: false,
                    may: Default::default(),
                });
            // What was given back in between was as if it had never been presented.
            if before.open.as_ref().is_none_or(|before| before.mark != open.mark) {
                known.at = universe.now();
            }
            known.look = open.look.or(known.look);
            known.contradicted |= open.contradicted;
            known.may.insert((open.holder.clone(), open.facilitator.clone(), open.body.clone()));
        }
        for closed in account.closed.iter().filter(|closed| closed.why == Why::GivenUp) {
            let known = id_of(&closed.mark).and_then(|id| self.known.get_mut(&id)?.get_mut(key));
            if let Some(known) = known {
                let may = (String::new(), closed.facilitator.clone(), closed.body.clone());
                known.may.insert(may);
            }
        }
        for sale in &account.sales {
            let Some(got) = sale.got() else { continue };
            self.sold.extend(id_of(&sale.mark));
            let Some(id) = id_of(got) else { continue };
            self.got.insert(id);
            self.known.entry(id).or_default().entry(key.to_owned()).or_insert_with(|| Known {
                mark: got.clone(),
                account: key.to_owned(),
                at: universe.now(),
                network: visit.network,
                opener: visit.number,
                look: None,
                contradicted: false,
                may: Default::default(),
            });
        }
    }
}
