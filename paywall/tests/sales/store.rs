//! A bucket of records, and the program that lists them.

use std::time::{SystemTime, UNIX_EPOCH};

use paywall_core::purchase::Account;
use tokio::process::Command;

use super::payments::{Payment, json};
use super::server::{BUCKET, Server};
use super::shop::{Ended, Shop, ended, paywall};

pub(crate) struct Store {
    pub(crate) server: Server,
    pub(crate) shop: Shop,
}

impl Store {
    /// An empty bucket, and a shop that keeps its records in it.
    pub(crate) async fn start() -> Self {
        let server = Server::start().await;
        let shop = Shop::with(&format!(
            "[redemptions]\nstore = \"s3\"\nbucket = \"{BUCKET}\"\nregion = \"us-east-1\"\n\
             prefix = \"x402/shop\"\naccept_unresolved = true\n\n\
             [[rule]]\npath = \"**\"\nprice = \"0.01\"\n"
        ));
        shop.write("a.txt", "a");
        Store { server, shop }
    }

    /// Writes a payment's account, and what binds it.
    pub(crate) async fn put(&self, payment: &Payment, account: &Account) {
        self.put_account(payment, account).await;
        self.put_binding(payment);
    }

    pub(crate) fn put_binding(&self, payment: &Payment) {
        let key = payment.binding_key();
        self.server.put_file(&format!("x402/shop/{key}"), &json(&payment.binding()));
    }

    pub(crate) async fn put_account(&self, payment: &Payment, account: &Account) {
        self.server.put(&format!("x402/shop/{}", payment.key()), &json(account)).await;
    }

    /// A payment's account as it is.
    pub(crate) async fn account(&self, payment: &Payment) -> Account {
        let got = self.server.get(&format!("x402/shop/{}", payment.key())).await;
        serde_json::from_slice(&got.bytes).unwrap()
    }

    pub(crate) fn command(&self, more: &[&str]) -> Command {
        self.command_of("sales", more)
    }

    pub(crate) fn command_of(&self, name: &str, more: &[&str]) -> Command {
        let mut command = paywall();
        command.arg(name).arg("--config").arg(self.shop.config());
        command.args(["--endpoint-url", &self.server.url]).args(more);
        command
    }

    pub(crate) async fn list(&self, more: &[&str]) -> Ended {
        ended(self.command(more)).await
    }
}

/// A second so long ago that nothing of it is in progress.
pub(crate) fn long_ago() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    now - 86_400
}

pub(crate) fn payer(n: u16) -> [u8; 20] {
    let mut payer = [0xaa; 20];
    payer[..2].copy_from_slice(&n.to_be_bytes());
    payer
}
