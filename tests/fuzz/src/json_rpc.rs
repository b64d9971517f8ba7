//! What nodes say, a line for each body, the last one repeated: it is read without harm, while a facilitator says nothing. A transaction
//! that no node shows opens nothing.

use paywall_core::facilitator::{Endpoint, Outcome};
use paywall_core::node;
use paywall_core::purchase::{Effect, Heard};

use crate::offers::request;
use crate::payment::Payment;
use crate::shop::{answer, opens, recorded};
use crate::support::lost;

pub(crate) fn target(bytes: &[u8]) {
    let mut bodies: Vec<_> = bytes.split(|byte| *byte == b'\n').rev().map(<[u8]>::to_vec).collect();
    let mut post = move |_: String| {
        let body = if bodies.len() > 1 { bodies.pop() } else { bodies.first().cloned() };
        let body = body.unwrap_or_default();
        Outcome::Answered { status: 200, body, location: None, extensions: None }
    };
    thread_local! { static PAYMENT: String = Payment::v2(1).header(); }
    let payment = PAYMENT.with(Clone::clone);
    let mut scenario = recorded();
    let told = String::from_utf8_lossy(bytes).into_owned();
    let output = answer(
        &mut scenario,
        request("GET", "/a.json", &[("PAYMENT-SIGNATURE", &payment)]),
        |effect| match effect {
            Effect::Node { calls, .. } => {
                let say = |call: &node::NodeCall| node::ask(&call.questions, &mut false, &mut post);
                Some(Heard::Node(calls.iter().map(say).collect()))
            }
            Effect::Facilitator { call, .. } if call.endpoint == Endpoint::Settle => {
                Some(Heard::Facilitator(lost()))
            }
            _ => None,
        },
    );
    // The chain's own word for it: the hash of `Transfer(address,address,uint256)`.
    assert!(!opens(&scenario, &output) || told.contains("ddf252ad"), "{output:?}");
}
