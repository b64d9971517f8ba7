//! Every recorded answer of three real facilitators, read as the function reads it.
//!
//! The expected classes are in `tests/vectors/facilitator-classes.tsv`, reviewed by hand, a line an
//! answer: what it means for a payment that was claimed just now, and for one that was submitted
//! before. One and the same answer can mean a bad signature to the first and a replay to the second.

use paywall_core::claim::Wire;
use paywall_core::facilitator::{
    Expected, Outcome, Payer, Settlement, Verification, settlement, verification,
};
use paywall_core::hex;
use serde_json::Value;

const RECORDED: &str = include_str!("../../tests/vectors/facilitator-answers.jsonl");
const CLASSES: &str = include_str!("../../tests/vectors/facilitator-classes.tsv");

fn outcome(row: &Value) -> Outcome {
    let status = row["status"].as_u64().unwrap().try_into().unwrap();
    let body = match &row["body"] {
        Value::String(text) => text.clone().into_bytes(),
        json => json.to_string().into_bytes(),
    };
    Outcome::Answered { status, body, location: None }
}

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

fn class(row: &Value, first: bool) -> String {
    let (outcome, expected) = (outcome(row), expected(row));
    match row["op"].as_str().unwrap() {
        "settle" => match settlement(&outcome, &expected, first) {
            Settlement::Settled(receipt) => {
                assert_eq!(Some(receipt.transaction()), row["body"]["transaction"].as_str());
                "Settled".into()
            }
            Settlement::Refused(code) => format!("Refused {code}"),
            Settlement::NotSubmitted(_) => "NotSubmitted".into(),
            Settlement::Unknown(_) => "Unknown".into(),
        },
        // A payment that was submitted before is never verified again.
        _ => match verification(&outcome, &expected) {
            Verification::Valid => "Valid".into(),
            Verification::Refused(code) => format!("Refused {code}"),
            Verification::Unavailable(_) | Verification::Unclear(_) => "Unknown".into(),
        },
    }
}

#[test]
fn each_is_in_its_class() {
    let mut classes =
        String::from("row\tfacilitator\twire\top\tstatus\tcase\tfirst\tseen before\n");
    for (number, line) in RECORDED.lines().enumerate() {
        let row: Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| row[name].as_str().unwrap().to_owned();
        let seen = if row["op"] == "settle" { class(&row, false) } else { "-".into() };
        classes += &format!(
            "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{seen}\n",
            number + 1,
            &text("facilitator")[..1],
            text("wire"),
            text("op"),
            row["status"],
            text("case"),
            class(&row, true),
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
        let [_, _, _, op, _, case, first, seen] = fields[..] else { panic!("{line}") };
        if op == "settle" {
            assert!(matches!(seen, "Settled" | "Unknown"), "{line}");
            if case.starts_with("replayed") || case.starts_with("3 concurrent") {
                assert!(matches!(first, "Settled" | "Unknown"), "{line}");
            }
        }
    }
}
