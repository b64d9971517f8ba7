//! Wrong payments and contract wallets, signed by the buyer and judged over HTTP, in both versions.

use alloy_primitives::{Address, B256, U256, address};
use alloy_sol_types::SolValue;
use serde_json::{Value, json};

use super::testkit::{USDC, ask_json, buyer, draft, offer, request};
use super::*;
use crate::buyer::{Draft, Offer};

const STRANGER: Address = address!("90F79bf6EB2c4f870365E785982E1f101E93b906");

async fn judge(facilitator: &Facilitator, offer: &Offer, draft: Draft) -> (Value, Value) {
    let request = request(offer, &draft.sign().expect("a payment"));
    let (_, verified) = ask_json(&facilitator.url(), "verify", &request).await;
    let (_, settled) = ask_json(&facilitator.url(), "settle", &request).await;
    (verified, settled)
}

#[tokio::test]
async fn honest_payments_settle_in_both_versions() {
    let facilitator = Facilitator::start(Options::default()).await.expect("a port");
    for wire in [Wire::V1, Wire::V2] {
        let offer = offer(wire);
        let (verified, settled) = judge(&facilitator, &offer, draft(&offer)).await;
        assert_eq!(verified, json!({"isValid": true, "payer": FUNDED_BUYER.to_string()}));
        assert_eq!(settled["success"], true, "{settled}");
        assert_eq!(settled["network"], offer.json["network"]);
    }
    let ledger = facilitator.ledger();
    assert_eq!(ledger.balance_of(USDC, FUNDED_BUYER), U256::from(FUNDED_BALANCE - 20_000));
    let payee = offer(Wire::V2).pay_to;
    assert_eq!(ledger.balance_of(USDC, payee), U256::from(20_000));
    let [first, second] = &ledger.transfers()[..] else { panic!("two transfers") };
    assert_ne!(first.tx, second.tx);
}

type Wrong = fn(Draft) -> Draft;

// (what, change, v1's code, v2's code)
const WRONG: [(&str, Wrong, &str, &str); 13] = [
    ("to a stranger", |d| d.to(STRANGER), RECIPIENT, RECIPIENT),
    ("from a stranger", |d| d.from(STRANGER), SIGNATURE, SIGNATURE),
    ("a unit less", |d| d.value(U256::from(9_999)), V1_VALUE, V2_VALUE),
    ("a unit more", |d| d.value(U256::from(10_001)), V1_VALUE, V2_VALUE),
    ("over", |d| d.valid_before(unix_now() - 1), BEFORE, BEFORE),
    ("over in 3 s", |d| d.valid_before(unix_now() + 3), BEFORE, BEFORE),
    ("not begun", |d| d.valid_after(unix_now() + 600), AFTER, AFTER),
    ("name", |d| d.domain_name("USD Coin"), SIGNATURE, SIGNATURE),
    ("version", |d| d.domain_version("1"), SIGNATURE, SIGNATURE),
    ("chain", |d| d.chain_id(8453), SIGNATURE, SIGNATURE),
    ("token", |d| d.token(STRANGER), SIGNATURE, SIGNATURE),
    ("64 bytes", |d| d.reshape(|mut s| s.split_off(1)), SIGNATURE, SIGNATURE),
    (
        "nonce changed after signing",
        |d| {
            d.tamper(|json| {
                json["payload"]["authorization"]["nonce"] = B256::ZERO.to_string().into()
            })
        },
        SIGNATURE,
        SIGNATURE,
    ),
];
const AFTER: &str = "invalid_exact_evm_payload_authorization_valid_after";
const BEFORE: &str = "invalid_exact_evm_payload_authorization_valid_before";
const RECIPIENT: &str = "invalid_exact_evm_recipient_mismatch";
const SIGNATURE: &str = "invalid_exact_evm_signature";
const V1_VALUE: &str = "invalid_exact_evm_authorization_value";
const V2_VALUE: &str = "invalid_exact_evm_payload_authorization_value_mismatch";

#[tokio::test]
async fn wrong_payments_move_nothing() {
    let facilitator = Facilitator::start(Options::default()).await.expect("a port");
    for (what, change, v1, v2) in WRONG {
        for (wire, code) in [(Wire::V1, v1), (Wire::V2, v2)] {
            let offer = offer(wire);
            let (verified, settled) = judge(&facilitator, &offer, change(draft(&offer))).await;
            assert_eq!(verified["invalidReason"], code, "{wire:?} {what}");
            assert_eq!(settled["errorReason"], code, "{wire:?} {what}");
            assert_eq!((&verified["isValid"], &settled["success"]), (&false.into(), &false.into()));
        }
    }
    assert!(facilitator.ledger().transfers().is_empty());
}

