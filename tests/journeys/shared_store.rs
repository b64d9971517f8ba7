//! Payments remembered in S3: sandboxes that share nothing else know each other's sales.

use std::collections::BTreeMap;

use edge_local::facilitator::{Endpoint, Fault, Work};
use futures_util::future::join_all;

use crate::s3_server::S3Server;
use crate::shop::{DATASET, OTHER_REPORT, REPORT, Shop};

/// The hand-over keys of a site, and those of another one.
const KEYS: [&str; 2] = ["01", "02"];

/// A shop in front of an S3 store.
async fn open(store: &S3Server, sandboxes: usize) -> Shop {
    open_with(store, sandboxes, KEYS[0]).await
}

async fn open_with(store: &S3Server, sandboxes: usize, key: &str) -> Shop {
    Shop::with(|options| {
        options.sandboxes = sandboxes;
        options.extra_env.push(("X402_HANDOVER_KEY".into(), key.repeat(32)));
        options.store = Some(store.url("/sales").to_string());
        options.credentials = Some(store.credentials());
    })
    .await
}

#[tokio::test]
async fn another_sandbox_knows_the_sale() {
    let store = S3Server::start().await;
    let first = open(&store, 1).await;
    let payment = first.sign(REPORT).await;
    first.pay(REPORT, &payment).await.is_sold(REPORT);
    assert_eq!((first.settles(), first.verifies()), (1, 0));

    // Another distribution's sandbox, with a facilitator that has never heard of the payment.
    let second = open(&store, 1).await;
    second.pay(REPORT, &payment).await.is_sold(REPORT);
    // Where its payer first came from is told by a key. Who does not have it takes them for an onlooker.
    let stranger = open_with(&store, 1, KEYS[1]).await;
    stranger.pay(REPORT, &payment).await.is_refused(REPORT, 409, "payment_already_used");
    let other = second.pay(OTHER_REPORT, &payment).await;
    other.is_refused(OTHER_REPORT, 409, "payment_already_used");
    assert_eq!(second.settles(), 0);
}

#[tokio::test]
async fn at_once_in_eight_sandboxes_one_settle() {
    let store = S3Server::start().await;
    let shop = open(&store, 8).await;
    let payment = shop.sign(REPORT).await;
    let answers = join_all((0..24).map(|_| shop.pay(REPORT, &payment))).await;
    let mut statuses = BTreeMap::new();
    for answer in &answers {
        *statuses.entry(answer.status).or_insert(0) += 1;
        match answer.status {
            200 => answer.is_sold(REPORT),
            503 => answer.is_refused(REPORT, 503, &answer.code()),
            _ => answer.is_refused(REPORT, 409, "payment_already_used"),
        }
    }
    // The sale and at most three re-sends, wherever they arrive.
    assert!((1..=4).contains(&statuses[&200]), "{statuses:?}");
    assert_eq!((shop.settles(), shop.transfers()), (1, 1), "{statuses:?}");
}

#[tokio::test]
async fn what_is_unknown_in_one_sandbox_keeps_its_payer_from_paying_twice_in_all() {
    let store = S3Server::start().await;
    let shop = open(&store, 1).await;
    let (lost, fresh) = (shop.sign(REPORT).await, shop.sign(REPORT).await);
    shop.facilitator.fail_always(Endpoint::Settle, Fault::Drop(Work::Done));
    shop.pay(REPORT, &lost).await.is_refused(REPORT, 503, "settlement_unknown");
    // Until the facilitator says more, nothing else of this payer's is submitted for the object.
    let elsewhere = open(&store, 1).await;
    for shop in [&shop, &elsewhere] {
        let refused = shop.pay(REPORT, &fresh).await;
        refused.is_refused(REPORT, 503, "earlier_payment_unknown");
    }
    assert_eq!((shop.transfers(), elsewhere.transfers()), (1, 0));
}

#[tokio::test]
async fn timed_access_is_known_everywhere() {
    let store = S3Server::start().await;
    let first = open(&store, 1).await;
    let payment = first.sign(DATASET).await;
    let sold = first.pay(DATASET, &payment).await;
    sold.is_sold(DATASET);
    assert!(!sold.header("x-payment-pass").is_empty(), "a pass comes with it");

    let second = open(&store, 1).await;
    let fresh = second.sign(DATASET).await;
    second.pay(DATASET, &fresh).await.is_sold(DATASET);
    assert_eq!((second.settles(), second.transfers()), (0, 0), "nothing more is charged");
}

#[tokio::test]
async fn without_its_store_nothing_is_sold() {
    let shop = {
        let store = S3Server::start().await;
        open(&store, 1).await
    };
    let payment = shop.sign(REPORT).await;
    shop.pay(REPORT, &payment).await.is_refused(REPORT, 503, "store_unavailable");
    assert_eq!((shop.settles(), shop.transfers()), (0, 0));
}
