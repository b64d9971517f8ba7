//! Coinbase's Developer Platform. Closed source.
//!
//! Names: crate `cdp-sdk` 0.10.0 `types::X402SettleErrorReason`, the same as `openapi.yaml` at 9158e8e8
//! (2026-08-20). What they mean: <https://docs.cdp.coinbase.com/x402/support/troubleshooting> (autumn
//! 2026), issues of <https://github.com/x402-foundation/x402>, and answers recorded in sellers'
//! repositories; read on 2026-11-26. The enum is its old names, then Go's, then its own, so Go's source
//! says where most stand. Names of batch settlement (another scheme) are not here: unlisted is unknown.

use super::cause::Cause;
use super::class::{Class, Group, Table, codes};
use super::solana;

/// Its codes. It says "no transaction reference means nothing was broadcast"; a seller's report of used
/// authorizations contradicts that for the payment, so it is not relied on.
pub(super) const TABLE: Table = Table {
    whole: &[
        Group {
            prefix: "invalid_exact_evm_",
            class: Class::Bytes, // S0, by name and place in Go's source
            codes: codes! {
                "authorization_value"
                "failed_to_parse_signature"
                "network_mismatch"
                "payload_authorization_value"
                "payload_authorization_value_mismatch"
                "payload_authorization_value_too_low"
                "payload_missing_signature"
                "payload_recipient_mismatch"
                "permit2_payload_amount"
                "permit2_payload_recipient"
                "permit2_payload_spender"
                "recipient_mismatch"
                "scheme"
                "signature_format"
                "unsupported_scheme"
            },
        },
        Group {
            prefix: "",
            class: Class::Bytes, // S0
            codes: codes! {
                "amount_too_low" // under $0.001
                "erc20_approval_asset_mismatch"
                "erc20_approval_from_mismatch"
                "erc20_approval_spender_not_permit2"
                "erc20_approval_tx_invalid_signature"
                "erc20_approval_tx_parse_failed"
                "erc20_approval_tx_signer_mismatch"
                "erc20_approval_tx_wrong_selector"
                "erc20_approval_tx_wrong_spender"
                "erc20_approval_tx_wrong_target"
                "invalid_amount"
                "invalid_erc20_approval_extension_format"
                "invalid_exact_solana_fee_payer_mismatch"
                "invalid_exact_solana_invalid_fee_payer"
                "invalid_exact_solana_network_mismatch"
                "invalid_exact_solana_unsupported_scheme"
                "invalid_network"
                "invalid_permit2_recipient_mismatch"
                "invalid_permit2_spender"
                "invalid_scheme"
                "permit2_amount_mismatch"
                "permit2_token_mismatch"
                "self_send_not_allowed"
                "unsupported_payload_type"
            },
        },
        Group {
            prefix: "invalid_exact_evm_",
            class: Class::Reason, // S2
            codes: codes! {
                "insufficient_balance"
                "insufficient_funds"
                "payload" // a form; Go of early 2026 (0bd61fdb) also for a failed simulation
                "payload_authorization_typed_data_message"
                "payload_authorization_valid_after"
                "payload_authorization_valid_before" // every settled payment once its window is over
                "payload_signature" // reported for used authorizations, without a transaction
                "payload_signature_address"
                "payload_undeployed_smart_wallet"
                "permit2_payload_allowance_required"
                "permit2_payload_deadline"
                "permit2_payload_signature"
                "permit2_payload_valid_after"
                "signature"
            },
        },
        Group {
            prefix: "",
            class: Class::Reason, // S2
            codes: codes! {
                "erc20_approval_insufficient_eth_for_gas"
                "insufficient_funds" // balance read, without the nonce
                "invalid_permit2_signature"
                "permit2_2612_amount_mismatch"
                "permit2_allowance_required"
                "permit2_deadline_expired"
                "permit2_insufficient_balance"
                "permit2_invalid_amount"
                "permit2_invalid_destination"
                "permit2_invalid_owner"
                "permit2_not_yet_valid"
                "permit2_payment_too_early"
                "preflight_validation_failed" // "before the scheme sees the payment"
            },
        },
        Group {
            prefix: "",
            class: Class::CatchAll, // malformed, reused nonce, failed simulation, recipient (x402#1171, #1898)
            codes: codes! { "invalid_payload" },
        },
        Group {
            prefix: "invalid_exact_evm_",
            class: Class::NotTaken(Cause::Terms), // S0, or S1 for what the diagnosis finds
            codes: codes! {
                "eip3009_not_supported"
                "extra_field"
                "failed_to_get_network_config"
                "missing_eip712_domain"
                "payload_authorization_to_address_kyt" // our own payee
                "required_amount"
                "token_name_mismatch"
                "token_version_mismatch"
            },
        },
        Group {
            prefix: "",
            class: Class::NotTaken(Cause::Terms), // S0
            codes: codes! {
                "invalid_bazaar_extension"
                "invalid_exact_solana_extra_field"
                "invalid_exact_solana_fee_payer_not_managed_by_facilitator"
                "invalid_payment_requirements"
                "invalid_x402_version"
                "permit2_disabled"
            },
        },
        // The envelope's `errorType`s; they stand before the handler.
        Group {
            prefix: "",
            class: Class::NotTaken(Cause::Secret), // 401, 403
            codes: codes! { "forbidden" "unauthorized" },
        },
        Group {
            prefix: "",
            class: Class::NotTaken(Cause::Bill), // 402: its own bill
            codes: codes! { "payment_method_required" },
        },
        Group {
            prefix: "",
            class: Class::NotTaken(Cause::Rate), // 429
            codes: codes! { "rate_limit_exceeded" },
        },
        Group {
            prefix: "",
            class: Class::NotTaken(Cause::Place), // 403: where the call comes from, which is the edge
            codes: codes! { "request_blocked_by_location" },
        },
        Group {
            prefix: "invalid_exact_evm_",
            class: Class::Trouble, // S2: a read failed before sending
            codes: codes! {
                "failed_to_check_deployment"
                "failed_to_check_nonce"
                "failed_to_get_balance"
                "failed_to_verify_signature"
            },
        },
        Group { prefix: "", class: Class::Trouble, codes: codes! { "permit2_proxy_not_deployed" } },
        Group {
            prefix: "invalid_exact_evm_",
            class: Class::Unknown, // U
            codes: codes! {
                "failed_to_execute_transfer" // either
                "failed_to_get_receipt" // after
                "nonce_already_used" // may be our own success
                "transaction_failed"
                "transaction_simulation_failed" // a used nonce gives it
                "transaction_state" // mined, reverted
                "verification_failed" // "may or may not have landed"
            },
        },
        Group {
            prefix: "settle_exact_",
            class: Class::Unknown, // after
            codes: codes! {
                "evm_transaction_confirmation_timed_out"
                "failed_onchain" // also some replays
                "node_failure" // came with the hash of what then succeeded (x402#1062)
                "svm_block_height_exceeded"
                "svm_transaction_confirmation_timed_out"
            },
        },
        Group {
            prefix: "invalid_exact_solana_",
            class: Class::Unknown,
            codes: codes! {
                "transaction_confirmation_failed"
                "transaction_failed"
                "transaction_signing_failed"
                "transaction_simulation_failed"
                "verification_failed"
            },
        },
        Group {
            prefix: "",
            class: Class::Unknown, // U; the last nine are the envelope's
            codes: codes! {
                "duplicate_settlement"
                "erc20_approval_broadcast_failed"
                "erc20_approval_tx_failed"
                "failed_to_execute_transfer" // December 2025: x402#837
                "invalid_exact_svm_payload_transaction_simulation_failed" // seen for a replay
                "permit2_invalid_nonce"
                "permit2_simulation_failed"
                "settlement_pending"
                "smart_wallet_deployment_failed"
                "unknown_error"
                "bad_gateway"
                "client_closed_request"
                "idempotency_error"
                "internal_server_error"
                "request_canceled"
                "service_unavailable"
                "settlement_failed"
                "timed_out"
            },
        },
        Group {
            prefix: "invalid_exact_solana_payload_",
            class: Class::Bytes,
            codes: solana::SHAPES,
        },
        Group { prefix: "invalid_exact_svm_payload_", class: Class::Bytes, codes: solana::SHAPES },
        Group {
            prefix: "invalid_exact_svm_payload_transaction_",
            class: Class::Bytes, // S0: older names, CDP's alone
            codes: codes! {
                "amount_mismatch"
                "cannot_derive_receiver_ata"
                "create_ata_instruction"
                "create_ata_instruction_incorrect_asset"
                "create_ata_instruction_incorrect_payee"
                "fee_payer_included_in_instruction_accounts"
                "instruction_not_spl_token_transfer_checked"
                "instruction_not_token_2022_transfer_checked"
                "instructions"
                "not_a_transfer_instruction"
                "transfer_to_incorrect_ata"
            },
        },
        Group {
            prefix: "invalid_exact_svm_payload_transaction_",
            class: Class::Reason, // S2: accounts are opened and closed
            codes: codes! { "receiver_ata_not_found" "sender_ata_not_found" },
        },
    ],
    starts: &[],
};

/// The envelope's code for what its schema does not take: before the handler, if nothing else is said.
pub(super) const SCHEMA: &str = "invalid_request";
