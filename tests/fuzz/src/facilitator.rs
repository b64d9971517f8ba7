//! A facilitator's answer to `/settle`: the first byte is its status, the rest its body. Only a body that says so, by name, opens
//! what was paid for; anything else is refused, or unknown.

use paywall_core::facilitator::{Endpoint, Outcome};
use paywall_core::purchase::{Effect, Heard};
use serde_json::Value;

use crate::offers::request;
use crate::payment::Payment;
use crate::shop::{answer, open, opens};

pub(crate) fn target(bytes: &[u8]) {
    let Some((status, body)) = bytes.split_first() else { return };
    let status = match status {
        0..=127 => 200,
        other => u16::from(*other) * 2,
    };
    thread_local! { static PAYMENT: String = Payment::v2(1).header(); }
    let payment = PAYMENT.with(Clone::clone);
    let mut scenario = open();
    let output = answer(
        &mut scenario,
        request("GET", "/a.json", &[("PAYMENT-SIGNATURE", &payment)]),
        |effect| match effect {
            Effect::Facilitator { call, .. } if call.endpoint == Endpoint::Settle => {
                let (body, location, extensions) = (body.to_vec(), None, None);
                Some(Heard::Facilitator(Outcome::Answered { status, body, location, extensions }))
            }
            _ => None,
        },
    );
    if opens(&scenario, &output) {
        let said: Value = serde_json::from_slice(body).expect("who opens it says JSON");
        assert_eq!(said["success"], true, "{said}");
        let transaction = said["transaction"].as_str().expect("which transaction");
        assert!(!transaction.is_empty(), "{said}");
        assert!(status < 300, "{status}");
    }
}
