//! What nodes say of a transaction that would revert.
//!
//! Some facilitators pass a node's message on in place of a code. A message of an *estimate* says that
//! nothing was sent; one of a transaction that was mined and failed has other words.

use super::class::Class;

/// The code and the class of a revert that a node reported when the transaction was estimated.
///
/// FiatToken looks at the window, then at the nonce, then at the signature, then at the balance
/// (`_transferWithAuthorization` in
/// <https://github.com/circlefin/stablecoin-evm/blob/master/contracts/v2/EIP3009.sol>). So a revert for
/// the signature or the balance also says that the nonce was unused. "Not yet valid" does not: the node
/// may be one whose clock is late. "Expired" and "used" say nothing and are not here.
pub(super) fn of(text: &str) -> Option<(&'static str, Class)> {
    // viem's words, and those of alloy (x402-rs), for a failed `eth_estimateGas` or `eth_call`.
    let (_, reason) = text
        .split_once("reverted with the following reason:\n")
        .or_else(|| text.split_once("error code 3: execution reverted: "))?;
    REVERTS.iter().find(|(start, ..)| reason.starts_with(start)).map(|row| (row.1, row.2))
}

/// Whether a message is a revert's: the guard of the reference's codes, which stand for whatever was
/// thrown, and that may be a receipt that did not come.
pub(super) fn is_in(text: &str) -> bool {
    text.contains("reverted with the following reason:") || text.contains("execution reverted: ")
}

/// Whether a revert is the token's for its balance, which it looks at last.
pub(super) fn is_of_balance(text: &str) -> bool {
    let after = |mark| text.split_once(mark).map(|(_, reason): (_, &str)| reason.trim_start());
    after("reverted with the following reason:")
        .or_else(|| after("execution reverted: "))
        .is_some_and(|reason| reason.starts_with(BALANCE))
}

const BALANCE: &str = "ERC20: transfer amount exceeds balance";

const REVERTS: &[(&str, &str, Class)] = &[
    ("ECRecover: invalid signature", "invalid_exact_evm_payload_signature", Class::Unused),
    (BALANCE, "insufficient_funds", Class::Unused),
    (
        "FiatTokenV2: authorization is not yet valid",
        "invalid_exact_evm_payload_authorization_valid_after",
        Class::Reason,
    ),
    ("FiatTokenV2: invalid signature", "invalid_exact_evm_payload_signature", Class::Unused),
];
