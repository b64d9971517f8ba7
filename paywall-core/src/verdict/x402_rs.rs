//! x402-rs and its forks.
//!
//! Crates 2.0.2 (`x402-types/src/proto/mod.rs`, `x402-facilitator-local/src/handlers.rs`,
//! `x402-chain-eip155/src/v{1,2}_eip155_exact`), 0.9.0 to 1.0.0, second-state's `x402-facilitator`
//! 0.11.0, UltravioletaDAO/x402-rs 5ac0638; read on 2026-11-26. <https://github.com/x402-rs/x402-rs>

use super::cause::Cause;
use super::class::{Class, Group, Table, codes};

/// Its codes. Its `transaction` is always empty, also after sending.
pub(super) const TABLE: Table = Table {
    whole: &[
        Group {
            prefix: "",
            class: Class::Bytes, // S0: `assert_valid_payment`, before anything is signed.
            codes: codes! {
                "accepted_requirements_mismatch" // assert_requirements_match
                "asset_mismatch" // v1, Solana
                "chain_id_mismatch"
                "invalid_payment_amount" // assert_enough_value
                "recipient_mismatch"
            },
        },
        Group {
            prefix: "",
            class: Class::Reason, // S2
            codes: codes! {
                "invalid_payment_early" // assert_time, by its own clock
                "invalid_payment_expired" // assert_time, +6 s: a settled payment gives it later
                "invalid_signature" // its form only; 2.x does not check it before sending
                "permit2_allowance_required" // 412, 2.x
            },
        },
        Group {
            prefix: "",
            class: Class::Balance, // S2: assert_enough_balance, which does not look at the nonce.
            codes: codes! { "insufficient_funds" },
        },
        Group {
            prefix: "",
            class: Class::NotTaken(Cause::Terms), // S0
            codes: codes! {
                "invalid_format" // serde, before any check
                "unsupported_chain" // a v1 name that it does not know
                "unsupported_scheme" // no handler for version, chain and scheme
            },
        },
        Group {
            prefix: "",
            class: Class::Unknown, // U
            codes: codes! {
                "invalid_scheme" // 0.9, 0.10 and forks, beside `success`: mined and reverted
                "transaction_simulation" // 6492, Permit2: a used nonce gives it
                "unexpected_settle_error" // Solana, 0.x: sent, failed
                "Invalid request" // 0.x: whatever the node said, before or after sending
                "idempotency_cache_corrupt" // Ultravioleta, as the next
                "idempotency_key_conflict"
            },
        },
        Group {
            prefix: "",
            class: Class::Opaque, // 500: estimate, sending, receipt and revert alike
            codes: codes! { "unexpected_error" },
        },
        Group {
            prefix: "",
            class: Class::NotTaken(Cause::Busy),
            codes: codes! { "idempotency_store_unavailable" }, // Ultravioleta, before settling
        },
    ],
    starts: &[
        Group {
            prefix: "",
            class: Class::Bytes,
            codes: codes! { "invalid_address (ref: " }, // Ultravioleta
        },
        Group {
            prefix: "",
            class: Class::NotTaken(Cause::Terms), // axum's extractor, in text: 400, 415, 422
            codes: codes! {
                "Expected request with `Content-Type: application/json`"
                "Failed to deserialize the JSON body into the target type"
                "Failed to parse the request body as JSON"
            },
        },
        Group {
            prefix: "",
            class: Class::Unknown, // Ultravioleta: estimate, send, receipt and revert alike
            codes: codes! {
                "clock_error (ref: "
                "contract_call_failed (ref: "
                "internal_error (ref: "
                "Transaction 0x" // "... reverted": mined
            },
        },
    ],
};

/// Until 0.10 and in forks: `/settle`, too, says `isValid: false` with an `invalidReason`, at 200, when a
/// check before sending fails. There `invalid_scheme` stands for scheme, receiver, signature, window
/// and amount alike.
pub(super) const NOT_VALID: Table = Table {
    whole: &[
        Group { prefix: "", class: Class::Reason, codes: codes! { "invalid_scheme" } },
        Group {
            prefix: "",
            class: Class::NotTaken(Cause::Terms),
            codes: codes! { "invalid_network" },
        },
    ],
    starts: &[],
};
