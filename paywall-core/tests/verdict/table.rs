//! Every row of the reviewed table, fed to the reader of its dialect.

use paywall_core::facilitator::Outcome;
use paywall_core::verdict::{Reader, Sending, Settlement, Verification};
use price_table::Dialect;
use serde_json::json;

use crate::shapes::{self, NOT_FED};
use crate::support::{HASH, answer, class, expected, failed, with};

const TABLE: &str = include_str!("../../../tests/vectors/facilitator-codes.tsv");

/// Where the design (`NotTaken` of grade S2 would give back a payment that a second copy may have settled)
/// or caution overrules the table's class, and says unknown.
const OVERRULED: [(&str, &str); 17] = [
    // A read that failed before sending: a second copy meets it too. Rule 9.
    ("cdp", "invalid_exact_evm_failed_to_check_nonce"),
    ("cdp", "invalid_exact_evm_failed_to_get_balance"),
    ("cdp", "invalid_exact_evm_failed_to_verify_signature"),
    ("cdp", "invalid_exact_evm_failed_to_check_deployment"),
    ("cdp", "permit2_proxy_not_deployed"),
    ("reference", "asset_not_deployed_contract"),
    ("reference", "invalid_exact_evm_failed_to_verify_signature"),
    ("reference", "invalid_exact_evm_failed_to_check_deployment"),
    ("reference", "invalid_exact_evm_failed_to_check_nonce"),
    ("reference", "invalid_exact_evm_failed_to_get_balance"),
    ("other:corbits", "\"Failed to check authorization status\""),
    ("other:corbits", "\"Signature verification failed\""),
    ("other:corbits", "\"Contract does not support EIP-712\""),
    ("other:openfacilitator", "\"Facilitator has insufficient ETH for gas\""),
    // It ends in these words, and an end is not looked at: what stands before may be the buyer's.
    ("other:openfacilitator", "\"... not configured\""),
    // A promise in a change log, of a host without a dialect: its codes are the reference's, and are read
    // as those.
    ("other:binance-v2", "errorReason with transaction \"\""),
    // What could not be judged without a look: the reader says S2, and that a node is needed.
    ("cdp", "invalid_payload without transaction, no look"),
];

/// One thing to feed.
pub struct Fed {
    pub what: String,
    pub url: &'static str,
    pub settle: Vec<Outcome>,
    pub verify: Vec<Outcome>,
}

fn dialect(name: &str) -> Dialect {
    match name {
        "cdp" => Dialect::Cdp,
        "x402-rs" | "other:ultravioleta" | "other:second-state" => Dialect::X402Rs,
        _ => Dialect::Reference,
    }
}

/// A code as its dialect says it, at each status of the row.
fn coded(dialect: Dialect, statuses: &str, code: &str) -> Fed {
    let settle = |status: u16| match dialect {
        Dialect::Reference => answer(status, &failed(code)),
        Dialect::Cdp => {
            let more = json!({"errorMessage": "words", "payer": ""});
            answer(status, &with(failed(code), more))
        }
        Dialect::X402Rs => {
            let more = json!({"errorMessage": "Words", "network": "", "payer": ""});
            answer(status, &with(failed(code), more))
        }
    };
    let verify = |status| answer(status, &json!({"isValid": false, "invalidReason": code}));
    let statuses = statuses.split('/').map(|status| status.parse().unwrap());
    Fed {
        what: code.to_owned(),
        url: "https://facilitator.example",
        settle: statuses.clone().map(settle).collect(),
        verify: statuses.map(verify).collect(),
    }
}

