//! `docs/log.md` is made here, of the type of a line and of lines that the code printed:
//! `UPDATE_DOCS=1 cargo test -p paywall-core --test walk log_doc`.

#![expect(
    clippy::disallowed_methods,
    reason = "a test compares a page with the code, or writes it"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;

use paywall_core::limits::{LINE_BYTES, WORDS_BYTES};
use paywall_core::log::{
    Alarm, CallTiming, Event, LEFT_OUT, Line, Mend, OUTCOMES, Payment as Paid, Phases, VERSION,
    Words,
};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::support::*;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/log.md");

/// Each field: its type and unit, and when it is there.
const FIELDS: &[(&str, &str, &str)] = &[
    ("v", "number", "always: the version of the line"),
    (
        "requestId",
        "text",
        "always: CloudFront's id of the request, the same in both of its events; empty at a start",
    ),
    ("site", "text", "always: `id` of `[site]`"),
    (
        "event",
        "text",
        "always: `viewer-request`, `viewer-response`, or `start`, what the function found out about itself",
    ),
    ("outcome", "text", "always: below"),
    (
        "status",
        "HTTP status",
        "where the function answered itself; not where CloudFront serves the object",
    ),
    ("object", "text, a key", "where the path leads to what is for sale or free"),
    ("payer", "text, an address", "with a payment that names it: `0x` and 40 digits in lower case"),
    (
        "nonce",
        "text",
        "with an EIP-3009 authorization: `0x` and 64 digits. With `payer` it tells payments apart",
    ),
    (
        "amount",
        "text of digits, atomic units of the token",
        "with a payment that could be good: what it pays",
    ),
    ("asset", "text", "with `amount`: the token's address"),
    ("network", "text", "with `amount`: the CAIP-2 name"),
    (
        "transaction",
        "text",
        "where a payment opened the object: what settled it, as the facilitator or the chain names it",
    ),
    ("facilitator", "text, a URL", "where it said in this request that the payment settled"),
    (
        "unrecorded",
        "object",
        "where a payment settled and the store did not take it: its receipt, of `transaction`, `network` and `payer`, which is empty where only the facilitator says who paid",
    ),
    ("calls", "list", "the calls that were made, in their order, each of the next ones"),
    (
        "calls[].endpoint",
        "text",
        "`verify` or `settle` of a facilitator, `rpc` of a network's nodes",
    ),
    ("calls[].to", "text", "the facilitator's base URL, or the network's name"),
    ("calls[].ms", "number, milliseconds", "in all"),
    (
        "calls[].dnsMs",
        "number, milliseconds",
        "of a facilitator's call, as the next five: phases that were entered. It failed in the last one; a kept connection has not the first three",
    ),
    ("calls[].connectMs", "number, milliseconds", "opening the connection"),
    ("calls[].tlsMs", "number, milliseconds", "the handshake"),
    ("calls[].sendMs", "number, milliseconds", "writing the request"),
    ("calls[].waitMs", "number, milliseconds", "until the first byte of the answer"),
    ("calls[].readMs", "number, milliseconds", "the rest of it"),
    (
        "calls[].listing",
        "text",
        "where the facilitator says what its catalogue did with the object: `success`, `processing`, `rejected`",
    ),
    ("detail", "text", "why an answer did not count, or what does not fit together"),
    ("operator", "text", "what the seller must mend, or should know, and where"),
    ("operatorCode", "text", "with `operator`: which of the list below"),
    ("alarm", "`true`", "somebody should look; else it is left out"),
    ("alarmCode", "text", "with `alarm`: which of the list below"),
    ("sampled", "number", "where this line stands for so many like it"),
    ("cut", "`true`", "where names were shortened or calls left out to keep the line's length"),
    ("totalUs", "number, microseconds", "always: from the event to the answer; 0 at a start"),
];

