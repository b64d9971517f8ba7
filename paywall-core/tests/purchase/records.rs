//! Records to decide on, made by hand, and that they are read as they were written.

use paywall_core::clock::Micros;
use paywall_core::purchase::{
    Account, AccountKind, Bill, Binding, Learnt, Look, Looked, Mark, Open, PaymentId, Presented,
    Sells, To, Why, read_account,
};
use paywall_core::receipt::Receipt;
use paywall_core::store::{Reply, Version};
use paywall_core::subject::{Kind, Subject};
use paywall_core::wire::Wire;
use serde_json::{Value, json};

pub const NOW: u64 = 1_700_000_000;
/// When the payments end.
pub const ENDS: u64 = NOW + 60;

/// Where payers are, and where somebody else is.
pub const HOME: [u8; 8] = [7; 8];
pub const ELSEWHERE: [u8; 8] = [8; 8];

pub fn at(seconds: u64) -> Micros {
    Micros::from_secs(NOW + seconds)
}

pub fn mark(nonce: u8) -> Mark {
    let payment =
        PaymentId::Eip3009 { chain_id: 84532, asset: [1; 20], from: [2; 20], nonce: [nonce; 32] };
    Mark { payment, digest: [nonce; 32], signature: [nonce; 32] }
}

pub fn subject() -> Subject {
    Subject { site: "shop".into(), kind: Kind::Object, name: "a".into() }
}

pub fn owner() -> String {
    Account::owner(AccountKind::Payer, &mark(1).payment)
}

pub fn empty() -> Account {
    Account::new(&subject(), &owner())
}

pub fn receipt(transaction: &str) -> Receipt {
    let json = json!({ "transaction": transaction, "network": "eip155:84532", "payer": "0x00" });
    serde_json::from_value(json).unwrap()
}

pub fn open(nonce: u8, seconds: Option<u32>) -> Open {
    Open {
        mark: mark(nonce),
        own_key: true,
        bill: Bill {
            wire: Wire::V2,
            network: "eip155:84532".into(),
            v1: Some("base-sepolia".into()),
            asset: "0x01".into(),
            amount: u128::MAX,
            pay_to: "0x03".into(),
        },
        ends: ENDS,
        sells: Sells { seconds, epoch: 0 },
        origin: HOME,
        holder: "first".into(),
        lease: at(5),
        sent_at: at(0),
        facilitator: "https://f".into(),
        body: "{}".into(),
        look: Some(Look { block: 9, at: at(0) }),
        searched: None,
        contradicted: false,
        hint: None,
    }
}

pub fn awaiting(nonce: u8, seconds: Option<u32>) -> Account {
    Account { open: Some(open(nonce, seconds)), ..empty() }
}

/// A sale that nobody was granted.
pub fn owed(seconds: Option<u32>) -> Account {
    let mut account = awaiting(1, seconds);
    assert_eq!(account.sell(&open(1, seconds), receipt("0xaa"), Learnt::Facilitator, at(0)), 0);
    account
}

pub fn to(mark: &Mark) -> To<'_> {
    To { mark, origin: HOME, ends: ENDS }
}

/// A sale that was granted to the payment that settled it.
pub fn sold(seconds: Option<u32>) -> Account {
    let mut account = owed(seconds);
    account.grant(0, to(&mark(1)), at(0));
    account
}

/// A payment that ended so.
pub fn closed(nonce: u8, why: Why) -> Account {
    let mut account = awaiting(nonce, None);
    account.close(&open(nonce, None), why, "code", at(1));
    account
}

/// Somebody presents a payment from home, `seconds` after it was sent, and the chain shows it unspent.
pub fn presented(mark: &Mark, seconds: u64) -> Presented<'_> {
    Presented {
        mark,
        network: "eip155:84532",
        own_key: true,
        proven: true,
        origins: &[HOME],
        terms_hold: true,
        may_be_forgotten: false,
        looked: Looked::Unspent,
        kind: AccountKind::Payer,
        epoch: 0,
        holder: "another",
        may_be_sent: false,
        now: at(seconds),
    }
}

