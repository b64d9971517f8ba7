//! The rules of the review, by their numbers.

use paywall_core::facilitator::{Endpoint, Outcome};
use paywall_core::verdict::{Grounds, Reader, Sending, Settlement};
use price_table::Dialect::{self, Cdp, Reference, X402Rs};
use serde_json::json;

use crate::support::{
    HASH, PAYER, answer, class, expected, failed, first, grounds, reader, text, with,
};

const ALL: [Dialect; 3] = [Reference, Cdp, X402Rs];
const REVERT: &str = "The contract function reverted with the following reason:\nERC20: transfer amount exceeds balance\n";

fn unknown(dialect: Dialect, outcome: &Outcome) -> (bool, Option<[u8; 32]>) {
    match first(dialect, outcome) {
        Settlement::Unknown { contradicts, hint, .. } => (contradicts, hint),
        other => panic!("{other:?}"),
    }
}

#[test]
fn rule_1_a_hash_is_never_a_refusal() {
    for dialect in ALL {
        for field in ["transaction", "txHash", "transactionHash", "transaction_hash"] {
            for code in
                ["invalid_scheme", "recipient_mismatch", "invalid_format", "kyt_risk_detected"]
            {
                for status in [200, 308, 401, 403, 404, 429] {
                    let body = with(failed(code), json!({field: HASH}));
                    let (_, hint) = unknown(dialect, &answer(status, &body));
                    assert_eq!(hint, Some([0x22; 32]), "{dialect:?} {field} {code} {status}");
                }
            }
            // No hash that could be looked up, and named all the same.
            for odd in [json!("0x12"), json!(7), json!(["x"])] {
                let (_, hint) = unknown(dialect, &answer(404, &json!({field: odd})));
                assert_eq!(hint, None);
            }
        }
    }
}

#[test]
fn rule_2_on_a_second_sending_only_success_is_believed() {
    let settled = json!({"success": true, "transaction": HASH, "network": "eip155:84532"});
    for dialect in ALL {
        let again = |outcome: &Outcome| {
            class(&reader(dialect).settlement(outcome, &expected(), Sending::Again))
        };
        assert_eq!(again(&answer(200, &settled)), "settled");
        for outcome in [
            answer(200, &failed("invalid_scheme")),
            answer(403, &json!({"errorType": "kyt_risk_detected"})),
            text(404, ""),
            Outcome::NotSent("connection refused".into()),
            Outcome::Lost("reset".into()),
        ] {
            assert_eq!(again(&outcome), "unknown", "{outcome:?}");
        }
    }
}

#[test]
fn rule_3_a_reason_must_be_seen_and_cdps_catch_all_is_never_believed_alone() {
    let invalid = answer(400, &failed("invalid_payload"));
    assert_eq!(grounds(&first(Cdp, &invalid)), Some(Grounds::Reason));
    assert!(!reader(Cdp).believed_without_node("invalid_payload"));
    assert!(!reader(Cdp).believed_without_node("insufficient_funds"));
    assert!(reader(X402Rs).believed_without_node("insufficient_funds"));
    assert!(!reader(X402Rs).believed_without_node("invalid_payment_expired"));
}

#[test]
fn rule_4_the_reference_is_believed_with_no_words_or_with_a_reverts() {
    for code in [
        "invalid_exact_evm_signature",
        "invalid_exact_evm_payload_signature",
        "invalid_exact_evm_insufficient_balance",
        "invalid_exact_evm_payload_authorization_valid_before",
        "invalid_exact_evm_payload_authorization_valid_after",
    ] {
        let says = |words: &str| answer(200, &with(failed(code), json!({"errorMessage": words})));
        assert_eq!(grounds(&first(Reference, &says(""))), Some(Grounds::Reason), "{code}");
        let by_revert = match code {
            "invalid_exact_evm_insufficient_balance" => Grounds::Unused,
            _ => Grounds::Reason,
        };
        for words in [REVERT, "execution reverted: ERC20: transfer amount exceeds balance"] {
            assert_eq!(grounds(&first(Reference, &says(words))), Some(by_revert), "{code}");
        }
        let used = "execution reverted: FiatTokenV2: authorization is used or canceled";
        assert_eq!(grounds(&first(Reference, &says(used))), Some(Grounds::Reason), "{code}");
        // Words that a provider said while the receipt was waited for, in published versions.
        for words in [
            "Authorization token expired",
            "Insufficient account balance",
            "Invalid request signature",
            "insufficient funds for gas * price + value: balance 0",
        ] {
            assert!(unknown(Reference, &says(words)).0, "{code}: {words}");
        }
    }
}

#[test]
fn rule_5_the_code_may_stand_elsewhere_and_only_as_a_whole() {
    for field in
        ["errorReason", "errorType", "error", "invalidReason", "errorReasonDetails", "detail"]
    {
        let body = json!({"success": false, field: "invalid_exact_evm_scheme"});
        assert_eq!(
            grounds(&first(Reference, &answer(200, &body))),
            Some(Grounds::Bytes),
            "{field}"
        );
    }
    let go = json!({"error": "invalid_exact_evm_recipient_mismatch: 0x11 is not 0x22"});
    assert_eq!(grounds(&first(Reference, &answer(500, &go))), Some(Grounds::Bytes));
    // A node's words are read in the code's place alone.
    unknown(Reference, &answer(500, &json!({"error": REVERT})));
    assert_eq!(grounds(&first(Reference, &answer(200, &failed(REVERT)))), Some(Grounds::Unused));
    let old = json!({"isValid": false, "invalidReason": "insufficient_funds"});
    assert_eq!(grounds(&first(X402Rs, &answer(200, &old))), Some(Grounds::Reason));
    // What a buyer could have had put into a message.
    for words in [
        "reverted: invalid_exact_evm_scheme",
        "my invalid_exact_evm_scheme",
        "invalid_exact_evm_scheme_",
        "Error: Payment must be verified before settlement",
        "see: No facilitator registered for scheme: exact",
    ] {
        unknown(Reference, &answer(200, &failed(words)));
    }
    // What may have been said after sending counts wherever it stands.
    let both =
        json!({"success": false, "errorReason": "invalid_scheme", "error": "settlement_pending"});
    unknown(Reference, &answer(200, &both));
}

