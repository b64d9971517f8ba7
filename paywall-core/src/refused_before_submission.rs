//! The reviewed list of refusals that facilitators make before they submit anything.
//!
//! A code is here only if its facilitator's source or recorded answers show that it comes from a
//! check of the payment, of the chain's state or of a simulation, never from a transaction that was
//! sent. Everything that is not here leaves the outcome unknown: `unexpected_error` (x402-rs says it
//! for a bad signature and for a replay alike), `invalid_transaction_state` and
//! `..._transaction_failed` (a transaction was sent), `settlement_pending`, and every "nonce used"
//! code, which may well be the success of the very payment that it refuses.
//!
//! Some facilitators pass a node's message on in place of a code. [`of_revert`] reads the reviewed
//! ones of those.

/// Whether a code means, for a payment claimed here for the first time, that nothing was submitted.
pub fn is_listed(code: &str) -> bool {
    let solana = ["invalid_exact_svm_payload_", "invalid_exact_solana_payload_"]
        .iter()
        .find_map(|family| code.strip_prefix(family));
    LISTED.contains(&code) || solana.is_some_and(|shape| SOLANA_SHAPES.contains(&shape))
}

/// The code of a revert that a node reported when the transaction was estimated, not sent.
///
/// FiatToken looks at the window, then at the nonce, then at the signature, then at the balance
/// (`_transferWithAuthorization` in
/// <https://github.com/circlefin/stablecoin-evm/blob/master/contracts/v2/EIP3009.sol>). So a revert
/// for the signature or the balance also says that the nonce was unused; "not yet valid" says that
/// nothing can have settled; "expired" says nothing, and is not here.
pub fn of_revert(text: &str) -> Option<&'static str> {
    // viem's words, and those of alloy (x402-rs), for a failed `eth_estimateGas` or `eth_call`. A
    // transaction that was mined and failed is reported in other words.
    let (_, reason) = text
        .split_once("reverted with the following reason:\n")
        .or_else(|| text.split_once("error code 3: execution reverted: "))?;
    REVERTS.iter().find(|(start, _)| reason.starts_with(start)).map(|(_, code)| *code)
}

/// Whether an answer with this HTTP status and without a verdict means that the request was not taken
/// up: who sent it, where to, how often or in what form was wrong, and that is looked at before what
/// it asks for.
///
/// A 401 "has not been applied", a 405 is not supported by the resource, a 413 and a 415 are refused
/// for their form: <https://www.rfc-editor.org/rfc/rfc9110.html#section-15.5>. Coinbase says of its
/// whole API that 4xx "failed", and only of 5xx that their outcome is unknown
/// (<https://docs.cdp.coinbase.com/api-reference/cdp-payment-acceptance/errors>); its 402 is its own
/// bill. Rate limits (429) stand before the handler, in Coinbase's and in the nginx and WAF of others.
/// 400 is not here: some answer it to a payment that they looked at.
pub fn is_listed_status(status: u16) -> bool {
    matches!(status, 401 | 402 | 403 | 404 | 405 | 413 | 415 | 429)
}

/// Whether a facilitator refuses to settle what it has not verified, so that nothing was submitted:
/// the hooks of the reference's end-to-end facilitators, and what is built after them.
/// <https://github.com/x402-foundation/x402/blob/main/e2e/facilitators/typescript/index.ts>
pub fn demands_verify(reason: &str) -> bool {
    reason.contains("Payment must be verified before settlement")
        || reason.contains("Payment verification expired (must settle within")
}

const REVERTS: &[(&str, &str)] = &[
    ("ECRecover: invalid signature", "invalid_exact_evm_payload_signature"),
    ("ERC20: transfer amount exceeds balance", "insufficient_funds"),
    (
        "FiatTokenV2: authorization is not yet valid",
        "invalid_exact_evm_payload_authorization_valid_after",
    ),
    ("FiatTokenV2: invalid signature", "invalid_exact_evm_payload_signature"),
];

/// What is wrong with the shape of a Solana transaction, after `invalid_exact_svm_payload_` (in
/// TypeScript) or `invalid_exact_solana_payload_` (in Go): no such transaction can have settled. What
/// a simulation or the chain's state says is not here. `scheme.ts` of
/// <https://github.com/x402-foundation/x402/tree/main/typescript/packages/mechanisms/svm>, and
/// `errors.go` of Go's `mechanisms/svm`.
const SOLANA_SHAPES: &[&str] = &[
    "amount_insufficient",
    "amount_mismatch",
    "mint_mismatch",
    "missing_fee_payer",
    "no_transfer_instruction",
    "recipient_mismatch",
    "transaction",
    "transaction_could_not_be_decoded",
    "transaction_fee_payer_transferring_funds",
    "transaction_instructions_compute_limit_instruction",
    "transaction_instructions_compute_price_instruction",
    "transaction_instructions_compute_price_instruction_too_high",
    "transaction_instructions_length",
];

const LISTED: &[&str] = &[
    // The reference, TypeScript and Go: `exact/facilitator/errors.ts`, checked in `verify` before
    // `settle` sends. https://github.com/x402-foundation/x402/tree/main/typescript/packages/mechanisms/evm
    "asset_not_deployed_contract",
    "eip6492_factory_not_allowed",
    "invalid_exact_evm_authorization_value",
    "invalid_exact_evm_eip3009_not_supported",
    "invalid_exact_evm_insufficient_balance",
    "invalid_exact_evm_missing_eip712_domain",
    "invalid_exact_evm_network_mismatch",
    "invalid_exact_evm_payload_authorization_valid_after",
    "invalid_exact_evm_payload_authorization_valid_before",
    "invalid_exact_evm_payload_authorization_value_mismatch",
    "invalid_exact_evm_payload_undeployed_smart_wallet",
    "invalid_exact_evm_recipient_mismatch",
    "invalid_exact_evm_scheme",
    "invalid_exact_evm_signature",
    "invalid_exact_evm_token_name_mismatch",
    "invalid_exact_evm_token_version_mismatch",
    // The reference, legacy v1 and Python.
    // https://github.com/x402-foundation/x402/blob/main/specs/x402-specification-v1.md
    "insufficient_funds",
    "invalid_exact_evm_payload_authorization_value",
    "invalid_exact_evm_payload_recipient_mismatch",
    "invalid_exact_evm_payload_signature",
    "invalid_network",
    "invalid_payload",
    "invalid_payment_requirements",
    "invalid_scheme",
    "invalid_x402_version",
    "missing_eip712_domain",
    "network_mismatch",
    "unsupported_scheme",
    // x402-rs: its `ErrorReason`s that `verify` makes.
    // https://github.com/x402-rs/x402-rs
    "accepted_requirements_mismatch",
    "asset_mismatch",
    "chain_id_mismatch",
    "invalid_format",
    "invalid_payment_amount",
    "invalid_payment_early",
    "invalid_payment_expired",
    "invalid_signature",
    "recipient_mismatch",
    "unsupported_chain",
    // CDP: compliance and validation, before signing.
    // https://docs.cdp.coinbase.com/api-reference/v2/rest-api/x402-facilitator
    "amount_too_low",
    "invalid_amount",
    "kyt_risk_detected",
    "request_blocked_by_location",
    "self_send_not_allowed",
];
