//! Facilitators on bad days: content never leaves without a settlement, and nobody is told to pay
//! again for what may have been paid.

use std::time::Duration;

use edge_local::facilitator::{Endpoint, Fault, Garble, Work};

use crate::shop::{REPORT, Shop, key};

#[tokio::test]
async fn one_that_is_down_costs_nothing() {
    let shop = Shop::with(|options| options.sandboxes = 1).await;
    let payment = shop.sign(REPORT).await;
    shop.facilitator.refuse_connections().await.expect("the port closes");
    let down = shop.pay(REPORT, &payment).await;
    down.is_refused(REPORT, 503, "facilitator_unavailable");
    assert_eq!(down.header("retry-after"), "3");
    assert_eq!(down.json()["paywall"]["resendSamePayment"], true);
    shop.facilitator.accept_connections().await.expect("the port opens again");
    shop.pay(REPORT, &payment).await.is_sold(REPORT);
    assert_eq!(shop.transfers(), 1);
}

#[tokio::test]
async fn one_that_is_too_slow_is_answered_before_the_platform_s_deadline() {
    for fault in [
        Fault::AnswerLate(Duration::from_secs(10)),
        Fault::WorkLate(Duration::from_secs(10)),
        Fault::Garble(Work::Done, Garble::Dripped(Duration::from_millis(300))),
    ] {
        let shop = Shop::with(|options| {
            options.timeout = Duration::from_secs(3);
            options.sandboxes = 1;
        })
        .await;
        shop.facilitator.fail_always(Endpoint::Settle, fault);
        let payment = shop.sign(REPORT).await;
        // `is_refused` checks that the function answered, not the platform.
        shop.pay(REPORT, &payment).await.is_refused(REPORT, 503, "settlement_unknown");
        assert_eq!(shop.settles(), 1, "no time was left to ask again");
        let fresh = shop.sign(REPORT).await;
        shop.pay(REPORT, &fresh).await.is_refused(REPORT, 503, "earlier_payment_unknown");
        assert!(shop.transfers() <= 1);
    }
}

#[tokio::test]
async fn one_that_answers_nonsense_opens_nothing() {
    for garble in [
        Garble::Code("no_such_code"),
        Garble::Empty,
        Garble::Huge(200_000),
        Garble::InternalError,
        Garble::NoTransaction,
        Garble::NotJson,
        Garble::OtherAmount,
        Garble::OtherNetwork,
        Garble::OtherPayer,
        Garble::Pending,
        Garble::ShortTransaction,
        Garble::SuccessAsText,
    ] {
        for work in [Work::Done, Work::Skipped] {
            let shop = Shop::with(|options| options.sandboxes = 1).await;
            shop.facilitator.fail_always(Endpoint::Settle, Fault::Garble(work, garble));
            let payment = shop.sign(REPORT).await;
            let answer = shop.pay(REPORT, &payment).await;
            answer.is_refused(REPORT, 503, "settlement_unknown");
            assert_eq!(answer.header("payment-required"), "", "{garble:?}");
            // The first question and one more, word for word.
            assert_eq!(shop.settles(), 2, "{garble:?}");
            let calls = shop.facilitator.calls();
            assert_eq!(calls[0].body, calls[1].body);
            assert!(shop.transfers() <= 1);
        }
    }
}

#[tokio::test]
async fn one_that_hangs_up_opens_nothing_until_it_says_settled() {
    let shop = Shop::with(|options| options.sandboxes = 1).await;
    shop.facilitator.fail_always(Endpoint::Settle, Fault::Drop(Work::Skipped));
    let payment = shop.sign(REPORT).await;
    shop.pay(REPORT, &payment).await.is_refused(REPORT, 503, "settlement_unknown");
    assert_eq!(shop.transfers(), 0);
    shop.facilitator.heal();
    // It never reached the chain; sent again, it does, once.
    shop.pay(REPORT, &payment).await.is_sold(REPORT);
    assert_eq!(shop.transfers(), 1);
}

#[tokio::test]
async fn what_settled_behind_an_error_is_not_sold_a_second_time() {
    let shop = Shop::with(|options| options.sandboxes = 1).await;
    shop.facilitator.fail_always(Endpoint::Settle, Fault::Drop(Work::Done));
    let payment = shop.sign(REPORT).await;
    shop.pay(REPORT, &payment).await.is_refused(REPORT, 503, "settlement_unknown");
    assert_eq!(shop.transfers(), 1);
    shop.facilitator.heal();
    // The facilitator now says "nonce used": without a look at the chain that stays unknown.
    shop.pay(REPORT, &payment).await.is_refused(REPORT, 503, "settlement_unknown");
    let fresh = shop.sign(REPORT).await;
    shop.pay(REPORT, &fresh).await.is_refused(REPORT, 503, "earlier_payment_unknown");
    assert_eq!(shop.transfers(), 1);
}

#[tokio::test]
async fn a_refusal_before_submission_is_402_with_its_code() {
    let shop = Shop::open().await;
    // Anvil's account 2 has nothing.
    let poor: edge_local::buyer::Key =
        "0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a".parse().unwrap();
    let offer = shop.offer(REPORT, edge_local::buyer::Wire::V2).await;
    let payment = edge_local::buyer::Draft::new(&offer, &poor).unwrap().sign().unwrap();
    let answer = shop.pay(REPORT, &payment).await;
    answer.is_refused(REPORT, 402, "invalid_exact_evm_insufficient_balance");
    assert_eq!(answer.decoded("payment-response")["success"], false);
    assert_eq!(answer.decoded("payment-required")["x402Version"], 2);
    assert_eq!(shop.transfers(), 0);
}

#[tokio::test]
async fn terms_and_signatures_that_cannot_hold_cost_no_call() {
    let shop = Shop::open().await;
    let payee = key().address();
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .expect("after 1970")
        .as_secs();
    let draft = || async { shop.draft(REPORT).await };
    for (payment, code) in [
        (draft().await.to(payee), "invalid_exact_evm_payload_recipient_mismatch"),
        (
            draft().await.value(edge_local::facilitator::eip3009::U256::from(1)),
            "invalid_exact_evm_payload_authorization_value_mismatch",
        ),
        (
            draft().await.valid_before(now - 1),
            "invalid_exact_evm_payload_authorization_valid_before",
        ),
        (
            draft().await.valid_after(now + 600),
            "invalid_exact_evm_payload_authorization_valid_after",
        ),
        (
            draft().await.tamper(|json| json["accepted"]["network"] = "eip155:1".into()),
            "network_mismatch",
        ),
        (draft().await.tamper(|json| json["accepted"]["asset"] = "0x00".into()), "asset_mismatch"),
        (draft().await.reshape(|bytes| bytes[..20].to_vec()), "invalid_signature_length"),
        (
            draft().await.reshape(|bytes| [&[0; 32], &bytes[32..]].concat()),
            "invalid_exact_evm_payload_signature",
        ),
    ] {
        shop.pay(REPORT, &payment.sign().unwrap()).await.is_refused(REPORT, 402, code);
    }
    assert_eq!((shop.settles(), shop.verifies()), (0, 0));
}
