//! The same payment again, at once, and for something else.

use std::collections::BTreeMap;

use futures_util::future::join_all;

use crate::shop::{OTHER_REPORT, REPORT, Shop, key};

#[tokio::test]
async fn one_payment_opens_one_object() {
    let shop = Shop::with(|options| options.sandboxes = 1).await;
    let payment = shop.sign(REPORT).await;
    shop.pay(REPORT, &payment).await.is_sold(REPORT);
    // Equally priced or not, it is another object.
    let elsewhere = shop.pay("/reports/2026/market.json", &payment).await;
    elsewhere.is_sold(REPORT);
    let other = shop.pay(OTHER_REPORT, &payment).await;
    other.is_refused(OTHER_REPORT, 409, "payment_already_used");
    assert_eq!((shop.settles(), shop.transfers()), (1, 1));
}

#[tokio::test]
async fn ten_at_once_in_one_sandbox_settle_once() {
    let shop = Shop::with(|options| options.sandboxes = 1).await;
    let payment = shop.sign(REPORT).await;
    let answers = join_all((0..10).map(|_| shop.pay(REPORT, &payment))).await;
    let mut statuses = BTreeMap::new();
    for answer in &answers {
        *statuses.entry(answer.status).or_insert(0) += 1;
        match answer.status {
            200 => answer.is_sold(REPORT),
            _ => answer.is_refused(REPORT, 409, "payment_already_used"),
        }
    }
    // The first, and the three re-sends.
    assert_eq!(statuses, BTreeMap::from([(200, 4), (409, 6)]));
    assert_eq!((shop.settles(), shop.transfers()), (1, 1));
    let receipts: Vec<_> = answers
        .iter()
        .map(|answer| answer.header("payment-response"))
        .filter(|r| !r.is_empty())
        .collect();
    assert!(receipts.windows(2).all(|pair| pair[0] == pair[1]));
}

#[tokio::test]
async fn at_once_in_eight_sandboxes_one_transfer_and_never_402() {
    for _ in 0..3 {
        let shop = Shop::with(|options| options.sandboxes = 8).await;
        let payment = shop.sign(REPORT).await;
        let answers = join_all((0..24).map(|_| shop.pay(REPORT, &payment))).await;
        let mut sold = 0;
        for answer in &answers {
            match answer.status {
                200 => {
                    answer.is_sold(REPORT);
                    sold += 1;
                }
                // Who did not settle it cannot know whether it settled.
                503 => answer.is_refused(REPORT, 503, "settlement_unknown"),
                _ => answer.is_refused(REPORT, 409, "payment_already_used"),
            }
        }
        assert!(sold >= 1);
        assert_eq!(shop.transfers(), 1);
    }
}

#[tokio::test]
async fn a_copied_nonce_opens_nothing() {
    let shop = Shop::with(|options| options.sandboxes = 1).await;
    let payment = shop.sign(REPORT).await;
    shop.pay(REPORT, &payment).await.is_sold(REPORT);
    let nonce = payment.authorization.nonce;

    // The payer signs other words under the same nonce.
    let reused = shop.draft(REPORT).await.nonce(nonce).valid_after(1).sign().unwrap();
    shop.pay(REPORT, &reused).await.is_refused(REPORT, 409, "payment_already_used");

    // Somebody else signs the payer's words.
    let thief = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d"; // Anvil 1
    let offer = shop.offer(REPORT, edge_local::buyer::Wire::V2).await;
    let stolen = edge_local::buyer::Draft::new(&offer, &thief.parse().unwrap())
        .unwrap()
        .from(key().address())
        .nonce(nonce)
        .valid_after(payment.authorization.validAfter.to())
        .valid_before(payment.authorization.validBefore.to())
        .sign()
        .unwrap();
    // Whoever cannot show here to be the payer learns nothing of what is here: the facilitator is asked.
    shop.pay(REPORT, &stolen).await.is_refused(REPORT, 402, "invalid_exact_evm_signature");
    assert_eq!((shop.settles(), shop.verifies(), shop.transfers()), (1, 1, 1));
}
