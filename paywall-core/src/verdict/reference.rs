//! The reference, in TypeScript, Go and Python, and what is built on it or answers like it.
//!
//! Sources, read on 2026-11-26: npm `@x402/evm` 2.0 to 2.27.0 (`exact/facilitator/`), npm `x402` 1.2.0,
//! `go/mechanisms/evm/exact/facilitator` (April 2026 and newest), `python/x402`, the servers around them
//! (x402.org's `route.ts`, examples, e2e), all of <https://github.com/x402-foundation/x402>; faremeter
//! 898030e (Corbits), OpenFacilitator 427a7d1.

use super::cause::Cause;
use super::class::{Class, Group, Table, codes};
use super::solana;

/// Its codes. TypeScript before 2.23 and Python answer with an empty `transaction` after sending, too.
pub(super) const TABLE: Table = Table {
    whole: &[
        Group {
            prefix: "invalid_exact_evm_",
            class: Class::Bytes, // S0: `verifyEIP3009`, Go's `verify`, before anything is signed.
            codes: codes! {
                "authorization_value" // TypeScript 2.7 to 2.17, its v1 scheme
                "failed_to_parse_signature" // Go, TypeScript 2.27
                "network_mismatch"
                "payload_authorization_value" // TypeScript < 2.7, npm x402, Python 2.0, Go v1
                "payload_authorization_value_mismatch"
                "payload_missing_signature" // Go
                "payload_recipient_mismatch" // TypeScript < 2.7, npm x402, Python, Go v1
                "recipient_mismatch"
                "scheme"
                "signature_format" // Go
                "unsupported_scheme" // Go v1
            },
        },
        Group {
            prefix: "",
            class: Class::Bytes, // S0
            codes: codes! {
                "invalid_permit2_recipient_mismatch"
                "invalid_permit2_spender"
                "invalid_scheme" // npm x402
                "network_mismatch" // TypeScript < 2.7, Python
                "permit2_amount_mismatch"
                "permit2_token_mismatch"
                "unsupported_payload_type"
                "unsupported_scheme" // TypeScript < 2.7, npm x402, Python
                "Incorrect payment amount" // Corbits, as the next two: `verifyTransaction`
                "Invalid from address"
                "Payment authorized to wrong address"
                "Missing authorization in EVM payment payload" // OpenFacilitator
            },
        },
        Group {
            prefix: "",
            class: Class::Unused, // S1: the nonce was read first.
            codes: codes! {
                "insufficient_balance" // Python 2.0
                "Invalid signature" // Corbits
            },
        },
        Group {
            prefix: "invalid_exact_evm_",
            class: Class::Guarded, // S2: a check, or `parseEip3009TransferError` of whatever was thrown.
            codes: codes! {
                "payload_authorization_valid_after"
                "payload_authorization_valid_before"
                "payload_signature" // TypeScript < 2.7, npm x402, Go v1; Python >= 2.10 also its catch
                "signature"
            },
        },
        Group {
            prefix: "invalid_exact_evm_",
            class: Class::GuardedBalance, // same
            codes: codes! { "insufficient_balance" },
        },
        Group {
            prefix: "",
            class: Class::Balance, // S2: `balanceOf` without the nonce.
            codes: codes! {
                "insufficient_funds" // TypeScript < 2.7, npm x402
                "invalid_exact_evm_insufficient_funds" // Go v1
            },
        },
        Group {
            prefix: "",
            class: Class::Reason, // S2
            codes: codes! {
                "eip6492_factory_not_allowed" // before the deploy transaction
                "invalid_exact_evm_payload" // Go: parse; early in 2026 a failed simulation
                "invalid_exact_evm_payload_undeployed_smart_wallet"
                "invalid_payload" // Binance, Dexter: malformed, by their documentation
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
                "smart_wallet_deployment_failed" // mined and reverted; the transfer was not sent
                "Authorization expired" // Corbits
                "Authorization not yet valid" // Corbits
                "Payment has expired" // OpenFacilitator
                "Payment not yet valid" // OpenFacilitator
            },
        },
        Group {
            prefix: "invalid_exact_evm_",
            class: Class::NotTaken(Cause::Terms), // S0, or S1 for what the diagnosis finds
            codes: codes! {
                "eip3009_not_supported" // diagnosis, after the nonce
                "extra_field" // Go v1
                "failed_to_get_asset_info" // Python
                "failed_to_get_network_config" // Go, Python
                "missing_eip712_domain"
                "required_amount" // Go
                "token_name_mismatch" // diagnosis, after the nonce
                "token_version_mismatch" // same
            },
        },
        Group {
            prefix: "",
            class: Class::NotTaken(Cause::Terms), // S0
            codes: codes! {
                "invalid_json" // x402.org
                "invalid_network" // npm x402
                "invalid_payment_requirements" // npm x402
                "invalid_v1_payload" // Go's router, as the next four
                "invalid_v1_requirements"
                "invalid_v2_payload"
                "invalid_v2_requirements"
                "invalid_version"
                "invalid_x402_version" // npm x402
                "missing_eip712_domain" // TypeScript < 2.7, Python
                "missing_parameters" // x402.org
                "no_facilitator_for_network" // Go's router
                "Invalid request body" // Go's example
                "Missing paymentPayload or paymentRequirements" // TypeScript's example
                "no matching payment handler found" // Corbits
                "Wallet client is not configured with a local account" // Corbits
            },
        },
        Group {
            prefix: "",
            class: Class::NotTaken(Cause::Verify), // hooks of the e2e servers, daydreams
            codes: codes! {
                "Payment must be verified before settlement"
                "Payment verification expired (must settle within 5 minutes)"
            },
        },
        Group {
            prefix: "invalid_exact_evm_",
            class: Class::Trouble, // S2: a read failed before sending. Go, Python.
            codes: codes! {
                "failed_to_check_deployment"
                "failed_to_check_nonce"
                "failed_to_get_balance"
                "failed_to_verify_signature"
            },
        },
        Group {
            prefix: "",
            class: Class::Trouble, // S2
            codes: codes! {
                "asset_not_deployed_contract" // `eth_getCode`; TypeScript 2.15, Python 2.25
                "Contract does not support EIP-712" // Corbits, as the next two
                "Failed to check authorization status"
                "Signature verification failed"
                "Facilitator has insufficient ETH for gas" // OpenFacilitator
            },
        },
        Group {
            prefix: "invalid_exact_evm_",
            class: Class::Unknown, // U
            codes: codes! {
                "failed_to_execute_transfer" // Go: either
                "failed_to_get_receipt" // Go: after
                "nonce_already_used" // may be our own success
                "transaction_failed" // either
                "transaction_simulation_failed" // a used nonce gives it
                "transaction_state" // Go v1: mined, reverted
                "transfer_event_mismatch" // mined
                "verification_failed" // Go
            },
        },
        Group {
            prefix: "",
            class: Class::Unknown, // U
            codes: codes! {
                "duplicate_settlement"
                "erc20_approval_broadcast_failed"
                "erc20_approval_tx_failed"
                "internal_error" // BankofAI: after success
                "invalid_transaction_state"
                "nonce_already_used" // Python 2.0
                "permit2_invalid_nonce"
                "permit2_simulation_failed"
                "settlement_pending"
                "transaction_failed" // TypeScript < 2.7, Python, Mogami
                "transaction_simulation_failed"
                "unexpected_settle_error" // npm x402, Dexter
                "Authorization already used on-chain" // Corbits, as the next two
                "Transaction execution failed"
                "Transaction failed"
                "Invalid request" // v1's examples: whatever was thrown
            },
        },
        Group { prefix: "invalid_exact_svm_", class: Class::Unknown, codes: SVM_UNKNOWN },
        Group { prefix: "invalid_exact_solana_", class: Class::Unknown, codes: SVM_UNKNOWN },
        Group { prefix: "invalid_exact_svm_payload_", class: Class::Bytes, codes: solana::SHAPES },
        Group {
            prefix: "invalid_exact_solana_payload_",
            class: Class::Bytes,
            codes: solana::SHAPES,
        },
        Group {
            prefix: "",
            class: Class::Opaque, // x402.org: whatever was thrown, also by a hook after success
            codes: codes! { "unexpected_error" },
        },
    ],
    starts: &[
        Group {
            prefix: "",
            class: Class::NotTaken(Cause::Terms), // S0, thrown before the scheme is called
            codes: codes! {
                "No facilitator registered for scheme: " // @x402/core `x402Facilitator.settle`
                "No facilitator registered for x402 version: "
                "No scheme '" // Python's `SchemeNotFoundError`
                "unsupported_version_" // Go's router
                "couldn't validate request: " // Corbits, as the next
                "couldn't validate x402 payload: "
                "Unsupported network: " // OpenFacilitator
            },
        },
        Group {
            prefix: "",
            class: Class::Bytes,
            codes: codes! {
                "Invalid payload: " // Corbits
                "Payment amount " // OpenFacilitator: "... is less than required ..."
            },
        },
        Group {
            prefix: "",
            class: Class::Unknown, // OpenFacilitator: mined or pending
            codes: codes! {
                "Duplicate submission: "
                "Transaction broadcast but "
                "Transaction reverted: "
            },
        },
    ],
};

/// After `invalid_exact_svm_` and `invalid_exact_solana_`: the chain's state, or either.
const SVM_UNKNOWN: &str = codes! {
    "transaction_confirmation_failed"
    "transaction_failed"
    "transaction_signing_failed"
    "transaction_simulation_failed"
    "verification_failed"
};
