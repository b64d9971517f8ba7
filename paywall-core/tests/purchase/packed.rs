//! Wallets that buy often: one object a thousand times, with windows that stay open all the while.

use paywall_core::limits::{PACKED_MOST, RELEASE_SECONDS, WHOLE_SALES};
use paywall_core::purchase::{Account, AccountKind, PaymentId};
use paywall_core::store::{Ask, Key, Reply};
use paywall_core::subject::{Kind, Subject};

use crate::support::{NOW, Payment, Scenario, failed, open_table, settled};
use crate::testnode::{PAYER, TOKEN};

/// A day.
const WINDOW: u64 = 86_400;

fn payment(n: u32) -> Payment {
    let mut nonce = [0; 32];
    nonce[..4].copy_from_slice(&n.to_be_bytes());
    Payment::of(nonce).valid_for(WINDOW)
}

/// Where the buyer's account of the object is.
fn key() -> Key {
    let subject = Subject { site: "shop".into(), kind: Kind::Object, name: "a.json".into() };
    let id = PaymentId::Eip3009 { chain_id: 84532, asset: TOKEN, from: PAYER, nonce: [0; 32] };
    Account::key(&subject, &Account::owner(AccountKind::Payer, &id))
}

fn account(shop: &mut Scenario) -> (Account, usize) {
    let now = paywall_core::clock::Micros::from_secs(shop.now);
    let Ok(Reply::Found(json, _)) = shop.store.ask(&Ask::Get(key()), now) else { panic!() };
    (serde_json::from_slice(&json).unwrap(), json.len())
}

#[test]
fn a_thousand_sales_of_one_wallet_stay_packed_and_none_opens_twice() {
    const SALES: u32 = 1_000;
    let mut shop = Scenario::alone(open_table());
    let payments: Vec<_> = (0..SALES).map(payment).collect();
    for (n, payment) in payments.iter().enumerate() {
        let ended = shop.pay("/a.json", payment);
        assert_eq!(ended.log.outcome, "settled", "{n}");
        // The work does not grow: as many trips as the second sale took.
        assert_eq!(ended.trips(), if n == 0 { [0, 1, 2] } else { [0, 1, 3] });
    }
    let (account, bytes) = account(&mut shop);
    assert_eq!(account.sales.len(), WHOLE_SALES);
    assert_eq!(account.finished.len(), SALES as usize - WHOLE_SALES);
    // 22 characters each, and what is whole.
    assert!(bytes < 22 * SALES as usize + 1_500 * WHOLE_SALES, "{bytes} bytes");
    // A day later all of them can still be sent, and none is: those that are whole open again for two
    // minutes, the packed ones never.
    shop.now = NOW + 1_000;
    let calls = shop.calls.len();
    for (n, payment) in payments.iter().enumerate() {
        let ended = shop.pay("/a.json", payment);
        assert_eq!(ended.code(), (409, "payment_already_used".into()), "{n}");
    }
    assert_eq!(shop.calls.len(), calls);
}

#[test]
fn a_wallet_without_money_that_asks_all_day_is_packed_apart() {
    const TRIES: u32 = 100;
    let mut shop = Scenario::alone(open_table());
    shop.settle = vec![failed("invalid_exact_evm_recipient_mismatch")];
    for n in 0..TRIES {
        assert_eq!(shop.pay("/a.json", &payment(n)).status(), 402);
    }
    let (account, _) = account(&mut shop);
    assert_eq!(account.closed.len(), WHOLE_SALES);
    assert_eq!(account.unpaid.len(), TRIES as usize - WHOLE_SALES);
    // Each stays refused.
    shop.settle = vec![settled()];
    for n in 0..TRIES {
        assert_eq!(shop.pay("/a.json", &payment(n)).status(), 402, "{n}");
    }
    assert_eq!(shop.calls.len(), TRIES as usize);
    assert_eq!(shop.pay("/a.json", &payment(TRIES)).log.outcome, "settled");
}

#[test]
fn a_packed_payment_is_known_until_no_late_clock_takes_it_for_new() {
    let mut shop = Scenario::alone(open_table());
    for n in 0..20 {
        shop.pay("/a.json", &payment(n)).granted();
    }
    for seconds in [WINDOW, WINDOW + RELEASE_SECONDS] {
        shop.now = NOW + seconds;
        let fresh = payment(100 + seconds as u32).valid_for(2 * WINDOW);
        shop.pay("/a.json", &fresh).granted();
        let (account, _) = account(&mut shop);
        assert!(account.finished.len() >= 12, "{seconds}");
    }
}

#[test]
fn a_full_account_says_until_when() {
    let mut shop = Scenario::alone(open_table());
    shop.pay("/a.json", &payment(0)).granted();
    let (mut account, _) = account(&mut shop);
    let ends = NOW + 3_600;
    for n in 0..PACKED_MOST as u32 {
        let mut digest = [0xff; 32];
        digest[..4].copy_from_slice(&n.to_be_bytes());
        account.finished.add(&digest, ends + u64::from(n));
    }
    account.writer = "by hand".into();
    let now = paywall_core::clock::Micros::from_secs(NOW);
    let Ok(Reply::Found(_, version)) = shop.store.ask(&Ask::Get(key()), now) else { panic!() };
    let ask = Ask::Replace(key(), account.record(RELEASE_SECONDS), version);
    assert!(matches!(shop.store.ask(&ask, now), Ok(Reply::Written(_))));

    let ended = shop.pay("/a.json", &payment(1));
    assert_eq!(ended.code(), (503, "too_many_open_payments".into()));
    assert_eq!(ended.until(), ends + RELEASE_SECONDS);
    assert_eq!(ended.calls, []);
    // Other objects and other payers are sold all the same.
    shop.pay("/b%20+%C3%A9.json", &payment(2)).granted();
    shop.pay("/a.json", &payment(3).by_another()).granted();
    shop.now = ends + RELEASE_SECONDS + 1;
    shop.pay("/a.json", &payment(1)).granted();
}
