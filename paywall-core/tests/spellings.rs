//! No spelling of a URL reaches a priced key at another price: for random tables and random
//! spellings, the key that the origin fetches is the key that was priced, or the answer is 400 or
//! 404.

#[path = "walk/offers.rs"]
#[allow(dead_code)]
mod offers;
#[path = "walk/payment.rs"]
#[allow(dead_code)]
mod payment;

use paywall_core::clock::Micros;
use paywall_core::event::Output;
use paywall_core::facilitator::Outcome;
use paywall_core::paywall::Paywall;
use paywall_core::purchase::{Effect, Heard};
use paywall_core::store::{Ask, Reply, Version};
use paywall_core::visit::{Decision, Invocation};
use paywall_core::walk::viewer_request;
use paywall_core::world::{Phases, World};
use price_table::{Access, Sale};
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

use offers::{NOW, offer, paywall, priced, request, rule, table};
use payment::Payment;

/// What S3 makes of a path, by another implementation than ours: percent-decoded once, and a raw
/// `+` read as a space.
fn key_at_origin(uri: &str) -> Vec<u8> {
    let path = uri.strip_prefix('/').unwrap().replace('+', " ");
    percent_encoding::percent_decode_str(&path).collect()
}

/// Keys that a seller could have, of characters that are trouble.
fn key() -> impl Strategy<Value = String> {
    let segment =
        proptest::string::string_regex("([a-cA-C0-2]|[ +%~.*?#&=é\u{1F600}]){1,6}").unwrap();
    proptest::collection::vec(segment, 1..4)
        .prop_map(|segments| segments.join("/"))
        .prop_filter("canonical", |key| price_table::Key::parse(key).is_ok())
}

/// One way to write a byte of a path.
#[derive(Clone, Debug)]
enum Spelling {
    Raw,
    Upper,
    Lower,
    Double,
}

/// Something put into a path that does not belong there.
const INTRUDERS: &[&str] = &[
    "/",
    "//",
    "/./",
    "/../",
    "..",
    ".",
    "\\",
    "%2f",
    "%5c",
    "%2e%2e",
    "%",
    "%zz",
    "%00",
    "%c0%af",
    "%c0%ae",
    "%ff",
    "+",
    "%2b",
    "%20",
    "?",
    "#",
    ";",
    "\u{0}",
    "\r\n",
    "%0a",
    "\u{85}",
    "%e2%80%a8",
    "\u{feff}",
];

fn spelling() -> impl Strategy<Value = Spelling> {
    prop_oneof![
        4 => Just(Spelling::Raw),
        2 => Just(Spelling::Upper),
        2 => Just(Spelling::Lower),
        1 => Just(Spelling::Double),
    ]
}

fn spell(key: &str, spellings: &[Spelling], intruder: Option<(usize, usize)>) -> String {
    let mut uri = String::from("/");
    let mut spellings = spellings.iter().cycle();
    for character in key.chars() {
        // A slash is a separator however the viewer writes it; encoded ones are among the intruders.
        let spelling = if character == '/' { &Spelling::Raw } else { spellings.next().unwrap() };
        let mut bytes = [0; 4];
        for byte in character.encode_utf8(&mut bytes).bytes() {
            uri += &match spelling {
                Spelling::Raw => continue,
                Spelling::Upper => format!("%{byte:02X}"),
                Spelling::Lower => format!("%{byte:02x}"),
                Spelling::Double => format!("%25{byte:02X}"),
            };
        }
        if matches!(spelling, Spelling::Raw) {
            uri.push(character);
        }
    }
    if let Some((at, which)) = intruder {
        let boundary = uri.floor_char_boundary(1 + at % uri.len());
        uri.insert_str(boundary, INTRUDERS[which % INTRUDERS.len()]);
    }
    uri
}

/// A world in which every payment is new and settles.
struct Settling;

/// A facilitator's success.
const SETTLED: &str = r#"{
    "success": true, "network": "eip155:84532",
    "transaction": "0x086c05ea76014b2cc4612ba53052596be091876c22eb1fa4476746e181e1cfc6"
}"#;

