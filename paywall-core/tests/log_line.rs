//! A line is never longer than it may be, whatever stands in it, and what payments are known by stays whole.

use paywall_core::hex;
use paywall_core::limits::LINE_BYTES;
use paywall_core::log::{Alarm, CallTiming, Event, Line, Mend, Payment, Phases, Words};
use proptest::prelude::*;

/// Texts of any length, of letters that JSON spells in one byte or in six.
fn text() -> impl Strategy<Value = String> {
    let letter =
        prop_oneof![any::<char>(), Just('"'), Just('\\'), Just('\u{1}'), Just('a'), Just('é')];
    (prop::collection::vec(letter, 1..6), prop_oneof![0..200_usize, 0..20_000_usize])
        .prop_map(|(letters, count)| letters.into_iter().cycle().take(count).collect())
}

fn words() -> impl Strategy<Value = Words> {
    (text(), text(), any::<bool>()).prop_map(|(place, said, at)| match at {
        true => Words::at(&place, &said),
        false => Words::said(&said),
    })
}

fn call() -> impl Strategy<Value = CallTiming> {
    let ms = || proptest::option::of(any::<u64>());
    let phases =
        (ms(), ms(), ms(), ms(), ms(), ms()).prop_map(|(dns, connect, tls, send, wait, read)| {
            Phases { dns, connect, tls, send, wait, read }
        });
    let endpoint = prop_oneof![1 => Just("settle"), 4 => Just("rpc"), 1 => Just("verify")];
    (endpoint, text(), any::<u64>(), phases, proptest::option::of(words())).prop_map(
        |(endpoint, to, ms, phases, listing)| CallTiming {
            endpoint: endpoint.into(),
            to,
            ms,
            phases,
            listing,
        },
    )
}

prop_compose! {
    fn payment()(
        payer in any::<[u8; 20]>(),
        nonce in any::<[u8; 32]>(),
        amount in any::<u128>(),
        asset in text(),
        network in text(),
    ) -> Payment {
        Payment {
            payer: Some(hex::encode(&payer)),
            nonce: Some(hex::encode(&nonce)),
            amount: amount.to_string(),
            asset,
            network,
        }
    }
}

prop_compose! {
    fn line()(
        (request_id, site) in (text(), text()),
        outcome in "[a-z]{1,11}(_[a-z]{1,11}){0,9}",
        object in proptest::option::of(text()),
        payment in proptest::option::of(payment()),
        transaction in proptest::option::of("[!-~]{1,128}"),
        facilitator in proptest::option::of(text()),
        calls in prop::collection::vec(call(), 0..60),
        detail in proptest::option::of(words()),
        operator in proptest::option::of(words()),
        (status, total_us) in (any::<Option<u16>>(), any::<u64>()),
    ) -> Line {
        let mut line = Line::of(Event::ViewerRequest, &request_id, &site).ended(Words::said(&outcome));
        line.alarm(Alarm::SaleUnrecorded);
        operator.into_iter().for_each(|words| line.mend((Mend::SecretsUnavailable, words)));
        let receipt = serde_json::json!({ "transaction": site, "network": request_id, "payer": site });
        line.unrecorded = serde_json::from_value(receipt).ok();
        Line { object, payment, transaction, facilitator, calls, detail, status, total_us, ..line }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn no_line_is_longer_and_none_loses_its_payment(line in line()) {
        let json = line.to_json();
        prop_assert!(json.len() <= LINE_BYTES, "{} bytes", json.len());
        prop_assert!(!json.contains('\n'));
        let read = Line::read(&json).unwrap();
        prop_assert_eq!(&read.to_json(), &json);
        prop_assert_eq!(&read.outcome, &line.outcome);
        prop_assert_eq!(&read.transaction, &line.transaction);
        let whole = |line: &Line| {
            let payment = line.payment.clone()?;
            Some((payment.payer, payment.nonce, payment.amount))
        };
        prop_assert_eq!(whole(&read), whole(&line));
        prop_assert_eq!((read.status, read.alarm_code, read.total_us), (line.status, line.alarm_code, line.total_us));
        let settles = |line: &Line| line.calls.iter().filter(|call| call.endpoint == "settle").count();
        match read.cut {
            false => prop_assert_eq!(&read, &line),
            true => prop_assert!(settles(&read) >= settles(&line).min(5), "{json}"),
        }
    }
}

#[test]
fn what_fits_is_not_cut() {
    let line =
        Line { object: Some("k".repeat(1_024)), ..Line::of(Event::ViewerRequest, "r", "shop") };
    assert!(!Line::read(&line.to_json()).unwrap().cut);
    let long = Line { object: Some("k".repeat(LINE_BYTES)), ..line };
    let read = Line::read(&long.to_json()).unwrap();
    assert!(read.cut && read.object.unwrap().starts_with(&"k".repeat(1_000)));
}
