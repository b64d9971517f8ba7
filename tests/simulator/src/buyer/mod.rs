//! What people and their software do: as the tested clients behave, and worse.

mod acts;

use std::rc::Rc;

use paywall_core::clock::Micros;

use crate::front::{Answer, Asked, Pass, ask};
use crate::schedule::Slot;
use crate::shop::Product;
use crate::universe::Universe;
use crate::wallet::{Draft, Payment, WRAPS};
use crate::weather::Leaning;

/// What a client does with an answer that is not the object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Client {
    /// As this project asks: the same payment again if the answer says so, else a new one.
    Obedient,
    /// It gives up.
    GivesUp,
    /// It sends the same payment again, whatever the answer.
    Repeats,
    /// It never sends a payment twice: it signs a new one for every answer but 200, as the reference
    /// clients do.
    SignsAnew,
}

const CLIENTS: [Client; 4] =
    [Client::Obedient, Client::GivesUp, Client::Repeats, Client::SignsAnew];

/// The networks of buyers, and the ones that they roam to.
pub const NETWORKS: [[&str; 2]; 4] = [
    ["203.0.113.7", "198.51.100.7"],
    ["203.0.114.7", "198.51.101.7"],
    ["203.0.115.7", "2001:db8:1::7"],
    ["203.0.116.7", "198.51.103.7"],
];

/// A buyer at work.
struct Buyer {
    universe: Universe,
    number: usize,
    name: String,
    shops: Vec<usize>,
    signed: [usize; 6],
    roams: bool,
    chains: bool,
}

/// Lives a buyer's life, as far as it concerns these shops.
pub async fn live(universe: Universe, number: usize) {
    let name = format!("buyer {number}");
    let shops = universe.fleet.shops();
    let roams = universe.choices.chance(200);
    let chains = universe.choices.chance(200);
    let mut buyer = Buyer { universe, number, name, shops, signed: [0; 6], roams, chains };
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
        let shop = choices.one_of(&self.shops.clone());
        let product = match self.universe.leaning {
            Leaning::Onlookers => Product::Once,
            _ => choices.one_of(&Product::ALL),
        };
        let client = choices.one_of(&CLIENTS);
        let leans = choices.chance(700);
        let act = match self.universe.leaning {
            Leaning::Feeds if leans => 11,
            Leaning::Races if leans => 5,
            Leaning::Reorgs if leans => 9,
            Leaning::Onlookers if leans => 0,
            _ => choices.below(16),
        };
        match act {
            0..=4 => {
                self.purchase(shop, product, client).await;
            }
            5 | 6 => self.race(shop, product).await,
            7 => self.elsewhere(shop, product).await,
            8 => self.pays_directly(shop, product).await,
            9 => self.spoils(shop, product).await,
            10 => self.asks_oddly(shop, product).await,
            11 => self.feeds(shop).await,
            12 => self.empties(shop, product).await,
            13 => self.twice(shop, product).await,
            _ => {
                let timed = choices.one_of(&[Product::Timed, Product::Pdf, Product::Csv]);
                if let Some(pass) = self.purchase(shop, timed, client).await {
                    self.uses(shop, timed, pass).await;
                }
            }
        }
    }

    /// The next payment for a product.
    fn sign(&mut self, product: Product) -> Rc<Payment> {
        let universe = &self.universe;
        let count = &mut self.signed[product as usize];
        *count += 1;
        let life = universe.choices.one_of(&[60, 60, 90, 600]);
        let ahead = universe.choices.chance(30);
        let draft = Draft {
            buyer: self.number,
            product,
            price: product.price().at(universe.now().secs()),
            count: *count,
            chain: usize::from(self.chains && universe.choices.chance(500)),
            wrapped: self.number == WRAPS && universe.choices.chance(400),
            valid_after: if ahead { universe.now().secs().next_multiple_of(30) } else { 0 },
            // Rounded, so that few are signed.
            valid_before: universe.now().secs().next_multiple_of(30) + life,
        };
        universe.last_end.set(universe.last_end.get().max(draft.valid_before));
        universe.drawer.payment(draft)
    }

    fn address(&self) -> &'static str {
        let away = self.roams && self.universe.choices.chance(400);
        NETWORKS[self.number][usize::from(away)]
    }

    fn asked(&self, shop: usize, product: Product, payment: &Rc<Payment>) -> Asked {
        Asked::purchase(&self.name, self.address(), shop, product, payment.clone())
    }

    async fn sleep(&self, pauses: &[u64]) {
        let pause = self.universe.choices.one_of(pauses);
        self.universe.schedule.sleep(1_000_000 * pause).await;
    }

    async fn purchase(&mut self, shop: usize, product: Product, client: Client) -> Option<Pass> {
        let mut payment = self.sign(product);
        for _ in 0..5 {
            let answer = self.send(self.asked(shop, product, &payment)).await;
            let again = match (&answer, client) {
                (Some(Answer { status: 200, pass, .. }), _) => return pass.clone(),
                (_, Client::GivesUp) => return None,
                (_, Client::Repeats) => true,
                (_, Client::SignsAnew) => false,
                (answer, Client::Obedient) => answer.as_ref().is_none_or(|answer| answer.resend),
            };
            if !again {
                payment = self.sign(product);
            }
            self.sleep(&[3, 0, 1, 10, 40]).await;
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
    async fn race(&mut self, shop: usize, product: Product) {
        let same = self.universe.choices.chance(500);
        // One payment for many objects, in many shops.
        let spread = self.universe.choices.chance(300);
        let mut payment = self.sign(product);
        let mut slots = vec![];
        for _ in 0..2 + self.universe.choices.below(2) {
            let (mut at, mut what) = (shop, product);
            if spread {
                at = self.universe.choices.one_of(&self.shops.clone());
                what = other(&self.universe, product);
            }
            let asked = self.asked(at, what, &payment);
            let (universe, slot) = (self.universe.clone(), Slot::new());
            slots.push(slot.clone());
            universe.clone().schedule.spawn(async move {
                let answer = ask(universe.clone(), asked).await;
                universe.schedule.fill(&slot, answer);
            });
            if !same {
                payment = self.sign(product);
            }
            self.universe
                .schedule
                .sleep(self.universe.choices.one_of(&[0, 100_000, 800_000]))
                .await;
        }
        let give_up = Micros(self.universe.now().0 + 60_000_000);
        for slot in slots {
            self.universe.schedule.take(&slot, give_up).await;
        }
    }
}

/// The same product, or another one for the same price at first.
pub fn other(universe: &Universe, product: Product) -> Product {
    let price = product.price().amount;
    let alike: Vec<_> = Product::ALL.into_iter().filter(|p| p.price().amount == price).collect();
    universe.choices.one_of(&alike)
}
