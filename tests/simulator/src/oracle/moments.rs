//! What leaves, judged when it leaves: I1, I2, I4, I6, I7, I8, I11, P2, P3.

use paywall_core::limits;
use paywall_core::clock::Micros;
use paywall_core::purchase::{AccountKind, Binding};

use super::{Departure, Grant, Known, Oracle, Said, Seen, StoreId, name};
use crate::chain::{Action, Mined};
use crate::configuration::Promise;
use crate::shop::{ACCESS_SECONDS, FACILITATORS, Product};
use crate::universe::Universe;
use crate::wallet::{Authorization, CONTRACT, Id, PAYEE, WRAPS, buyer_of};

/// Clocks and hops in which a limit may be passed without a promise being broken, in seconds.
const SLACK: u64 = 10;

/// So many blocks may a node be wrong about its own height, where several stand behind one name.
const NODE_SLACK: u64 = 8;

impl Oracle {
    /// A `/settle` goes out.
    pub fn departs(&self, universe: &Universe, departure: Departure) {
        let seen = &mut *self.0.borrow_mut();
        let id = departure.payment.id();
        if departure.product.is_none() || departure.method != "GET" {
            let how = format!("{} {:?} is settled", departure.method, departure.product);
            seen.violate(universe, Promise::Asked, how);
        }
        for (promise, how) in seen.may_depart(&departure) {
            seen.violate(universe, promise, how);
        }
        let before = seen.departures.iter().filter(|earlier| earlier.payment.id() == id);
        let mut before = before.filter(|earlier| seen.is_live(earlier)).peekable();
        let is_new = before.peek().is_none();
        if !before.any(|earlier| earlier.store == departure.store) {
            seen.first.insert((departure.store, id, departure.number));
        }
        if is_new {
            seen.look_for_pairs(universe, &departure);
            seen.asks_the_first(universe, &departure);
        }
        seen.departures.push(departure);
    }

    /// An object leaves.
    pub fn granted(&self, universe: &Universe, grant: Grant) {
        let seen = &mut *self.0.borrow_mut();
        universe.chain.advance(universe.now());
        seen.judge_grant(universe, &grant);
        seen.grants.push(grant);
    }

    /// A refusal leaves.
    pub fn refused(&self, universe: &Universe, said: Said) {
        let seen = &mut *self.0.borrow_mut();
        let (Some(payment), true) = (said.payment, said.asks) else { return };
        let id = payment.id();
        let known = seen.known(said.store, &id).is_some_and(|known| {
            seen.told(said.number, known).is_none_or(|told| known.at < told)
        });
        if said.status == 402 && known {
            seen.refused.push((said.store, id));
            seen.ledgers.entry(said.store).or_default().forbidden.insert(id);
        }
        let waits = matches!(&*said.code, "earlier_payment_unknown");
        let independent = said.product.is_some_and(|p| p.is_independent(said.other_mode));
        if waits && independent && !universe.fleet.mixed_modes {
            let how = format!("{} waits for another one", name(&id));
            seen.violate(universe, Promise::Free, how);
        }
    }
}

impl Seen {
    /// When the store could last have told a request of a payment: when it arrived, or was told of the
    /// payment's binding or of its account. What it was told of another account says nothing.
    fn told(&self, number: u64, known: &Known) -> Option<Micros> {
        let binding = Binding::key(&known.mark.payment);
        let of = |key: &str| self.told.get(&(number, key.to_owned())).copied();
        let told = [of(binding.as_str()), of(&known.account), self.arrived.get(&number).copied()];
        told.into_iter().flatten().max()
    }