fn is_code(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// What a row's shape stands for: one code or several, or else what `shapes` knows.
fn fed(name: &str, shape: &str, status: &str) -> Vec<Fed> {
    if shape.split(" | ").all(is_code) {
        return shape.split(" | ").map(|code| coded(dialect(name), status, code)).collect();
    }
    shapes::of(name, shape)
}

#[test]
fn every_row_is_in_its_class() {
    let (mut rows, mut answers, mut not_fed, mut overruled) = (0, 0, vec![], vec![]);
    for row in TABLE.lines().skip(1) {
        let columns: Vec<_> = row.split('\t').collect();
        let [name, shape, status, endpoint, expected_class, _, _] = columns[..] else {
            panic!("{row}")
        };
        let all = fed(name, shape, status);
        if all.is_empty() {
            not_fed.push((name, shape));
            continue;
        }
        rows += 1;
        for Fed { what, url, settle, verify } in all {
            let rule = OVERRULED.iter().find(|rule| **rule == (name, what.as_str()));
            overruled.extend(rule);
            let reader = Reader { dialect: dialect(name), url, vouched: &[] };
            for outcome in &settle {
                answers += 1;
                let first = reader.settlement(outcome, &expected(), Sending::First);
                let ours = class(&first);
                match rule {
                    None => assert_eq!(ours, expected_class, "{row}\n{what}: {first:?}"),
                    Some((_, "invalid_payload without transaction, no look")) => {
                        assert_eq!(ours, "refused", "{row}");
                        assert!(!reader.believed_without_node("invalid_payload"));
                    }
                    Some(_) => assert_eq!(ours, "unknown", "{row}\n{what}: {first:?}"),
                }
                let again = reader.settlement(outcome, &expected(), Sending::Again);
                assert_eq!(class(&again), "unknown", "again: {row}");
                if let Some(hashed) = hashed(outcome) {
                    let named = reader.settlement(&hashed, &expected(), Sending::First);
                    assert_eq!(class(&named), "unknown", "with a hash: {row}");
                    let hint = matches!(named, Settlement::Unknown { hint: Some(_), .. });
                    assert!(hint, "{named:?}");
                }
            }
            for outcome in verify.iter().filter(|_| endpoint.contains("verify")) {
                let class = match reader.verification(outcome, &expected()) {
                    Verification::Refused(_) => "refused",
                    Verification::Unavailable(_) => "not_taken",
                    Verification::Unclear(_) => "unknown",
                    Verification::Valid => "valid",
                };
                assert_eq!(class, expected_class, "verify: {row}");
            }
        }
    }
    assert_eq!(not_fed, NOT_FED.map(|(name, shape, _)| (name, shape)));
    let missing: Vec<_> = OVERRULED.iter().filter(|rule| !overruled.contains(rule)).collect();
    assert!(missing.is_empty(), "overruled, and not in the table: {missing:?}");
    assert_eq!((rows, answers), (406, 640));
}

/// The same answer with a transaction.
fn hashed(outcome: &Outcome) -> Option<Outcome> {
    let Outcome::Answered { status, body, .. } = outcome else { return None };
    let body: serde_json::Value =
        serde_json::from_slice(body).ok().filter(|b: &serde_json::Value| b.is_object())?;
    Some(answer(*status, &with(body, json!({"transaction": HASH}))))
}

/// What a seller's node has to see, of what is refused on the first sending only because a settled
/// payment may be answered alike; and what is believed where there is no node.
#[test]
fn grounds_of_the_codes_that_money_hangs_on() {
    use crate::support::{first, grounds, reader};
    use paywall_core::verdict::Grounds::{Bytes, Payer, Reason, Unused};
    let rows = [
        (Dialect::Reference, "invalid_exact_evm_insufficient_balance", Reason, true),
        (Dialect::Reference, "insufficient_funds", Reason, true),
        (Dialect::Reference, "insufficient_balance", Unused, false),
        (Dialect::Reference, "invalid_exact_evm_signature", Reason, false),
        (Dialect::Reference, "invalid_exact_evm_payload_signature", Reason, false),
        (Dialect::Reference, "invalid_exact_evm_payload_authorization_valid_before", Reason, false),
        (Dialect::Reference, "invalid_exact_evm_payload_authorization_valid_after", Reason, false),
        (Dialect::Reference, "invalid_exact_evm_recipient_mismatch", Bytes, false),
        (Dialect::Reference, "kyt_risk_detected", Payer, false),
        (Dialect::Cdp, "invalid_payload", Reason, false),
        (Dialect::Cdp, "insufficient_funds", Reason, false),
        (Dialect::Cdp, "invalid_exact_evm_insufficient_balance", Reason, false),
        (Dialect::Cdp, "invalid_exact_evm_payload_signature", Reason, false),
        (Dialect::Cdp, "amount_too_low", Bytes, false),
        (Dialect::Cdp, "kyt_risk_detected", Payer, false),
        (Dialect::X402Rs, "insufficient_funds", Reason, true),
        (Dialect::X402Rs, "invalid_signature", Reason, false),
        (Dialect::X402Rs, "invalid_payment_expired", Reason, false),
        (Dialect::X402Rs, "invalid_payment_early", Reason, false),
        (Dialect::X402Rs, "recipient_mismatch", Bytes, false),
    ];
    for (dialect, code, expected, without_node) in rows {
        let settlement = first(dialect, &answer(400, &failed(code)));
        assert_eq!(grounds(&settlement), Some(expected), "{dialect:?} {code}");
        let believed = reader(dialect).believed_without_node(code);
        assert_eq!(believed, without_node, "{dialect:?} {code}");
    }
}
