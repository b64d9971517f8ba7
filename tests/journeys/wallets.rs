//! Smart wallets, whose signatures only a facilitator can judge.

use edge_local::facilitator::eip3009::{Address, U256};
use edge_local::facilitator::wrap_for_smart_wallet;

use crate::shop::{REPORT, Shop, key};

#[tokio::test]
async fn a_contract_wallet_pays_with_a_short_and_with_a_long_signature() {
    let shop = Shop::open().await;
    let wallet = Address::repeat_byte(0x5a);
    let ledger = shop.facilitator.ledger();
    ledger.deploy_wallet(wallet, key().address());
    for (nth, long) in [(1, false), (2, true)] {
        let draft = shop.draft(REPORT).await.from(wallet);
        let draft = match long {
            true => draft.reshape(|bytes| wrap_for_smart_wallet(&bytes)),
            false => draft,
        };
        let payment = draft.sign().unwrap();
        ledger.fund(payment.domain.token, wallet, payment.authorization.value);
        shop.pay(REPORT, &payment).await.is_sold(REPORT);
        assert_eq!((shop.verifies(), shop.settles(), shop.transfers()), (nth, nth, nth));
        assert_eq!(ledger.balance_of(payment.domain.token, wallet), U256::ZERO);
    }
}

#[tokio::test]
async fn a_signature_that_does_not_match_costs_one_verify_and_no_settle() {
    let shop = Shop::open().await;
    let payment = shop.draft(REPORT).await.from(Address::repeat_byte(0x77)).sign().unwrap();
    shop.pay(REPORT, &payment).await.is_refused(REPORT, 402, "invalid_exact_evm_signature");
    assert_eq!((shop.verifies(), shop.settles()), (1, 0));
}
