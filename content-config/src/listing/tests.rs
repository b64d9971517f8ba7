//! Every demand is one that something can break, and the 402 has what each reader needs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use price_table::BodyVersion;
use serde_json::{Value, json};

use super::answer::Answer;
use super::check::{Check, Verdict};
use super::published::OpenApi;
use super::{cdp, libraries, payai, x402scan};

/// What the function sends of an object of the sample, as if it were deployed.
fn answer() -> Answer {
    let compiled = crate::compile(Path::new("sample/content.toml")).expect("the sample compiles");
    let listing = compiled.listing("reports/2026/market.json").expect("an object of the sample");
    let mut answer = Answer::new(&listing, "https://shop.example", BodyVersion::V1, 0);
    // Main networks: x402scan takes no other.
    let (network, asset) = ("eip155:8453", "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913");
    answer.required["accepts"][0]["network"] = network.into();
    answer.required["accepts"][0]["asset"] = asset.into();
    answer
}

fn document() -> Value {
    json!({
        "info": { "title": "t", "contact": { "email": "a@example.com" }, "x-guidance": "GET" },
        "paths": { "/reports/2026/market.json": { "get": {
            "parameters": [{ "name": "PAYMENT-SIGNATURE", "in": "header" }],
            "x-payment-info": { "price": { "amount": "1" }, "protocols": [{ "x402": {} }] },
            "responses": { "200": { "content": { "a/b": { "schema": {} } } }, "402": {} },
        } } },
    })
}

/// All checks of all catalogues, under the catalogue's name.
fn all(answer: &Answer, document: &Value) -> Vec<(&'static str, Check)> {
    let openapi = OpenApi::Own(document.clone());
    let left_out = usize::from(openapi.operation(answer.path()).is_none());
    let named = |name, checks: Vec<Check>| checks.into_iter().map(move |check| (name, check));
    named("cdp", cdp::checks(answer))
        .chain(named("x402scan", x402scan::checks(answer, &openapi)))
        .chain(named("x402scan", x402scan::of_site(&openapi, Some(true), left_out)))
        .chain(named("payai", payai::checks(answer)))
        .chain(named("libraries", libraries::checks(answer)))
        .collect()
}

fn unmet(answer: &Answer, document: &Value) -> BTreeMap<String, Verdict> {
    let checks = all(answer, document).into_iter();
    let unmet = checks
        .filter(|(_, check)| matches!(check.verdict, Verdict::Refused | Verdict::Advice))
        .map(|(of, check)| {
            assert!(check.message.is_some() && check.help.is_some(), "{}", check.name);
            (format!("{of}: {}", check.name), check.verdict)
        });
    unmet.collect()
}

fn remove(value: &mut Value, pointer: &str) {
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
    let parent = value.pointer_mut(parent).unwrap_or_else(|| panic!("{pointer} is not there"));
    match parent {
        Value::Object(members) => assert!(members.remove(name).is_some(), "{pointer}"),
        Value::Array(list) => {
            list.remove(name.parse().expect("an index"));
        }
        _ => panic!("{pointer}"),
    }
}

/// Every member, by its pointer.
fn members(value: &Value, at: &str, found: &mut Vec<String>) {
    for (name, inner) in value.as_object().into_iter().flatten() {
        let pointer = format!("{at}/{name}");
        members(inner, &pointer, found);
        found.push(pointer);
    }
}

/// The names: <https://github.com/x402-foundation/x402/issues/2112>.
#[test]
fn the_validator_s_checks_are_there_by_their_names() {
    const NAMES: [&str; 25] = [
        "url_valid",
        "url_https",
        "endpoint_reachable",
        "returns_402",
        "valid_json",
        "x402_version",
        "payment_required_header",
        "has_accepts",
        "accepts[0].scheme",
        "accepts[0].network",
        "accepts[0].asset",
        "accepts[0].amount",
        "accepts[0].payTo",
        "accepts[0].maxTimeoutSeconds",
        "has_resource",
        "has_bazaar_extension",
        "bazaar.info",
        "bazaar.info.input",
        "bazaar.info.input.type",
        "bazaar.info.input.method",
        "bazaar.info.input.method.matches_request",
        "bazaar.info.output",
        "bazaar.info.output.example",
        "bazaar.schema",
        "parse",
    ];
    let checks = cdp::checks(&answer());
    let names: Vec<_> = checks.iter().map(|check| check.name.as_ref()).collect();
    assert_eq!(names[..NAMES.len()], NAMES);
    let live: Vec<_> = checks.iter().filter(|it| it.verdict == Verdict::NeedsOnline).collect();
    assert_eq!(
        [live[0].name.as_ref(), live[1].name.as_ref()],
        ["endpoint_reachable", "returns_402"]
    );
    assert_eq!(live.len(), 2);
}

