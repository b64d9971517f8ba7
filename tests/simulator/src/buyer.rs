//! What people and their software do: as the tested clients behave, and worse.

use paywall_core::clock::Micros;

use crate::chain::Action;
use crate::front::{Answer, Asked, Pass, ask};
use crate::schedule::Slot;
use crate::shop::Product;
use crate::universe::Universe;
use crate::wallet::{Authorization, PAYMENTS, Payment, account};

/// What a client does with an answer that is not the object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Client {
    /// As this project asks: the same payment again if the answer says so, else a new one.
    Obedient,
    /// It gives up.
    GivesUp,
    /// It sends the same payment again, whatever the answer.
    Repeats,
    /// It signs a new payment for every answer but 200, as the reference clients do.
    SignsAnew,
}

const CLIENTS: [Client; 4] =
    [Client::Obedient, Client::GivesUp, Client::Repeats, Client::SignsAnew];

/// A buyer at work.
struct Buyer {
    universe: Universe,
    number: usize,
    name: String,
    signed: [usize; 3],
}

/// Lives a buyer's life, as far as it concerns this shop.
pub async fn live(universe: Universe, number: usize) {
    let name = format!("buyer {number}");
    let mut buyer = Buyer { universe, number, name, signed: [0; 3] };
    let acts = 1 + buyer.universe.choices.below(3);
    for _ in 0..acts {
        buyer.act().await;
        let pause = buyer.universe.choices.one_of(&[0, 1, 5, 30, 100]);
        buyer.universe.schedule.sleep(1_000_000 * pause).await;
    }
}

impl Buyer {
    async fn act(&mut self) {
        let choices = &self.universe.choices;
        let product = choices.one_of(&Product::ALL);
        let client = choices.one_of(&CLIENTS);
        match choices.below(12) {
            0..=4 => self.buy(product, client).await,
            5 => self.race(product).await,
            6 => self.elsewhere(product).await,
            7 => self.pays_directly(product).await,
            8 => self.spoils(product).await,
            9 => self.asks_oddly(product).await,
            _ => {
                if let Some(pass) = self.purchase(product, client).await {
                    self.uses(product, pass).await;
                }
            }
        }
    }

    /// The next payment for a product; none if too many were signed.
    fn sign(&mut self, product: Product) -> Option<Payment> {
        let count = &mut self.signed[product as usize];
        // The last is kept for the end of the history.
        let payment = (*count + 1 < PAYMENTS)
            .then(|| self.universe.drawer.payment(self.number, product, *count))?;
        *count += 1;
        Some(payment)
    }

    async fn buy(&mut self, product: Product, client: Client) {
        self.purchase(product, client).await;
    }

    async fn purchase(&mut self, product: Product, client: Client) -> Option<Pass> {
        let mut payment = self.sign(product)?;
        for _ in 0..5 {
            let answer = self.send(Asked::purchase(&self.name, product, payment.clone())).await;
            let again = match (&answer, client) {
                (Some(Answer { status: 200, pass, .. }), _) => return pass.clone(),
                (_, Client::GivesUp) => return None,
                (_, Client::Repeats) => true,
                (_, Client::SignsAnew) => false,
                (answer, Client::Obedient) => answer.as_ref().is_none_or(|answer| answer.resend),
            };
            if !again {
                payment = self.sign(product)?;
            }
            let pause = self.universe.choices.one_of(&[3, 0, 1, 10, 40]);
            self.universe.schedule.sleep(1_000_000 * pause).await;
        }
        None
    }

    /// Sends and waits, but not always to the end. What was sent goes on without who sent it.
    async fn send(&self, asked: Asked) -> Option<Answer> {
        let patience = self.universe.choices.one_of(&[60, 60, 2, 4]);
        let (universe, slot) = (self.universe.clone(), Slot::new());
        let give_up = Micros(universe.now().0 + 1_000_000 * patience);
        let filled = slot.clone();
        universe.clone().schedule.spawn(async move {
            let answer = ask(universe.clone(), asked).await;
            universe.schedule.fill(&filled, answer);
        });
        self.universe.schedule.take(&slot, give_up).await
    }

    /// Several requests at once: with one payment, or with as many.
    async fn race(&mut self, product: Product) {
        let same = self.universe.choices.chance(500);
        let Some(mut payment) = self.sign(product) else { return };
        let mut slots = vec![];
        for _ in 0..2 + self.universe.choices.below(2) {
            let asked = Asked::purchase(&self.name, product, payment.clone());
            let (universe, slot) = (self.universe.clone(), Slot::new());
            slots.push(slot.clone());
            universe.clone().schedule.spawn(async move {
                let answer = ask(universe.clone(), asked).await;
                universe.schedule.fill(&slot, answer);
            });
            if !same {
                let Some(next) = self.sign(product) else { break };
                payment = next;
            }
        }
        let give_up = Micros(self.universe.now().0 + 60_000_000);
        for slot in slots {
            self.universe.schedule.take(&slot, give_up).await;
        }
    }