fn read(json: Vec<u8>, like: &Account) -> Result<Account, String> {
    let key = Account::key(&subject(), &owner());
    let held = read_account(Ok(Reply::Found(json, Version("1".into()))), key, like)?;
    Ok(held.account)
}

#[test]
fn an_account_is_read_as_it_was_written() {
    let mut full = sold(Some(600));
    full.open = Some(open(7, None));
    full.close(&open(8, None), Why::GivenUp, "", at(1));
    full.finished.add(&[9; 32], ENDS);
    full.unpaid.add(&[10; 32], ENDS);
    for account in [empty(), sold(None), owed(Some(1)), closed(1, Why::Unproven), full] {
        let json = account.record(300).json;
        assert_eq!(read(json.clone().into_bytes(), &empty()), Ok(account));
        // Readers of JSON round big numbers: amounts are text.
        let amounts = json.matches("\"amount\":").count();
        assert_eq!(json.matches(&format!("\"amount\":\"{}\"", u128::MAX)).count(), amounts);
    }
}

#[test]
fn another_version_or_another_account_is_an_error_and_never_missing() {
    let json = || serde_json::from_str::<Value>(&sold(None).record(300).json).unwrap();
    let reads = |json: &Value| read(json.to_string().into_bytes(), &empty());
    assert!(reads(&json()).is_ok());
    for (field, value) in [
        ("v", json!(1)),
        ("v", json!(3)),
        ("v", Value::Null),
        ("payer", json!("0x01")),
        ("subject", json!({ "site": "other", "kind": "object", "name": "a" })),
        ("subject", json!({ "site": "shop", "kind": "rule", "name": "a" })),
        ("finished", json!("short")),
        ("sales", json!([{}])),
    ] {
        let mut other = json();
        other[field] = value.clone();
        assert!(reads(&other).is_err(), "{field}: {value}");
    }
    assert!(read(b"{}".to_vec(), &empty()).is_err());
    assert!(read(b"".to_vec(), &empty()).is_err());
}

#[test]
fn where_records_are() {
    let binding = Binding::key(&mark(1).payment);
    assert!(binding.as_str().starts_with("v2/payments/eip155-84532/0x0202"), "{binding}");
    let account = Account::key(&subject(), &owner());
    assert!(account.as_str().starts_with("v2/accounts/shop/"), "{account}");
    assert!(account.as_str().ends_with(&format!("/0x{}.json", "02".repeat(20))), "{account}");
    // By address, whatever the chain and the token; or by payment, where each stands alone.
    let elsewhere =
        PaymentId::Eip3009 { chain_id: 1, asset: [9; 20], from: [2; 20], nonce: [5; 32] };
    assert_eq!(Account::owner(AccountKind::Payer, &elsewhere), owner());
    assert_ne!(Account::owner(AccountKind::Payment, &elsewhere), owner());
    assert_ne!(
        Account::owner(AccountKind::Payment, &elsewhere),
        Account::owner(AccountKind::Payment, &mark(1).payment)
    );
    // A binding names no site.
    assert!(!binding.as_str().contains("shop"));
}

#[test]
fn a_record_is_needed_for_as_long_as_it_can_refuse_or_is_owed() {
    for (account, expires, owing) in [
        (awaiting(1, None), ENDS + 86_400, true),
        (owed(None), ENDS + 86_400, true),
        (sold(None), ENDS + 300, false),
        (sold(Some(600)), NOW + 600, false),
        (closed(1, Why::Refused), ENDS + 86_400, false),
    ] {
        let record = account.record(86_400);
        assert_eq!((record.expires, record.owing), (Some(expires), owing));
    }
    let mut packed = empty();
    packed.finished.add(&[1; 32], ENDS + 7);
    assert_eq!(packed.record(300).expires, Some(ENDS + 7 + 300));
}
