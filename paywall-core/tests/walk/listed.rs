//! What catalogues are told: by the 402, and by what facilitators are sent, whatever buyers echo.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use paywall_core::facilitator::Outcome;
use paywall_core::hex;
use paywall_core::limits::PAYMENT_HEADER_BYTES;
use paywall_core::log::Words;
use price_table::challenge::MAX_HEADER_BYTES;
use price_table::{Shop, Table};
use serde_json::{Value, json};

use crate::support::{Ended, Payment, Scenario, lost, open_table, settled};

const SAMPLE: &str = r#"{"month":"2026-01","usdPerFeu":2140}"#;

fn listed(sample: Option<&'static str>) -> Table {
    let mut table = open_table();
    table.site.discovery = Some(Shop {
        name: Some("Harbour Reports".into()),
        tags: vec!["freight".into(), "ports".into()].into(),
        icon: Some("https://site.example/icon.png".into()),
    });
    for rule in table.rules.to_mut() {
        rule.sample = sample.map(Into::into);
    }
    table
}

/// What the facilitator is sent in a call.
fn sent(ended: &Ended, call: usize) -> Value {
    serde_json::from_str(&ended.calls[call].body).unwrap()
}

fn resource() -> Value {
    json!({
        "url": "https://site.example/a.json",
        "description": "What it says",
        "mimeType": "application/json",
        "serviceName": "Harbour Reports",
        "tags": ["freight", "ports"],
        "iconUrl": "https://site.example/icon.png",
    })
}

#[test]
fn the_402_says_it_in_both_versions() {
    let ended = Scenario::of(listed(Some(SAMPLE))).get("/a.json");
    let v2 = ended.decoded("payment-required");
    assert_eq!(v2["resource"], resource());
    let bazaar = &v2["extensions"]["bazaar"];
    let example: Value = serde_json::from_str(SAMPLE).unwrap();
    assert_eq!(
        bazaar["info"],
        json!({
            "input": { "type": "http", "method": "GET", "queryParams": {} },
            "output": { "type": "json", "format": "application/json", "example": example },
        })
    );
    assert_eq!(bazaar["schema"]["properties"]["output"]["properties"]["example"]["type"], "object");
    assert_eq!(
        ended.body()["accepts"][0]["outputSchema"],
        json!({
            "input": { "type": "http", "method": "GET", "discoverable": true, "queryParams": {} },
            "output": example,
        })
    );
}

/// Word for word: its own draft, no reference to elsewhere, what it must tell apart; and no `routeTemplate`, for a
/// path of this site is one object.
#[test]
fn the_schema_is_one_that_facilitators_take() {
    let v2 = Scenario::of(listed(Some(SAMPLE))).get("/a.json").decoded("payment-required");
    let bazaar = v2["extensions"]["bazaar"].as_object().unwrap();
    assert_eq!(bazaar.keys().collect::<Vec<_>>(), ["info", "schema"]);
    let text = json!({ "type": "string" });
    assert_eq!(
        bazaar["schema"],
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": {
                "input": {
                    "type": "object",
                    "properties": {
                        "type": { "type": "string", "const": "http" },
                        "method": { "type": "string", "enum": ["GET"] },
                        "queryParams": { "type": "object", "properties": {} },
                    },
                    "required": ["type", "method"],
                    "additionalProperties": false,
                },
                "output": {
                    "type": "object",
                    "properties": { "type": text, "format": text, "example": { "type": "object" } },
                    "required": ["type"],
                },
            },
            "required": ["input"],
        })
    );
}