    /// One payment for two objects of the same price.
    async fn elsewhere(&mut self, product: Product) {
        let other = match product {
            Product::Once => Product::Other,
            Product::Other | Product::Timed => Product::Once,
        };
        let Some(payment) = self.sign(product) else { return };
        for product in [product, other, product, other] {
            self.send(Asked::purchase(&self.name, product, payment.clone())).await;
            let pause = self.universe.choices.one_of(&[0, 1, 20]);
            self.universe.schedule.sleep(1_000_000 * pause).await;
        }
    }

    /// Pays the seller for something else, on another site, and shows that payment here later.
    async fn pays_directly(&mut self, product: Product) {
        let Some(payment) = self.sign(product) else { return };
        let universe = self.universe.clone();
        universe.note(|| {
            format!("{} pays {} elsewhere", self.name, universe.name(&payment.authorization))
        });
        let action = Action::Transfer(payment.authorization.clone());
        universe.chain.send(action, payment.signature.clone(), None, universe.now());
        universe.schedule.sleep(1_000_000 * u64::from(25 + universe.choices.below(20))).await;
        for _ in 0..2 {
            self.send(Asked::purchase(&self.name, product, payment.clone())).await;
            universe.schedule.sleep(3_000_000).await;
        }
    }

    /// Sends a payment and then takes it back: cancels it, or burns its nonce beside another transfer.
    async fn spoils(&mut self, product: Product) {
        let Some(payment) = self.sign(product) else { return };
        let a = payment.authorization.clone();
        let universe = self.universe.clone();
        let first = universe.choices.chance(500);
        if first {
            self.send(Asked::purchase(&self.name, product, payment.clone())).await;
        }
        let action = match universe.choices.chance(500) {
            true => Action::BurnBeside(a.clone()),
            false => Action::Cancel(a.from, a.nonce),
        };
        universe.note(|| format!("{} spoils {}", self.name, universe.name(&a)));
        universe.chain.send(action, vec![], None, universe.now());
        for _ in 0..2 {
            self.send(Asked::purchase(&self.name, product, payment.clone())).await;
            universe.schedule.sleep(4_000_000).await;
        }
    }

    /// With a payment, but not for the content.
    async fn asks_oddly(&mut self, product: Product) {
        let Some(payment) = self.sign(product) else { return };
        let odd = self.universe.choices.below(4);
        let mut asked = Asked::purchase(&self.name, product, payment);
        match odd {
            0 => asked.method = "HEAD",
            1 => asked.method = "OPTIONS",
            2 => asked.path = "/not-for-sale.txt".into(),
            _ => asked.path = format!("/x/../{}", product.key()),
        }
        self.send(asked).await;
    }

    /// Comes back with a pass, in time and too late.
    async fn uses(&self, product: Product, pass: Pass) {
        for _ in 0..3 {
            let pause = self.universe.choices.one_of(&[10, 1, 45, 120]);
            self.universe.schedule.sleep(1_000_000 * pause).await;
            let asked = Asked {
                who: self.name.clone(),
                method: "GET",
                path: format!("/{}", product.key()),
                payment: None,
                pass: Some(pass.clone()),
            };
            self.send(asked).await;
        }
    }
}

/// Somebody who reads the chain's calldata, and uses what stands there.
pub async fn observe(universe: Universe) {
    let thief = 0;
    for _ in 0..1 + universe.choices.below(4) {
        universe.schedule.sleep(1_000_000 * universe.choices.one_of(&[5_u64, 1, 2, 20, 60])).await;
        let seen = universe.chain.calldata();
        if seen.is_empty() {
            continue;
        }
        let (transaction, a) = &seen[universe.choices.below(seen.len() as u32) as usize];
        let copied = Payment::new(a.clone(), transaction.signature.clone());
        let bought = Product::ALL.into_iter().find(|p| p.price() == a.value);
        let product = match universe.choices.below(3) {
            0 => Product::Once,
            1 => Product::Other,
            _ => bought.unwrap_or(Product::Timed),
        };
        let payment = match universe.choices.below(4) {
            // The very payment.
            0 | 1 => copied,
            // Their own, under the copied nonce.
            2 => {
                let own =
                    Authorization { from: account(thief), value: product.price(), ..a.clone() };
                universe.drawer.sign(thief, own)
            }
            // The copied one with another signature.
            _ => Payment::new(a.clone(), vec![0x5a; 96]),
        };
        if universe.choices.chance(200) {
            // Sends it to the token themselves, before the facilitator's is in a block.
            let action = Action::Transfer(a.clone());
            let signature = transaction.signature.clone();
            universe.chain.send(action, signature, transaction.departed, universe.now());
        }
        ask(universe.clone(), Asked::purchase("the observer", product, payment)).await;
    }
}
