//! Stage 6: does the signature match?
//!
//! Without the chain there are three answers, and only one of them refuses. An account with code
//! (a smart wallet under ERC-1271, one not deployed yet under ERC-6492, or an EOA that delegates
//! under EIP-7702) may accept bytes that no recovery explains, so a signature that does not
//! recover to the payer is not thereby wrong:
//!
//! | signature | answer |
//! | --- | --- |
//! | 65 bytes, `v` 27 or 28, low `s`, recovers to the payer | [`Check::Matches`] |
//! | under 64 bytes; or 65 bytes, `v` 27 or 28, and `r` or `s` out of range | [`Impossible`] |
//! | anything else | [`Check::CannotTell`] |
//!
//! `v` 27 and 28 promise plain ECDSA, where `r` and `s` have a range. Other values of `v` are how
//! Safe marks its own forms (`s` may be 0 there):
//! <https://docs.safe.global/advanced/smart-account-signatures>. High `s` and `v` 0 or 1 are
//! accepted by some facilitators, and refused by USDC itself: the facilitator decides.

use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};

use crate::eip712::keccak;
use crate::limits;

/// A signature that may be good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// It recovers to the payer.
    Matches,
    /// It may be a contract wallet's; only a facilitator can tell.
    CannotTell,
}

/// A signature that no account could own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Impossible {
    /// Fewer bytes than any signature scheme has.
    TooShort,
    /// `r` or `s` is 0, or not below the order of the curve.
    OutOfRange,
}

/// Checks `signature` over `digest` for the account `payer`.
pub fn check(digest: &[u8; 32], signature: &[u8], payer: &[u8; 20]) -> Result<Check, Impossible> {
    if signature.len() < limits::SIGNATURE_MIN_BYTES {
        return Err(Impossible::TooShort);
    }
    let Ok(&[ref scalars @ .., v @ (27 | 28)]) = <&[u8; 65]>::try_from(signature) else {
        return Ok(Check::CannotTell);
    };
    let ecdsa = Signature::from_slice(scalars).map_err(|_| Impossible::OutOfRange)?;
    let recovery = RecoveryId::from_byte(v - 27).expect("0 and 1 are recovery ids");
    if ecdsa.normalize_s() != ecdsa {
        return Ok(Check::CannotTell);
    }
    match VerifyingKey::recover_from_prehash(digest, &ecdsa, recovery) {
        Ok(key) if address(&key) == *payer => Ok(Check::Matches),
        _ => Ok(Check::CannotTell),
    }
}

fn address(key: &VerifyingKey) -> [u8; 20] {
    let point = key.to_sec1_point(false);
    let hash = keccak(&[&point.as_bytes()[1..]]);
    hash[12..].try_into().expect("32 - 12 bytes")
}