#[test]
fn the_schema_fits_the_sample() {
    for (sample, of) in [
        (Some("[1]"), "array"),
        (Some(r#""a,b""#), "string"),
        (Some("1.5"), "number"),
        (Some("-1"), "number"),
        (Some("true"), "boolean"),
        (Some("null"), "null"),
        (None, "object"),
    ] {
        let v2 = Scenario::of(listed(sample)).get("/a.json").decoded("payment-required");
        let bazaar = &v2["extensions"]["bazaar"];
        let schema = &bazaar["schema"]["properties"]["output"]["properties"]["example"];
        assert_eq!(schema["type"], of, "{sample:?}");
        let example = sample.map_or(Value::Null, |text| serde_json::from_str(text).unwrap());
        assert_eq!(bazaar["info"]["output"]["example"], example, "{sample:?}");
        assert_eq!(bazaar["info"]["output"].get("example").is_some(), sample.is_some());
    }
}

#[test]
fn the_facilitator_is_told_by_the_table_whatever_the_buyer_echoes() {
    let bodies = [
        Payment::v2(1),
        Payment::v2(1).echoing("extensions", json!({ "bazaar": { "info": "elsewhere" } })),
        Payment::v2(1).echoing("extensions", Value::Null),
        Payment::v2(1)
            .echoing("resource", json!({ "url": "https://evil.example", "serviceName": "Evil" })),
        Payment::v2(1).echoing("resource", "https://evil.example"),
    ]
    .map(|payment| {
        let ended = Scenario::of(listed(Some(SAMPLE))).pay("/a.json", &payment);
        ended.granted();
        sent(&ended, 0)
    });
    let told = &bodies[0]["paymentPayload"];
    assert_eq!(told["resource"], resource());
    let quoted = Scenario::of(listed(Some(SAMPLE))).get("/a.json").decoded("payment-required");
    assert_eq!(told["extensions"], quoted["extensions"]);
    for body in &bodies[1..] {
        assert_eq!(*body, bodies[0]);
    }

    let ended = Scenario::of(listed(Some(SAMPLE))).pay("/a.json", &Payment::v1(1));
    ended.granted();
    let requirements = &sent(&ended, 0)["paymentRequirements"];
    assert_eq!(requirements["outputSchema"]["output"]["month"], "2026-01");
    assert_eq!(requirements["resource"], "https://site.example/a.json");
}

#[test]
fn verify_is_told_as_well() {
    let ended = Scenario::of(listed(None)).pay("/first.json", &Payment::v2(1));
    let [verify, settle] =
        [0, 1].map(|call| sent(&ended, call)["paymentPayload"]["extensions"].clone());
    assert!(verify["bazaar"]["info"].is_object());
    assert_eq!(verify, settle);
}

/// One that does not want to be listed says nothing of the kind, anywhere.
#[test]
fn nothing_is_said_without_a_yes() {
    let mut scenario = Scenario::open();
    let quoted = scenario.get("/a.json");
    let sold = [Payment::v2(1), Payment::v1(2)].map(|payment| scenario.pay("/a.json", &payment));
    let mut texts = vec![quoted.decoded("payment-required").to_string(), quoted.body().to_string()];
    texts.extend(sold.iter().map(|ended| ended.calls[0].body.clone()));
    for text in texts {
        for word in ["extensions", "bazaar", "outputSchema", "serviceName", "tags", "iconUrl"] {
            assert!(!text.contains(&format!("\"{word}\"")), "{word}: {text}");
        }
    }
}

/// What was sent once is what is sent again, so that a facilitator sees one payment in one form.
#[test]
fn a_payment_is_asked_for_again_as_it_was_recorded() {
    let mut scenario = Scenario::alone(listed(Some(SAMPLE)));
    scenario.settle = vec![lost()];
    let payment = Payment::v2(1);
    let first = scenario.pay("/a.json", &payment);
    assert_eq!(first.status(), 503);
    let mut changed = Scenario::alone(listed(Some(r#""another""#)));
    std::mem::swap(&mut scenario.paywall, &mut changed.paywall);
    scenario.settle = vec![settled()];
    scenario.now += 10;
    let again = scenario.pay("/a.json", &payment);
    again.granted();
    let [first, again] = [first, again].map(|ended| ended.calls.last().unwrap().body.clone());
    assert_eq!(first, again);
    assert!(first.contains("2026-01"), "{first}");
}

/// The longest 402 that the compiler accepts, and the longest payment that is read.
#[test]
fn the_longest_request_fits_into_a_record() {
    const MOST: usize = 14 * 1024;
    let header = |description: usize| {
        let mut table = listed(Some(SAMPLE));
        for rule in table.rules.to_mut() {
            rule.description = "d".repeat(description).into();
        }
        let quoted = Scenario::of(table.clone()).get("/a.json");
        (quoted.refused().headers.first("payment-required").unwrap().len(), table)
    };
    let (bytes, table) = (0..)
        .map(|step| header(step * 20))
        .take_while(|it| it.0 <= MAX_HEADER_BYTES)
        .last()
        .unwrap();
    let payment = |signature: usize| Payment::v2(1).signed(hex::encode(&vec![7; signature]));
    let longest = (0..)
        .map(|step| payment(65 + step * 10))
        .take_while(|it| it.header().len() <= PAYMENT_HEADER_BYTES);
    let longest = longest.last().unwrap();
    let ended = Scenario::of(table).pay("/a.json", &longest);
    let body = ended.calls.last().unwrap().body.len();
    println!(
        "a 402 of {bytes} bytes, a payment of {}: a request of {body}",
        longest.header().len()
    );
    assert!(bytes > MAX_HEADER_BYTES - 60 && body <= MOST, "{body}");
}

#[test]
fn what_a_facilitator_says_of_it_is_logged() {
    let said = |responses: Value| {
        let Outcome::Answered { status, body, location, .. } = settled() else { unreachable!() };
        let extensions = Some(STANDARD.encode(responses.to_string()));
        let mut scenario = Scenario::of(listed(None));
        scenario.settle = vec![Outcome::Answered { status, body, location, extensions }];
        let ended = scenario.pay("/a.json", &Payment::v2(1));
        ended.granted();
        (ended.log.calls[0].listing.clone(), ended.log.operator.clone())
    };
    let status = |status: &str| json!({ "bazaar": { "status": status } });
    assert_eq!(said(status("processing")), (Some("processing".into()), None));
    let rejected = json!({ "bazaar": { "status": "rejected", "rejectedReason": "schema" } });
    assert_eq!(
        said(rejected),
        (
            Some("rejected".into()),
            Some(Words::at("https://facilitator.example", "the object is not listed: schema"))
        )
    );
    assert_eq!(said(json!({})), (None, None));
    let silent = Scenario::of(listed(None)).pay("/a.json", &Payment::v2(1));
    assert_eq!(silent.log.calls[0].listing, None);
}