#[tokio::test]
async fn a_token_that_the_seller_misnames_is_found_out() {
    let facilitator = Facilitator::start(Options::default()).await.expect("a port");
    for (field, code) in [("name", "token_name_mismatch"), ("version", "token_version_mismatch")] {
        // Seller and buyer agree on the wrong domain, so the signature fits; the token knows better.
        let mut offer = offer(Wire::V2);
        offer.json["extra"][field] = "wrong".into();
        let wrong = match field {
            "name" => draft(&offer).domain_name("wrong"),
            _ => draft(&offer).domain_version("wrong"),
        };
        let (verified, settled) = judge(&facilitator, &offer, wrong).await;
        assert_eq!(verified["invalidReason"], format!("invalid_exact_evm_{code}"));
        assert_eq!(settled["errorReason"], SIGNATURE);
    }
    assert!(facilitator.ledger().transfers().is_empty());
}

#[tokio::test]
async fn a_contract_wallet_is_asked_and_nobody_else() {
    let facilitator = Facilitator::start(Options::default()).await.expect("a port");
    let ledger = facilitator.ledger();
    let offer = offer(Wire::V2);
    let owned = || draft(&offer).from(STRANGER);
    ledger.fund(USDC, STRANGER, U256::from(30_000));

    let (verified, _) = judge(&facilitator, &offer, owned()).await;
    assert_eq!(verified["invalidReason"], SIGNATURE, "not deployed yet");
    ledger.deploy_wallet(STRANGER, buyer().address());
    let wrapped = owned().reshape(|signature| wrap_for_smart_wallet(&signature));
    for (what, payment) in [("bare", owned()), ("wrapped", wrapped)] {
        let (verified, settled) = judge(&facilitator, &offer, payment).await;
        assert_eq!(
            (&verified["isValid"], &settled["success"]),
            (&true.into(), &true.into()),
            "{what}"
        );
    }
    let broken = owned().reshape(|mut signature| {
        signature[0] ^= 1;
        wrap_for_smart_wallet(&signature)
    });
    let (verified, settled) = judge(&facilitator, &offer, broken).await;
    assert_eq!(
        (&verified["invalidReason"], &settled["errorReason"]),
        (&SIGNATURE.into(), &SIGNATURE.into())
    );

    // An account that got code: its own key counts for nothing now.
    ledger.deploy_wallet(FUNDED_BUYER, STRANGER);
    let (verified, settled) = judge(&facilitator, &offer, draft(&offer)).await;
    assert_eq!(
        (&verified["invalidReason"], &settled["errorReason"]),
        (&SIGNATURE.into(), &SIGNATURE.into())
    );
    assert_eq!(ledger.transfers().len(), 2);
}

#[tokio::test]
async fn a_wallet_that_is_not_deployed_is_not_deployed_here() {
    let facilitator = Facilitator::start(Options::default()).await.expect("a port");
    let offer = offer(Wire::V2);
    let undeployed = |signature: Vec<u8>| {
        let parts = (STRANGER, Vec::<u8>::new(), signature);
        let mut wrapped = (
            parts.0,
            alloy_primitives::Bytes::from(parts.1),
            alloy_primitives::Bytes::from(parts.2),
        )
            .abi_encode_params();
        wrapped.extend_from_slice(&[0x64, 0x92].repeat(16));
        wrapped
    };
    let payment = || draft(&offer).from(STRANGER).reshape(undeployed);
    let (verified, settled) = judge(&facilitator, &offer, payment()).await;
    assert_eq!(verified["invalidReason"], "eip6492_factory_not_allowed");
    assert_eq!(settled["errorReason"], "eip6492_factory_not_allowed");

    // Once it is deployed, what is inside counts.
    facilitator.ledger().deploy_wallet(STRANGER, buyer().address());
    facilitator.ledger().fund(USDC, STRANGER, U256::from(10_000));
    let (verified, settled) = judge(&facilitator, &offer, payment()).await;
    assert_eq!((&verified["isValid"], &settled["success"]), (&true.into(), &true.into()));
}