#[test]
fn what_the_function_sends_passes_everything() {
    assert_eq!(unmet(&answer(), &document()), BTreeMap::new());
}

/// Who does without a member: `T`, the library in TypeScript; `P`, that in Python; `I` and `O`, x402scan and agentcash,
/// which miss a schema of what goes in, or of what comes out.
fn readers(less: &Answer) -> String {
    let found = unmet(less, &document());
    let letters = [
        ("libraries: extractDiscoveryInfo", 'T'),
        ("libraries: extract_discovery_info (Python)", 'P'),
        ("x402scan: SCHEMA_INPUT_MISSING", 'I'),
        ("x402scan: SCHEMA_OUTPUT_MISSING", 'O'),
    ];
    letters.into_iter().filter(|(name, _)| found.contains_key(*name)).map(|it| it.1).collect()
}

fn without(whole: &Answer, pointer: &str) -> Answer {
    let mut less = whole.clone();
    let pointer = format!("/extensions/bazaar{pointer}");
    remove(&mut less.required, &pointer);
    remove(&mut less.settle, &pointer);
    less
}

/// The members of the extension, one taken away at a time from the 402 and from what `/settle` is told, and who fails
/// without it: as the programs themselves said of it, `@x402/extensions` 2.27.0, Python's `x402` 2.25.0 and
/// `@agentcash/discovery` 1.7.5. A form with another member, or without one of these, fails here.
#[rustfmt::skip]
const MEMBERS: [(&str, &str); 41] = [
    ("/info", "TP"),
    ("/info/input", "TP"),
    ("/info/input/method", "TP"),
    ("/info/input/queryParams", ""),
    ("/info/input/type", "T"),
    ("/info/output", ""),
    ("/info/output/example", ""),
    ("/info/output/example/month", ""),
    ("/info/output/example/route", ""),
    ("/info/output/example/usdPerFeu", ""),
    ("/info/output/format", ""),
    // The form's own schema demands it.
    ("/info/output/type", "TP"),
    ("/schema", "TPIO"),
    ("/schema/$schema", ""),
    ("/schema/properties", "IO"),
    ("/schema/properties/input", "I"),
    ("/schema/properties/input/additionalProperties", ""),
    // With `additionalProperties: false` none of `info.input` may be unknown.
    ("/schema/properties/input/properties", "TPI"),
    ("/schema/properties/input/properties/method", "TP"),
    ("/schema/properties/input/properties/method/enum", ""),
    ("/schema/properties/input/properties/method/type", ""),
    ("/schema/properties/input/properties/queryParams", "TPI"),
    ("/schema/properties/input/properties/queryParams/properties", ""),
    ("/schema/properties/input/properties/queryParams/type", ""),
    ("/schema/properties/input/properties/type", "TP"),
    ("/schema/properties/input/properties/type/const", ""),
    ("/schema/properties/input/properties/type/type", ""),
    ("/schema/properties/input/required", ""),
    ("/schema/properties/input/type", ""),
    ("/schema/properties/output", "O"),
    ("/schema/properties/output/properties", "O"),
    ("/schema/properties/output/properties/example", "O"),
    ("/schema/properties/output/properties/example/type", ""),
    ("/schema/properties/output/properties/format", ""),
    ("/schema/properties/output/properties/format/type", ""),
    ("/schema/properties/output/properties/type", ""),
    ("/schema/properties/output/properties/type/type", ""),
    ("/schema/properties/output/required", ""),
    ("/schema/properties/output/type", ""),
    ("/schema/required", ""),
    ("/schema/type", ""),
];