impl World for Settling {
    fn now(&self) -> Micros {
        Micros::from_secs(NOW)
    }

    fn run(&self, effect: &Effect) -> (Heard, Phases) {
        let reply = |ask: &Ask| match ask {
            Ask::Get(_) => Ok(Reply::Missing),
            Ask::Create(..) | Ask::Replace(..) => Ok(Reply::Written(Version("1".into()))),
        };
        let heard = match effect {
            Effect::Store { asks, .. } => Heard::Store(asks.iter().map(reply).collect()),
            Effect::Facilitator { .. } => Heard::Facilitator(Outcome::Answered {
                status: 200,
                body: SETTLED.into(),
                location: None,
                extensions: None,
            }),
            Effect::Node { .. } => unreachable!("no node is named"),
        };
        (heard, Phases::default())
    }
}

fn walk(paywall: &Paywall<'_>, uri: &str, headers: &[(&str, &str)]) -> Decision {
    let now = Micros::from_secs(NOW);
    let invocation =
        Invocation { request_id: "r".into(), began: now, deadline: Micros::from_secs(NOW + 5) };
    // What follows a `?` is the query, as CloudFront splits it.
    viewer_request(paywall, &Settling, invocation, request("GET", uri, headers))
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 100_000,
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_key_fetched_is_the_key_priced(
        keys_on_sale in proptest::collection::hash_set((key(), any::<bool>()), 1..5),
        pick in any::<prop::sample::Index>(),
        spellings in proptest::collection::vec(spelling(), 1..12),
        intruder in proptest::option::weighted(0.4, (any::<usize>(), any::<usize>())),
    ) {
        thread_local!(static PAYMENT: String = Payment::v2(1).header());
        let mut objects: Vec<_> = keys_on_sale.iter().collect();
        objects.sort();
        objects.dedup_by(|a, b| a.0 == b.0);
        let listed: Vec<_> =
            objects.iter().map(|(key, free)| (key.as_str(), u16::from(!free))).collect();
        let table = table(vec![rule(Sale::Free), priced(offer(), Access::Request)], &listed);
        let paywall = paywall(&table);
        let (meant, _) = &objects[pick.index(objects.len())];
        let uri = spell(meant, &spellings, intruder);

        // Unpaid: the price that is quoted, if any.
        let unpaid = walk(&paywall, &uri, &[]);
        let quoted = unpaid.log.object.clone();
        match &unpaid.output {
            Output::Request(onward) => {
                // Content without payment: it must be the free object whose key the origin reads.
                let key = String::from_utf8(key_at_origin(&onward.uri)).unwrap();
                prop_assert_eq!(Some(&key), quoted.as_ref());
                prop_assert!(objects.contains(&&(key, true)), "{} is not free", onward.uri);
                prop_assert_eq!(&onward.querystring, "");
            }
            Output::Response(response) => {
                let status = response.status.as_str();
                prop_assert!(matches!(status, "400" | "402" | "404"), "{}", status);
            }
        }

        // Paid: the key that is fetched is the key whose price was quoted.
        let paid = PAYMENT.with(|header| walk(&paywall, &uri, &[("PAYMENT-SIGNATURE", header)]));
        match paid.output {
            Output::Request(onward) => {
                let key = String::from_utf8(key_at_origin(&onward.uri)).unwrap();
                prop_assert_eq!(Some(key), quoted);
            }
            Output::Response(response) => {
                prop_assert!(matches!(response.status.as_str(), "400" | "404"));
                prop_assert_eq!(quoted, None);
            }
        }
        // A spelling without intruders or double encoding leads to the object that it spells.
        let plain = intruder.is_none()
            && !spellings.iter().any(|s| matches!(s, Spelling::Double))
            && !meant.contains(['%', '?']);
        if plain {
            prop_assert_eq!(unpaid.log.object.as_ref(), Some(meant), "{}", uri);
        }
    }
}