/// A line with everything in it.
fn everything() -> Line {
    let mut line = Line::of(Event::ViewerRequest, "r", "shop").ended("settled");
    let receipt = json!({ "transaction": TX, "network": "eip155:84532", "payer": "0x01" });
    line.status = Some(503);
    line.object = Some("a.json".into());
    line.payment = Some(Paid {
        payer: Some("0x01".into()),
        nonce: Some("0x02".into()),
        amount: "1".into(),
        asset: "0x03".into(),
        network: "eip155:84532".into(),
    });
    line.transaction = Some(TX.into());
    line.facilitator = Some("https://f.example".into());
    line.unrecorded = Some(serde_json::from_value(receipt).unwrap());
    let some = Some(1);
    let phases = Phases { dns: some, connect: some, tls: some, send: some, wait: some, read: some };
    line.calls = vec![CallTiming {
        endpoint: "settle".into(),
        to: "https://f.example".into(),
        ms: 6,
        phases,
        listing: Some("processing".into()),
    }];
    line.detail = Some("x".into());
    line.mend((Mend::FacilitatorRate, "y".into()));
    line.alarm(Alarm::SaleUnrecorded);
    line.sampled = Some(2);
    line.cut = true;
    line
}

/// The names of a line's fields, as the page has them.
fn names(line: &Line) -> BTreeSet<String> {
    let json: Value = serde_json::from_str(&line.to_json()).unwrap();
    let of = |json: &Value| json.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let calls = of(&json["calls"][0]).into_iter().map(|name| format!("calls[].{name}"));
    of(&json).into_iter().chain(calls).collect()
}

fn indented(line: &Line) -> String {
    let text = line.to_json();
    let mut fields: Vec<(String, Box<RawValue>)> =
        serde_json::from_str::<BTreeMap<_, _>>(&text).unwrap().into_iter().collect();
    fields.sort_by_key(|(name, _)| text.find(&format!("\"{name}\":")));
    let fields = fields.iter().map(|(name, value)| format!("  \"{name}\": {value}"));
    format!("{{\n{}\n}}", fields.collect::<Vec<_>>().join(",\n"))
}

