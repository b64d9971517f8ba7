//! An object leaves: P1, P2, I6, I7, I8, I11.

use paywall_core::limits;

use super::{Grant, Oracle, Seen, name};
use crate::chain::{Action, Mined};
use crate::configuration::Promise;
use crate::shop::{ACCESS_SECONDS, Product};
use crate::universe::Universe;
use crate::wallet::{Authorization, PAYEE};

/// Clocks and hops in which a limit may be passed without a promise being broken, in seconds.
pub(super) const SLACK: u64 = 10;

/// So many blocks may a node be wrong about its own height, where several stand behind one name.
const NODE_SLACK: u64 = 8;
impl Oracle {
    /// An object leaves.
    pub fn granted(&self, universe: &Universe, grant: Grant) {
        let seen = &mut *self.0.borrow_mut();
        universe.chain.advance(universe.now());
        seen.judge_grant(universe, &grant);
        seen.grants.push(grant);
    }
}

impl Seen {
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
        if paid.to != PAYEE || !product.price().amounts().any(|it| it == paid.value) {
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
        // To a request that the store told nothing since, what got a sale meanwhile is a fresh signature.
        let fresh = |known: &super::Known| {
            self.told(grant.number, &known.account).is_none_or(|told| told < known.at)
                && self.arrived.get(&grant.number).is_none_or(|arrived| *arrived < known.at)
        };
        if let Some(known) = self.known(grant.store, &id)
            && known.network != grant.network
            && !fresh(known)
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
