//! What a buyer does beside plain purchases and races.

use crate::buyer::{Buyer, Client, other};
use crate::chain::Action;
use crate::front::{Asked, Pass, ask};
use crate::shop::Product;
use crate::universe::WEALTH;
use crate::wallet::account;

impl Buyer {
    /// One payment for several objects of the same price, in every shop.
    pub(super) async fn elsewhere(&mut self, shop: usize, product: Product) {
        let payment = self.sign(product);
        self.send(self.asked(shop, product, &payment)).await;
        for _ in 0..3 {
            let at = self.universe.choices.one_of(&self.shops.clone());
            let what = other(&self.universe, product);
            self.send(self.asked(at, what, &payment)).await;
            self.sleep(&[0, 1, 20]).await;
        }
    }

    /// Pays the seller for something else, elsewhere, and shows that payment here later.
    pub(super) async fn pays_directly(&mut self, shop: usize, product: Product) {
        let payment = self.sign(product);
        let universe = self.universe.clone();
        universe.note(|| {
            format!("{} pays {} elsewhere", self.name, universe.name(&payment.authorization))
        });
        let action = Action::Transfer(payment.authorization.clone());
        universe.chain.send(action, payment.signature.clone(), false, universe.now());
        let wait = universe.choices.one_of(&[25, 5, 12, 40]);
        universe.schedule.sleep(1_000_000 * wait).await;
        for _ in 0..2 {
            self.send(self.asked(shop, product, &payment)).await;
            self.sleep(&[3]).await;
        }
    }

    /// Sends a payment and then takes it back: cancels it, or burns its nonce beside another transfer.
    pub(super) async fn spoils(&mut self, shop: usize, product: Product) {
        let payment = self.sign(product);
        let a = payment.authorization.clone();
        let universe = self.universe.clone();
        if universe.choices.chance(500) {
            self.send(self.asked(shop, product, &payment)).await;
        }
        let action = match universe.choices.chance(500) {
            true => Action::BurnBeside(a.clone()),
            false => Action::Cancel(a.clone()),
        };
        universe.note(|| format!("{} spoils {}", self.name, universe.name(&a)));
        universe.chain.send(action, vec![], false, universe.now());
        for _ in 0..3 {
            self.send(self.asked(shop, product, &payment)).await;
            self.sleep(&[4]).await;
        }
    }

    /// With a payment, but not for the content.
    pub(super) async fn asks_oddly(&mut self, shop: usize, product: Product) {
        let payment = self.sign(product);
        let mut asked = self.asked(shop, product, &payment);
        match self.universe.choices.below(4) {
            0 => asked.method = "HEAD",
            1 => asked.method = "OPTIONS",
            2 => asked.path = "/not-for-sale.txt".into(),
            _ => asked.path = format!("/x/../{}", product.key()),
        }
        self.send(asked).await;
    }

    /// Buys one object again and again, and shows old payments too.
    pub(super) async fn feeds(&mut self, shop: usize) {
        let product = self.universe.choices.one_of(&[Product::Once, Product::Feed]);
        let mut old = vec![];
        for _ in 0..11 + self.universe.choices.below(4) {
            let payment = self.sign(product);
            let answer = self.send(self.asked(shop, product, &payment)).await;
            old.push(payment);
            let lost = answer.is_none_or(|answer| answer.status != 200);
            let pause = if lost { &[8, 3, 3] } else { &[1, 3, 6] };
            self.sleep(pause).await;
            if self.universe.choices.chance(300) {
                let at = self.universe.choices.below(old.len() as u32) as usize;
                self.send(self.asked(shop, product, &old[at])).await;
            }
        }
        for payment in old.iter().take(4) {
            self.send(self.asked(shop, product, payment)).await;
            self.sleep(&[1, 20]).await;
        }
        // About the end of a window, clocks say whether it is over; and a purchase then writes down
        // what is still known.
        for payment in old.iter().take(2) {
            let late = self.universe.choices.one_of(&[5_i64, -25, -85, 50, 120]);
            let ends = payment.authorization.valid_before.saturating_add_signed(late);
            let now = self.universe.now().0;
            self.universe.schedule.sleep((ends * 1_000_000).saturating_sub(now)).await;
            self.send(self.asked(shop, product, payment)).await;
            self.purchase(shop, product, Client::GivesUp).await;
            self.send(self.asked(shop, product, payment)).await;
        }
    }

    /// Money leaves while a payment is under way, and returns.
    pub(super) async fn empties(&mut self, shop: usize, product: Product) {
        let payment = self.sign(product);
        let universe = self.universe.clone();
        let asked = self.asked(shop, product, &payment);
        let there = universe.clone();
        universe.schedule.spawn(async move {
            ask(there, asked).await;
        });
        let pause = universe.choices.one_of(&[0, 100_000, 300_000, 2_000_000]);
        universe.schedule.sleep(pause).await;
        universe.note(|| format!("{}'s money leaves", self.name));
        universe.oracle.money_left(account(self.number));
        universe.chain.fund(account(self.number), 0, universe.now());
        self.sleep(&[2, 1, 4, 9]).await;
        universe.note(|| format!("{}'s money returns", self.name));
        universe.chain.fund(account(self.number), WEALTH, universe.now());
        self.send(self.asked(shop, product, &payment)).await;
        self.sleep(&[5, 0]).await;
        self.purchase(shop, product, Client::SignsAnew).await;
    }

    /// A fresh signature opens what is owed or timed; then it is shown again.
    pub(super) async fn twice(&mut self, shop: usize, product: Product) {
        let first = self.sign(product);
        let patience = self.universe.choices.one_of(&[500_000, 2_000_000, 4_000_000]);
        let (universe, asked) = (self.universe.clone(), self.asked(shop, product, &first));
        universe.clone().schedule.spawn(async move {
            ask(universe, asked).await;
        });
        self.universe.schedule.sleep(patience).await;
        let second = self.sign(product);
        for _ in 0..4 {
            self.send(self.asked(shop, product, &second)).await;
            self.sleep(&[2, 5, 20]).await;
        }
        self.send(self.asked(shop, product, &first)).await;
    }

    /// Comes back with a pass, in time and too late, and in other shops.
    pub(super) async fn uses(&self, shop: usize, product: Product, pass: Pass) {
        for _ in 0..3 {
            self.sleep(&[10, 1, 45, 120]).await;
            let (mut at, mut what) = (shop, product);
            if self.universe.choices.chance(300) {
                at = self.universe.choices.one_of(&self.shops);
                what = other(&self.universe, product);
            }
            let asked = Asked {
                who: self.name.clone(),
                method: "GET",
                shop: at,
                path: format!("/{}", what.key()),
                address: self.address(),
                payment: None,
                pass: Some(pass.clone()),
            };
            self.send(asked).await;
        }
    }
}