#[test]
fn rule_6_the_status_decides_only_without_a_code() {
    for status in [401, 402, 404, 405, 429, 301, 302, 307, 308] {
        assert_eq!(class(&first(Reference, &text(status, "no"))), "not_taken", "{status}");
        let used = answer(status, &failed("invalid_exact_evm_nonce_already_used"));
        assert_eq!(class(&first(Reference, &used)), "unknown", "{status}");
        let scheme = answer(status, &failed("invalid_exact_evm_scheme"));
        assert_eq!(class(&first(Reference, &scheme)), "refused", "{status}");
    }
    // 303 means: this is done, look there.
    assert_eq!(class(&first(Reference, &text(303, ""))), "unknown");
}

#[test]
fn rule_7_400_is_not_before_and_500_is_not_after() {
    for status in [400, 408, 409, 422] {
        assert_eq!(class(&first(Reference, &answer(status, &json!({"error": "no"})))), "unknown");
    }
    let router =
        json!({"error": "No facilitator registered for scheme: exact and network: eip155:1"});
    for status in [200, 400, 500] {
        assert_eq!(class(&first(Reference, &answer(status, &router))), "not_taken", "{status}");
    }
}

#[test]
fn rule_8_the_sellers_faults_are_not_taken() {
    for (dialect, code) in [
        (Reference, "invalid_exact_evm_token_name_mismatch"),
        (Reference, "missing_eip712_domain"),
        (Reference, "invalid_network"),
        (Cdp, "invalid_exact_evm_eip3009_not_supported"),
        (Cdp, "request_blocked_by_location"),
        (Cdp, "invalid_x402_version"),
        (X402Rs, "unsupported_scheme"),
        (X402Rs, "invalid_format"),
    ] {
        let outcome = answer(400, &failed(code));
        let settlement = first(dialect, &outcome);
        assert!(
            matches!(settlement, Settlement::NotTaken { mend: true, .. }),
            "{code}: {settlement:?}"
        );
        assert!(reader(dialect).operator(Endpoint::Settle, &outcome).is_some(), "{code}");
    }
}

#[test]
fn rule_9_its_own_trouble_is_unknown_and_counts() {
    for code in [
        "invalid_exact_evm_failed_to_check_nonce",
        "invalid_exact_evm_failed_to_get_balance",
        "invalid_exact_evm_failed_to_verify_signature",
        "invalid_exact_evm_failed_to_check_deployment",
    ] {
        for dialect in [Reference, Cdp] {
            let outcome = answer(400, &failed(code));
            assert!(unknown(dialect, &outcome).0, "{code}");
            assert!(reader(dialect).is_out_of_order(&outcome), "{code}");
        }
    }
    let asset = answer(200, &failed("asset_not_deployed_contract"));
    unknown(Reference, &asset);
    assert!(reader(Reference).is_out_of_order(&asset));
}

#[test]
fn a_seller_vouches_for_what_this_version_does_not_know() {
    let vouched = ["wallet_too_young".into(), "settlement_pending".into()];
    let reader = Reader { vouched: &vouched, ..reader(Reference) };
    let read =
        |code: &str| reader.settlement(&answer(200, &failed(code)), &expected(), Sending::First);
    assert_eq!(grounds(&read("wallet_too_young")), Some(Grounds::Reason));
    assert!(reader.believed_without_node("wallet_too_young"));
    assert_eq!(class(&read("wallet_too_old")), "unknown");
    assert_eq!(class(&read("settlement_pending")), "unknown", "what it knows, it knows better");
}

#[test]
fn what_contradicts() {
    for (contradicts, outcome) in [
        (true, answer(200, &failed("invalid_exact_evm_nonce_already_used"))),
        (true, answer(500, &failed("some_new_code"))),
        (true, answer(400, &json!({"error": "no"}))),
        (true, answer(500, &json!({"error": "invalid_exact_evm_transaction_failed: reverted"}))),
        (false, answer(500, &failed("settlement_pending"))),
        (false, answer(500, &failed("settle_exact_evm_transaction_confirmation_timed_out"))),
        (false, answer(200, &failed("invalid_exact_evm_failed_to_get_receipt"))),
        (false, answer(202, &json!({"paymentId": "1"}))),
        (false, answer(500, &json!({"error": "Internal Server Error"}))),
        (false, text(502, "error code: 502")),
        (false, Outcome::Lost("reset".into())),
        (false, answer(200, &json!({"success": true}))),
        // The end of a text may be the buyer's.
        (true, answer(200, &failed("reverted: settlement is pending"))),
        (false, answer(200, &failed("Timed out while waiting for transaction with hash"))),
    ] {
        assert_eq!(unknown(Reference, &outcome).0, contradicts, "{outcome:?}");
    }
}

#[test]
fn a_refusal_is_told_to_the_buyer_in_the_facilitators_form() {
    let told = paywall_core::verdict::refused_json("insufficient_funds", &expected());
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    let payer = paywall_core::hex::encode(&PAYER);
    assert_eq!(told, with(failed("insufficient_funds"), json!({"payer": payer})));
}