    fn may_depart(&self, departure: &Departure) -> Vec<(Promise, String)> {
        let mut wrong = vec![];
        let id = departure.payment.id();
        let Some(ledger) = self.ledgers.get(&departure.store) else { return wrong };
        let holder = departure.request.as_str();
        let may = ledger.known(&id).is_some_and(|known| {
            known.may.iter().any(|(by, to, body)| {
                (by.is_empty() || by.split('/').next() == Some(holder))
                    && (to, body) == (&departure.facilitator, &departure.body)
            })
        });
        if !may {
            let to = &departure.facilitator;
            wrong.push((Promise::Written, format!("{} is sent to {to}", name(&id))));
        }
        if ledger.forbidden.contains(&id) {
            let how = format!("{} was answered 402, and is sent again", name(&id));
            wrong.push((Promise::Refused, how));
        }
        if let Some(known) = ledger.known(&id)
            && let Some(account) = ledger.accounts.get(&known.account)
        {
            let mark = &known.mark;
            let over = account.sells(mark)
                || account.closed.iter().any(|closed| closed.mark == *mark)
                || account.unpaid.contains(&mark.digest);
            let other = account.open.as_ref().filter(|open| open.mark != *mark);
            let other = other.and_then(|open| super::id_of(&open.mark));
            let sent = |other: &Id| {
                self.departures
                    .iter()
                    .any(|d| d.payment.id() == *other && d.store == departure.store)
            };
            if let Some(other) = other.filter(|other| !over && sent(other)) {
                let how = format!("{} is sent while {} is open", name(&id), name(&other));
                wrong.push((Promise::OneOpen, how));
            }
        }
        let resold = |at: &Departure| at.payment.id() == id && at.store == departure.store;
        let sent = self.departures.iter().any(resold);
        if ledger.got.contains(&id) && !sent {
            let how = format!("{} opened what another one paid for, and is sent", name(&id));
            wrong.push((Promise::Path, how));
        }
        wrong
    }

    /// Earlier payments of the payer for the same thing that were sent and not granted yet.
    fn look_for_pairs(&mut self, universe: &Universe, later: &Departure) {
        let id = later.payment.id();
        let mut pairs = vec![];
        for earlier in self.departures.iter().filter(|earlier| self.is_live(earlier)) {
            let same = (earlier.shop, earlier.product) == (later.shop, later.product)
                && earlier.payment.from == later.payment.from;
            let (Some(product), true) = (later.product, same) else { continue };
            let modes = [earlier.other_mode, later.other_mode];
            if modes.iter().any(|mode| product.is_independent(*mode)) {
                continue;
            }
            // A contract wallet's address may be somebody else's on another chain.
            let buyer = buyer_of(&later.payment.from);
            let other_chain = earlier.payment.chain != later.payment.chain;
            if other_chain && matches!(buyer, Some(CONTRACT | WRAPS)) {
                continue;
            }
            let first = earlier.payment.id();
            // A binding's kind of account counts, not the table's.
            let alone = |store, id: &Id| {
                let bound = self.ledgers.get(&store).and_then(|ledger| ledger.bound.get(id));
                bound.is_some_and(|(_, kind)| *kind == AccountKind::Payment)
            };
            let timed = product.is_timed();
            if !timed && (alone(earlier.store, &first) || alone(later.store, &id)) {
                continue;
            }
            if !self.is_done_with(universe, earlier.store, &first, product) {
                pairs.push((earlier.store, first, later.store, id));
            }
        }
        self.pairs.extend(pairs);
    }

    /// Whether nothing is owed for a payment, or it is on the refund list.
    fn is_done_with(&self, universe: &Universe, store: StoreId, id: &Id, product: Product) -> bool {
        let Some(ledger) = self.ledgers.get(&store) else { return false };
        let accounts = || ledger.accounts.values();
        let listed = accounts().flat_map(|account| &account.closed).any(|closed| {
            use paywall_core::purchase::Why::{GivenUp, Unproven};
            super::id_of(&closed.mark) == Some(*id) && matches!(closed.why, GivenUp | Unproven)
        });
        let alarmed =
            universe.chain.paid(id).is_some_and(|m| self.alarms.contains(&m.transaction.hash));
        let open_in_time = || {
            let mut sales = accounts().flat_map(|account| &account.sales);
            let sale = sales.find(|sale| super::id_of(&sale.mark) == Some(*id));
            let slack = SLACK + if universe.fleet.skewed { 120 } else { 0 };
            sale.is_some_and(|sale| universe.now().secs() + slack < sale.over_at())
        };
        let granted = ledger.sold.contains(id);
        let open = product.is_timed() && !self.epoch_raised && open_in_time();
        listed || alarmed || (granted && !open)
    }

