//! What is told of the bytes that were bought, if the seller tells it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use paywall_core::event::{Headers, Request, Response};
use paywall_core::viewer_response::viewer_response;
use price_table::{Object, Objects, Table};
use serde_json::{Value, json};

use crate::support::{ETAG, Payment, Scenario, open_table, request};

const DIGEST: &str = "sha-256=:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=:";

fn told() -> Table {
    let mut table = open_table();
    let objects = table.objects.all().unwrap();
    let objects: Vec<_> =
        objects.into_iter().map(|object| Object { sha256: Some([7; 32]), ..object }).collect();
    let objects = Objects::build(&objects).unwrap();
    table.objects = objects;
    table
}

/// The answer to the scenario's last request.
fn response(scenario: &Scenario, request: &Request, fields: &[(&str, &str)]) -> Response {
    let mut headers = Headers::default();
    for (name, value) in fields {
        headers.set(name, *value);
    }
    let status = "200".into();
    let response = Response { status, status_description: "OK".into(), headers, body: None };
    let id = format!("request-{}", scenario.requests);
    viewer_response(scenario.paywall, &id, request, response).0
}

fn receipt(response: &Response) -> Value {
    let header = response.headers.first("payment-response").expect("a receipt");
    serde_json::from_slice(&STANDARD.decode(header).unwrap()).unwrap()
}

#[test]
fn the_receipt_names_what_was_bought() {
    for (table, extensions) in [
        (open_table(), Value::Null),
        (
            told(),
            json!({ "content": { "info": { "key": "a.json", "etag": ETAG, "digest": DIGEST } } }),
        ),
    ] {
        let mut scenario = Scenario::of(table);
        for payment in [Payment::v1(1), Payment::v2(2)] {
            let bought = scenario.pay("/a.json", &payment).granted().clone();
            let answer = response(&scenario, &bought, &[("ETag", ETAG)]);
            assert_eq!(receipt(&answer)["extensions"], extensions);
        }
    }
}

#[test]
fn the_longest_key_is_read_by_whoever_takes_bytes_for_characters() {
    for letter in ["é", "😀", "\""] {
        let key = letter.repeat(1_024 / letter.len());
        let path: String = key.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let mut table = told();
        let object =
            Object { key: key.as_str().into(), ..table.get("a.json").unwrap().unwrap().object };
        table.objects = Objects::build(&[object]).unwrap();
        let mut scenario = Scenario::of(table);
        let bought = scenario.pay(&format!("/{path}"), &Payment::v2(1)).granted().clone();
        let answer = response(&scenario, &bought, &[("ETag", ETAG)]);
        let header = answer.headers.first("payment-response").expect("a receipt");
        let bytes = STANDARD.decode(header).unwrap();
        assert!(bytes.is_ascii());
        assert_eq!(receipt(&answer)["extensions"]["content"]["info"]["key"], key);
        // Node's clients stop at 16 KB of headers, and it is there twice.
        assert!(header.len() < 5 * 1_024, "{}", header.len());
    }
}

#[test]
fn the_digest_comes_with_the_bytes_that_have_it_and_no_others() {
    let mut scenario = Scenario::of(told());
    let bought = scenario.pay("/a.json", &Payment::v2(1)).granted().clone();
    let weak = format!("W/{ETAG}");
    for request in [bought, request("GET", "/free.txt", &[])] {
        let digest = |fields: &[(&str, &str)]| {
            let answer = response(&scenario, &request, fields);
            answer.headers.first("repr-digest").map(str::to_owned)
        };
        assert_eq!(digest(&[("ETag", ETAG)]).as_deref(), Some(DIGEST));
        let of_a_part = [("ETag", ETAG), ("Content-Range", "bytes 0-1/5")];
        assert_eq!(digest(&of_a_part).as_deref(), Some(DIGEST));
        for fields in [
            &[][..],
            &[("ETag", weak.as_str()), ("Content-Encoding", "gzip")],
            &[("ETag", ETAG), ("Content-Encoding", "br")],
            &[("ETag", "\"other\""), ("Repr-Digest", DIGEST)],
        ] {
            assert_eq!(digest(fields), None, "{fields:?}");
        }
    }
}

#[test]
fn nothing_is_told_that_the_seller_does_not_tell() {
    let mut scenario = Scenario::open();
    let bought = scenario.pay("/a.json", &Payment::v2(1)).granted().clone();
    let answer = response(&scenario, &bought, &[("ETag", ETAG)]);
    assert_eq!(answer.headers.first("repr-digest"), None);
}
