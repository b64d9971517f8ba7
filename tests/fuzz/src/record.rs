//! What a store says of an account or a binding, whoever wrote it: a record of another kind, version or payment refuses, and opens
//! nothing. One that is read is written as it was.

use paywall_core::purchase::{Account, Binding, Effect, Heard};
use paywall_core::store::{Ask, Reply, Version};

use crate::offers::request;
use crate::payment::Payment;
use crate::shop::{answer, opens, recorded};

pub(crate) fn target(bytes: &[u8]) {
    if let Ok(account) = serde_json::from_slice::<Account>(bytes) {
        let json = serde_json::to_vec(&account).expect("JSON");
        assert_eq!(serde_json::from_slice::<Account>(&json).expect("an account"), account);
    }
    if let Ok(binding) = serde_json::from_slice::<Binding>(bytes) {
        let json = serde_json::to_vec(&binding).expect("JSON");
        assert_eq!(serde_json::from_slice::<Binding>(&json).expect("a binding"), binding);
    }
    thread_local! { static PAYMENT: String = Payment::v2(1).header(); }
    let payment = PAYMENT.with(Clone::clone);
    let mut scenario = recorded();
    let mut found = false;
    let output = answer(
        &mut scenario,
        request("GET", "/a.json", &[("PAYMENT-SIGNATURE", &payment)]),
        |effect| match effect {
            Effect::Store { asks, .. } => Some(Heard::Store(
                asks.iter()
                    .map(|ask| {
                        let version = Version("\"1\"".to_owned());
                        found |= matches!(ask, Ask::Get(_));
                        Ok(match ask {
                            Ask::Get(_) => Reply::Found(bytes.to_vec(), version),
                            Ask::Create(..) => Reply::Conflict,
                            Ask::Replace(..) => Reply::Written(version),
                        })
                    })
                    .collect(),
            )),
            _ => None,
        },
    );
    let names_it = || {
        let account: Account = serde_json::from_slice(bytes).expect("who opens it is an account");
        !account.sales.is_empty()
    };
    assert!(!opens(&scenario, &output) || names_it(), "{output:?}");
}
