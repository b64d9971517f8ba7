//! Shapes of Solana transactions that the reference refuses in TypeScript and in Go, and CDP after them.

use super::class::codes;

/// What is wrong with the shape of a transaction, after `invalid_exact_svm_payload_` (TypeScript) or
/// `invalid_exact_solana_payload_` (Go): no such transaction can have settled, so S0. What a simulation
/// or the chain's state says is not here. `scheme.ts` of
/// <https://github.com/x402-foundation/x402/tree/main/typescript/packages/mechanisms/svm>, and
/// `errors.go` of Go's `mechanisms/svm`; read on 2026-11-26.
pub(super) const SHAPES: &str = codes! {
    "amount_insufficient"
    "amount_mismatch"
    "excessive_signers"
    "memo_count"
    "memo_mismatch"
    "mint_mismatch"
    "missing_fee_payer"
    "no_transfer_instruction"
    "recipient_mismatch"
    "transaction"
    "transaction_could_not_be_decoded"
    "transaction_fee_payer_transferring_funds"
    "transaction_instructions_compute_limit_instruction"
    "transaction_instructions_compute_limit_instruction_too_high"
    "transaction_instructions_compute_price_instruction"
    "transaction_instructions_compute_price_instruction_too_high"
    "transaction_instructions_length"
    "unknown_fifth_instruction"
    "unknown_fourth_instruction"
    "unknown_optional_instruction"
    "unknown_seventh_instruction"
    "unknown_sixth_instruction"
};