#[test]
fn each_member_of_the_extension_is_known() {
    let whole = answer();
    let mut all = Vec::new();
    members(&whole.settle["extensions"]["bazaar"], "", &mut all);
    let known: BTreeSet<_> = MEMBERS.iter().map(|(pointer, _)| (*pointer).to_owned()).collect();
    assert_eq!(all.into_iter().collect::<BTreeSet<_>>(), known);
    for (pointer, fail) in MEMBERS {
        assert_eq!(readers(&without(&whole, pointer)), fail, "{pointer}");
    }
}

/// What the programs themselves said of the least form that keeps the specification, tried with each of them: here the
/// same is said of it. The form's schema demands less than the one that is sent.
#[test]
fn what_is_said_of_the_least_form_is_what_the_programs_said() {
    let least = json!({
        "info": {
            "input": { "type": "http", "method": "GET" },
            "output": { "type": "json", "example": { "month": "2026-01" } },
        },
        "schema": {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": {
                "input": {
                    "type": "object",
                    "properties": {
                        "type": { "const": "http" },
                        "method": { "enum": ["GET"] },
                        "queryParams": { "type": "object" },
                    },
                    "required": ["type", "method"],
                },
                "output": { "type": "object", "properties": { "example": { "type": "object" } } },
            },
            "required": ["input"],
        },
    });
    let mut whole = answer();
    whole.required["extensions"]["bazaar"] = least.clone();
    whole.settle["extensions"]["bazaar"] = least;
    assert_eq!(readers(&whole), "");
    for (pointer, fail) in [
        ("/info", "TP"),
        ("/schema", "TPIO"),
        ("/info/input/type", "T"),
        ("/info/input/method", "TP"),
        ("/info/output", ""),
        ("/info/output/type", ""),
        ("/info/output/example", ""),
        ("/schema/$schema", ""),
        ("/schema/type", ""),
        ("/schema/required", ""),
        ("/schema/properties/input/required", ""),
        ("/schema/properties/input/type", ""),
        ("/schema/properties/input/properties/type", ""),
        ("/schema/properties/input/properties/method", ""),
        ("/schema/properties/input/properties/queryParams", "I"),
        ("/schema/properties/output", "O"),
        ("/schema/properties/output/properties/example", "O"),
    ] {
        assert_eq!(readers(&without(&whole, pointer)), fail, "{pointer}");
    }
}

