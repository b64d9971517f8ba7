//! What can be told only when all is over: I5, I9, I12, P4.

use books::classify::{self, Patience};
use books::judge::{self, Known};
use books::{Credit, Posting, Transfer};
use paywall_core::purchase::{Account, AccountKind, Binding, Why};
use paywall_core::store::{Ask, Key, Reply};

use super::{Departure, Ledger, Oracle, Seen, StoreId, id_of, name};
use crate::chain::Mined;
use crate::configuration::Promise;
use crate::mutant::Mutant;
use crate::shop::Product;
use crate::universe::Universe;
use crate::wallet::{CHAINS, CONTRACT, Id, WRAPS, buyer_of};

/// Where a payment stands in a store's books.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Sold,
    Listed(Why),
    Open(AccountKind),
    Closed(Why),
    Nowhere,
}

impl Oracle {
    /// Every payer, with what was submitted for them.
    pub fn customers(&self) -> Vec<([u8; 20], usize, Product)> {
        let seen = self.0.borrow();
        let all = seen.departures.iter();
        let mut customers: Vec<_> =
            all.filter_map(|d| Some((d.payment.from, d.shop, d.product?))).collect();
        customers.sort_unstable();
        customers.dedup();
        customers
    }

    /// Whether a payer is owed an object: for what is charged, and nobody was let in for.
    pub fn is_owed(
        &self,
        universe: &Universe,
        payer: [u8; 20],
        shop: usize,
        product: Product,
    ) -> bool {
        let seen = self.0.borrow();
        seen.taken.keys().filter(|(_, id)| id.0 == payer).any(|(store, id)| {
            let sent = |d: &Departure| {
                (d.payment.id(), d.store) == (*id, *store)
                    && (d.shop, d.product) == (shop, Some(product))
            };
            let Some(ledger) = seen.ledgers.get(store) else { return false };
            !seen.dead.contains(store)
                && seen.departures.iter().any(sent)
                && seen.charged(universe, *store, id).is_some()
                && seen.is_unserved(universe, *store, id, &ledger.standings(id))
        })
    }

    /// Judges the whole history.
    pub fn conclude(&self, universe: &Universe) {
        let seen = &mut *self.0.borrow_mut();
        universe.chain.advance(universe.now());
        seen.refusals(universe);
        seen.double_charges(universe);
        seen.books(universe);
    }
}

impl Seen {
    /// I9: what was answered 402 was not paid.
    fn refusals(&mut self, universe: &Universe) {
        let mut refused = std::mem::take(&mut self.refused);
        refused.sort_unstable();
        refused.dedup();
        for (store, id) in refused {
            if self.charged(universe, store, &id).is_none() {
                continue;
            }
            match self.is_allowed(universe, store, &id) {
                true => self.allowed += 1,
                false => {
                    let how = format!("{} is answered 402 and settles", name(&id));
                    self.violate(universe, Promise::Refused, how);
                }
            }
        }
    }

    /// P4: nobody is charged twice for one grant.
    fn double_charges(&mut self, universe: &Universe) {
        for (store, first, later_store, second) in std::mem::take(&mut self.pairs) {
            let both = self.charged(universe, store, &first).is_some()
                && self.charged(universe, later_store, &second).is_some();
            let excused =
                self.is_allowed(universe, store, &first) || universe.chain.was_reorged(&first);
            if both && !excused {
                let promise = match store == later_store {
                    true => Promise::ChargedOnce,
                    false => Promise::ChargedOnceInAll,
                };
                let how = format!("{} was charged, and {} too", name(&first), name(&second));
                self.violate(universe, promise, how);
            }
        }
    }

    /// I5, I12: what was sent here and paid is sold or listed, and once; what is sold was paid.
    fn books(&mut self, universe: &Universe) {
        let mut wrong = vec![];
        for (store, id) in self.taken.keys() {
            let Some(ledger) = self.ledgers.get(store).filter(|_| !self.dead.contains(store))
            else {
                continue;
            };
            let Some(mined) = self.charged(universe, *store, id) else { continue };
            let alarmed = self.alarms.contains(&mined.transaction.hash);
            let standing = ledger.standings(id);
            // "Never" is said only of blocks that stay.
            let never = standing.contains(&Standing::Closed(Why::Never));
            let excused =
                self.is_allowed(universe, *store, id) || (universe.chain.was_reorged(id) && !never);
            let list = |standing: &&Standing| match standing {
                Standing::Open(AccountKind::Payment) => !universe.is(Mutant::OpenLeftOffList),
                Standing::Sold | Standing::Listed(_) | Standing::Open(_) => true,
                Standing::Closed(_) | Standing::Nowhere => false,
            };
            match standing.iter().filter(list).count() {
                0 if !alarmed && !excused => {
                    wrong.push((Promise::Books, format!("{} was paid: {standing:?}", name(id))));
                }
                0 | 1 => {}
                _ => {
                    wrong.push((Promise::Books, format!("{} stands twice: {standing:?}", name(id))))
                }
            }
            if !alarmed && !excused && self.is_unserved(universe, *store, id, &standing) {
                wrong.push((Promise::Served, format!("{} was paid, never served", name(id))));
            }
        }
        wrong.extend(self.kept(universe));
        for ledger in self.ledgers.values() {
            for sale in ledger.accounts.values().flat_map(|account| &account.sales) {
                let Some(id) = id_of(&sale.mark) else { continue };
                if universe.chain.paid(&id).is_none() && !universe.chain.was_reorged(&id) {
                    wrong.push((Promise::Books, format!("{} is sold, not paid", name(&id))));
                }
            }
        }
        for (promise, how) in wrong {
            self.violate(universe, promise, how);
        }
    }

