//! Every recorded answer of three real facilitators, by its class.
//!
//! The expected classes are in `tests/vectors/facilitator-verdicts.tsv`, reviewed by hand, a line an
//! answer: what it means on a payment's first sending, and on a second.

use paywall_core::hex;
use paywall_core::receipt::{Expected, Payer};
use paywall_core::verdict::{Sending, Settlement, Verification};
use paywall_core::wire::Wire;
use price_table::Dialect;
use serde_json::Value;

use crate::support::{reader, text};

const RECORDED: &str = include_str!("../../../tests/vectors/facilitator-answers.jsonl");
const CLASSES: &str = include_str!("../../../tests/vectors/facilitator-verdicts.tsv");

/// What the function would expect of an answer to the row's request.
fn expected(row: &Value) -> Expected {
    let request = &row["request"];
    let authorization = &request["paymentPayload"]["payload"]["authorization"];
    let requirements = &request["paymentRequirements"];
    let amount =
        ["amount", "maxAmountRequired"].iter().find_map(|name| requirements[name].as_str());
    Expected {
        wire: if row["wire"] == "v1" { Wire::V1 } else { Wire::V2 },
        caip2: "eip155:84532".into(),
        v1: Some("base-sepolia".into()),
        payer: Payer::Evm(
            authorization["from"].as_str().and_then(hex::decode_array).unwrap_or_default(),
        ),
        amount: amount.map_or(10_000, |amount| amount.parse().unwrap()),
    }
}

fn class(row: &Value, sending: Sending) -> String {
    let body = match &row["body"] {
        Value::String(text) => text.clone(),
        json => json.to_string(),
    };
    let outcome = text(row["status"].as_u64().unwrap().try_into().unwrap(), &body);
    let dialect = match row["facilitator"].as_str().unwrap().chars().next().unwrap() {
        'C' => Dialect::X402Rs,
        _ => Dialect::Reference,
    };
    let (reader, expected) = (reader(dialect), expected(row));
    match row["op"].as_str().unwrap() {
        "settle" => match reader.settlement(&outcome, &expected, sending) {
            Settlement::Settled(receipt) => {
                assert_eq!(Some(receipt.transaction()), row["body"]["transaction"].as_str());
                "Settled".into()
            }
            Settlement::Refused { code, grounds } => format!("Refused {grounds:?} {code}"),
            Settlement::NotTaken { .. } => "NotTaken".into(),
            Settlement::Unknown { contradicts, .. } => {
                if contradicts {
                    "Unknown, contradicts".into()
                } else {
                    "Unknown".into()
                }
            }
        },
        // A payment that was submitted before is never verified again.
        _ => match reader.verification(&outcome, &expected) {
            Verification::Valid => "Valid".into(),
            Verification::Refused(code) => format!("Refused {code}"),
            Verification::Unavailable(_) => "Unavailable".into(),
            Verification::Unclear(_) => "Unclear".into(),
        },
    }
}

#[test]
fn each_is_in_its_class() {
    let mut classes = String::from("row\tfacilitator\twire\top\tstatus\tcase\tfirst\tagain\n");
    for (number, line) in RECORDED.lines().enumerate() {
        let row: Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| row[name].as_str().unwrap().to_owned();
        let again = if row["op"] == "settle" { class(&row, Sending::Again) } else { "-".into() };
        classes += &format!(
            "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{again}\n",
            number + 1,
            &text("facilitator")[..1],
            text("wire"),
            text("op"),
            row["status"],
            text("case"),
            class(&row, Sending::First),
        );
    }
    for (ours, expected) in classes.lines().zip(CLASSES.lines()) {
        assert_eq!(ours, expected);
    }
    assert_eq!(classes.lines().count(), CLASSES.lines().count(), "{classes}");
    assert_eq!(RECORDED.lines().count(), 300);
}

/// Whatever the table says: no answer to a payment that was submitted before is a refusal, and no
/// replay is one at any time.
#[test]
fn nothing_that_may_have_been_paid_is_refused() {
    for line in CLASSES.lines().skip(1) {
        let fields: Vec<_> = line.split('\t').collect();
        let [_, _, _, op, _, case, first, again] = fields[..] else { panic!("{line}") };
        let is_safe = |class: &str| class == "Settled" || class.starts_with("Unknown");
        if op == "settle" {
            assert!(is_safe(again), "{line}");
            if case.starts_with("replayed") || case.starts_with("3 concurrent") {
                assert!(is_safe(first), "{line}");
            }
        }
    }
}
