//! One object, from the price to the bytes.

use edge_local::ViewerResponseSees;
use edge_local::buyer::{Draft, Wire};
use edge_local::facilitator::eip3009::U256;
use paywall_core::log::Line;
use reqwest::Method;
use serde_json::json;

use crate::shop::{DATASET, FREE, REPORT, Shop, key, published};

#[tokio::test]
async fn a_free_file_is_free() {
    let shop = Shop::open().await;
    let answer = shop.get(FREE).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body, published(FREE));
    assert_eq!(answer.header("payment-response"), "");
    assert_eq!(shop.get("/").await.body, published("/index.html"));
}

#[tokio::test]
async fn a_file_is_sold_and_the_second_time_from_the_cache() {
    let shop = Shop::open().await;
    let unpaid = shop.get(REPORT).await;
    assert_eq!(unpaid.status, 402);
    let challenge = unpaid.decoded("payment-required");
    assert_eq!(challenge["x402Version"], 2);
    assert_eq!(challenge["resource"]["url"], json!(shop.edge.url() + REPORT));
    assert_eq!(challenge["accepts"][0]["extra"]["paymentFlow"], "upfront");
    assert_eq!(unpaid.header("payment-required"), unpaid.header("x-payment-required"));
    assert_eq!(unpaid.json()["x402Version"], 1);
    assert_eq!(unpaid.json()["accepts"][0]["maxAmountRequired"], challenge["accepts"][0]["amount"]);

    for (nth, cached) in [(1, "Miss from cloudfront"), (2, "Hit from cloudfront")] {
        let payment = shop.sign(REPORT).await;
        let paid = shop.pay(REPORT, &payment).await;
        paid.is_sold(REPORT);
        assert_eq!(paid.header("x-cache"), cached);
        assert_eq!(paid.header("payment-response"), paid.header("x-payment-response"));
        assert!(paid.header("cache-control").contains("private"));
        let transfers = shop.facilitator.ledger().transfers();
        assert_eq!(transfers.len(), nth);
        let settled = transfers.last().unwrap();
        assert_eq!(paid.decoded("payment-response")["transaction"], json!(settled.tx.to_string()));
        assert_eq!(settled.value, payment.authorization.value);
        assert_eq!(shop.earned(&payment), payment.authorization.value * U256::from(nth));
    }
    assert_eq!(shop.verifies(), 0);
}

#[tokio::test]
async fn v1_buyers_and_the_alias_are_served_alike() {
    let shop = Shop::open().await;
    let payment = Draft::new(&shop.offer(REPORT, Wire::V1).await, &key()).unwrap().sign().unwrap();
    assert_eq!(payment.header_name().to_lowercase(), "x-payment");
    let paid = shop.pay(REPORT, &payment).await;
    paid.is_sold(REPORT);
    assert_eq!(paid.decoded("x-payment-response")["network"], "base-sepolia");

    let payment = shop.sign(REPORT).await;
    let alias = [("x-payment-signature", &*payment.header_value())];
    shop.send(Method::GET, REPORT, &alias).await.is_sold(REPORT);
}

#[tokio::test]
async fn what_needs_no_content_is_answered_unpaid_and_uncharged() {
    let shop = Shop::open().await;
    let etag = {
        let payment = shop.sign(REPORT).await;
        shop.pay(REPORT, &payment).await.header("etag").to_owned()
    };
    let payment = shop.sign(REPORT).await;
    let header = payment.header_value();
    for paid in [vec![], vec![(payment.header_name(), &*header)]] {
        let with = |name, value| {
            let mut headers = paid.clone();
            headers.push((name, value));
            headers
        };
        let answer = shop.send(Method::GET, REPORT, &with("if-none-match", &etag)).await;
        // Whether a tag is right is told to who can pay: others would guess at the content by it.
        if paid.is_empty() {
            assert_eq!(answer.status, 402);
        } else {
            assert_eq!((answer.status, answer.body.len()), (304, 0));
            assert_eq!(answer.header("etag"), etag);
        }

        let answer = shop.send(Method::GET, REPORT, &with("range", "bytes=99999999-")).await;
        assert_eq!(answer.status, 416);
        let size = published(REPORT).len();
        assert_eq!(answer.header("content-range"), format!("bytes */{size}"));

        let answer = shop.send(Method::HEAD, REPORT, &paid).await;
        assert_eq!((answer.status, answer.body.len()), (402, 0));
        assert_eq!(answer.decoded("payment-required")["x402Version"], 2);

        let answer = shop.send(Method::OPTIONS, REPORT, &paid).await;
        assert_eq!((answer.status, answer.body.len()), (204, 0));
    }
    assert_eq!((shop.settles(), shop.transfers()), (1, 1));
    // The payment is still good for the object itself.
    shop.pay(REPORT, &payment).await.is_sold(REPORT);
}