fn examples() -> [(&'static str, Line); 3] {
    let timed = |mut line: Line, us| {
        line.total_us = us;
        line
    };
    let sold = Scenario::open().pay("/a.json", &Payment::v2(1)).log;
    let mut refused = Scenario::open();
    refused.settle = vec![answer(json!({ "success": false, "errorReason": "new_code" }))];
    let refused = refused.pay("/a.json", &Payment::v2(1)).log;
    let mut table = open_table();
    table.site.free_lines = 4;
    let mut free = Scenario::of(table);
    let free = std::iter::repeat_with(|| free.get("/free.txt").log).find(Line::is_printed).unwrap();
    [
        ("A sale", timed(sold, 1_412_350)),
        (
            "A refusal, of a payment whose facilitator says what nobody knows",
            timed(refused, 803_112),
        ),
        ("A free object, of which one line in four is printed", timed(free, 214)),
    ]
}

fn page() -> String {
    let mut page = format!(
        "# The function's log\n\n\
         One line of JSON for each decision, in the log group of the Region where it was made (`infra/README.md`). This page is made\n\
         of the type that writes and reads it, `paywall-core/src/log/`: `UPDATE_DOCS=1 cargo test -p paywall-core --test walk log_doc`.\n\n\
         * **Version.** `v` is {VERSION}. It rises when a field goes or means something else. New fields, and new values of `outcome`,\n  \
           `operatorCode` and `alarmCode`, do not raise it: leave out what you do not know. A reader that meets another version says so\n  \
           (`paywall sales --log`). A line without `v` is an older function's, and reads as version 1.\n\
         * **Length.** {LINE_BYTES} bytes at most. CloudWatch [takes](https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html)\n  \
           events of up to 1 MB, and took 256 KB before. What is longer is cut, says `cut`, and is\n  \
           valid JSON still; `outcome`, `payer`, `nonce`, `amount` and `transaction` stay whole, and of `calls` those of `settle` go last.\n\
         * **No secret.** A line holds numbers, names of the price table, what identifies a payment, and words. What facilitators, nodes,\n  \
           S3, SSM and libraries say is let through as far as it is words, codes and small numbers; `{LEFT_OUT}` stands for the rest, and\n  \
           {WORDS_BYTES} bytes are the most of it. So an unknown code can be read, and a signature, token, key or URL that somebody repeats\n  \
           cannot. A secret that itself is made of short words in one case looks like a code: give out none that is. `transaction` is the facilitator's own\n  \
           word, on networks other than EVM any text; the buyer gets the same.\n\
         * **Sampling.** `[log] free = \"1 in N\"` of `content.toml` prints one line of N about free objects and about what a pass opens\n  \
           again, chosen by `requestId` alone: both events of a request or neither. `sampled` is N: count `sum(coalesce(sampled, 1))`.\n  \
           Whatever has to do with money, a refusal, an alarm or `operator` is always printed. Default: every line.\n\n\
         The alarms of `infra/region.yaml` count lines with `alarm`, and lines with `operator`. The watching function has lines of its own\n\
         (`infra/README.md`), and Lambda adds some.\n\n\
         ## Fields\n\n\
         | Field | Type, unit | When it is there, what it is |\n| --- | --- | --- |\n"
    );
    for (name, kind, when) in FIELDS {
        page += &format!("| `{name}` | {kind} | {when} |\n");
    }
    page += "\n## Examples\n\nEach is one line; here a field has a row.\n";
    for (name, line) in examples() {
        page += &format!("\n{name}:\n\n```json\n{}\n```\n", indented(&line));
    }
    page += "\n## `outcome`\n\n\
             A refusal's is its code, of [codes.md](codes.md); where a facilitator refused, that is the facilitator's own. Of a start it is\n\
             the `operatorCode`. The others:\n\n| `outcome` | What it means |\n| --- | --- |\n";
    for (code, about) in OUTCOMES {
        page += &format!("| `{code}` | {about} |\n");
    }
    page += "\n## `alarmCode`\n\n| `alarmCode` | What it means, and what to do |\n| --- | --- |\n";
    for alarm in Alarm::ALL {
        page += &format!("| `{}` | {} |\n", alarm.code(), alarm.about());
    }
    page += "\n## `operatorCode`\n\n| `operatorCode` | What it means, and what to do |\n| --- | --- |\n";
    for mend in Mend::ALL {
        page += &format!("| `{}` | {} |\n", mend.code(), mend.about());
    }
    page
}

#[test]
fn the_page_is_what_the_code_says() {
    let page = page();
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::write(PAGE, &page).unwrap();
    }
    assert!(
        fs::read_to_string(PAGE).unwrap_or_default() == page,
        "docs/log.md is stale: run UPDATE_DOCS=1 cargo test -p paywall-core --test walk log_doc"
    );
}

#[test]
fn every_field_is_on_it() {
    let named: BTreeSet<_> = FIELDS.iter().map(|(name, ..)| (*name).to_owned()).collect();
    assert_eq!(names(&everything()), named);
    assert_eq!(Line::read(&everything().to_json()).unwrap(), everything());
}

/// Ours come through where they are put together with what others say.
#[test]
fn our_own_words_are_words() {
    for mend in Mend::ALL {
        assert_eq!(Words::said(mend.code()), mend.code());
    }
    for (code, _) in OUTCOMES {
        assert_eq!(Words::said(code), *code);
    }
}

#[test]
fn what_a_later_function_adds_is_left_out_and_its_version_is_told() {
    let json = everything().to_json();
    let with = |from: &str, to: &str| Line::read(&json.replacen(from, to, 1));
    let read = with("\"v\":1", "\"later\":[{\"x\":1}],\"v\":1").unwrap();
    assert_eq!(read, everything());
    // New values of lists are no reason to lose the line.
    let read = with("sale_unrecorded", "of_later").unwrap();
    assert!(read.alarm && read.alarm_code.is_none());
    let read = with("facilitator_rate", "of_later").unwrap();
    assert!(read.operator.is_some() && read.operator_code.is_none());
    let why = with("\"v\":1", "\"v\":2").unwrap_err().to_string();
    assert!(why.contains("version 2"), "{why}");
    assert_eq!(with("\"v\":1,", "").unwrap(), everything());
    for text in ["", "{}", "null", "[]", &json[..json.len() - 2]] {
        assert!(Line::read(text).is_err(), "{text}");
    }
}