    /// Where nothing else is wrong, a refusal for one payer keeps nobody from the first facilitator.
    fn asks_the_first(&mut self, universe: &Universe, departure: &Departure) {
        let asked = self.asked_first.contains(&departure.number);
        if !self.first_failed && !asked && departure.facilitator != FACILITATORS[0] {
            let how = format!("{} goes past a healthy facilitator", name(&departure.payment.id()));
            self.violate(universe, Promise::Asks, how);
        }
    }

    fn judge_grant(&mut self, universe: &Universe, grant: &Grant) {
        let (Some(product), Some(transaction)) = (grant.product, grant.transaction) else {
            let how = format!("{:?} is served without a receipt", grant.asked);
            return self.violate(universe, Promise::Paid, how);
        };
        if grant.asked.is_some_and(|asked| asked != product) {
            let how = format!("{product:?} is served for {:?}", grant.asked);
            self.violate(universe, Promise::Priced, how);
        }
        if let (Some((shop, of)), None) = (grant.pass, &grant.payment) {
            if shop != grant.shop {
                let how = format!("a pass of shop {shop} opens {product:?} of {}", grant.shop);
                self.violate(universe, Promise::Sites, how);
            }
            if of != product {
                let how = format!("a pass for {of:?} opens {product:?}");
                self.violate(universe, Promise::OneSubject, how);
            }
        }
        match universe.chain.mined(&transaction).filter(|mined| mined.success) {
            Some(mined) => match mined.transaction.action.clone() {
                Action::Transfer(a) => self.judge_paid(universe, grant, product, &mined, &a),
                other => {
                    let how = format!("{} is no transfer", name(&other.about().id()));
                    self.violate(universe, Promise::Paid, how);
                }
            },
            None if self.is_reorged(universe, grant) => {}
            None => {
                let how = format!("{product:?} is served without a transfer");
                self.violate(universe, Promise::Paid, how);
            }
        }
        if let Some(payment) = &grant.payment {
            self.judge_presenter(universe, grant, transaction, payment);
        }
    }

    fn is_reorged(&self, universe: &Universe, grant: &Grant) -> bool {
        let payer = grant.payment.as_ref().map(|payment| payment.from);
        let mut sent = self.departures.iter().filter(|d| payer.is_none_or(|p| p == d.payment.from));
        sent.any(|d| universe.chain.was_reorged(&d.payment.id()))
    }