#[tokio::test]
async fn a_paid_range_is_206_with_a_receipt() {
    let shop = Shop::open().await;
    let payment = shop.sign(REPORT).await;
    let header = payment.header_value();
    let headers = [(payment.header_name(), &*header), ("range", "bytes=5-9")];
    let answer = shop.send(Method::GET, REPORT, &headers).await;
    assert_eq!(answer.status, 206);
    assert_eq!(answer.body, published(REPORT)[5..10]);
    assert_eq!(answer.decoded("payment-response")["success"], true);
}

#[tokio::test]
async fn timed_access_is_paid_once() {
    let shop = Shop::with(|options| options.sandboxes = 1).await;
    for _ in 0..3 {
        let fresh = shop.sign(DATASET).await;
        shop.pay(DATASET, &fresh).await.is_sold(DATASET);
        shop.pay(DATASET, &fresh).await.is_sold(DATASET);
    }
    assert_eq!(shop.transfers(), 1);
}

#[tokio::test]
async fn either_way_of_handing_over_sells_and_no_forgery_passes() {
    for sees in [ViewerResponseSees::Edited, ViewerResponseSees::Original] {
        let shop = Shop::with(|options| options.viewer_response_sees = sees).await;
        let forged = [
            ("x-x402-handover", "eyJzdWNjZXNzIjp0cnVlfQ==.00"),
            ("x-forwarded-host", "evil.example"),
            ("x-forwarded-proto", "http"),
            ("x-forwarded-for", "127.0.0.1"),
            ("x-original-url", FREE),
            ("x-rewrite-url", FREE),
        ];
        let unpaid = shop.send(Method::GET, REPORT, &forged).await;
        unpaid.is_refused(REPORT, 402, "payment_required");
        let resource = &unpaid.decoded("payment-required")["resource"]["url"];
        assert_eq!(resource, &json!(shop.edge.url() + REPORT));

        let payment = shop.sign(REPORT).await;
        let header = payment.header_value();
        let mut headers = forged.to_vec();
        headers.push((payment.header_name(), &header));
        let paid = shop.send(Method::GET, REPORT, &headers).await;
        assert_eq!((paid.status, &paid.body), (200, &published(REPORT)));
        match sees {
            ViewerResponseSees::Edited => paid.is_sold(REPORT),
            // The receipt cannot reach the answer; a forged one must not either.
            ViewerResponseSees::Original => assert_eq!(paid.header("payment-response"), ""),
        }
        assert!(paid.header("cache-control").contains("private"));
        assert_eq!(paid.header("x-x402-handover"), "");
    }
}

#[tokio::test]
async fn the_log_has_one_line_per_decision_and_no_secret() {
    let shop = Shop::open().await;
    let payment = shop.sign(REPORT).await;
    shop.pay(REPORT, &payment).await.is_sold(REPORT);
    let lines = shop.edge.log_lines();
    let decisions: Vec<_> =
        lines.iter().filter_map(|line| Line::read(&line[line.find('{')?..]).ok()).collect();
    let outcomes: Vec<_> = decisions.iter().map(|line| line.outcome.as_str()).collect();
    assert_eq!(outcomes, ["payment_required", "settled", "receipt"]);
    let settled = &decisions[1];
    assert_eq!(settled.object.as_deref(), Some(&REPORT[1..]));
    let paid = settled.payment.as_ref().expect("a payment");
    assert_eq!(paid.network, "eip155:84532");
    assert_eq!(paid.amount, payment.authorization.value.to_string());
    assert_eq!(settled.calls[0].endpoint, "settle");
    assert_eq!(settled.facilitator.as_ref(), Some(&settled.calls[0].to));
    assert_eq!(decisions[1].request_id, decisions[2].request_id);
    let signature: String = payment.signature.iter().map(|byte| format!("{byte:02x}")).collect();
    for line in lines {
        assert!(!line.contains(&signature) && !line.contains(&payment.header_value()), "{line}");
    }
}
