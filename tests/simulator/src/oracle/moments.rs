//! A `/settle` leaves, or a refusal: I1, I2, I4, P3; and what is owed then, for P4.

use paywall_core::clock::Micros;
use paywall_core::limits::RELEASE_SECONDS;
use paywall_core::purchase::{AccountKind, Binding, Why};

use super::grants::SLACK;
use super::{Departure, Oracle, Said, Seen, StoreId, name};
use crate::configuration::Promise;
use crate::shop::{FACILITATORS, Product};
use crate::universe::Universe;
use crate::wallet::{CONTRACT, Id, WRAPS, buyer_of};

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
        // Only who opened it knows that it is the first sending: whoever took it over asks again, and
        // "used" may then be of the first copy.
        let own =
            seen.known(departure.store, &id).is_some_and(|known| known.opener == departure.number);
        if own && !before.any(|earlier| earlier.store == departure.store) {
            seen.first.insert((departure.store, id, departure.number));
        }
        if is_new {
            seen.look_for_pairs(universe, &departure);
            seen.asks_the_first(universe, &departure);
        }
        seen.departures.push(departure);
    }

    /// A refusal leaves.
    pub fn refused(&self, universe: &Universe, said: Said) {
        let seen = &mut *self.0.borrow_mut();
        let (Some(payment), true) = (said.payment, said.asks) else { return };
        let id = payment.id();
        if said.status == 402 && seen.could_know(said.store, said.number, &id) {
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
    /// Whether a request could know that a payment is on record. What it was last told of the payment's
    /// account counts; else what it was told of the binding; else whether it came after both. What it was
    /// told of another account says nothing.
    fn could_know(&self, store: StoreId, number: u64, id: &Id) -> bool {
        let Some(ledger) = self.ledgers.get(&store) else { return false };
        let (Some(known), Some((_, _, bound))) = (ledger.known(id), ledger.bound.get(id)) else {
            return false;
        };
        let binding = Binding::key(&known.mark.payment);
        let of_account = self.told(number, &known.account).map(|told| (told, known.at));
        let of_binding = self.told(number, binding.as_str()).map(|told| (told, *bound));
        let arrived = self.arrived.get(&number).map(|at| (*at, known.at.max(*bound)));
        of_account.or(of_binding).or(arrived).is_some_and(|(told, written)| written < told)
    }

    /// When a request was last told of a record.
    pub(super) fn told(&self, number: u64, key: &str) -> Option<Micros> {
        self.told.get(&(number, key.to_owned())).copied()
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
                bound.is_some_and(|(_, kind, _)| *kind == AccountKind::Payment)
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

    /// Whether nothing is owed for a payment, or it is on the refund list and holds nobody any more.
    fn is_done_with(&self, universe: &Universe, store: StoreId, id: &Id, product: Product) -> bool {
        let Some(ledger) = self.ledgers.get(&store) else { return false };
        let accounts = || ledger.accounts.values();
        let slack = SLACK + if universe.fleet.skewed { 120 } else { 0 };
        let sent = self.departures.iter().find(|departure| departure.payment.id() == *id);
        let ends = sent.map_or(0, |departure| departure.payment.valid_before);
        let over = ends + RELEASE_SECONDS < universe.now().secs() + slack;
        let listed = accounts().flat_map(|account| &account.closed).any(|closed| {
            let ended = match closed.why {
                Why::GivenUp => true,
                Why::Unproven => over,
                _ => false,
            };
            super::id_of(&closed.mark) == Some(*id) && ended
        });
        let alarmed =
            universe.chain.paid(id).is_some_and(|m| self.alarms.contains(&m.transaction.hash));
        let open_in_time = || {
            let mut sales = accounts().flat_map(|account| &account.sales);
            let sale = sales.find(|sale| super::id_of(&sale.mark) == Some(*id));
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
}
