//! The reference facilitator's checks, in its order and with its codes.
//!
//! Source: [`exact/facilitator/eip3009.ts`](https://github.com/x402-foundation/x402/blob/main/typescript/packages/mechanisms/evm/src/exact/facilitator/eip3009.ts)
//! and `errors.ts` beside it. v1 differs from v2 in two codes, and in what it says when a transaction reverts.

use alloy_primitives::{Address, B256, Bytes, U256, b256};
use alloy_sol_types::SolValue;

use super::eip3009::{Domain, TransferWithAuthorization, recover_lenient};
use super::ledger::{Ledger, Revert};
use super::networks::KnownToken;
use super::wire::{Payment, Refusal, Wire};

/// A payment must stay valid for this long, in seconds, for a transaction to be mined.
/// Source: `eip3009.ts`, `validBefore < now + 6`.
const MINING_GRACE: u64 = 6;

/// The last 32 bytes of a signature for a wallet that is not deployed yet.
/// Source: [ERC-6492](https://eips.ethereum.org/EIPS/eip-6492).
const UNDEPLOYED: B256 = b256!("6492649264926492649264926492649264926492649264926492649264926492");

/// What passed the checks that need no simulation.
struct Checked {
    domain: Domain,
    authorization: TransferWithAuthorization,
    signature: Vec<u8>,
}

/// `/verify`: all checks and a simulation. Moves nothing.
pub(crate) fn verify(ledger: &Ledger, payment: &Payment, now: u64) -> Result<(), Refusal> {
    let checked = check(ledger, payment, now)?;
    let Checked { domain, authorization, signature } = &checked;
    let simulated = ledger.simulate(domain, authorization, signature, now);
    simulated.map_err(|revert| Refusal {
        code: diagnose(ledger, &checked).into(),
        message: (payment.wire == Wire::V2).then(|| reverted(revert)),
    })
}

/// `/settle`: the same checks without the simulation, then the transfer.
pub(crate) fn settle(ledger: &Ledger, payment: &Payment, now: u64) -> Result<B256, Refusal> {
    let Checked { domain, authorization, signature } = check(ledger, payment, now)?;
    let transferred = ledger.transfer(&domain, &authorization, &signature, now);
    transferred.map_err(|revert| match payment.wire {
        // v1 has no code for a revert: the whole message stands where the code belongs.
        Wire::V1 => Refusal { code: reverted(revert).into(), message: None },
        Wire::V2 => Refusal { code: revert_code(revert).into(), message: Some(reverted(revert)) },
    })
}

fn check(ledger: &Ledger, payment: &Payment, now: u64) -> Result<Checked, Refusal> {
    let required = &payment.required;
    if payment.scheme != "exact" {
        return Err("invalid_exact_evm_scheme".into());
    }
    let domain = payment.domain().ok_or("invalid_exact_evm_missing_eip712_domain")?;
    if payment.network != required.network {
        return Err("invalid_exact_evm_network_mismatch".into());
    }

    // What has no EIP-712 types cannot be hashed, and what cannot be hashed is not signed.
    let (Some(authorization), Some(signature)) = (payment.authorization(), payment.signature())
    else {
        return Err("invalid_exact_evm_signature".into());
    };
    let signature = judge_signature(ledger, &domain, &authorization, signature)?;

    if payment.pay_to() != Some(authorization.to) {
        return Err("invalid_exact_evm_recipient_mismatch".into());
    }
    if authorization.validBefore < U256::from(now.saturating_add(MINING_GRACE)) {
        return Err("invalid_exact_evm_payload_authorization_valid_before".into());
    }
    if authorization.validAfter > U256::from(now) {
        return Err("invalid_exact_evm_payload_authorization_valid_after".into());
    }
    if U256::from_str_radix(&payment.price, 10) != Ok(authorization.value) {
        return Err(match payment.wire {
            Wire::V1 => "invalid_exact_evm_authorization_value",
            Wire::V2 => "invalid_exact_evm_payload_authorization_value_mismatch",
        }
        .into());
    }
    Ok(Checked { domain, authorization, signature })
}

/// For an address with code ERC-1271 alone decides, for any other one recovery alone. Gives the
/// signature as it goes to the token.
fn judge_signature(
    ledger: &Ledger,
    domain: &Domain,
    authorization: &TransferWithAuthorization,
    signature: Vec<u8>,
) -> Result<Vec<u8>, Refusal> {
    let from = authorization.from;
    let digest = domain.digest(authorization);
    let deployed = ledger.is_contract(from);
    let signature = match unwrap_undeployed(&signature) {
        // The list of factories that may be called is empty, as it is by default in the reference.
        Some(_) if !deployed => return Err("eip6492_factory_not_allowed".into()),
        Some(inner) => inner.to_vec(),
        None => signature,
    };
    let signed = match deployed {
        true => ledger.wallet_accepts(from, digest, &signature),
        false => recover_lenient(digest, &signature) == Some(from),
    };
    if signed { Ok(signature) } else { Err("invalid_exact_evm_signature".into()) }
}

fn unwrap_undeployed(signature: &[u8]) -> Option<Bytes> {
    let wrapped = signature.strip_suffix(UNDEPLOYED.as_slice())?;
    let (_factory, _calldata, inner) =
        <(Address, Bytes, Bytes)>::abi_decode_params(wrapped).ok()?;
    Some(inner)
}

/// Why a simulation failed, looked up in the reference's order rather than read from the revert.
fn diagnose(ledger: &Ledger, checked: &Checked) -> &'static str {
    let Checked { domain, authorization, .. } = checked;
    let own = KnownToken::find(domain.token).map(KnownToken::domain);
    let own = own.as_ref().unwrap_or(domain);
    if ledger.is_spent(domain.token, authorization.from, authorization.nonce) {
        "invalid_exact_evm_nonce_already_used"
    } else if own.name != domain.name {
        "invalid_exact_evm_token_name_mismatch"
    } else if own.version != domain.version {
        "invalid_exact_evm_token_version_mismatch"
    } else if ledger.balance_of(domain.token, authorization.from) < authorization.value {
        "invalid_exact_evm_insufficient_balance"
    } else {
        "invalid_exact_evm_transaction_simulation_failed"
    }
}

fn revert_code(revert: Revert) -> &'static str {
    match revert {
        Revert::AuthorizationUsed => "invalid_exact_evm_nonce_already_used",
        Revert::Expired => "invalid_exact_evm_payload_authorization_valid_before",
        Revert::InsufficientBalance => "invalid_exact_evm_insufficient_balance",
        Revert::InvalidSignature | Revert::Malleable(_) => "invalid_exact_evm_signature",
        Revert::NotYetValid => "invalid_exact_evm_payload_authorization_valid_after",
    }
}

/// A revert as viem, the reference's library, words it.
fn reverted(revert: Revert) -> String {
    format!(
        "The contract function \"transferWithAuthorization\" reverted with the following reason:\n{revert}"
    )
}