    fn judge_paid(
        &mut self,
        universe: &Universe,
        grant: &Grant,
        product: Product,
        mined: &Mined,
        paid: &Authorization,
    ) {
        let id = paid.id();
        if paid.to != PAYEE || paid.value != product.price() {
            let how = format!("{product:?} is served for {} units", paid.value);
            self.violate(universe, Promise::Paid, how);
        }
        if grant.payment.as_ref().is_some_and(|payment| payment.from != paid.from) {
            self.violate(universe, Promise::Paid, format!("{} pays for another", name(&id)));
        }
        let look = self.known(grant.store, &id).and_then(|known| known.look);
        let sent = self.known(grant.store, &id).map(|known| known.at);
        if let (Some(look), false) = (look, universe.chain.was_reorged(&id))
            && mined.block + NODE_SLACK <= look.block
        {
            let how = format!("{} was spent before it was sent", name(&id));
            self.violate(universe, Promise::Paid, how);
        }
        let by_chain = self.ledgers.get(&grant.store).is_some_and(|ledger| {
            let mut sales = ledger.accounts.values().flat_map(|account| &account.sales);
            let sale = sales.find(|sale| super::id_of(&sale.mark) == Some(id));
            sale.is_some_and(|sale| sale.learnt == paywall_core::purchase::Learnt::Chain)
        });
        let slack = if universe.fleet.skewed { 61 } else { 1 };
        if let (Some(sent), None, true) = (sent, look, by_chain)
            && universe.chain.stamp(mined.block) + slack < sent.secs()
            && !universe.chain.was_reorged(&id)
        {
            let how = format!("{} was paid before it was sent, unseen", name(&id));
            self.violate(universe, Promise::Paid, how);
        }
        let before: Vec<_> = self
            .grants
            .iter()
            .filter(|earlier| earlier.transaction == grant.transaction)
            // A pass needs no store; it was judged by what it was given out for.
            .filter(|earlier| earlier.payment.is_some() && grant.payment.is_some())
            .cloned()
            .collect();
        for earlier in &before {
            if (earlier.shop, earlier.product) != (grant.shop, grant.product) {
                let promise = match earlier.store == grant.store {
                    true => Promise::OneSubject,
                    false => Promise::OneSubjectInAll,
                };
                let how = format!("{} opens {product:?} of {} as well", name(&id), grant.shop);
                self.violate(universe, promise, how);
            } else if earlier.store != grant.store && earlier.payment != grant.payment {
                let how = format!("{} opens {product:?} twice", name(&id));
                self.violate(universe, Promise::OneSubjectInAll, how);
            }
        }
        if let Some(first) = before.iter().find(|earlier| earlier.store == grant.store) {
            let age = grant.at.secs().saturating_sub(first.at.secs());
            let limit = if product.is_timed() { ACCESS_SECONDS } else { limits::RESEND_SECONDS };
            if age > limit + SLACK && is_reliable(universe) {
                let how = format!("{product:?} is open after {age} s");
                self.violate(universe, Promise::Paid, how);
            }
            let same = before.iter().filter(|earlier| earlier.store == grant.store).count();
            let often = same > usize::from(limits::RESENDS) && !product.is_timed();
            if often && is_reliable(universe) {
                let how = format!("{} opens for the {}th time", name(&id), same + 1);
                self.violate(universe, Promise::OneSubject, how);
            }
        }
    }

    fn judge_presenter(
        &mut self,
        universe: &Universe,
        grant: &Grant,
        transaction: [u8; 32],
        payment: &Authorization,
    ) {
        let id = payment.id();
        if let Some(known) = self.known(grant.store, &id)
            && known.network != grant.network
        {
            let how = format!("{} is served to {}", name(&id), grant.network);
            self.violate(universe, Promise::Origin, how);
        }
        let independent = grant.product.is_some_and(|p| p.is_independent(grant.other_mode));
        let own = universe.chain.paid(&id).is_some_and(|m| m.transaction.hash == transaction);
        if independent && !own && !universe.fleet.mixed_modes && !self.is_reorged(universe, grant) {
            let how = format!("{} opens by another payment under `independent`", name(&id));
            self.violate(universe, Promise::OneSubject, how);
        }
        let recorded = self
            .ledgers
            .get(&grant.store)
            .is_some_and(|ledger| ledger.got.contains(&id) || ledger.sold.contains(&id));
        // What is open in time opens without a new record.
        let timed = grant.product.is_some_and(Product::is_timed);
        if !recorded && !timed && !self.alarms.contains(&transaction) {
            let how = format!("{} is served, and no record says so", name(&id));
            self.violate(universe, Promise::Books, how);
        }
    }
}

/// Whether everything that was decided is known to whoever decides next: no death, and no fault of the
/// store.
fn is_reliable(universe: &Universe) -> bool {
    let weather = universe.first_weather();
    weather.store == 0 && weather.death == 0 && weather.freeze == 0 && !universe.fleet.skewed
}