    /// I12, by the books themselves: what each transfer is by the records alone adds up to what was paid, and is what it is
    /// seen to be from outside.
    fn kept(&self, universe: &Universe) -> Vec<(Promise, String)> {
        let mut wrong = vec![];
        for (store, id) in self.taken.keys() {
            let StoreId::Bucket(at) = *store else { continue };
            let (Some(mined), Some(ledger)) =
                (self.charged(universe, *store, id), self.ledgers.get(store))
            else {
                continue;
            };
            let excused = self.alarms.contains(&mined.transaction.hash)
                || self.is_allowed(universe, *store, id)
                || universe.chain.was_reorged(id);
            let posting = booked(universe, at, &mined);
            let served = ledger.sold.contains(id);
            let fits = match posting {
                Posting::Received(Credit::Sale) => served,
                // What was granted without a record stands in an alarm line.
                Posting::Received(Credit::Owed(_) | Credit::Open) => !served,
                _ => false,
            };
            if !fits && !excused {
                let how = format!("{} was paid, served: {served}, and is {posting:?}", name(id));
                wrong.push((Promise::Books, how));
            }
        }
        wrong
    }

    /// Whether who paid was never served, and the notes of section 8 do not allow for it.
    fn is_unserved(
        &self,
        universe: &Universe,
        store: StoreId,
        id: &Id,
        standing: &[Standing],
    ) -> bool {
        let of = self.departures.iter().find(|d| d.payment.id() == *id && d.store == store);
        // At the end all pay on the first chain, where a contract wallet's address proves nothing of
        // another one.
        let elsewhere = of.is_some_and(|d| {
            d.payment.chain != 0 && matches!(buyer_of(&d.payment.from), Some(CONTRACT | WRAPS))
        });
        let Some((product, mode)) = of.and_then(|d| Some((d.product?, d.other_mode))) else {
            return false;
        };
        let independent = product.is_independent(mode) || universe.fleet.mixed_modes;
        let served = self.ledgers[&store].sold.contains(id) || self.known(store, id).is_none();
        // The node was silent at the sending, and the block was stamped before it.
        let unseen = standing.contains(&Standing::Listed(Why::Unproven))
            && self.known(store, id).is_some_and(|known| known.look.is_none());
        !served && !independent && !unseen && !elsewhere
    }
}

/// What the books make of a transfer, by the records of a bucket.
fn booked(universe: &Universe, at: usize, mined: &Mined) -> Posting {
    let a = mined.transaction.action.about();
    let moved = Transfer {
        chain_id: CHAINS[a.chain].id,
        asset: CHAINS[a.chain].token,
        from: a.from,
        to: a.to,
        value: a.value,
        nonce: Some(a.nonce),
        transaction: mined.transaction.hash,
        index: 1,
        block: mined.block,
        time: universe.chain.stamp(mined.block),
    };
    let read = |name: &str| match universe.buckets[at].apply(name, &Ask::Get(Key::new(name.into())))
    {
        Reply::Found(json, _) => Some(json),
        _ => None,
    };
    let payment = moved.payment().expect("it has a nonce");
    let binding = read(Binding::key(&payment).as_str());
    let binding: Option<Binding> = binding.and_then(|json| serde_json::from_slice(&json).ok());
    let account = binding.as_ref().and_then(|binding| read(&classify::account_of(binding)));
    let account: Option<Account> = account.and_then(|json| serde_json::from_slice(&json).ok());
    let has_node = |_: &str| universe.configuration.rpc;
    let patience = Patience { now: universe.now(), has_node };
    let recorded = judge::recorded(Ok(binding.as_ref()), Ok(account.as_ref()), &patience);
    let known = Known { recorded, logged: None, refund: None };
    judge::transfer(&moved, &known, None).posting
}

impl Ledger {
    fn standings(&self, id: &Id) -> Vec<Standing> {
        let Some(known) = self.known(id) else { return vec![Standing::Nowhere] };
        let mut standings = vec![];
        if let Some(account) = self.accounts.get(&known.account) {
            if account.sales.iter().any(|sale| sale.mark == known.mark)
                || account.finished.contains(&known.mark.digest)
            {
                standings.push(Standing::Sold);
            }
            if account.open.as_ref().is_some_and(|open| open.mark == known.mark) {
                let alone = !account.payer.starts_with("0x");
                standings.push(Standing::Open(match alone {
                    true => AccountKind::Payment,
                    false => AccountKind::Payer,
                }));
            }
            for closed in account.closed.iter().filter(|closed| closed.mark == known.mark) {
                standings.push(match closed.why {
                    Why::Unproven | Why::GivenUp => Standing::Listed(closed.why),
                    why => Standing::Closed(why),
                });
            }
        }
        if standings.is_empty() {
            standings.push(Standing::Nowhere);
        }
        standings
    }
}