/// Puts a value where there is one, or may be.
fn put(whole: &mut Value, pointer: &'static str, new: Value) -> &'static str {
    match whole.pointer_mut(pointer) {
        Some(old) => *old = new,
        None => {
            let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
            whole.pointer_mut(parent).expect("a parent")[name] = new;
        }
    }
    pointer
}

/// What breaks a demand: in the 402 (`required`), in what `/settle` is told, in the body, or in `openapi.json`.
enum Break {
    Required(&'static str, Value),
    Settle(&'static str, Value),
    Body(&'static str, Value),
    Document(&'static str, Value),
    Url(&'static str),
    Header(usize),
}

#[test]
fn every_demand_can_be_broken() {
    use Break::{Body, Document, Header, Required, Settle, Url};
    const ACCEPT: &str = "/accepts/0";
    const GET: &str = "/paths/~1reports~12026~1market.json/get";
    let offer = |name: &str| -> &'static str { format!("{ACCEPT}/{name}").leak() };
    let get = |name: &str| -> &'static str { format!("{GET}/{name}").leak() };
    let long = || Value::from("x".repeat(501));
    let many = || {
        let paths = (0..41).map(|n| (format!("/{n}"), json!({ "get": {} })));
        Value::Object(paths.collect())
    };
    let breaks: Vec<(Break, &[&str])> = vec![
        (
            Url("http://shop.example/reports/2026/market.json"),
            &[
                "cdp: url_https",
                "x402scan: url",
                "payai: resource.url is https",
                "payai: resource.url",
            ],
        ),
        (Url("https://10.0.0.1/reports/2026/market.json"), &["cdp: url_valid", "x402scan: url"]),
        (
            Url("https://shop.example/other.json"),
            &["x402scan: path in openapi.json", "x402scan: all objects in openapi.json"],
        ),
        (Header(9_000), &["x402scan: HEADERS_OVERFLOW"]),
        (
            Required("/x402Version", json!(1)),
            &[
                "cdp: x402_version",
                "cdp: parse",
                "x402scan: X402_VERSION_V1_NOT_SUPPORTED",
                "libraries: PaymentRequired.x402Version",
            ],
        ),
        (Required("", Value::Null), &["cdp: payment_required_header"]),
        (
            Required("/accepts", json!([])),
            &[
                "cdp: has_accepts",
                "x402scan: X402_ACCEPTS_EMPTY",
                "libraries: PaymentRequired.accepts",
            ],
        ),
        (Required(offer("scheme"), json!("deferred")), &["cdp: accepts[0].scheme"]),
        (
            Required(offer("network"), json!("eip155:10")),
            &["cdp: accepts[0].network", "x402scan: No supported networks"],
        ),
        (Required(offer("network"), json!("eip155:480")), &["cdp: accepts[0].asset"]),
        (
            Required(offer("asset"), json!("0x60a3E35Cc302bFA44Cb288Bc5a4F316Fdb1adb42")),
            &["cdp: accepts[0].asset"],
        ),
        (Required(offer("amount"), json!("999")), &["cdp: accepts[0].amount"]),
        (
            Required(offer("amount"), json!("1.5")),
            &["cdp: accepts[0].amount", "x402scan: X402_ACCEPT_ENTRY_INVALID"],
        ),
        (Required(offer("payTo"), json!("0x1")), &["cdp: accepts[0].payTo"]),
        (
            Required(offer("maxTimeoutSeconds"), json!(0)),
            &[
                "cdp: accepts[0].maxTimeoutSeconds",
                "x402scan: X402_ACCEPT_ENTRY_INVALID",
                "libraries: PaymentRequired.accepts",
            ],
        ),
        (Required("/resource/url", json!("")), &["libraries: PaymentRequired.resource.url"]),
        (Required("/resource", Value::Null), &["cdp: has_resource"]),
        (Required("/resource/description", long()), &["cdp: resource.description"]),
        (Required("/resource/description", json!(" ")), &["cdp: description for AgentKit"]),
        (
            Required("/resource/serviceName", json!("a name that is longer than it may be")),
            &["libraries: PaymentRequired.resource.serviceName", "cdp: parse"],
        ),
        (
            Required("/resource", json!({ "url": "https://shop.example" })),
            &["cdp: resource.serviceName", "cdp: resource.tags", "cdp: description for AgentKit"],
        ),
        (
            Required("/resource/serviceName", json!("Häfen")),
            &["libraries: PaymentRequired.resource.serviceName"],
        ),
        (
            Required("/resource/tags", json!(["a", "b", "c", "d", "e", "f"])),
            &["libraries: PaymentRequired.resource.tags"],
        ),
        (Required("/resource/tags", json!([""])), &["libraries: PaymentRequired.resource.tags"]),
        (
            Required(
                "/resource/iconUrl",
                json!(format!("https://shop.example/{}", "x".repeat(2_048))),
            ),
            &["libraries: PaymentRequired.resource.iconUrl"],
        ),
        (
            Required("/extensions/bazaar", Value::Null),
            &["cdp: has_bazaar_extension", "cdp: bazaar.schema"],
        ),
        (
            Required("/extensions/bazaar/info", Value::Null),
            &["cdp: bazaar.info", "cdp: bazaar.info.input", "cdp: bazaar.info.output"],
        ),
        (
            Required("/extensions/bazaar/info/input/type", json!("mcp")),
            &["cdp: bazaar.info.input.type"],
        ),
        (
            Required("/extensions/bazaar/info/input/method", Value::Null),
            &["cdp: bazaar.info.input.method", "cdp: bazaar.info.input.method.matches_request"],
        ),
        (
            Required("/extensions/bazaar/info/input/method", json!("POST")),
            &[
                "cdp: bazaar.info.input.method.matches_request",
                "libraries: validateDiscoveryExtension",
            ],
        ),
        (
            Required("/extensions/bazaar/info/output/example", Value::Null),
            &["cdp: bazaar.info.output.example"],
        ),
        (
            Required(
                "/extensions/bazaar/schema",
                json!({ "$ref": "https://example.com/schema.json" }),
            ),
            &[
                "libraries: validateDiscoveryExtension",
                "x402scan: SCHEMA_INPUT_MISSING",
                "x402scan: SCHEMA_OUTPUT_MISSING",
            ],
        ),
        (Required("/extensions", json!({ "sign-in-with-x": {} })), &["x402scan: siwx"]),
        (
            Settle("/extensions", Value::Null),
            &[
                "cdp: /settle: resource and extensions",
                "payai: bazaar.info and schema",
                "payai: extractDiscoveryInfo",
                "libraries: extractDiscoveryInfo",
                "libraries: extract_discovery_info (Python)",
            ],
        ),
        (Settle("/resource/url", json!("https://elsewhere.example")), &["payai: resource.url"]),
        (Settle("/resource/description", json!("")), &["payai: resource.description"]),
        (Body("", json!("<html>")), &["cdp: valid_json"]),
        (Body("/accepts/0/resource", json!("")), &["libraries: PaymentRequired of v1"]),
        (
            Body("/accepts/0/outputSchema/input/discoverable", json!(false)),
            &["libraries: extractDiscoveryInfoV1"],
        ),
        (
            Document("/info/contact", json!({ "name": "us" })),
            &["x402scan: OPENAPI_CONTACT_MISSING"],
        ),
        (Document("/info/x-guidance", Value::Null), &["x402scan: L4_GUIDANCE_MISSING"]),
        (
            Document("/info/x-guidance", json!("x".repeat(4_001))),
            &["x402scan: L4_GUIDANCE_TOO_LONG"],
        ),
        (
            Document("/paths", json!({})),
            &["x402scan: OPENAPI_NO_ROUTES", "x402scan: path in openapi.json"],
        ),
        (Document("/paths", many()), &["x402scan: L2_ROUTE_COUNT_HIGH"]),
        (Document(get("x-payment-info"), Value::Null), &["x402scan: L2_AUTH_MODE_MISSING"]),
        (
            Document(get("x-payment-info/price"), json!("1")),
            &["x402scan: L2_PRICE_MISSING_ON_PAID"],
        ),
        (
            Document(get("x-payment-info/protocols"), json!([])),
            &["x402scan: L2_PROTOCOLS_MISSING_ON_PAID"],
        ),
        (Document(get("parameters"), json!([])), &["x402scan: L3_INPUT_SCHEMA_MISSING"]),
        (
            Document(get("responses/200/content"), json!({ "a/b": {} })),
            &["x402scan: output schema in openapi.json"],
        ),
    ];
    let mut broken = BTreeSet::new();
    for (change, wanted) in breaks {
        let (mut less, mut document) = (answer(), document());
        let place = match change {
            Url(url) => {
                less.url = url.to_owned();
                url
            }
            Header(bytes) => {
                less.header_bytes = bytes;
                "header"
            }
            Required(pointer, new) => put(&mut less.required, pointer, new),
            Settle(pointer, new) => put(&mut less.settle, pointer, new),
            Body(pointer, new) => put(&mut less.body, pointer, new),
            Document(pointer, new) => put(&mut document, pointer, new),
        };
        let found = unmet(&less, &document);
        for name in wanted {
            assert!(found.contains_key(*name), "{place}: {name} not in {found:?}");
        }
        broken.extend(found.into_keys());
    }
    let known = all(&answer(), &document()).into_iter();
    let known = known.filter(|(_, check)| check.verdict != Verdict::NeedsOnline);
    let known: BTreeSet<_> = known.map(|(of, check)| format!("{of}: {}", check.name)).collect();
    let whole: Vec<_> = known.difference(&broken).collect();
    // Of files, which `tests/listing.rs` takes away.
    let elsewhere = ["x402scan: FAVICON_MISSING", "x402scan: OPENAPI_NOT_FOUND"];
    assert_eq!(whole, elsewhere, "demands that nothing here breaks");
}
